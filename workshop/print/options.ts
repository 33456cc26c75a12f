import type { PriceBook, Technology } from '../price/book.ts'

/** How a part is to be made, as a customer chooses it. */
export interface PrintOptions {
  readonly technology: Technology
  /** Id of a material of the book. */
  readonly material: string
  /** Id of a colour of that material. */
  readonly color: string
  readonly layerHeightMm: number
  /** 0 to 100; 100 where the technology knows no sparse infill. */
  readonly infillPercent: number
  readonly supports: 'auto' | 'none'
  /** Id of a finish of that material. */
  readonly finish: string
  /** 1 to 10,000. */
  readonly quantity: number
}

export const MAX_QUANTITY = 10_000

/** An option that the book does not offer. */
export interface OptionProblem {
  readonly path: keyof PrintOptions
  readonly code: 'unknown' | 'outOfRange' | 'notForMaterial' | 'notForTechnology'
  readonly message: string
}

/**
 * What a customer gets who chooses nothing: the first technology of the book (or the one given), its first material, colour
 * and finish, its middle layer height, 20 % infill where there is infill.
 * @throws RangeError when the book offers nothing for the technology.
 */
export function defaultOptions(book: PriceBook, technology?: Technology): PrintOptions {
  const chosen = technology
    ? book.technologies.find(({ id }) => id === technology)
    : book.technologies.find(({ id }) => book.materials.some((material) => material.technology === id))
  const material = chosen && book.materials.find((candidate) => candidate.technology === chosen.id)
  const color = material?.colors[0]
  const finish = material?.finishes[0]
  const layerHeightMm = chosen?.layerHeightsMm[Math.floor(chosen.layerHeightsMm.length / 2)]
  if (!chosen || !material || !color || finish === undefined || layerHeightMm === undefined)
    throw new RangeError(
      `The price book offers nothing for ${technology ?? 'any technology'}: add a material with a colour and a finish.`,
    )
  const { infill } = chosen
  return {
    technology: chosen.id,
    material: material.id,
    color: color.id,
    layerHeightMm,
    infillPercent: infill ? Math.min(Math.max(20, infill.min), infill.max) : 100,
    supports: 'auto',
    finish,
    quantity: 1,
  }
}

/** What of the options the book does not offer; empty when they can be priced. */
export function checkOptions(options: PrintOptions, book: PriceBook): OptionProblem[] {
  const technology = book.technologies.find(({ id }) => id === options.technology)
  if (!technology)
    return [
      {
        path: 'technology',
        code: 'unknown',
        message: `There is no technology ${options.technology}; choose ${listed(book.technologies.map(({ id }) => id))}.`,
      },
    ]
  const problems: OptionProblem[] = []
  if (!technology.layerHeightsMm.includes(options.layerHeightMm))
    problems.push({
      path: 'layerHeightMm',
      code: 'notForTechnology',
      message: `A layer of ${options.layerHeightMm} mm is not offered; choose ${listed(technology.layerHeightsMm)} mm.`,
    })
  const range = technology.infill ?? { min: 100, max: 100 }
  if (
    !Number.isInteger(options.infillPercent) ||
    options.infillPercent < range.min ||
    options.infillPercent > range.max
  )
    problems.push({
      path: 'infillPercent',
      code: 'outOfRange',
      message: `Infill is a whole number from ${range.min} to ${range.max} percent here.`,
    })
  if (!Number.isInteger(options.quantity) || options.quantity < 1 || options.quantity > MAX_QUANTITY)
    problems.push({
      path: 'quantity',
      code: 'outOfRange',
      message: `A quantity is a whole number from 1 to ${MAX_QUANTITY}.`,
    })
  if (options.supports !== 'auto' && options.supports !== 'none')
    problems.push({ path: 'supports', code: 'unknown', message: 'Supports are auto or none.' })
  return [...problems, ...checkMaterial(options, book)]
}

function checkMaterial(options: PrintOptions, book: PriceBook): OptionProblem[] {
  const material = book.materials.find(({ id }) => id === options.material)
  const offered = book.materials.filter(({ technology }) => technology === options.technology)
  if (material?.technology !== options.technology)
    return [
      {
        path: 'material',
        code: material ? 'notForTechnology' : 'unknown',
        message: `The material ${options.material} is not offered here; choose ${listed(offered.map(({ id }) => id))}.`,
      },
    ]
  const problems: OptionProblem[] = []
  if (!material.colors.some(({ id }) => id === options.color))
    problems.push({
      path: 'color',
      code: 'notForMaterial',
      message: `The colour ${options.color} is not offered in ${material.id}; choose ${listed(material.colors.map(({ id }) => id))}.`,
    })
  if (!material.finishes.includes(options.finish))
    problems.push({
      path: 'finish',
      code: 'notForMaterial',
      message: `The finish ${options.finish} is not offered for ${material.id}; choose ${listed(material.finishes)}.`,
    })
  return problems
}

function listed(values: readonly (string | number)[]): string {
  return values.length === 0 ? 'another technology: nothing is offered' : values.join(', ')
}
