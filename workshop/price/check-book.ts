/** Whether a price book can be used: holes and contradictions are found before anybody is told a price from it. */
import { MAX_QUANTITY } from '../print/options.ts'
import type { BookProblem, FinishPrice, MaterialPrice, Names, PriceBook, TechnologyPrice } from './book.ts'

type Report = (path: string, code: BookProblemCode, message: string) => void

export type BookProblemCode =
  | 'empty'
  | 'nameMissing'
  | 'negative'
  | 'notWhole'
  | 'outOfRange'
  | 'duplicate'
  | 'unknown'
  | 'unused'
  | 'layerHeights'
  | 'quantityGap'
  | 'quantityOverlap'

/**
 * What is wrong with a book, each with its place; empty when it can be published. The book's shape is taken as given: its
 * schema was checked at the door.
 */
export function checkBook(book: PriceBook): BookProblem[] {
  const problems: BookProblem[] = []
  const report: Report = (path, code, message) => problems.push({ path, code, message })
  if (!/^[A-Z]{3}$/.test(book.currency))
    report('currency', 'outOfRange', 'A currency is three capital letters of ISO 4217, as EUR.')
  if (book.technologies.length === 0) report('technologies', 'empty', 'Add at least one technology.')
  if (book.finishes.length === 0)
    report('finishes', 'empty', 'Add at least one finish; “as made” may cost nothing.')
  unique(book.technologies, 'technologies', report)
  unique(book.materials, 'materials', report)
  unique(book.finishes, 'finishes', report)
  book.technologies.forEach((technology, i) => {
    checkTechnology(technology, `technologies[${i}]`, report)
    if (!book.materials.some((material) => material.technology === technology.id))
      report(
        `technologies[${i}]`,
        'empty',
        `Nothing can be ordered in ${technology.id}: add a material for it, or remove it.`,
      )
  })
  book.materials.forEach((material, i) => {
    checkMaterial(material, book, `materials[${i}]`, report)
  })
  book.finishes.forEach((finish, i) => {
    checkFinish(finish, `finishes[${i}]`, report)
    if (!book.materials.some(({ finishes }) => finishes.includes(finish.id)))
      report(
        `finishes[${i}]`,
        'unused',
        `No material takes the finish ${finish.id}: add it to one, or remove it.`,
      )
  })
  checkBreaks(book, report)
  number(book.rushFactor, 'rushFactor', 1, 100, report)
  number(book.vat.percent, 'vat.percent', 0, 100, report)
  number(book.roundTo, 'roundTo', 1, 1_000_000, report, true)
  return problems
}

function checkTechnology(technology: TechnologyPrice, path: string, report: Report): void {
  names(technology.names, `${path}.names`, report)
  for (const key of ['machinePerHour', 'setup', 'minPrice'] as const)
    number(technology[key], `${path}.${key}`, 0, Number.MAX_SAFE_INTEGER, report, true)
  for (const axis of ['x', 'y', 'z'] as const)
    number(technology.maxSizeMm[axis], `${path}.maxSizeMm.${axis}`, 1, 10_000, report)
  number(technology.minWallMm, `${path}.minWallMm`, 0, 100, report)
  const heights = technology.layerHeightsMm
  if (heights.length === 0)
    report(`${path}.layerHeightsMm`, 'layerHeights', 'Name at least one layer height, as 0.2.')
  heights.forEach((height, i) => {
    number(height, `${path}.layerHeightsMm[${i}]`, 0.005, 2, report)
    const before = heights[i - 1]
    if (before !== undefined && height <= before)
      report(`${path}.layerHeightsMm[${i}]`, 'layerHeights', 'Layer heights ascend, and each is named once.')
  })
  if (technology.infill) {
    number(technology.infill.min, `${path}.infill.min`, 0, 100, report, true)
    number(technology.infill.max, `${path}.infill.max`, 0, 100, report, true)
    if (technology.infill.min > technology.infill.max)
      report(`${path}.infill`, 'outOfRange', 'The least infill is not above the most.')
  }
}

