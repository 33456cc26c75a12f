/** Walls that are thinner than a machine can make them. */
import { castRay, type Hit, type Tree } from './bvh.ts'
import { normalOf } from './measure.ts'
import type { Mesh } from './mesh.ts'

export interface Walls {
  /** Faces with a thin wall behind them, ascending. */
  readonly thin: readonly number[]
  /** The thinnest wall met (mm); undefined when no ray met one below the limit. */
  readonly thinnestMm?: number
  readonly rays: number
}

/** The two sides of a wall look away from each other but for this much (cosine): the tip of a wedge is no wall. */
const OPPOSITE = -0.8
/** A face gets a ray for each square of the wall's width that it covers, up to this many. */
const RAYS_PER_FACE = 24

/**
 * Casts rays from points on each face straight inwards and takes where they come out within `minimumMm` as a thin wall
 * (the shape diameter function of L. Shapira and others, 2008, with one ray per point). Needs a closed surface that
 * faces outwards. With more faces than `mostRays`, every n-th face is looked at.
 */
export function thinWalls(mesh: Mesh, tree: Tree, minimumMm: number, mostRays = 400_000): Walls {
  const { positions, indices } = mesh
  const faces = indices.length / 3
  const step = Math.max(1, Math.ceil(faces / mostRays))
  const thin: number[] = []
  const hit: Hit = { face: 0, distance: 0 }
  const origin = new Float64Array(3)
  const inward = new Float64Array(3)
  const normal = new Float64Array(3)
  let thinnest = minimumMm
  let rays = 0
  for (let face = 0; face < faces; face += step) {
    const area = normalOf(mesh, face, normal)
    if (area === 0) continue
    for (let axis = 0; axis < 3; axis++) inward[axis] = -normal[axis]!
    const wanted = Math.ceil(area / (minimumMm * minimumMm))
    const room = Math.max(1, Math.floor((mostRays - rays) / Math.max(1, (faces - face) / step)))
    const count = Math.min(wanted, RAYS_PER_FACE, room)
    let isThin = false
    for (let sample = 0; sample < count && !isThin; sample++) {
      const [u, v] = sampleOf(sample, count)
      for (let axis = 0; axis < 3; axis++) {
        const a = positions[indices[face * 3]! * 3 + axis]!
        origin[axis] =
          a +
          u * (positions[indices[face * 3 + 1]! * 3 + axis]! - a) +
          v * (positions[indices[face * 3 + 2]! * 3 + axis]! - a)
      }
      rays++
      if (!castRay(mesh, tree, origin, inward, minimumMm * 1e-6, minimumMm, face, hit)) continue
      const [nx, ny, nz] = [normal[0]!, normal[1]!, normal[2]!]
      normalOf(mesh, hit.face, normal)
      isThin = nx * normal[0]! + ny * normal[1]! + nz * normal[2]! < OPPOSITE
      if (isThin) thinnest = Math.min(thinnest, hit.distance)
      normal.set([nx, ny, nz])
    }
    if (isThin) thin.push(face)
  }
  return { thin, rays, ...(thin.length > 0 && { thinnestMm: thinnest }) }
}

/** Points spread over the triangle (R. Roberts' R2 sequence, folded); a single one is the centre. */
function sampleOf(sample: number, count: number): [number, number] {
  if (count === 1) return [1 / 3, 1 / 3]
  const u = (0.5 + (sample + 1) * 0.7548776662466927) % 1
  const v = (0.5 + (sample + 1) * 0.5698402909980532) % 1
  return u + v > 1 ? [1 - u, 1 - v] : [u, v]
}
