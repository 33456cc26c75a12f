/** What a price is made of, and whether a part can be made at all. */
import { createHash } from 'node:crypto'
import type { PriceBook } from '@pleiad/workshop/price/book'
import { price } from '@pleiad/workshop/price/price'
import { checkOptions } from '@pleiad/workshop/print/options'
import type { Work } from '@pleiad/workshop/print/work'
import type { Price, PrintOptions, Reason } from './contract.ts'

/** Grows when the calculation of `workshop/print` gives other results: works that were kept no longer count then. */
const CALCULATION = 1

/**
 * What a work depends on beside the mesh: options without quantity, colour and finish, and what the book says of the
 * technology and the material. Hexadecimal; equal bases mean equal works.
 */
export function basisOf(options: PrintOptions, book: PriceBook): string {
  const { technology, material, layerHeightMm, infillPercent, supports } = options
  const parts = [
    CALCULATION,
    [technology, material, layerHeightMm, infillPercent, supports],
    book.technologies.find(({ id }) => id === technology) ?? null,
    book.materials.find(({ id }) => id === material)?.densityGCm3 ?? null,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Why the options cannot be priced from this book; undefined when they can. */
export function reasonAgainst(options: PrintOptions, book: PriceBook): Reason | undefined {
  const problems = checkOptions(options, book)
  if (problems.length === 0) return undefined
  return {
    code: 'optionNotOffered',
    detail: problems
      .map(({ message }) => message)
      .join(' ')
      .slice(0, 1000),
    facts: Object.fromEntries(problems.map(({ path }) => [path, options[path]])),
  }
}

/** The price of a work, as it is kept and announced. */
export function priceOf(
  work: Work,
  options: PrintOptions,
  from: { readonly book: PriceBook; readonly version: number; readonly validUntil: Date },
): Price {
  const { currency, unitPrice, total, breakdown } = price(work, from.book, options)
  const { materialG, supportG, machineSeconds, layers } = work
  return {
    currency,
    unitPrice,
    total,
    breakdown: breakdown.map(({ code, amount }) => ({ code, amount })),
    work: { materialG, supportG, machineSeconds, layers },
    bookVersion: from.version,
    validUntil: from.validUntil.toISOString(),
    byHand: false,
  }
}

type Size = { readonly x: number; readonly y: number; readonly z: number }
const ascending = ({ x, y, z }: Size) => [x, y, z].sort((a, b) => a - b)

/** Why no machine of the book could make a part of this size, however it is turned; undefined when one could. */
export function reasonImpossible(size: Size, book: PriceBook): Reason | undefined {
  const part = ascending(size)
  // A slanted part may be longer than each side of the room it stands in, never longer than its diagonal.
  const fits = book.technologies.some(({ maxSizeMm }) => {
    const room = ascending(maxSizeMm)
    return part[0]! <= room[0]! && part[2]! <= Math.hypot(...room)
  })
  if (fits || book.technologies.length === 0) return undefined
  const [, , longest] = part
  return {
    code: 'partImpossible',
    detail: `The part is ${round(size.x)} × ${round(size.y)} × ${round(size.z)} mm, larger than every machine. Scale it down, or cut it into pieces.`,
    facts: { longestMm: round(longest!) },
  }
}

const round = (mm: number) => Math.round(mm * 10) / 10
