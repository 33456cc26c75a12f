/** Scale, rotation, and the bed. */
import { boundsOf } from './measure.ts'
import { type Mesh, MeshError, type Vector } from './mesh.ts'

/** Three rows; a point is multiplied from the right. */
export type Rotation = readonly [number, number, number, number, number, number, number, number, number]

export const upright: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1]

/** Throws `meshFlat` for a factor of zero. A negative factor mirrors; faces are turned so that outside stays outside. */
export function scaled(mesh: Mesh, factor: number | Vector): Mesh {
  const [x, y, z] = typeof factor === 'number' ? [factor, factor, factor] : factor
  if (!(x * y * z !== 0) || !Number.isFinite(x * y * z))
    throw new MeshError('meshFlat', 'A factor of zero leaves nothing of the part. Choose another scale.')
  const by = [x, y, z]
  const positions = mesh.positions.map((value, at) => value * by[at % 3]!)
  if (x * y * z > 0) return { positions, indices: mesh.indices }
  const indices = mesh.indices.slice()
  for (let at = 0; at < indices.length; at += 3) {
    indices[at + 1] = mesh.indices[at + 2]!
    indices[at + 2] = mesh.indices[at + 1]!
  }
  return { positions, indices }
}

export function rotated(mesh: Mesh, rotation: Rotation): Mesh {
  const [a, b, c, d, e, f, g, h, i] = rotation
  const positions = mesh.positions.slice()
  for (let at = 0; at < positions.length; at += 3) {
    const x = positions[at]!
    const y = positions[at + 1]!
    const z = positions[at + 2]!
    positions[at] = a * x + b * y + c * z
    positions[at + 1] = d * x + e * y + f * z
    positions[at + 2] = g * x + h * y + i * z
  }
  return { positions, indices: mesh.indices }
}

/** Counter-clockwise when looking against the axis (O. Rodrigues). */
export function rotationAbout(axis: Vector, degrees: number): Rotation {
  const length = Math.hypot(...axis) || 1
  const [x, y, z] = axis.map((part) => part / length) as [number, number, number]
  const cos = Math.cos((degrees * Math.PI) / 180)
  const sin = Math.sin((degrees * Math.PI) / 180)
  const t = 1 - cos
  return [
    t * x * x + cos,
    t * x * y - sin * z,
    t * x * z + sin * y,
    t * x * y + sin * z,
    t * y * y + cos,
    t * y * z - sin * x,
    t * x * z - sin * y,
    t * y * z + sin * x,
    t * z * z + cos,
  ]
}

/** The shortest rotation that makes a direction point down. */
export function rotationDown(direction: Vector): Rotation {
  const length = Math.hypot(...direction) || 1
  const [x, y, z] = direction.map((part) => part / length) as [number, number, number]
  if (z <= -1 + 1e-12) return upright
  if (z >= 1 - 1e-12) return rotationAbout([1, 0, 0], 180)
  // Axis: direction × down.
  return rotationAbout([-y, x, 0], (Math.acos(-z) * 180) / Math.PI)
}

/** Standing on z = 0 with its box around the z axis. */
export function droppedToBed(mesh: Mesh): Mesh {
  const { min, max } = boundsOf(mesh)
  const by = [-(min[0] + max[0]) / 2, -(min[1] + max[1]) / 2, -min[2]]
  return { positions: mesh.positions.map((value, at) => value + by[at % 3]!), indices: mesh.indices }
}
