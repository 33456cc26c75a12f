/** What the installation says of the orders at the end, from all its schemas: everything that is not as it must be. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Count, checkEvents, checkMoney, checkStates, type OrderRow, one, type Sql } from './checks.ts'
import { checkFiles, checkPrices, checkWords } from './checks-around.ts'
import type { Placed } from './orders.ts'
import type { World } from './world.ts'

const SCHEMAS = [
  'auth',
  'users',
  'projects',
  'operations',
  'notifications',
  'webhooks',
  'partners',
  'shop',
].concat(['crm', 'editor', 'files', 'operators', 'mes'])
/**
 * Leases that a kill leaves end by themselves, and what failed is tried again: webhooks after a minute, and what files
 * could not be told by a job that runs every minute.
 */
const SETTLE_MS = 420_000

export interface Tally {
  readonly orders: number
  readonly ends: Record<string, number>
  readonly events: number
  /** Attempts of handlers that failed, on purpose or because somebody was dead. */
  readonly retried: number
  readonly paid: number
  readonly refunded: number
  readonly kept: number
  readonly notifications: number
  readonly mails: number
  readonly webhooks: number
  /** Webhooks that came again under the same id. */
  readonly webhooksAgain: number
  readonly prices: number
  readonly files: number
  readonly stockTaken: number
  /** Everything that is not as it must be. */
  readonly wrong: readonly string[]
}

/**
 * Resolves when no event is waiting anywhere, but those that are due later, and files was told of everything; with
 * what waits all the same when that takes too long. Jobs come again by themselves: one that failed while a neighbour was dead is not waited for.
 */
export async function settle(sql: Sql): Promise<string[]> {
  const end = Date.now() + SETTLE_MS
  for (let quiet = 0; quiet < 4; await pause(250)) {
    const waiting = await Promise.all(
      SCHEMAS.map(async (schema) => {
        const rows = await sql<{ what: string }[]>`
          select 'outbox ' || type as what from ${sql(schema)}.outbox
            where due_at is null or due_at < now() + case type when 'delivery.due' then interval '0' else interval '70 seconds' end
          union all select consumer || ' ' || type from ${sql(schema)}.inbox
            where state = 'pending' and (type not like 'job.%' or due_at < now())`
        return rows.map(({ what }) => `${schema}: ${what}`)
      }),
    )
    const untold = await one(sql<Count[]>`select count(*)::int as n from shop.held_files where not applied`)
    // Each has somebody who looks after it when its time is over, also when it has arrived: it is the state that counts.
    const unsent = await one(
      sql<Count[]>`select count(*)::int as n from webhooks.deliveries where state in ('waiting', 'sending')`,
    )
    const found = [
      ...waiting.flat(),
      ...(untold > 0 ? [`shop: ${untold} files of orders`] : []),
      ...(unsent > 0 ? [`webhooks: ${unsent} deliveries`] : []),
    ]
    quiet = found.length === 0 ? quiet + 1 : 0
    if (Date.now() > end) return found.map((what) => `it does not settle: ${what}`)
  }
  return []
}

export interface Ended {
  readonly sql: Sql
  readonly world: World
  readonly placed: readonly Placed[]
  /** Where the objects of files lie. */
  readonly objects: string
  /** What went wrong on the way. */
  readonly crashes: readonly string[]
}

/** Looks at everything, when it has settled. */
export async function tallyOf({ sql, world, placed, objects, crashes }: Ended): Promise<Tally> {
  const rows = await sql<OrderRow[]>`
    select order_id as id, state, channel, payment_state as payment, coalesce(total, 0)::int as total,
      array['draft'] || array(select t.state from shop.timeline t
        where t.order_id = o.order_id and t.code = 'state' order by t.entry_id) as path
    from shop.orders o`
  const [states, announced, money, words, prices, files] = await Promise.all([
    checkStates(sql, rows, placed),
    checkEvents(sql, rows),
    checkMoney(sql, rows, world),
    checkWords(sql, rows, world),
    checkPrices(sql),
    checkFiles(sql, objects),
  ])
  const dead = await Promise.all(
    SCHEMAS.map(async (schema) => {
      const letters = await sql<{ what: string }[]>`
        select consumer || ' ' || type || ': ' || left(error, 200) as what from ${sql(schema)}.inbox where state = 'dead'`
      return letters.map(({ what }) => `${schema} has a dead letter: ${what}`)
    }),
  )
  const counts = await Promise.all(
    SCHEMAS.map(
      (schema) => sql<{ events: number; retried: number }[]>`
        select (select count(*)::int from ${sql(schema)}.outbox_log) as events,
          (select coalesce(sum(attempts - 1), 0)::int from ${sql(schema)}.inbox where attempts > 1) as retried`,
    ),
  )
  const sum = (of: 'events' | 'retried') => counts.reduce((total, [row]) => total + row![of], 0)
  const byEnd: Record<string, number> = {}
  for (const { state } of rows) byEnd[state] = (byEnd[state] ?? 0) + 1
  const troubles = [...world.troubles].map(([what, n]) => `${what}, ${n} times`)
  return {
    ...{ orders: rows.length, ends: byEnd, events: sum('events'), retried: sum('retried') },
    ...{ paid: money.paid, refunded: money.refunded, kept: money.kept, stockTaken: money.stockTaken },
    ...{ notifications: words.notifications, mails: words.mails },
    ...{ webhooks: words.webhooks, webhooksAgain: words.again },
    ...{ prices: prices.prices, files: files.files },
    wrong: [
      states,
      announced,
      money.wrong,
      words.wrong,
      prices.wrong,
      files.wrong,
      dead.flat(),
      crashes,
      troubles,
    ].flat(),
  }
}
