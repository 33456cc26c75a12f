/** Rules of segments as bounds that a query can use. */
import type { SegmentRules } from './contract-schemas.ts'

const DAY_MS = 86_400_000

export interface Bounds {
  readonly tags: readonly string[]
  readonly minOrders: number
  readonly minSpent: number
  /** The last order was before this. */
  readonly before?: Date
  /** The last order was after this. */
  readonly after?: Date
  readonly company?: boolean
}

/** What must hold at `now` for a customer to be in the segment. */
export function boundsOf(rules: SegmentRules, now: Date): Bounds {
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS)
  return {
    tags: rules.tags ?? [],
    minOrders: rules.minOrders ?? 0,
    minSpent: rules.minSpent ?? 0,
    ...(rules.quietDays === undefined ? {} : { before: ago(rules.quietDays) }),
    ...(rules.activeDays === undefined ? {} : { after: ago(rules.activeDays) }),
    ...(rules.company === undefined ? {} : { company: rules.company }),
  }
}
