/** What the parts of `bench/print.ts` are built from: manifold-3d and a few shapes. */
import Module, { type CrossSection as Cross, type Manifold as Solid } from 'manifold-3d'
import type { Mesh } from '../workshop/mesh/mesh.ts'

export type { Solid }
export type Vec2 = [number, number]
export type Vec3 = [number, number, number]

/** When a part was looked at, see `print-parts.ts`. */
export type PartSet = 'tried' | 'unseen' | 'held' | 'fresh' | 'blind' | 'last'
export type MadePart = readonly [name: string, set: PartSet, make: () => Solid]

const wasm = await Module()
wasm.setup()
export const { Manifold, CrossSection } = wasm

export const box = (x: number, y: number, z: number, at: Vec3 = [0, 0, 0]) =>
  Manifold.cube([x, y, z]).translate(at)
export const cylinder = (r: number, h: number, at: Vec3 = [0, 0, 0], top = r) =>
  Manifold.cylinder(h, r, top, 96).translate(at)
/** A rod with round ends. */
export const rod = (from: Vec3, to: Vec3, radius: number) =>
  Manifold.hull([Manifold.sphere(radius, 16).translate(from), Manifold.sphere(radius, 16).translate(to)])
export const ring = (radius: number, n: number, turn = 0): Vec2[] =>
  Array.from({ length: n }, (_, i): Vec2 => {
    const angle = turn + (2 * Math.PI * i) / n
    return [radius * Math.cos(angle), radius * Math.sin(angle)]
  })
export const rounded = (x: number, y: number, r: number): Cross =>
  CrossSection.square([x - 2 * r, y - 2 * r], true).offset(r, 'Round', 2, 48)

export const polar = (points: number, radius: (angle: number) => number) =>
  new CrossSection([
    Array.from({ length: points }, (_, i): Vec2 => {
      const angle = (2 * Math.PI * i) / points
      return [radius(angle) * Math.cos(angle), radius(angle) * Math.sin(angle)]
    }),
  ])
export const triangle = (angle: number) => Math.abs(((angle / Math.PI) % 2) - 1)
export const union = (solids: readonly Solid[]) => Manifold.union([...solids])
export const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

/** Resting on Z = 0. */
export function toMesh(solid: Solid): Mesh {
  const { vertProperties, triVerts, numProp } = solid.getMesh()
  const count = vertProperties.length / numProp
  const positions = new Float32Array(count * 3)
  const { min } = solid.boundingBox()
  for (let i = 0; i < count; i++)
    for (let axis = 0; axis < 3; axis++)
      positions[i * 3 + axis] = vertProperties[i * numProp + axis]! - (axis === 2 ? min[2] : 0)
  return { positions, indices: new Uint32Array(triVerts) }
}
