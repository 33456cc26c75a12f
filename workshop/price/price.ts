/** The price of a line of an order: from what making one piece takes, the book and what was chosen. */
import { MAX_QUANTITY, type PrintOptions } from '../print/options.ts'
import type { Work } from '../print/work.ts'
import type { PriceBook } from './book.ts'

export type PriceCode =
  | 'material'
  | 'support'
  | 'machine'
  | 'setup'
  | 'finish'
  | 'quantityDiscount'
  | 'rush'
  | 'minimum'
  | 'rounding'
  | 'vat'

export interface PriceLine {
  readonly code: PriceCode
  /** Minor units; a discount is negative. */
  readonly amount: number
}

export interface Price {
  readonly currency: string
  /** The total shared among the pieces and rounded up: for showing. What is charged is `total`. */
  readonly unitPrice: number
  /** What the line costs, VAT within. */
  readonly total: number
  /** The VAT that is within `total`. */
  readonly vat: number
  /** Sums exactly to `total`. */
  readonly breakdown: readonly PriceLine[]
}

/**
 * The price of a line of an order, in integer minor units. What one piece costs is rounded up, so that more pieces never cost
 * less; a quantity break cheapens only the pieces it names. `rush` is for an order that is made out of turn.
 * @param work What making one piece takes.
 * @throws RangeError when the book lacks the technology, material or finish, or the quantity is none: `checkOptions` tells it
 * in words beforehand.
 */
export function price(work: Work, book: PriceBook, options: PrintOptions, rush = false): Price {
  const { quantity } = options
  const technology = found(book.technologies, options.technology, 'technology')
  const material = found(book.materials, options.material, 'material')
  const finish = found(book.finishes, options.finish, 'finish')
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > MAX_QUANTITY)
    throw new RangeError(`A quantity is a whole number from 1 to ${MAX_QUANTITY}; this is ${quantity}.`)

  const perGram =
    material.price.per === 'kg'
      ? material.price.amount / 1000
      : material.price.amount / (1000 * material.densityGCm3)
  const piece = {
    material: upwards(work.materialG * perGram),
    support: upwards(work.supportG * perGram),
    machine: upwards((work.machineSeconds / 3600) * technology.machinePerHour),
    finish: upwards(finish.fixed + finish.perCm2 * work.areaCm2),
  }
  const each = piece.material + piece.support + piece.machine + piece.finish
  const lines: PriceLine[] = []
  let sum = 0
  const add = (code: PriceCode, amount: number) => {
    if (amount === 0) return
    lines.push({ code, amount })
    sum += amount
  }
  add('setup', technology.setup)
  add('material', piece.material * quantity)
  add('support', piece.support * quantity)
  add('machine', piece.machine * quantity)
  add('finish', piece.finish * quantity)
  add('quantityDiscount', -Math.floor((each * weightOf(book, quantity)) / 100) || 0)
  if (rush) add('rush', Math.ceil(sum * (book.rushFactor - 1) - 1e-9))
  add('minimum', Math.max(0, technology.minPrice - sum))
  add('rounding', Math.ceil(sum / book.roundTo) * book.roundTo - sum)
  const { percent, included } = book.vat
  const vat = Math.round(included ? (sum * percent) / (100 + percent) : (sum * percent) / 100)
  if (!included) add('vat', vat)
  return {
    currency: book.currency,
    unitPrice: Math.ceil(sum / quantity),
    total: sum,
    vat,
    breakdown: lines,
  }
}

/** Percents off, summed over the pieces that each break covers. */
function weightOf(book: PriceBook, quantity: number): number {
  let weight = 0
  for (const { from, to, percentOff } of book.quantityBreaks)
    weight += Math.max(0, Math.min(quantity, to) - from + 1) * percentOff
  return weight
}

/** Rounded up to a whole minor unit; what arithmetic in binary adds below a millionth does not count. */
const upwards = (amount: number): number => Math.ceil(amount - 1e-6)

function found<T extends { readonly id: string }>(list: readonly T[], id: string, what: string): T {
  const result = list.find((item) => item.id === id)
  if (!result)
    throw new RangeError(`The price book has no ${what} ${id}: check the options with checkOptions first.`)
  return result
}
