/** From a part and what was chosen to the work it is, or to the reason why it cannot be made. */
import { boundsOf, measure } from '../mesh/measure.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { PriceBook } from '../price/book.ts'
import { printFdm } from './fdm.ts'
import type { PrintOptions } from './options.ts'
import { defaultFdmProfile, type FdmProfile } from './profile.ts'
import { printSla } from './sla.ts'
import { printSls } from './sls.ts'
import type { MakeProblem, Work, WorkResult } from './work.ts'

export interface MeshSize {
  readonly areaMm2: number
  readonly volumeMm3: number
  readonly sizeMm: { readonly x: number; readonly y: number; readonly z: number }
}

/** What decides whether a part can be made at all. */
export function sizeOfPart(mesh: Mesh): MeshSize {
  const { areaMm2, volumeMm3 } = measure(mesh)
  const { min, max } = boundsOf(mesh)
  return { areaMm2, volumeMm3, sizeMm: { x: max[0] - min[0], y: max[1] - min[1], z: max[2] - min[2] } }
}

/**
 * Why a part of this size cannot be made in a technology of the book, or nothing. The part may turn about its vertical axis.
 * The mean wall (twice the volume by the surface) tells sheets that are thinner than the technology makes.
 */
export function impossible(size: MeshSize, options: PrintOptions, book: PriceBook): MakeProblem | undefined {
  const technology = book.technologies.find(({ id }) => id === options.technology)
  if (!technology) throw new RangeError(`The price book has no technology ${options.technology}.`)
  const { x, y, z } = size.sizeMm
  if (!(size.areaMm2 > 0) || !Number.isFinite(x + y + z)) return { code: 'partEmpty', detail: {} }
  if (Math.min(x, y, z) < 1e-6 || size.volumeMm3 < 1e-3 * Math.cbrt(size.areaMm2))
    return { code: 'partFlat', detail: { volumeMm3: Math.max(0, size.volumeMm3) } }
  const { maxSizeMm: most } = technology
  const fits = z <= most.z && ((x <= most.x && y <= most.y) || (x <= most.y && y <= most.x))
  if (!fits)
    return {
      code: 'partTooLarge',
      detail: { x: round(x), y: round(y), z: round(z), maxX: most.x, maxY: most.y, maxZ: most.z },
    }
  const wall = (2 * size.volumeMm3) / size.areaMm2
  if (wall < technology.minWallMm)
    return { code: 'partWallsThin', detail: { wallMm: round(wall), minWallMm: technology.minWallMm } }
  return undefined
}

const round = (value: number): number => Math.round(value * 100) / 100

/**
 * The binding work of making one piece, from slices of the mesh, which stands as it is to be made. Deterministic.
 * @throws RangeError when the book lacks the technology or material: `checkOptions` tells it in words beforehand.
 */
export function calculateWork(
  mesh: Mesh,
  options: PrintOptions,
  book: PriceBook,
  profile: FdmProfile = defaultFdmProfile,
): WorkResult {
  const size = sizeOfPart(mesh)
  const problem = impossible(size, options, book)
  if (problem) return { ok: false, problem }
  const material = book.materials.find(({ id }) => id === options.material)
  if (!material) throw new RangeError(`The price book has no material ${options.material}.`)
  const supports = options.supports === 'auto'
  const made =
    options.technology === 'fdm'
      ? printFdm(
          mesh,
          { layerHeightMm: options.layerHeightMm, infillPercent: options.infillPercent, supports },
          profile,
        )
      : options.technology === 'sla'
        ? printSla(mesh, options.layerHeightMm, supports)
        : printSls(mesh, options.layerHeightMm)
  if (made.layers === 0 || !(made.materialMm3 > 0) || !Number.isFinite(made.seconds))
    return { ok: false, problem: { code: 'partNotSliced', detail: { layers: made.layers } } }
  const grams = material.densityGCm3 / 1000
  return { ok: true, work: workOf(made, grams, size, options) }
}

function workOf(
  made: { materialMm3: number; supportMm3: number; seconds: number; layers: number },
  gramsPerMm3: number,
  size: MeshSize,
  { technology }: PrintOptions,
): Work {
  return {
    technology,
    materialG: round(made.materialMm3 * gramsPerMm3),
    supportG: round(made.supportMm3 * gramsPerMm3),
    machineSeconds: Math.round(made.seconds),
    layers: made.layers,
    areaCm2: round(size.areaMm2 / 100),
  }
}
