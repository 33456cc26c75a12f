/**
 * The price at once, while the binding one is calculated: some thirty slices and one look at every triangle, in the browser
 * as on the server. The answer is an interval; `bench/print.ts` measures how often the binding result lies within.
 */
import type { Mesh } from '../mesh/mesh.ts'
import type { PriceBook } from '../price/book.ts'
import { price } from '../price/price.ts'
import { impossible, sizeOfPart } from './calculate.ts'
import { type Rough, roughFdm, SLICES } from './estimate-fdm.ts'
import type { PrintOptions } from './options.ts'
import { defaultFdmProfile, type FdmProfile } from './profile.ts'
import { printSla } from './sla.ts'
import { heightOf } from './slice.ts'
import { printSls } from './sls.ts'
import type { MakeProblem, Work } from './work.ts'

export interface Interval {
  readonly low: number
  readonly high: number
  readonly likely: number
}

export type Estimate =
  | {
      readonly ok: true
      /** Part and supports of one piece, g. */
      readonly materialG: Interval
      /** One piece. */
      readonly machineSeconds: Interval
      /** The whole line, minor units, VAT within. */
      readonly total: Interval
      readonly currency: string
    }
  | { readonly ok: false; readonly problem: MakeProblem }

/** How far the binding result may be off the likely one, as shares. Measured on the `tried` parts of `bench/print-parts.ts`. */
const spread = {
  fdm: { material: 0.06, seconds: 0.12, support: 0.35, solid: 0.3, slope: 0.55, fine: 0.1 },
  sla: { material: 0.04, seconds: 0.01, support: 1, solid: 0, slope: 0, fine: 0 },
  sls: { material: 0.03, seconds: 0.03, support: 0.1, solid: 0, slope: 0, fine: 0 },
}

/**
 * What a line of an order will cost, roughly. Takes some 30 ms for 100,000 triangles. The mesh stands as it is to be made.
 * @throws RangeError when the options are not of the book: `checkOptions` tells it in words beforehand.
 */
export function estimate(
  mesh: Mesh,
  options: PrintOptions,
  book: PriceBook,
  profile: FdmProfile = defaultFdmProfile,
): Estimate {
  const size = sizeOfPart(mesh)
  const problem = impossible(size, options, book)
  if (problem) return { ok: false, problem }
  const material = book.materials.find(({ id }) => id === options.material)
  if (!material) throw new RangeError(`The price book has no material ${options.material}.`)
  const rough = roughly(mesh, options, profile)
  if (rough.layers === 0) return { ok: false, problem: { code: 'partNotSliced', detail: { layers: 0 } } }

  const known = spread[options.technology]
  const wide =
    known.support * rough.supportShare +
    known.solid * rough.solidShare +
    known.slope * rough.slopeShare +
    // Bridges are as thick as the nozzle, so that they weigh more among thin layers.
    rough.missedShare +
    known.fine * Math.max(0, 2 - options.layerHeightMm / 0.1)
  const off = { material: known.material + wide, seconds: known.seconds + wide }
  const grams = material.densityGCm3 / 1000
  const workAt = (side: -1 | 0 | 1): Work => ({
    technology: options.technology,
    materialG: rough.materialMm3 * grams * (1 + side * off.material),
    supportG: rough.supportMm3 * grams * (1 + side * off.material),
    machineSeconds: rough.seconds * (1 + side * off.seconds),
    layers: rough.layers,
    areaCm2: size.areaMm2 / 100,
  })
  const [low, likely, high] = [workAt(-1), workAt(0), workAt(1)]
  const interval = (of: (work: Work) => number): Interval => ({
    low: of(low),
    high: of(high),
    likely: of(likely),
  })
  return {
    ok: true,
    materialG: interval((work) => work.materialG + work.supportG),
    machineSeconds: interval((work) => work.machineSeconds),
    total: interval((work) => price(work, book, options).total),
    currency: book.currency,
  }
}

function roughly(mesh: Mesh, options: PrintOptions, profile: FdmProfile): Rough {
  const supports = options.supports === 'auto'
  if (options.technology === 'fdm') return roughFdm(mesh, options, supports, profile)
  const step = Math.max(options.layerHeightMm, heightOf(mesh) / (SLICES * 2))
  const made =
    options.technology === 'sla'
      ? printSla(mesh, options.layerHeightMm, supports, undefined, step)
      : printSls(mesh, options.layerHeightMm, undefined, step)
  const all = made.materialMm3 + made.supportMm3
  return {
    ...made,
    supportShare: all > 0 ? made.supportMm3 / all : 0,
    solidShare: 0,
    slopeShare: 0,
    missedShare: 0,
  }
}