function checkMaterial(material: MaterialPrice, book: PriceBook, path: string, report: Report): void {
  names(material.names, `${path}.names`, report)
  names(material.about, `${path}.about`, report)
  if (!book.technologies.some(({ id }) => id === material.technology))
    report(
      `${path}.technology`,
      'unknown',
      `The material ${material.id} belongs to ${material.technology}, which the book does not have: add it, or choose another.`,
    )
  number(material.price.amount, `${path}.price.amount`, 0, Number.MAX_SAFE_INTEGER, report, true)
  number(material.densityGCm3, `${path}.densityGCm3`, 0.05, 25, report)
  if (material.colors.length === 0) report(`${path}.colors`, 'empty', 'Add at least one colour.')
  unique(material.colors, `${path}.colors`, report)
  material.colors.forEach((color, i) => {
    names(color.names, `${path}.colors[${i}].names`, report)
    if (!/^#[0-9a-f]{6}$/i.test(color.hex))
      report(`${path}.colors[${i}].hex`, 'outOfRange', 'A colour is written as #rrggbb.')
  })
  if (material.finishes.length === 0) report(`${path}.finishes`, 'empty', 'Name at least one finish.')
  material.finishes.forEach((id, i) => {
    if (!book.finishes.some((finish) => finish.id === id))
      report(
        `${path}.finishes[${i}]`,
        'unknown',
        `The book has no finish ${id}: add it, or take it out here.`,
      )
    if (material.finishes.indexOf(id) !== i)
      report(`${path}.finishes[${i}]`, 'duplicate', `The finish ${id} is named twice.`)
  })
}

function checkFinish(finish: FinishPrice, path: string, report: Report): void {
  names(finish.names, `${path}.names`, report)
  number(finish.fixed, `${path}.fixed`, 0, Number.MAX_SAFE_INTEGER, report, true)
  number(finish.perCm2, `${path}.perCm2`, 0, 1_000_000, report)
}

/** Every quantity from 1 to the largest belongs to exactly one break, and the discount does not shrink. */
function checkBreaks(book: PriceBook, report: Report): void {
  const breaks = book.quantityBreaks
  if (breaks.length === 0)
    report('quantityBreaks', 'empty', `Add a break from 1 to ${MAX_QUANTITY}; it may take off nothing.`)
  let next = 1
  breaks.forEach(({ from, to, percentOff }, i) => {
    const path = `quantityBreaks[${i}]`
    number(percentOff, `${path}.percentOff`, 0, 100, report)
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 1 || to < from || to > MAX_QUANTITY) {
      report(
        path,
        'outOfRange',
        `A break goes from a whole number to one not below it, within 1 to ${MAX_QUANTITY}.`,
      )
      return
    }
    if (from > next)
      report(
        `${path}.from`,
        'quantityGap',
        `Quantities ${next} to ${from - 1} have no price: begin this break at ${next}.`,
      )
    if (from < next)
      report(
        `${path}.from`,
        'quantityOverlap',
        `Quantity ${from} belongs to two breaks: begin this one at ${next}.`,
      )
    const before = breaks[i - 1]
    if (before && percentOff < before.percentOff)
      report(
        `${path}.percentOff`,
        'outOfRange',
        'A later break takes off at least as much as the one before it.',
      )
    next = to + 1
  })
  if (breaks.length > 0 && next <= MAX_QUANTITY)
    report(
      'quantityBreaks',
      'quantityGap',
      `Quantities ${next} to ${MAX_QUANTITY} have no price: add a break for them.`,
    )
}

function names(value: Names, path: string, report: Report): void {
  for (const language of ['en', 'ru'] as const)
    if (!value[language]?.trim())
      report(
        `${path}.${language}`,
        'nameMissing',
        `The ${language === 'en' ? 'English' : 'Russian'} text is missing.`,
      )
}

function number(
  value: number,
  path: string,
  least: number,
  most: number,
  report: Report,
  whole = false,
): void {
  if (!Number.isFinite(value)) report(path, 'outOfRange', 'This is not a number.')
  else if (value < 0 && least >= 0) report(path, 'negative', 'This is below zero.')
  else if (value < least || value > most) report(path, 'outOfRange', `This is from ${least} to ${most}.`)
  else if (whole && !Number.isInteger(value))
    report(path, 'notWhole', 'This is a whole number; money is in minor units.')
}

function unique(list: readonly { readonly id: string }[], path: string, report: Report): void {
  list.forEach(({ id }, i) => {
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(id))
      report(
        `${path}[${i}].id`,
        'outOfRange',
        'An id is made of small letters, digits and hyphens, 40 at most.',
      )
    if (list.findIndex((other) => other.id === id) !== i)
      report(`${path}[${i}].id`, 'duplicate', `The id ${id} is used twice.`)
  })
}
