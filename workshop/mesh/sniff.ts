/** What a file is by its first bytes, whatever its name says. */
import { MeshError } from './mesh.ts'

const foreign: readonly (readonly [what: string, start: readonly number[] | string, at?: number])[] = [
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a GIF picture', 'GIF8'],
  ['a WebP picture', 'WEBP', 8],
  ['a TIFF picture', 'II*\0'],
  ['a PDF document', '%PDF'],
  ['a RAR archive', 'Rar!'],
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a ZIP archive', 'PK'],
  ['a STEP file', 'ISO-10303-21'],
  ['a glTF model', 'glTF'],
  ['an FBX model', 'Kaydara FBX'],
  ['a Blender project', 'BLENDER'],
  ['an XML or HTML document', '<'],
  ['a program', [0x7f, 0x45, 0x4c, 0x46]],
  ['an MP4 video', 'ftyp', 4],
]

/** What else the bytes are, or undefined when nothing that is known. */
export function foreignKind(bytes: Uint8Array): string | undefined {
  return foreign.find(([, start, at = 0]) => {
    const wanted = typeof start === 'string' ? [...start].map((letter) => letter.charCodeAt(0)) : start
    return bytes.length >= at + wanted.length && wanted.every((byte, index) => bytes[at + index] === byte)
  })?.[0]
}

/** Throws `meshNotAModel` when the bytes are something else that is known. */
export function refuseForeign(bytes: Uint8Array): void {
  const what = foreignKind(bytes)
  if (what !== undefined)
    throw new MeshError(
      'meshNotAModel',
      `The file is ${what}, not a model. Export the model as STL, OBJ or 3MF and upload that file.`,
    )
}
