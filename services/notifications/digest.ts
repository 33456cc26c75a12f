/** Digests: when the next is due, what it says. */
import type { Facts } from './kinds.ts'
import type { Digest } from './preferences.ts'

const HOUR = 8
const MONDAY = 1
const LINES = 10
const HOUR_MS = 3_600_000

/** Hour and day of the week at a place. */
function localTime(at: Date, timeZone: string): { hour: number; day: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    hourCycle: 'h23',
    weekday: 'short',
  })
  const found = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]))
  return {
    hour: Number(found['hour']),
    day: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(found['weekday'] ?? ''),
  }
}

/**
 * The next time after `now` when it is 8 o'clock at the reader's place, of any day or of a Monday. Walks by hours, so that
 * a change of the clocks moves nothing.
 */
export function nextDigest(digest: Digest, timeZone: string, now: Date): Date | undefined {
  if (digest === 'off') return undefined
  const start = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS
  for (let hours = 1; hours <= 8 * 24; hours++) {
    const at = new Date(start + hours * HOUR_MS)
    const { hour, day } = localTime(at, timeZone)
    if (hour === HOUR && (digest === 'daily' || day === MONDAY)) return at
  }
  // A place that skipped that hour on the only such day: a week later is soon enough.
  return new Date(now.getTime() + 7 * 24 * HOUR_MS)
}

/** What the digest says: the newest titles and how many more there are. Undefined when there is nothing to tell. */
export function digestFacts(titles: readonly string[]): Facts | undefined {
  if (titles.length === 0) return undefined
  return {
    count: String(titles.length),
    list: titles
      .slice(0, LINES)
      .map((title) => `• ${title}`)
      .join('\n'),
    more: String(Math.max(0, titles.length - LINES)),
  }
}
