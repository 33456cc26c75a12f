/** Statistics of sign-ins, as charts and tables want them. */

export interface Counted {
  readonly at: string
  readonly outcome: 'success' | 'failure'
  readonly method: string
  readonly reason: string
  readonly count: number
}

export interface Bucket {
  readonly at: string
  readonly success: number
  readonly failure: number
}

const HOUR_MS = 3_600_000
const sizes = { hour: HOUR_MS, day: 24 * HOUR_MS } as const

/** One bucket for each hour or day (UTC) until `now`, also where nothing happened. */
export function bucketsOf(
  items: readonly Counted[],
  bucket: keyof typeof sizes,
  days: number,
  now: Date,
): Bucket[] {
  const size = sizes[bucket]
  const last = Math.floor(now.getTime() / size) * size
  const count = Math.round((days * sizes.day) / size)
  const found = new Map<number, { success: number; failure: number }>()
  for (const { at, outcome, count: some } of items) {
    const key = Math.floor(Date.parse(at) / size) * size
    const sums = found.get(key) ?? { success: 0, failure: 0 }
    sums[outcome] += some
    found.set(key, sums)
  }
  return Array.from({ length: count }, (_, index) => {
    const key = last - (count - 1 - index) * size
    return { at: new Date(key).toISOString(), ...(found.get(key) ?? { success: 0, failure: 0 }) }
  })
}

/** Sums by a property of what has the given outcome, the largest first. */
export function sumsBy(
  items: readonly Counted[],
  outcome: Counted['outcome'],
  property: 'method' | 'reason',
): { name: string; count: number }[] {
  const sums = new Map<string, number>()
  for (const item of items)
    if (item.outcome === outcome) sums.set(item[property], (sums.get(item[property]) ?? 0) + item.count)
  return [...sums]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name))
}
