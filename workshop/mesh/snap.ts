/** Joining open edges that nearly meet. */
import { type Edges, nextOf, OPEN } from './edges.ts'
import type { Mesh } from './mesh.ts'

/**
 * The mesh with vertices of open edges moved onto an earlier one that lies within `gap`; undefined when none does. Two
 * ends of one edge are never joined, so that no face collapses. A grid of cells as wide as the gap finds neighbours.
 */
export function closeGaps(mesh: Mesh, edges: Edges, gap: number): { mesh: Mesh; moved: number } | undefined {
  if (!(gap > 0)) return undefined
  const { positions, indices } = mesh
  const rim = new Set<number>()
  const neighbours = new Map<number, number[]>()
  const join = (from: number, to: number) => {
    const list = neighbours.get(from)
    if (list) list.push(to)
    else neighbours.set(from, [to])
  }
  for (let at = 0; at < indices.length; at++) {
    if (edges.twins[at] !== OPEN) continue
    const a = indices[at]!
    const b = indices[nextOf(at)]!
    rim.add(a).add(b)
    join(a, b)
    join(b, a)
  }
  const cells = new Map<string, number[]>()
  const target = new Map<number, number>()
  const cell = (vertex: number, axis: number) => Math.floor(positions[vertex * 3 + axis]! / gap)
  for (const vertex of [...rim].sort((a, b) => a - b)) {
    const [x, y, z] = [cell(vertex, 0), cell(vertex, 1), cell(vertex, 2)]
    const found = nearest(vertex, x, y, z)
    if (found !== undefined) {
      target.set(vertex, found)
      continue
    }
    const key = `${x},${y},${z}`
    const list = cells.get(key)
    if (list) list.push(vertex)
    else cells.set(key, [vertex])
  }
  if (target.size === 0) return undefined
  return {
    mesh: { positions, indices: indices.map((vertex) => target.get(vertex) ?? vertex) },
    moved: target.size,
  }

  function nearest(vertex: number, x: number, y: number, z: number): number | undefined {
    let best: number | undefined
    let least = gap * gap
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (let dz = -1; dz <= 1; dz++)
          for (const other of cells.get(`${x + dx},${y + dy},${z + dz}`) ?? []) {
            let far = 0
            for (let axis = 0; axis < 3; axis++)
              far += (positions[vertex * 3 + axis]! - positions[other * 3 + axis]!) ** 2
            if (far > least || (far === least && best !== undefined)) continue
            if (neighbours.get(vertex)!.some((next) => next === other || target.get(next) === other)) continue
            best = other
            least = far
          }
    return best
  }
}
