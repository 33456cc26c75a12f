/** What a file is, by its bytes: names and announced types are only claims. */

/** Bytes of the beginning and of the end that are enough to tell. */
export const HEAD_BYTES = 8192
export const TAIL_BYTES = 65_536

export interface Sample {
  readonly size: number
  /** Its first bytes, up to `HEAD_BYTES`. */
  readonly head: Buffer
  /** Its last bytes, up to `TAIL_BYTES`. */
  readonly tail: Buffer
}

/** Type, and the bytes it begins with (Latin-1), after `at` others. */
const signatures: readonly (readonly [type: string, bytes: string, at?: number])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF87a'],
  ['image/gif', 'GIF89a'],
  ['image/webp', 'WEBP', 8],
  ['image/avif', 'ftypavif', 4],
  ['image/heic', 'ftypheic', 4],
  ['image/tiff', 'II*\0'],
  ['image/tiff', 'MM\0*'],
  ['image/bmp', 'BM\x36'],
  ['application/pdf', '%PDF-'],
  ['application/gzip', '\x1f\x8b\x08'],
  ['application/zstd', '\x28\xb5\x2f\xfd'],
  ['application/x-7z-compressed', '7z\xbc\xaf\x27\x1c'],
  ['application/vnd.rar', 'Rar!\x1a\x07'],
  ['audio/mpeg', 'ID3'],
  ['audio/ogg', 'OggS'],
  ['audio/flac', 'fLaC'],
  ['audio/wav', 'WAVE', 8],
  ['audio/mp4', 'ftypM4A', 4],
  ['video/quicktime', 'ftypqt', 4],
  ['video/mp4', 'ftyp', 4],
  ['video/webm', '\x1a\x45\xdf\xa3'],
  ['model/gltf-binary', 'glTF'],
  ['model/step', 'ISO-10303-21;'],
  ['application/vnd.ant.fit', '.FIT', 8],
  ['application/vnd.microsoft.portable-executable', 'MZ'],
  ['application/x-elf', '\x7fELF'],
]

/** What a ZIP is by a file inside. */
const packages: readonly (readonly [type: string, member: string])[] = [
  ['model/3mf', '3D/3dmodel.model'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'word/document.xml'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xl/workbook.xml'],
  ['application/epub+zip', 'application/epub+zip'],
]

/** Roots of XML that mean something to us. */
const roots: readonly (readonly [type: string, root: RegExp])[] = [
  ['image/svg+xml', /<(\w+:)?svg[\s>]/i],
  ['text/html', /<!doctype html|<html[\s>]/i],
  ['application/gpx+xml', /<gpx[\s>]/],
  ['application/vnd.garmin.tcx+xml', /<TrainingCenterDatabase[\s>]/],
  ['application/x-amf', /<amf[\s>]/i],
]

/** The type by the bytes; `application/octet-stream` when they say nothing. */
export function sniffType(sample: Sample): string {
  const { head, tail, size } = sample
  const bytes = head.toString('latin1')
  // First: many binary STL files begin with the word that marks the ASCII ones.
  if (size >= 134 && head.length >= 84 && size === 84 + 50 * head.readUInt32LE(80)) return 'model/stl'
  if (bytes.startsWith('PK\x03\x04')) {
    const names = bytes + tail.toString('latin1')
    return packages.find(([, member]) => names.includes(member))?.[0] ?? 'application/zip'
  }
  const found = signatures.find(([, mark, at = 0]) => bytes.startsWith(mark, at))
  if (found) return found[0]
  return textType(head, size)
}

function textType(head: Buffer, size: number): string {
  // A character may be cut at the end of the sample.
  const text = head.toString('utf8').replace(/\ufffd{1,3}$/, size > head.length ? '' : '$&')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells binary from text.
  if (/[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/.test(text)) return 'application/octet-stream'
  const start = text.replace(/^\ufeff/, '').trimStart()
  if (/^solid\b/i.test(start) && /\bfacet\s+normal\b|\bendsolid\b/i.test(start)) return 'model/stl'
  if (/^ply\r?\n/.test(start)) return 'model/ply'
  if (start.startsWith('<')) {
    const root = roots.find(([, pattern]) => pattern.test(start))
    return root ? root[0] : /^<\?xml\s/.test(start) ? 'application/xml' : 'text/plain'
  }
  if (isObj(start)) return 'model/obj'
  if (/^[[{]/.test(start) && size <= head.length && isJson(start)) return 'application/json'
  return 'text/plain'
}

/** Wavefront OBJ has no mark: its lines must all begin as such lines do, and vertices be among them. */
function isObj(text: string): boolean {
  const lines = text.split('\n').slice(0, -1).slice(0, 200)
  const known = /^\s*($|#|(v|vn|vt|vp|f|l|p|o|g|s|usemtl|mtllib|cstype|deg|curv|surf|parm|end)\s)/
  return lines.every((line) => known.test(line)) && lines.some((line) => /^\s*v\s+[-+.\d]/.test(line))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Names that people and programs use for one thing. */
const synonyms: Readonly<Record<string, string>> = {
  'application/sla': 'model/stl',
  'application/vnd.ms-pki.stl': 'model/stl',
  'application/x-navistyle': 'model/stl',
  'model/x.stl-binary': 'model/stl',
  'model/x.stl-ascii': 'model/stl',
  'application/vnd.ms-package.3dmanufacturing-3dmodel+xml': 'model/3mf',
  'application/step': 'model/step',
  'application/x-step': 'model/step',
  'model/step+xml': 'model/step',
  'application/x-tgif': 'model/obj',
  'application/object': 'model/obj',
  'image/jpg': 'image/jpeg',
  'audio/mp3': 'audio/mpeg',
  'audio/x-wav': 'audio/wav',
  'application/x-gzip': 'application/gzip',
  'application/x-zip-compressed': 'application/zip',
  'text/xml': 'application/xml',
}

/** Whether the bytes are what was announced. Who announced nothing in particular was right. */
export function isAsDeclared(declared: string, sniffed: string): boolean {
  const plain = declared.split(';')[0]!.trim().toLowerCase()
  const name = synonyms[plain] ?? plain
  if (name === 'application/octet-stream' || name === sniffed) return true
  // Any text may be announced as a kind of text that has no mark of its own.
  return (
    sniffed === 'text/plain' &&
    (name.startsWith('text/') || name === 'application/json') &&
    name !== 'text/html'
  )
}

const shown = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'application/pdf'])

/** Whether a browser may show it: what could run scripts in our origin is only ever saved. */
export function mayBeShown(sniffed: string): boolean {
  return shown.has(sniffed)
}
