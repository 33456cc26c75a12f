/** Any model that people upload. */
import { boundsOf, sizeOf } from './measure.ts'
import { joinMeshes, type Mesh, MeshError, type MeshLimits } from './mesh.ts'
import { looksLikeObj, readObj } from './obj.ts'
import { refuseForeign } from './sniff.ts'
import { readStl, stlKind } from './stl.ts'
import { looksLikeThreemf, type Part, readThreemf } from './threemf.ts'
import { guessUnit, type Unit } from './units.ts'

export interface Model {
  readonly format: 'stl-binary' | 'stl-ascii' | 'obj' | '3mf'
  /** Everything in the file as one mesh. In millimetres for 3MF; for the others in the unit of the file. */
  readonly mesh: Mesh
  /** One for each thing on the plate of a 3MF; one for the other formats. */
  readonly parts: readonly Part[]
  /** Of `mesh`. For STL and OBJ, which have no unit, a guess: apply it with `toMillimetres`. */
  readonly unit: Unit
  readonly unitCertain: boolean
  /** An ASCII STL without its last line: if its surface is open, the rest was cut off. */
  readonly endMissing: boolean
}

/** Reads STL, OBJ or 3MF by what the bytes are, whatever the file is called. Throws `MeshError`. */
export function readModel(bytes: Uint8Array, limits: Partial<MeshLimits> = {}): Model {
  if (looksLikeThreemf(bytes)) {
    const parts = readThreemf(bytes, limits)
    return {
      format: '3mf',
      mesh: joinMeshes(parts.map(({ mesh }) => mesh)),
      parts,
      unit: 'mm',
      unitCertain: true,
      endMissing: false,
    }
  }
  const kind = stlKind(bytes)
  if (kind === undefined && bytes.length > 0) {
    refuseForeign(bytes)
    if (looksLikeObj(bytes)) return withGuess('obj', readObj(bytes, limits))
    if (
      bytes.length > 84 &&
      /^[\t\n\r\x20-\x7e]*$/.test(String.fromCharCode(...bytes.subarray(0, 512))) &&
      !/^\s*solid/i.test(String.fromCharCode(...bytes.subarray(0, 64)))
    )
      throw new MeshError(
        'meshNotAModel',
        'The file is text, but no model. Export the model as STL, OBJ or 3MF and upload that file.',
      )
  }
  const model = withGuess(kind === 'ascii' ? 'stl-ascii' : 'stl-binary', readStl(bytes, limits))
  return kind === 'ascii' ? { ...model, endMissing: !hasEnd(bytes) } : model
}

/** Whether `endsolid` closes the text; what some programs write after it is short. */
const hasEnd = (bytes: Uint8Array): boolean =>
  /endsolid/i.test(String.fromCharCode(...bytes.subarray(Math.max(0, bytes.length - 4096))))

function withGuess(format: Model['format'], mesh: Mesh): Model {
  const { unit, certain } = guessUnit(sizeOf(boundsOf(mesh)))
  return { format, mesh, parts: [{ name: '', mesh }], unit, unitCertain: certain, endMissing: false }
}
