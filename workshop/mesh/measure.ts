/** Bounds, area and volume. */
import type { Mesh, Vector } from './mesh.ts'

export interface Bounds {
  readonly min: Vector
  readonly max: Vector
}

/** The box of all vertices that a face uses; zeros when there is none. */
export function boundsOf(mesh: Mesh): Bounds {
  const { positions, indices } = mesh
  if (indices.length === 0) return { min: [0, 0, 0], max: [0, 0, 0] }
  // Six variables instead of two lists: this is a tenth of a whole check.
  let lowX = Number.POSITIVE_INFINITY
  let lowY = Number.POSITIVE_INFINITY
  let lowZ = Number.POSITIVE_INFINITY
  let highX = Number.NEGATIVE_INFINITY
  let highY = Number.NEGATIVE_INFINITY
  let highZ = Number.NEGATIVE_INFINITY
  for (let at = 0; at < indices.length; at++) {
    const of = indices[at]! * 3
    const x = positions[of]!
    const y = positions[of + 1]!
    const z = positions[of + 2]!
    if (x < lowX) lowX = x
    if (x > highX) highX = x
    if (y < lowY) lowY = y
    if (y > highY) highY = y
    if (z < lowZ) lowZ = z
    if (z > highZ) highZ = z
  }
  return { min: [lowX, lowY, lowZ], max: [highX, highY, highZ] }
}

export function sizeOf({ min, max }: Bounds): Vector {
  return [max[0] - min[0], max[1] - min[1], max[2] - min[2]]
}

export interface Measures {
  /** mm³; negative when the surface is inside out. Exact for a closed surface with consistent faces. */
  readonly volumeMm3: number
  readonly areaMm2: number
  /** Faces without area, although their corners differ. */
  readonly slivers: readonly number[]
  readonly sliverCount: number
}

/** Height of a triangle over its longest side, as a share of that side, below which it has no area in single precision. */
const SLIVER = 1e-7

/**
 * Volume by the divergence theorem (signed tetrahedra to one point, near the mesh for precision) and area, in one pass.
 * With `volumes`, adds the volume of each face's tetrahedron to the entry of its shell.
 */
export function measure(
  mesh: Mesh,
  { shellOf, volumes, limit = 200 }: { shellOf?: Uint32Array; volumes?: Float64Array; limit?: number } = {},
): Measures {
  const { positions, indices } = mesh
  const first = (indices[0] ?? 0) * 3
  const ox = positions[first] ?? 0
  const oy = positions[first + 1] ?? 0
  const oz = positions[first + 2] ?? 0
  let six = 0
  let twice = 0
  let sliverCount = 0
  const slivers: number[] = []
  for (let at = 0, face = 0; at < indices.length; at += 3, face++) {
    const a = indices[at]! * 3
    const b = indices[at + 1]! * 3
    const c = indices[at + 2]! * 3
    const ax = positions[a]!
    const ay = positions[a + 1]!
    const az = positions[a + 2]!
    const ux = positions[b]! - ax
    const uy = positions[b + 1]! - ay
    const uz = positions[b + 2]! - az
    const vx = positions[c]! - ax
    const vy = positions[c + 1]! - ay
    const vz = positions[c + 2]! - az
    const nx = uy * vz - uz * vy
    const ny = uz * vx - ux * vz
    const nz = ux * vy - uy * vx
    const volume = (ax - ox) * nx + (ay - oy) * ny + (az - oz) * nz
    six += volume
    if (volumes && shellOf) volumes[shellOf[face]!]! += volume / 6
    const squared = nx * nx + ny * ny + nz * nz
    twice += Math.sqrt(squared)
    const longest = Math.max(
      ux * ux + uy * uy + uz * uz,
      vx * vx + vy * vy + vz * vz,
      (vx - ux) ** 2 + (vy - uy) ** 2 + (vz - uz) ** 2,
    )
    if (squared <= SLIVER * SLIVER * longest * longest && a !== b && b !== c && c !== a) {
      sliverCount++
      if (slivers.length < limit) slivers.push(face)
    }
  }
  return { volumeMm3: six / 6, areaMm2: twice / 2, slivers, sliverCount }
}

/** mm³, positive for a closed surface that faces outwards. */
export const volumeOf = (mesh: Mesh): number => measure(mesh).volumeMm3
/** mm². */
export const areaOf = (mesh: Mesh): number => measure(mesh).areaMm2

/** Writes the unit normal of a face to `normal`, nothing but zeros where it has no area, and returns the area. */
export function normalOf({ positions, indices }: Mesh, face: number, normal: Float64Array): number {
  const a = indices[face * 3]! * 3
  const b = indices[face * 3 + 1]! * 3
  const c = indices[face * 3 + 2]! * 3
  const ux = positions[b]! - positions[a]!
  const uy = positions[b + 1]! - positions[a + 1]!
  const uz = positions[b + 2]! - positions[a + 2]!
  const vx = positions[c]! - positions[a]!
  const vy = positions[c + 1]! - positions[a + 1]!
  const vz = positions[c + 2]! - positions[a + 2]!
  const nx = uy * vz - uz * vy
  const ny = uz * vx - ux * vz
  const nz = ux * vy - uy * vx
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz)
  const by = length > 0 ? length : 1
  normal[0] = nx / by
  normal[1] = ny / by
  normal[2] = nz / by
  return length / 2
}
