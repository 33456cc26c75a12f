/** Wavefront OBJ: vertices and faces; everything about looks is passed over. */
import { limitsOf, type Mesh, MeshError, type MeshLimits, refuseTooMany } from './mesh.ts'
import { type Growing, lineOf, reserve, type Scanner, scanNumber } from './numbers.ts'
import { refuseWild } from './stl.ts'
import { triangulateLoop } from './triangulate-loop.ts'
import { weldVertices } from './weld.ts'

/** Whether the bytes look like an OBJ: a line of a vertex among the first. */
export function looksLikeObj(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 65_536))
  return /^(#|mtllib |o |g |v |vn |vt |s )/m.test(start) && /^v\s+[-+.\d]/m.test(start)
}

/**
 * The mesh of an OBJ file, with equal vertices welded. Polygons are triangulated; numbers of vertices may count from the
 * end. Throws `MeshError`.
 */
export function readObj(bytes: Uint8Array, limits: Partial<MeshLimits> = {}): Mesh {
  const bounds = limitsOf(limits)
  if (bytes.length > bounds.textBytes)
    throw new MeshError(
      'meshTooLarge',
      `The file has more than ${Math.round(bounds.textBytes / 1e6)} MB of text. Export it as binary STL or 3MF, which take less.`,
    )
  const scanner: Scanner = { bytes, at: 0 }
  const positions: Growing<Float64Array> = { array: new Float64Array(0), length: 0 }
  const corners: Growing<Uint32Array> = { array: new Uint32Array(0), length: 0 }
  const polygon: number[] = []
  const malformed = (what: string) =>
    new MeshError(
      'meshMalformed',
      `Line ${lineOf(bytes, scanner.at)} of the OBJ ${what}. Export the model again, best as STL or 3MF.`,
    )

  while (scanner.at < bytes.length) {
    const atLineStart = skipBlanks(scanner)
    const first = bytes[scanner.at]!
    if (!atLineStart) continue
    const second = bytes[scanner.at + 1]!
    if (first === 118 /* v */ && (second === 32 || second === 9)) {
      scanner.at++
      reserve(positions, 3)
      for (let axis = 0; axis < 3; axis++) {
        skipBlanks(scanner)
        const value = scanNumber(scanner)
        if (Number.isNaN(value)) {
          if (/^[-+]?(nan|inf)/i.test(String.fromCharCode(...bytes.subarray(scanner.at, scanner.at + 8))))
            throw new MeshError(
              'meshNotFinite',
              'A coordinate is not a number (NaN or infinite). The program that made the file failed: repair the model there and export it again.',
            )
          throw malformed('has something else where a coordinate should be')
        }
        positions.array[positions.length++] = value
      }
    } else if (first === 102 /* f */ && (second === 32 || second === 9)) {
      scanner.at++
      polygon.length = 0
      for (;;) {
        skipBlanks(scanner)
        const byte = bytes[scanner.at]
        if (byte === undefined || byte === 10 || byte === 13 || byte === 35) break
        const number = scanNumber(scanner)
        const count = positions.length / 3
        const vertex = number < 0 ? count + number : number - 1
        if (!Number.isInteger(number) || vertex < 0 || vertex >= count)
          throw malformed('names a vertex that is not there before it')
        polygon.push(vertex)
        // Texture and normal, which follow without a space.
        while (bytes[scanner.at]! > 32) scanner.at++
      }
      if (polygon.length < 3) throw malformed(`has a face of ${polygon.length} corners, which needs three`)
      pushPolygon(corners, polygon, positions.array)
      refuseTooMany(corners.length / 3, bounds)
    }
    skipLine(scanner)
  }
  if (corners.length === 0)
    throw new MeshError('meshEmpty', 'The file has no faces. Choose a body when you export the model.')
  const found = positions.array.slice(0, positions.length)
  refuseWild(found, bounds)
  return weldVertices({ positions: found, indices: corners.array.slice(0, corners.length) })
}

function pushPolygon(
  corners: Growing<Uint32Array>,
  polygon: readonly number[],
  positions: Float64Array,
): void {
  reserve(corners, (polygon.length - 2) * 3)
  let triangles: readonly number[] | undefined
  if (polygon.length > 3 && new Set(polygon).size === polygon.length)
    triangles = triangulateLoop(
      new Float64Array(polygon.flatMap((vertex) => [...positions.subarray(vertex * 3, vertex * 3 + 3)])),
    )
  triangles ??= polygon.slice(2).flatMap((_, at) => [0, at + 1, at + 2])
  for (const corner of triangles) corners.array[corners.length++] = polygon[corner]!
}

/** Moves over spaces and joined lines; true when that ends at the first word of a line. */
function skipBlanks(scanner: Scanner): boolean {
  const { bytes } = scanner
  const start = scanner.at
  for (;;) {
    const byte = bytes[scanner.at]
    if (byte === 32 || byte === 9) scanner.at++
    else if (byte === 92 && (bytes[scanner.at + 1] === 10 || bytes[scanner.at + 1] === 13))
      scanner.at += bytes[scanner.at + 2] === 10 ? 3 : 2
    else break
  }
  return start === 0 || bytes[start - 1] === 10 || bytes[start - 1] === 13
}

/** Moves behind the end of the line. */
function skipLine(scanner: Scanner): void {
  const { bytes } = scanner
  let at = scanner.at
  while (at < bytes.length && !((bytes[at] === 10 || bytes[at] === 13) && bytes[at - 1] !== 92)) at++
  while (bytes[at] === 10 || bytes[at] === 13) at++
  scanner.at = at
}
