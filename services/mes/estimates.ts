/**
 * About what a part costs, from its measures alone. A straight wall that has the part's height, volume and surface stands
 * in for it: walls, infill, floors and layers of the two are much alike. The browser, which has the triangles, knows better
 * (`workshop/print/estimate`); what hangs over cannot be seen in measures, so with supports the interval is wide upwards.
 */
import { box } from '@pleiad/workshop/mesh/solids'
import type { PriceBook } from '@pleiad/workshop/price/book'
import { price } from '@pleiad/workshop/price/price'
import { impossible, type MeshSize } from '@pleiad/workshop/print/calculate'
import { estimate } from '@pleiad/workshop/print/estimate'
import type { MakeProblem } from '@pleiad/workshop/print/work'
import type { Estimate, PrintOptions, Reason } from './contract.ts'
import { reasonAgainst } from './prices.ts'

/** How far the binding result may be off the likely one, as factors: low, high, high with supports. */
const spread = {
  fdm: { material: [0.84, 1.15, 1.45], seconds: [0.76, 1.35, 1.55] },
  sla: { material: [0.95, 1.06, 1.42], seconds: [0.93, 1.1, 1.1] },
  sls: { material: [0.93, 1.35, 1.35], seconds: [0.93, 1.3, 1.3] },
} as const

/** A longer wall does not stand in for anything that a machine takes. */
const LONGEST_MM = 2000

export type EstimateResult =
  | { readonly ok: true; readonly estimate: Estimate }
  | { readonly ok: false; readonly reason: Reason }

/** Sides of the rectangle with this area and this outline; of a square where the outline is too short for any. */
function sidesOf(area: number, outline: number): [number, number] {
  const half = outline / 2
  const root = half * half - 4 * area
  if (root <= 0) return [Math.sqrt(area), Math.sqrt(area)]
  const long = Math.min((half + Math.sqrt(root)) / 2, LONGEST_MM)
  return [long, area / long]
}

const refused = (problem: MakeProblem): EstimateResult => ({
  ok: false,
  reason: { code: problem.code, detail: `${words[problem.code]}`, facts: { ...problem.detail } },
})
const words: Readonly<Record<MakeProblem['code'], string>> = {
  partEmpty: 'The measures are of nothing that could be made.',
  partFlat: 'The part is thinner than one layer. Scale it up, or choose thinner layers.',
  partTooLarge: 'The part is larger than the machines of this technology.',
  partWallsThin: 'Walls are thinner than this technology can make.',
  partNotSliced: 'The measures are of nothing that could be made.',
}

/** @param size measures of one piece as it is to be made. */
export function estimateOf(
  size: MeshSize,
  options: PrintOptions,
  book: PriceBook,
  bookVersion: number,
): EstimateResult {
  const against = reasonAgainst(options, book)
  if (against) return { ok: false, reason: against }
  const { x, y, z } = size.sizeMm
  // More volume than the box round it: no part has such measures.
  if (size.volumeMm3 > x * y * z * 1.001) return refused({ code: 'partEmpty', detail: {} })
  const problem = impossible(size, options, book)
  if (problem) return refused(problem)

  const section = size.volumeMm3 / z
  const [long, short] = sidesOf(section, Math.max(0, (size.areaMm2 - 2 * section) / z))
  // The part itself fits, as was found above; the wall need not.
  const roomy = {
    ...book,
    technologies: book.technologies.map((technology) => ({
      ...technology,
      maxSizeMm: { x: LONGEST_MM * 2, y: LONGEST_MM * 2, z: LONGEST_MM * 2 },
      minWallMm: 0,
    })),
  }
  const stood = estimate(box(long, short, z), options, roomy)
  if (!stood.ok) return refused(stood.problem)

  const { material, seconds } = spread[options.technology]
  const top = options.supports === 'auto' ? 2 : 1
  const at = (materialFactor: number, secondsFactor: number) => {
    const materialG = stood.materialG.likely * materialFactor
    const machineSeconds = stood.machineSeconds.likely * secondsFactor
    const work = {
      technology: options.technology,
      materialG,
      supportG: 0,
      machineSeconds,
      layers: 1,
      areaCm2: size.areaMm2 / 100,
    }
    return { materialG, machineSeconds, total: price(work, book, options).total }
  }
  const sides = { low: at(material[0], seconds[0]), likely: at(1, 1), high: at(material[top], seconds[top]) }
  const interval = (of: (side: ReturnType<typeof at>) => number) => ({
    low: of(sides.low),
    likely: of(sides.likely),
    high: of(sides.high),
  })
  return {
    ok: true,
    estimate: {
      currency: book.currency,
      unitPrice: interval(({ total }) => Math.ceil(total / options.quantity)),
      total: interval(({ total }) => total),
      materialG: interval(({ materialG }) => Math.round(materialG * 100) / 100),
      machineSeconds: interval(({ machineSeconds }) => Math.round(machineSeconds)),
      bookVersion,
    },
  }
}
