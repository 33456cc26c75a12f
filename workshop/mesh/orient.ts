/** Which side of a part is best down. */
import { restingSides } from './hull.ts'
import { boundsOf, normalOf, sizeOf } from './measure.ts'
import type { Mesh, Vector } from './mesh.ts'
import { droppedToBed, type Rotation, rotated, rotationDown } from './place.ts'

export interface Orientation {
  readonly rotation: Rotation
  /** What hangs over more than allowed, seen from below (mm²). */
  readonly overhangMm2: number
  /** What lies on the bed (mm²). */
  readonly contactMm2: number
  readonly heightMm: number
  /** Less is better. */
  readonly cost: number
}

export interface OrientOptions {
  /** Slopes flatter than this over the bed need support. */
  readonly overhangDegrees?: number
  /** Sides that are tried. */
  readonly candidates?: number
}

/**
 * Ways to print a part, the best first: standing on each side of its convex hull and as it is. Little that hangs over
 * counts most, then much contact with the bed, then little height. Deterministic; 48 passes over the faces.
 */
export function orientations(
  mesh: Mesh,
  { overhangDegrees = 45, candidates = 48 }: OrientOptions = {},
): Orientation[] {
  const { normals, areas, total } = facesOf(mesh)
  const down: Vector = [0, 0, -1]
  const sides = restingSides(mesh)
    .map(({ normal }) => normal)
    .filter((normal) => Math.hypot(normal[0], normal[1], normal[2] + 1) > 1e-3)
  const limit = Math.cos(((90 - overhangDegrees) * Math.PI) / 180)
  const [x, y, z] = sizeOf(boundsOf(mesh))
  const diagonal = Math.hypot(x, y, z) || 1
  return [down, ...sides.slice(0, candidates - 1)]
    .map((direction) => {
      const measured = standing(mesh, direction, normals, areas, limit, diagonal * 1e-4)
      const cost =
        (3 * measured.overhangMm2 - 1.5 * measured.contactMm2) / (total || 1) + measured.heightMm / diagonal
      return { rotation: rotationDown(direction), ...measured, cost }
    })
    .sort((a, b) => a.cost - b.cost)
}

/** The part in its best orientation, on the bed. */
export function orientForPrinting(
  mesh: Mesh,
  options: OrientOptions = {},
): { mesh: Mesh; orientation: Orientation } {
  const [orientation] = orientations(mesh, options) as [Orientation]
  return { mesh: droppedToBed(rotated(mesh, orientation.rotation)), orientation }
}

function facesOf(mesh: Mesh): {
  normals: Float64Array
  areas: Float64Array
  total: number
} {
  const { indices } = mesh
  const normal = new Float64Array(3)
  const normals = new Float64Array(indices.length)
  const areas = new Float64Array(indices.length / 3)
  let total = 0
  for (let at = 0; at < indices.length; at += 3) {
    const area = normalOf(mesh, at / 3, normal)
    areas[at / 3] = area
    total += area
    normals.set(normal, at)
  }
  return { normals, areas, total }
}

function standing(
  { positions, indices }: Mesh,
  [dx, dy, dz]: Vector,
  normals: Float64Array,
  areas: Float64Array,
  limit: number,
  slack: number,
): { overhangMm2: number; contactMm2: number; heightMm: number } {
  let lowest = Number.NEGATIVE_INFINITY
  let highest = Number.POSITIVE_INFINITY
  for (let at = 0; at < indices.length; at++) {
    const of = indices[at]! * 3
    const depth = positions[of]! * dx + positions[of + 1]! * dy + positions[of + 2]! * dz
    if (depth > lowest) lowest = depth
    if (depth < highest) highest = depth
  }
  let overhangMm2 = 0
  let contactMm2 = 0
  for (let face = 0; face < areas.length; face++) {
    const facing = normals[face * 3]! * dx + normals[face * 3 + 1]! * dy + normals[face * 3 + 2]! * dz
    if (facing <= limit) continue
    let highestDepth = Number.POSITIVE_INFINITY
    for (let corner = face * 3; corner < face * 3 + 3; corner++) {
      const of = indices[corner]! * 3
      highestDepth = Math.min(
        highestDepth,
        positions[of]! * dx + positions[of + 1]! * dy + positions[of + 2]! * dz,
      )
    }
    if (highestDepth >= lowest - slack) contactMm2 += areas[face]! * facing
    else overhangMm2 += areas[face]! * facing
  }
  return { overhangMm2, contactMm2, heightMm: indices.length > 0 ? lowest - highest : 0 }
}
