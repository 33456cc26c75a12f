/** How the events of one service stand: what waits, how long, what was parked, and how fast it moves. */
import type { Store } from '../store/store.ts'

export interface OutboxStats {
  readonly type: string
  /** Due and not yet carried. */
  readonly waiting: number
  /** For later. */
  readonly delayed: number
  readonly oldestSeconds: number
  readonly lastMinute: number
}

export interface InboxStats {
  readonly consumer: string
  readonly type: string
  /** Not done: due, or waiting for a retry. */
  readonly pending: number
  /** Of the pending, those that failed at least once. */
  readonly retrying: number
  readonly oldestSeconds: number
  readonly dead: number
  /** Done within the last minute. */
  readonly lastMinute: number
  /** False when rows wait for a handler that this version of the service does not have. */
  readonly known: boolean
}

export interface EventStats {
  readonly service: string
  readonly outbox: readonly OutboxStats[]
  readonly inbox: readonly InboxStats[]
}

/** Reads the figures from the tables, so that they hold for the whole installation and not for one process. */
export async function readStats(
  store: Store,
  service: string,
  consumers: readonly { name: string; type: string }[],
): Promise<EventStats> {
  const { sql } = store
  const [waiting, left, unfinished, done] = await Promise.all([
    sql<{ type: string; waiting: number; delayed: number; oldest: number | null }[]>`
      select type, count(*) filter (where due_at is null or due_at <= now()) as waiting, count(*) filter (where due_at > now()) as delayed,
        extract(epoch from now() - min(coalesce(due_at, emitted_at)))::float8 as oldest
      from outbox group by type`,
    sql<{ type: string; count: number }[]>`
      select type, count(*) as count from outbox_log where published_at > now() - interval '1 minute' group by type`,
    sql<
      {
        consumer: string
        type: string
        pending: number
        retrying: number
        dead: number
        oldest: number | null
      }[]
    >`
      select consumer, type, count(*) filter (where state = 'pending') as pending,
        count(*) filter (where state = 'pending' and attempts > 0) as retrying, count(*) filter (where state = 'dead') as dead,
        extract(epoch from now() - min(received_at) filter (where state = 'pending'))::float8 as oldest
      from inbox where state in ('pending', 'dead') group by consumer, type`,
    sql<{ consumer: string; type: string; count: number }[]>`
      select consumer, type, count(*) as count from inbox
      where state = 'done' and finished_at > now() - interval '1 minute' group by consumer, type`,
  ])
  const types = new Set([...waiting, ...left].map((row) => row.type))
  const names = new Map(consumers.map(({ name, type }) => [name, type]))
  for (const row of [...unfinished, ...done]) if (!names.has(row.consumer)) names.set(row.consumer, row.type)
  return {
    service,
    outbox: [...types].sort().map((type) => {
      const row = waiting.find((candidate) => candidate.type === type)
      return {
        type,
        waiting: row?.waiting ?? 0,
        delayed: row?.delayed ?? 0,
        oldestSeconds: Math.max(0, row?.oldest ?? 0),
        lastMinute: left.find((candidate) => candidate.type === type)?.count ?? 0,
      }
    }),
    inbox: [...names].sort().map(([consumer, type]) => {
      const row = unfinished.find((candidate) => candidate.consumer === consumer)
      return {
        consumer,
        type,
        pending: row?.pending ?? 0,
        retrying: row?.retrying ?? 0,
        oldestSeconds: Math.max(0, row?.oldest ?? 0),
        dead: row?.dead ?? 0,
        lastMinute: done.find((candidate) => candidate.consumer === consumer)?.count ?? 0,
        known:
          consumers.some((candidate) => candidate.name === consumer) ||
          consumer.startsWith(`${service}.outbox`),
      }
    }),
  }
}
