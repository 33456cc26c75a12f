/** How many live connections a person has, over all processes: each tells the others its own counts. */

interface Report {
  readonly process: string
  /** Counts by person. */
  readonly counts: Readonly<Record<string, number>>
}

export interface Presence {
  /** This process has one connection more (1) or less (-1) of a person. */
  change(userId: string, by: 1 | -1): void
  /** Connections of a person everywhere. */
  total(userId: string): number
  /** Connections of a person in this process. */
  here(userId: string): number
  close(): void
}

export interface PresenceOptions {
  /** Name of this process among all. */
  readonly process: string
  readonly broadcast: (channel: string, message: unknown) => void
  readonly onBroadcast: (channel: string, receive: (message: unknown) => void) => void
  /** A person's total changed. */
  readonly changed: (userId: string, total: number) => void
}

const CHANNEL = 'realtime.presence'
const REPEAT_MS = 20_000
/** A process that was not heard of for this long is gone, and its connections with it. */
const GONE_MS = 50_000

export function createPresence(options: PresenceOptions): Presence {
  const own = new Map<string, number>()
  const others = new Map<string, { readonly counts: Map<string, number>; heard: number }>()
  const here = (userId: string) => own.get(userId) ?? 0
  const total = (userId: string) => {
    let sum = here(userId)
    for (const { counts } of others.values()) sum += counts.get(userId) ?? 0
    return sum
  }
  const tell = (counts: Iterable<readonly [string, number]>) =>
    options.broadcast(CHANNEL, {
      process: options.process,
      counts: Object.fromEntries(counts),
    } satisfies Report)

  options.onBroadcast(CHANNEL, (message) => {
    const { process, counts } = (message ?? {}) as Partial<Report>
    if (typeof process !== 'string' || process === options.process || typeof counts !== 'object') return
    const known = others.get(process)
    // A process that just started does not know our connections yet.
    if (!known) queueMicrotask(() => tell(own))
    const other = known ?? { counts: new Map<string, number>(), heard: 0 }
    others.set(process, other)
    other.heard = performance.now()
    for (const [userId, count] of Object.entries(counts)) {
      if (other.counts.get(userId) === count) continue
      if (count > 0) other.counts.set(userId, count)
      else other.counts.delete(userId)
      options.changed(userId, total(userId))
    }
  })

  const timer = setInterval(() => {
    tell(own)
    for (const [process, { counts, heard }] of others) {
      if (performance.now() - heard < GONE_MS) continue
      others.delete(process)
      for (const userId of counts.keys()) options.changed(userId, total(userId))
    }
  }, REPEAT_MS)
  timer.unref()
  tell([])

  return {
    here,
    total,
    change: (userId, by) => {
      const count = here(userId) + by
      if (count > 0) own.set(userId, count)
      else own.delete(userId)
      tell([[userId, count]])
      options.changed(userId, total(userId))
    },
    close: () => {
      clearInterval(timer)
      tell([...own.keys()].map((userId) => [userId, 0] as const))
    },
  }
}
