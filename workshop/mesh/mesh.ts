/** What a mesh is, and the error that reading one ends with. */

/**
 * Triangles over shared vertices; millimetres, Z up. `positions` holds x, y, z of each vertex; `indices` three vertices
 * of each face, counter-clockwise seen from outside. Faces keep the order of the file they come from.
 */
export interface Mesh {
  readonly positions: Float32Array | Float64Array
  readonly indices: Uint32Array
}

/** Three numbers: a point, a direction or a size. */
export type Vector = readonly [x: number, y: number, z: number]

/** Why a file is no usable mesh. Stable: events and translations name them. */
export type MeshErrorCode =
  | 'meshEmpty'
  | 'meshTruncated'
  | 'meshNotAModel'
  | 'meshMalformed'
  | 'meshNotFinite'
  | 'meshTooManyTriangles'
  | 'meshTooLarge'
  | 'meshFlat'
  | 'meshArchiveUnsafe'
  | 'meshArchiveBomb'
  | 'meshXmlUnsafe'
  | 'meshUnitUnknown'

/** A file that cannot be made, with a sentence that says what is wrong and how to mend it, fit for its owner. */
export class MeshError extends Error {
  readonly code: MeshErrorCode
  constructor(code: MeshErrorCode, message: string) {
    super(message)
    this.name = 'MeshError'
    this.code = code
  }
}

/** What reading accepts; each has a default in `defaultLimits`. */
export interface MeshLimits {
  /** Faces in the file, all objects together. */
  readonly triangles: number
  /** Bytes of text that an archive may unpack to, and of a file that is text. */
  readonly textBytes: number
  /** Largest distance of a coordinate from the origin, in the unit of the file. */
  readonly coordinate: number
  /** Objects of a 3MF, counted as often as they are placed. */
  readonly objects: number
}

export const defaultLimits: MeshLimits = {
  triangles: 10_000_000,
  textBytes: 1_500_000_000,
  coordinate: 1e6,
  objects: 10_000,
}

/** The limits that are given, and the defaults of the others. */
export function limitsOf(limits: Partial<MeshLimits> = {}): MeshLimits {
  return { ...defaultLimits, ...limits }
}

export const faceCount = (mesh: Mesh): number => mesh.indices.length / 3
export const vertexCount = (mesh: Mesh): number => mesh.positions.length / 3

/** Throws `meshTooManyTriangles` when `count` is over the limit. */
export function refuseTooMany(count: number, limits: MeshLimits): void {
  if (count <= limits.triangles) return
  throw new MeshError(
    'meshTooManyTriangles',
    `The model has more than ${limits.triangles.toLocaleString('en')} triangles. Export it with a coarser tolerance, or simplify it, and upload it again.`,
  )
}

/** Several meshes as one, faces in the order of the list. The result has double precision when one of them has. */
export function joinMeshes(meshes: readonly Mesh[]): Mesh {
  const only = meshes[0]
  if (meshes.length === 1 && only) return only
  const coordinates = meshes.reduce((sum, { positions }) => sum + positions.length, 0)
  const corners = meshes.reduce((sum, { indices }) => sum + indices.length, 0)
  const positions = meshes.some((mesh) => mesh.positions instanceof Float64Array)
    ? new Float64Array(coordinates)
    : new Float32Array(coordinates)
  const indices = new Uint32Array(corners)
  let vertex = 0
  let corner = 0
  for (const mesh of meshes) {
    positions.set(mesh.positions, vertex * 3)
    for (let at = 0; at < mesh.indices.length; at++) indices[corner++] = mesh.indices[at]! + vertex
    vertex += mesh.positions.length / 3
  }
  return { positions, indices }
}

/** The positions of a mesh and more, in the same precision. */
export function extended({ positions }: Mesh, added: readonly number[]): Mesh['positions'] {
  if (added.length === 0) return positions
  const size = positions.length + added.length
  const all = positions instanceof Float64Array ? new Float64Array(size) : new Float32Array(size)
  all.set(positions)
  all.set(added, positions.length)
  return all
}
