/**
 * The parts of `bench/print.ts`: everyday things of a workshop, made by code with manifold-3d, and real models of the npm
 * package stl-models. `tried` parts were looked at while the calculation was written; `unseen` parts only when it stood (the
 * interval of the estimate was widened after them, and it was mended where they were far off); `held` and `fresh` parts after
 * everything, the `fresh` ones made for that; `blind` ones are of kinds that were not there before;
 * `last` ones were made when all of that was finished.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Mesh } from '../workshop/mesh/mesh.ts'
import { repair } from '../workshop/mesh/repair.ts'
import { readStl } from '../workshop/mesh/stl.ts'
import { firstParts } from './print-parts-first.ts'
import { lastParts } from './print-parts-last.ts'
import { laterParts } from './print-parts-later.ts'
import { machineParts } from './print-parts-machines.ts'
import { things } from './print-parts-things.ts'
import { type MadePart, type PartSet, toMesh } from './print-solids.ts'

export interface Part {
  readonly name: string
  readonly set: PartSet
  readonly mesh: Mesh
}

/** A real file of stl-models, scaled so that its largest side is `size` mm. */
function real(file: string, size: number): Mesh {
  const path = createRequire(new URL('../workshop/package.json', import.meta.url)).resolve(
    `stl-models/${file}`,
  )
  // A file with holes is mended first, as it is before it is priced; both sides get the mended one.
  const { mesh } = repair(readStl(readFileSync(path)))
  const positions = Float32Array.from(mesh.positions)
  const low = [Infinity, Infinity, Infinity]
  const high = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < positions.length; i++) {
    low[i % 3] = Math.min(low[i % 3]!, positions[i]!)
    high[i % 3] = Math.max(high[i % 3]!, positions[i]!)
  }
  const scale = size / Math.max(...high.map((value, axis) => value - low[axis]!))
  for (let i = 0; i < positions.length; i++) positions[i] = (positions[i]! - low[i % 3]!) * scale
  return { positions, indices: mesh.indices }
}

const partOf = ([name, set, make]: MadePart): Part => ({ name, set, mesh: toMesh(make()) })

/** Every part, resting on Z = 0. */
export function makeParts(): Part[] {
  return [
    ...[...firstParts, ...laterParts].map(partOf),
    { name: 'bunny (stl-models)', set: 'tried', mesh: real('objects/bunny.bin.stl', 60) },
    { name: 'gear wheel (stl-models)', set: 'unseen', mesh: real('objects/gearwheel.bin.stl', 50) },
    { name: 'tetrahedron (stl-models)', set: 'held', mesh: real('polytopes/tetrahedron.bin.stl', 30) },
    ...[...machineParts, ...things, ...lastParts].map(partOf),
  ]
}
