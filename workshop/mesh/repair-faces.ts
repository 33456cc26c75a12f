/** What some faces of a mesh enclose, and meshes without what nobody needs. */
import type { Mesh } from './mesh.ts'

/** The mesh without the marked faces. */
export function withoutFaces(mesh: Mesh, drop: Uint8Array): Mesh {
  const indices = new Uint32Array(mesh.indices.length)
  let to = 0
  for (let face = 0; face < drop.length; face++) {
    if (drop[face]) continue
    indices[to++] = mesh.indices[face * 3]!
    indices[to++] = mesh.indices[face * 3 + 1]!
    indices[to++] = mesh.indices[face * 3 + 2]!
  }
  return { positions: mesh.positions, indices: indices.slice(0, to) }
}

/** The mesh without vertices that no face uses. */
export function withoutUnused(mesh: Mesh): Mesh {
  const { positions, indices } = mesh
  const numbers = new Int32Array(positions.length / 3).fill(-1)
  for (let at = 0; at < indices.length; at++) numbers[indices[at]!] = 0
  let count = 0
  for (let vertex = 0; vertex < numbers.length; vertex++) if (numbers[vertex] === 0) numbers[vertex] = count++
  if (count === numbers.length) return mesh
  const kept = positions.slice(0, count * 3)
  for (let vertex = 0; vertex < numbers.length; vertex++) {
    const to = numbers[vertex]!
    if (to >= 0) for (let axis = 0; axis < 3; axis++) kept[to * 3 + axis] = positions[vertex * 3 + axis]!
  }
  return { positions: kept, indices: indices.map((vertex) => numbers[vertex]!) }
}

/** mm³ between some faces and one of their corners: their volume when they are closed. */
export function volumeOfFaces({ positions, indices }: Mesh, faces: readonly number[]): number {
  const origin = indices[faces[0]! * 3]! * 3
  let six = 0
  for (const face of faces) {
    const at = (corner: number, axis: number) =>
      positions[indices[face * 3 + corner]! * 3 + axis]! - positions[origin + axis]!
    six +=
      at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) +
      at(0, 1) * (at(1, 2) * at(2, 0) - at(1, 0) * at(2, 2)) +
      at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0))
  }
  return six / 6
}

/** Whether closed faces enclose next to nothing, measured by how far they reach. */
export function isSheet(mesh: Mesh, faces: readonly number[]): boolean {
  const { positions, indices } = mesh
  let reach = 0
  for (let axis = 0; axis < 3; axis++) {
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (const face of faces)
      for (let corner = face * 3; corner < face * 3 + 3; corner++) {
        const value = positions[indices[corner]! * 3 + axis]!
        low = Math.min(low, value)
        high = Math.max(high, value)
      }
    reach = Math.max(reach, high - low)
  }
  return Math.abs(volumeOfFaces(mesh, faces)) <= (reach * 1e-4) ** 3
}
