/** What an order costs. All amounts are integers of minor units of one currency. */
import type { Estimate } from './contract-schemas.ts'

/** A line as far as its price goes. */
export interface PricedLine {
  readonly priceState: 'asked' | 'calculated' | 'delayed' | 'refused' | 'expired'
  readonly total?: number | undefined
  readonly currency?: string | undefined
  readonly estimate?: Estimate | undefined
  readonly validUntil?: Date | undefined
  readonly problem?: { readonly code: string; readonly detail: string } | undefined
}

/** Sum of the lines; undefined while one has no price. */
export function sumOf(lines: readonly { readonly total?: number | undefined }[]): number | undefined {
  let sum = 0
  for (const { total } of lines) {
    if (total === undefined) return undefined
    sum += total
  }
  return sum
}

/** Whether a price is what the customer expects: within the interval they were shown. Without one they are asked. */
export function isExpected({ total, estimate }: PricedLine): boolean {
  return total !== undefined && estimate !== undefined && total >= estimate.low && total <= estimate.high
}

export type Settled =
  | { readonly kind: 'wait' }
  | { readonly kind: 'refuse'; readonly reason: string }
  | {
      readonly kind: 'quote'
      readonly linesTotal: number
      readonly validUntil: Date
      /** Every line is what the customer expects. */
      readonly expected: boolean
    }

/** What becomes of a draft, given its lines: a quote once all are priced, nothing when one cannot be made. */
export function settleDraft(
  lines: readonly PricedLine[],
  currency: string,
  now: Date,
  quoteMs: number,
): Settled {
  const refused = lines.find(({ priceState }) => priceState === 'refused')
  if (refused)
    return { kind: 'refuse', reason: refused.problem?.detail ?? 'A part cannot be made like this.' }
  const linesTotal = sumOf(lines)
  if (lines.some(({ priceState }) => priceState !== 'calculated') || linesTotal === undefined)
    return { kind: 'wait' }
  const foreign = lines.find((line) => line.currency !== undefined && line.currency !== currency)
  if (foreign)
    return { kind: 'refuse', reason: `Prices are in ${foreign.currency} now. Order again from a new cart.` }
  const ends = lines.flatMap(({ validUntil }) => (validUntil ? [validUntil.getTime()] : []))
  return {
    kind: 'quote',
    linesTotal,
    validUntil: new Date(Math.min(now.getTime() + quoteMs, ...ends)),
    expected: lines.every(isExpected),
  }
}
