/**
 * A broker that lost its data is filled again: whoever finds its own place in it gone asks all emitters to send the
 * history of a bounded time once more. The inbox knows what it has, so only what was lost has an effect.
 */
import type { Store } from '../store/store.ts'
import type { BusDriver } from './driver.ts'
import { createLoop } from './loop.ts'

/** Every process hears on it that history is wanted: `{ from, by }`, ISO 8601 and the asking process. */
const CHANNEL = 'platform.refill'
/** What is delivered late, and clocks that differ: history reaches back this much further than the newest that arrived. */
const MARGIN_MS = 3_600_000
/** No further: brokers keep nothing for longer, and inboxes remember what they did for longer. */
export const REFILL_DAYS = 7

export interface Refill {
  /** Sends the history since `from` again, soon and until it succeeds. */
  readonly want: (from: Date) => void
  /** True until what was wanted is sent. New events wait meanwhile, so that each key keeps its order. */
  readonly pending: () => boolean
  readonly stop: () => Promise<void>
}

export function createRefill(
  send: (from: Date) => Promise<void>,
  sent: () => void,
  onError: (error: unknown) => void,
): Refill {
  let wanted: Date | undefined
  let running = false
  const earlier = (one: Date, other: Date | undefined) => (other && other < one ? other : one)
  const loop = createLoop(async () => {
    const from = wanted
    if (!from) return Number.POSITIVE_INFINITY
    wanted = undefined
    running = true
    try {
      await send(from)
    } catch (error) {
      wanted = earlier(from, wanted)
      throw error
    } finally {
      running = false
    }
    sent()
    return wanted ? 0 : Number.POSITIVE_INFINITY
  }, onError)
  return {
    want: (from) => {
      wanted = earlier(from, wanted)
      loop.wake()
    },
    pending: () => running || wanted !== undefined,
    stop: () => loop.stop(),
  }
}

/** When the newest event of each consumer was emitted, by consumer; those that never received one are left out. */
export async function newestReceived(
  { sql }: Store,
  consumers: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = await sql<{ name: string; id: string | null }[]>`
    select name, (select id from inbox where consumer = name order by id desc limit 1) as id
    from unnest(${consumers as string[]}::text[]) as name`
  return new Map(rows.flatMap(({ name, id }) => (id === null ? [] : [[name, emittedAt(id)]])))
}

/** The time in a UUIDv7 (RFC 9562, section 5.7). */
function emittedAt(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))
}

/** What the refilling of a process needs of each of its services. */
interface Refillable {
  readonly refill: (from: Date) => void
  /** When the newest event that it received was emitted; undefined when it never received one. */
  readonly newest: () => Promise<Date | undefined>
}

/**
 * Joins the services of a process to the refilling of the installation. The returned function asks for history: it is
 * for a start that found the broker without what it should have kept.
 */
export function joinRefill(
  driver: BusDriver,
  id: string,
  services: readonly Refillable[],
  onError: (error: unknown) => void,
): () => Promise<void> {
  const refill = (from: Date) => {
    for (const service of services) service.refill(from)
  }
  const ask = async () => {
    const newest = (await Promise.all(services.map((service) => service.newest()))).filter(
      (time) => time !== undefined,
    )
    if (newest.length === 0) return
    const oldest = Date.now() - REFILL_DAYS * 86_400_000
    const from = new Date(Math.max(oldest, Math.min(...newest.map(Number)) - MARGIN_MS))
    refill(from)
    driver.broadcast(CHANNEL, { from: from.toISOString(), by: id })
  }
  driver.onBroadcast(CHANNEL, (message) => {
    const { from, by } = (message ?? {}) as { from?: unknown; by?: unknown }
    if (typeof from === 'string' && !Number.isNaN(Date.parse(from)) && by !== id) refill(new Date(from))
  })
  driver.onEmptied(() => {
    // At once, so that nothing newer overtakes it; how far back the receivers need it is known a moment later.
    refill(new Date(Date.now() - MARGIN_MS))
    ask().catch(onError)
  })
  return ask
}
