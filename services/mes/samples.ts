/** Sample parts: what a change of the price book does to prices, before it is published. */
import type { MaterialPrice, PriceBook, TechnologyPrice } from '@pleiad/workshop/price/book'
import { price } from '@pleiad/workshop/price/price'
import { checkOptions } from '@pleiad/workshop/print/options'
import type { Work } from '@pleiad/workshop/print/work'
import type { PrintOptions } from './contract.ts'

const MAX_MATERIALS = 60

interface Sample {
  readonly name: string
  /** Material in the part and in its supports, cm³. */
  readonly partCm3: number
  readonly supportCm3: number
  readonly areaCm2: number
  readonly hours: Readonly<Record<PrintOptions['technology'], number>>
  readonly quantity: number
}

/** As the workshop's calculations found for a clip, an angle bracket and a housing, with usual settings. */
const samples: readonly Sample[] = [
  {
    name: 'clip',
    partCm3: 2,
    supportCm3: 0,
    areaCm2: 16,
    hours: { fdm: 0.3, sla: 1.2, sls: 0.1 },
    quantity: 1,
  },
  {
    name: 'clips',
    partCm3: 2,
    supportCm3: 0,
    areaCm2: 16,
    hours: { fdm: 0.3, sla: 1.2, sls: 0.1 },
    quantity: 100,
  },
  {
    name: 'bracket',
    partCm3: 18,
    supportCm3: 1.5,
    areaCm2: 110,
    hours: { fdm: 1.6, sla: 2.4, sls: 0.5 },
    quantity: 1,
  },
  {
    name: 'housing',
    partCm3: 95,
    supportCm3: 12,
    areaCm2: 640,
    hours: { fdm: 8.5, sla: 6, sls: 2.2 },
    quantity: 1,
  },
]

export interface PreviewLine {
  readonly sample: string
  readonly options: PrintOptions
  readonly before?: number
  readonly after?: number
  readonly changePercent?: number
}

/** Totals of the samples in each material of either book, by both; absent where a book does not offer it. */
export function previewOf(before: PriceBook, after: PriceBook): PreviewLine[] {
  const known = new Set(after.materials.map(({ id }) => id))
  const materials = [
    ...after.materials.map((material) => ({ material, book: after })),
    ...before.materials.filter(({ id }) => !known.has(id)).map((material) => ({ material, book: before })),
  ].slice(0, MAX_MATERIALS)
  return materials.flatMap(({ material, book }) => {
    const technology = book.technologies.find(({ id }) => id === material.technology)
    return technology ? samples.map((sample) => lineOf(sample, material, technology, before, after)) : []
  })
}

function lineOf(
  sample: Sample,
  material: MaterialPrice,
  technology: TechnologyPrice,
  before: PriceBook,
  after: PriceBook,
): PreviewLine {
  const heights = technology.layerHeightsMm
  const options: PrintOptions = {
    technology: technology.id,
    material: material.id,
    color: material.colors[0]?.id ?? '',
    layerHeightMm: heights[Math.floor(heights.length / 2)] ?? 0,
    infillPercent: technology.infill
      ? Math.min(Math.max(20, technology.infill.min), technology.infill.max)
      : 100,
    supports: 'auto',
    finish: material.finishes[0] ?? '',
    quantity: sample.quantity,
  }
  const [old, next] = [totalOf(sample, options, before), totalOf(sample, options, after)]
  return {
    sample: sample.name,
    options,
    ...(old === undefined ? {} : { before: old }),
    ...(next === undefined ? {} : { after: next }),
    ...(old && next !== undefined ? { changePercent: Math.round(((next - old) / old) * 1000) / 10 } : {}),
  }
}

function totalOf(sample: Sample, options: PrintOptions, book: PriceBook): number | undefined {
  const material = book.materials.find(({ id }) => id === options.material)
  if (!material || checkOptions(options, book).length > 0) return undefined
  const work: Work = {
    technology: options.technology,
    materialG: sample.partCm3 * material.densityGCm3,
    supportG: options.technology === 'sls' ? 0 : sample.supportCm3 * material.densityGCm3,
    machineSeconds: sample.hours[options.technology] * 3600,
    layers: 100,
    areaCm2: sample.areaCm2,
  }
  return price(work, book, options).total
}
