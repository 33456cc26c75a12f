/** Closing holes with new faces. */
import { type Edges, nextOf, OPEN, previousOf } from './edges.ts'
import { extended, type Mesh } from './mesh.ts'
import { triangulateLoop } from './triangulate-loop.ts'

/** Loops of open half-edges, each the half-edges in the direction of their faces. Faces must go the same way round. */
export function loopsOf({ indices }: Mesh, { twins }: Edges): number[][] {
  const loops: number[][] = []
  const seen = new Set<number>()
  for (let start = 0; start < twins.length; start++) {
    if (twins[start] !== OPEN || seen.has(start)) continue
    const loop: number[] = []
    let at = start
    let steps = 0
    do {
      seen.add(at)
      loop.push(at)
      // Around the end of this edge, face by face, to the other open edge of the same fan.
      let next = nextOf(at)
      while (twins[next]! >= 0 && steps++ < twins.length) {
        const twin = twins[next]!
        // Faces that go the other way round have this edge's start where it should end.
        next = indices[twin] === indices[next] ? previousOf(twin) : nextOf(twin)
      }
      at = next
    } while (at !== start && twins[at] === OPEN && !seen.has(at))
    if (at === start) loops.push(loop)
  }
  return loops
}

/**
 * The mesh with its holes closed, but for those of more than `longest` edges. A loop that touches itself at a vertex is
 * closed part by part. A hole that no triangulation closes without using an edge twice gets a new vertex in its middle.
 */
export function fillHoles(
  mesh: Mesh,
  edges: Edges,
  longest: number,
): { mesh: Mesh; holes: number; addedFaces: number } {
  const rims = loopsOf(mesh, edges)
    .flatMap((loop) => simpleLoops(loop.map((halfEdge) => mesh.indices[halfEdge]!)))
    .filter((rim) => rim.length >= 3 && rim.length <= longest)
  if (rims.length === 0) return { mesh, holes: 0, addedFaces: 0 }
  const taken = edgesBetween(mesh, new Set(rims.flat()))
  const faces: number[] = []
  const added: number[] = []
  let vertices = mesh.positions.length / 3
  for (const rim of rims) {
    // New faces go the other way along the rim.
    const ring = rim.toReversed()
    const points = new Float64Array(
      ring.flatMap((vertex) => [...mesh.positions.subarray(vertex * 3, vertex * 3 + 3)]),
    )
    const isTaken = (a: number, b: number) => taken.has(keyOf(ring[a]!, ring[b]!))
    let triangles = triangulateLoop(points, isTaken)?.map((corner) => ring[corner]!)
    if (!triangles) {
      const middle = vertices++
      for (let axis = 0; axis < 3; axis++)
        added.push(ring.reduce((sum, _, at) => sum + points[at * 3 + axis]!, 0) / ring.length)
      triangles = ring.flatMap((vertex, at) => [vertex, ring[(at + 1) % ring.length]!, middle])
    }
    for (const [at, vertex] of triangles.entries()) {
      faces.push(vertex)
      taken.add(keyOf(vertex, triangles[at % 3 === 2 ? at - 2 : at + 1]!))
    }
  }
  const indices = new Uint32Array(mesh.indices.length + faces.length)
  indices.set(mesh.indices)
  indices.set(faces, mesh.indices.length)
  return {
    mesh: { positions: extended(mesh, added), indices },
    holes: rims.length,
    addedFaces: faces.length / 3,
  }
}

/** A closed walk cut into walks that pass each vertex once. */
function simpleLoops(walk: readonly number[]): number[][] {
  const loops: number[][] = []
  const stack: number[] = []
  const places = new Map<number, number>()
  for (const vertex of walk) {
    const before = places.get(vertex)
    if (before !== undefined) {
      const loop = stack.splice(before)
      for (const each of loop) places.delete(each)
      loops.push(loop)
    }
    places.set(vertex, stack.length)
    stack.push(vertex)
  }
  loops.push(stack)
  return loops
}

const keyOf = (a: number, b: number) => Math.min(a, b) * 2 ** 26 + Math.max(a, b)

/** Edges of the mesh whose ends both lie on rims: those that new faces must not have again. */
function edgesBetween({ indices }: Mesh, rims: ReadonlySet<number>): Set<number> {
  const found = new Set<number>()
  for (let at = 0; at < indices.length; at++) {
    const a = indices[at]!
    if (!rims.has(a)) continue
    const b = indices[nextOf(at)]!
    if (rims.has(b)) found.add(keyOf(a, b))
  }
  return found
}
