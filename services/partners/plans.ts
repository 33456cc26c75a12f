/** Rate plans: what a project may do in a minute and in a day. */
import type { Limits } from './contract-schemas.ts'

export interface Plan {
  readonly name: string
  readonly limits: Limits
}

/** Counted by day; every call counts by minute. */
export type Counted = 'quotes' | 'orders'

export const limitOf: Readonly<Record<Counted, keyof Limits>> = {
  quotes: 'quotesPerDay',
  orders: 'ordersPerDay',
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** The minute that a time lies in. */
export function minuteOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS)
}

/** The day that a time lies in, UTC, such as 2026-11-21. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}

/** Seconds until a limit by minute or day has room again; at least one. */
export function retryAfter(at: Date, per: 'minute' | 'day'): number {
  const length = per === 'minute' ? MINUTE_MS : DAY_MS
  return Math.max(1, Math.ceil((length - (at.getTime() % length)) / 1000))
}
