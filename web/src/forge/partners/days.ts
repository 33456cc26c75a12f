/** Usage by day, as the chart wants it. */

export interface DayOfUse {
  readonly day: string
  readonly calls: number
  readonly failed: number
  readonly quotes: number
  readonly orders: number
}

const DAY_MS = 86_400_000
const SHOWN = 30

/** The last thirty days until today (UTC), oldest first, also those on which nothing was called. */
export function lastDays(days: readonly DayOfUse[], now: Date): DayOfUse[] {
  const known = new Map(days.map((day) => [day.day, day]))
  return Array.from({ length: SHOWN }, (_, index) => {
    const day = new Date(now.getTime() - (SHOWN - 1 - index) * DAY_MS).toISOString().slice(0, 10)
    return known.get(day) ?? { day, calls: 0, failed: 0, quotes: 0, orders: 0 }
  })
}
