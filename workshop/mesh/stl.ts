/** STL, binary and ASCII (3D Systems, StereoLithography Interface Specification, 1989; https://www.fabbers.com/tech/STL_Format). */
import { normalOf } from './measure.ts'
import { limitsOf, type Mesh, MeshError, type MeshLimits, refuseTooMany } from './mesh.ts'
import { type Growing, lineOf, reserve, type Scanner, scanNumber, skipSpace } from './numbers.ts'
import { refuseForeign } from './sniff.ts'
import { weldSoup } from './weld.ts'

const HEADER = 84
const FACET = 50

/** Whether the bytes are a binary STL, an ASCII one, or neither by their look. */
export function stlKind(bytes: Uint8Array): 'binary' | 'ascii' | undefined {
  if (bytes.length >= HEADER && HEADER + FACET * announced(bytes) === bytes.length) return 'binary'
  // Many binary files begin with "solid" as well, so a word of the format must follow.
  const start = text(bytes, 0, 2048).replace(/^\uFEFF?\s+|^\uFEFF/, '')
  if (/^solid\b/i.test(start) && /^\s*(facet|endsolid)\b/im.test(start)) return 'ascii'
  return undefined
}

/**
 * The mesh of an STL file, binary or ASCII, with corners of equal coordinates welded. Normals of the file are ignored:
 * the order of corners says the same. Throws `MeshError`; memory is taken for what is there, never for what is announced.
 */
export function readStl(bytes: Uint8Array, limits: Partial<MeshLimits> = {}): Mesh {
  const bounds = limitsOf(limits)
  if (bytes.length === 0)
    throw new MeshError('meshEmpty', 'The file is empty. Export the model again and upload the new file.')
  const kind = stlKind(bytes)
  if (kind === 'ascii') return readAscii(bytes, bounds)
  if (kind === undefined) refuseForeign(bytes)
  return readBinary(bytes, bounds)
}

function announced(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(80, true)
}

function readBinary(bytes: Uint8Array, limits: MeshLimits): Mesh {
  if (bytes.length < HEADER) {
    if (/^\s*solid\b/i.test(text(bytes, 0, 32))) return readAscii(bytes, limits)
    throw new MeshError(
      'meshTruncated',
      `The file has ${bytes.length} bytes; a binary STL begins with ${HEADER}. It was cut off, or it is no STL. Export the model again.`,
    )
  }
  const stated = announced(bytes)
  const present = Math.floor((bytes.length - HEADER) / FACET)
  if (stated > present) {
    if (isText(bytes))
      throw new MeshError(
        'meshMalformed',
        'The file is text, but not an ASCII STL: it has no facets after the word "solid". Export the model as STL again.',
      )
    throw new MeshError(
      'meshTruncated',
      `The file announces ${stated.toLocaleString('en')} triangles and holds ${present.toLocaleString('en')}. It was cut off on its way, or it is no STL. Export or upload it again.`,
    )
  }
  // Programs that write while they compute leave a wrong count behind; the size is right then.
  const faces = (bytes.length - HEADER) % FACET === 0 ? present : stated
  if (faces === 0)
    throw new MeshError('meshEmpty', 'The file has no triangles. Choose a body when you export the model.')
  refuseTooMany(faces, limits)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words = new Uint32Array(faces * 9)
  let to = 0
  for (let face = 0, at = HEADER + 12; face < faces; face++, at += FACET)
    for (let word = 0; word < 36; word += 4) words[to++] = view.getUint32(at + word, true)
  const soup = new Float32Array(words.buffer)
  refuseWild(soup, limits)
  return weldSoup(soup)
}

function readAscii(bytes: Uint8Array, limits: MeshLimits): Mesh {
  if (bytes.length > limits.textBytes)
    throw new MeshError(
      'meshTooLarge',
      `The file has more than ${Math.round(limits.textBytes / 1e6)} MB of text. Export it as binary STL, which takes a fifth.`,
    )
  const scanner: Scanner = { bytes, at: 0 }
  const soup: Growing<Float32Array> = { array: new Float32Array(0), length: 0 }
  const malformed = (what: string) =>
    new MeshError(
      'meshMalformed',
      `Line ${lineOf(bytes, scanner.at)} of the ASCII STL ${what}. Export the model again, best as binary STL.`,
    )
  let corners = -1
  const loop = new Float64Array(9)
  let faces = 0
  while (scanner.at < bytes.length) {
    skipSpace(scanner)
    const start = scanner.at
    // A comparison of a few bytes: the words of the format differ in them.
    const first = bytes[start]! | 32
    if (first === 118 /* v */ && (bytes[start + 5]! | 32) === 120 /* x */) {
      if (corners < 0) throw malformed('has a vertex outside a facet')
      scanner.at = start + 6
      if (corners >= 3) {
        // More than three corners: a fan around the first.
        pushFace(soup, loop)
        faces++
        loop.copyWithin(3, 6)
        corners = 2
      }
      for (let axis = 0; axis < 3; axis++) {
        skipSpace(scanner)
        const before = scanner.at
        const value = scanNumber(scanner)
        if (Number.isNaN(value)) {
          if (before >= bytes.length) throw truncatedText()
          if (/^[-+]?(nan|inf)/i.test(text(bytes, before, 8))) throw notFinite()
          throw malformed('has something else where a coordinate should be')
        }
        loop[corners * 3 + axis] = value
      }
      corners++
      refuseTooMany(faces, limits)
    } else if (first === 102 /* facet */) {
      if (corners >= 0) throw malformed('begins a facet before the last one ended')
      corners = 0
      skipLine(scanner)
    } else if (first === 101 /* endloop, endfacet, endsolid */) {
      if ((bytes[start + 3]! | 32) === 102 /* endfacet */) {
        if (corners >= 0 && corners < 3)
          throw malformed(`ends a facet of ${corners} corners, which needs three`)
        if (corners >= 3) {
          pushFace(soup, loop)
          faces++
        }
        corners = -1
      }
      skipLine(scanner)
    } else skipLine(scanner)
  }
  if (corners >= 0) throw truncatedText()
  if (faces === 0)
    throw new MeshError('meshEmpty', 'The file has no triangles. Choose a body when you export the model.')
  refuseTooMany(faces, limits)
  const coordinates = soup.array.slice(0, soup.length)
  refuseWild(coordinates, limits)
  return weldSoup(coordinates)
}

function pushFace(soup: Growing<Float32Array>, loop: Float64Array): void {
  reserve(soup, 9)
  soup.array.set(loop, soup.length)
  soup.length += 9
}

function skipLine(scanner: Scanner): void {
  const { bytes } = scanner
  let at = scanner.at
  // The format knows no line ends; all writers put "facet normal ..." and the like on lines of their own.
  while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++
  scanner.at = at
}

/** Throws when a coordinate is not a number, or far beyond anything that is made. */
export function refuseWild(coordinates: Float32Array | Float64Array, limits: MeshLimits): void {
  let largest = 0
  let sum = 0
  for (let at = 0; at < coordinates.length; at++) {
    const value = Math.abs(coordinates[at]!)
    sum += value
    if (value > largest) largest = value
  }
  if (Number.isNaN(sum) || largest === Number.POSITIVE_INFINITY) throw notFinite()
  if (largest > limits.coordinate)
    throw new MeshError(
      'meshTooLarge',
      `A corner lies ${largest.toPrecision(3)} units from the origin. No machine makes that: check the unit of the model, and export it near the origin.`,
    )
}

const notFinite = () =>
  new MeshError(
    'meshNotFinite',
    'A coordinate is not a number (NaN or infinite). The program that made the file failed: repair the model there and export it again.',
  )
const truncatedText = () =>
  new MeshError(
    'meshTruncated',
    'The file ends in the middle of a facet: it was cut off on its way. Export or upload it again.',
  )

function text(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length))
}

/** Whether nothing in the first bytes is a control character that text does not have. */
function isText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 1024).every((byte) => (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13))
}

/** The mesh as a binary STL, with normals. Coordinates are rounded to single precision, as the format has it. */
export function writeStl(mesh: Mesh): Uint8Array {
  const { positions, indices } = mesh
  const faces = indices.length / 3
  const bytes = new Uint8Array(HEADER + FACET * faces)
  const view = new DataView(bytes.buffer)
  const normal = new Float64Array(3)
  // Not "solid", with which ASCII begins.
  for (const [at, letter] of [...'Binary STL, mm'].entries()) bytes[at] = letter.charCodeAt(0)
  view.setUint32(80, faces, true)
  for (let face = 0, at = HEADER; face < faces; face++, at += FACET) {
    const a = indices[face * 3]! * 3
    const b = indices[face * 3 + 1]! * 3
    const c = indices[face * 3 + 2]! * 3
    normalOf(mesh, face, normal)
    for (let axis = 0; axis < 3; axis++) {
      view.setFloat32(at + axis * 4, normal[axis]!, true)
      view.setFloat32(at + 12 + axis * 4, positions[a + axis]!, true)
      view.setFloat32(at + 24 + axis * 4, positions[b + axis]!, true)
      view.setFloat32(at + 36 + axis * 4, positions[c + axis]!, true)
    }
  }
  return bytes
}

/** The mesh as an ASCII STL, with as many digits as single precision needs to come back the same. */
export function writeAsciiStl(mesh: Mesh, name = 'model'): Uint8Array {
  const { positions, indices } = mesh
  const number = (value: number) => String(Number(Math.fround(value).toPrecision(9)))
  const lines = [`solid ${name}`]
  for (let face = 0; face < indices.length; face += 3) {
    lines.push('facet normal 0 0 0', ' outer loop')
    for (let corner = 0; corner < 3; corner++) {
      const at = indices[face + corner]! * 3
      lines.push(
        `  vertex ${number(positions[at]!)} ${number(positions[at + 1]!)} ${number(positions[at + 2]!)}`,
      )
    }
    lines.push(' endloop', 'endfacet')
  }
  lines.push(`endsolid ${name}`, '')
  return new TextEncoder().encode(lines.join('\n'))
}
