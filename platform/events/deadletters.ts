/** The parked events of one service: what they were, why they failed, and the ways out. */
import type { Sql, Store } from '../store/store.ts'

export interface DeadLetter {
  readonly consumer: string
  readonly id: string
  readonly type: string
  readonly key: string
  readonly source: string
  readonly attempts: number
  /** First line of what went wrong. */
  readonly error: string
  /** ISO 8601: when the event was emitted, parked, and will be forgotten. */
  readonly emittedAt: string
  readonly parkedAt: string
  readonly expiresAt: string | null
  /** The cursor of what follows; dead letters of several services sort by it, the latest last. */
  readonly position: string
}

export interface DeadLetterDetail extends DeadLetter {
  readonly version: number
  readonly data: unknown
  readonly traceparent: string | null
  /** All of the error, with its stack. */
  readonly fullError: string
}

export interface DeadLetterFilter {
  readonly consumer?: string
  readonly type?: string
  readonly key?: string
  /** Text that occurs in the error, whatever its case. */
  readonly error?: string
  readonly id?: string
}

/** What one call settled, and what is left of its filter. */
export interface Settled {
  readonly count: number
  /** How many match after `last`. */
  readonly left: number
  /** The cursor of the call that goes on; absent when nothing was settled. */
  readonly last?: string
}

export interface DeadLetterPage {
  readonly items: readonly DeadLetter[]
  readonly next?: string
}

interface Row {
  consumer: string
  id: string
  type: string
  version: number
  key: string
  source: string
  attempts: number
  error: string | null
  emitted_at: Date
  finished_at: Date
  position: string
  expires_at: Date | null
  data: unknown
  traceparent: string | null
}

function letterOf(row: Row): DeadLetter {
  return {
    consumer: row.consumer,
    id: row.id,
    type: row.type,
    key: row.key,
    source: row.source,
    attempts: row.attempts,
    error: (row.error ?? '').split('\n', 1)[0]!,
    emittedAt: row.emitted_at.toISOString(),
    parkedAt: row.finished_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    position: row.position,
  }
}

function matching(sql: Sql, filter: DeadLetterFilter) {
  return sql`state = 'dead'
    ${filter.consumer === undefined ? sql`` : sql`and consumer = ${filter.consumer}`}
    ${filter.type === undefined ? sql`` : sql`and type = ${filter.type}`}
    ${filter.key === undefined ? sql`` : sql`and key = ${filter.key}`}
    ${filter.error === undefined ? sql`` : sql`and strpos(lower(error), lower(${filter.error})) > 0`}
    ${filter.id === undefined ? sql`` : sql`and id = ${filter.id}`}`
}

/** What follows the cursor in the list. */
function following(sql: Sql, cursor: string | undefined) {
  const after = readCursor(cursor)
  return after
    ? sql`and (finished_at, consumer collate "C", id) < (${after.parked}::text::timestamptz, ${after.consumer}, ${after.id}::uuid)`
    : sql``
}

/** When it was parked to the microsecond, its consumer and id, in a text that sorts as they do. */
const position = (sql: Sql) => sql`
  to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || consumer || ' ' || id as position`

/** The latest first. `cursor` is the `position` of the item before; one that cannot be read starts over. */
export async function listDeadLetters(
  store: Store,
  filter: DeadLetterFilter,
  cursor: string | undefined,
  limit: number,
): Promise<DeadLetterPage> {
  const { sql } = store
  const rows = await sql<Row[]>`
    select *, ${position(sql)} from inbox where ${matching(sql, filter)} ${following(sql, cursor)}
    order by finished_at desc, consumer collate "C" desc, id desc limit ${limit + 1}`
  const items = rows.slice(0, limit).map(letterOf)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, next: last.position } : { items }
}

function readCursor(cursor = ''): { parked: string; consumer: string; id: string } | undefined {
  const match =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([\w.-]{1,200}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
      cursor,
    )
  if (!match || Number.isNaN(Date.parse(match[1]!))) return undefined
  return { parked: match[1]!, consumer: match[2]!, id: match[3]! }
}

/** One dead letter with its data and the whole error. */
export async function getDeadLetter(
  store: Store,
  consumer: string,
  id: string,
): Promise<DeadLetterDetail | undefined> {
  const [row] = await store.sql<Row[]>`
    select *, ${position(store.sql)} from inbox where consumer = ${consumer} and id = ${id} and state = 'dead'`
  if (!row) return undefined
  return {
    ...letterOf(row),
    version: row.version,
    data: row.data,
    traceparent: row.traceparent,
    fullError: row.error ?? '',
  }
}

/** Puts dead letters back to be handled at once, their attempts counted anew: at most `limit`, the latest first. */
export function retryDeadLetters(
  store: Store,
  filter: DeadLetterFilter,
  cursor: string | undefined,
  limit: number,
): Promise<Settled> {
  const anew = store.sql`state = 'pending', due_at = now(), attempts = 0, finished_at = null, expires_at = null`
  return settle(store, filter, cursor, limit, anew)
}

/** Gives dead letters up: they count as done, so that no redelivery brings them back. At most `limit`, the latest first. */
export function discardDeadLetters(
  store: Store,
  filter: DeadLetterFilter,
  cursor: string | undefined,
  limit: number,
): Promise<Settled> {
  return settle(
    store,
    filter,
    cursor,
    limit,
    store.sql`state = 'done', finished_at = now(), expires_at = null`,
  )
}

// Going from the latest to the oldest, a letter that fails again is parked behind the cursor: whoever goes on ends.
async function settle(
  { sql }: Store,
  filter: DeadLetterFilter,
  cursor: string | undefined,
  limit: number,
  become: ReturnType<typeof matching>,
): Promise<Settled> {
  const [row] = await sql<{ count: number; position: string }[]>`
    with chosen as materialized (
      select consumer, id, finished_at from inbox where ${matching(sql, filter)} ${following(sql, cursor)}
      order by finished_at desc, consumer collate "C" desc, id desc limit ${limit} for update skip locked),
    settled as (
      update inbox set ${become} from chosen where inbox.consumer = chosen.consumer and inbox.id = chosen.id)
    select count(*) over () as count, ${position(sql)} from chosen
    order by finished_at, consumer collate "C", id limit 1`
  const count = row?.count ?? 0
  const last = row?.position ?? cursor
  const left = count > 0 && count < limit ? 0 : await countDeadLetters({ sql }, filter, last)
  return { count, left, ...(last === undefined ? {} : { last }) }
}

async function countDeadLetters(
  { sql }: Pick<Store, 'sql'>,
  filter: DeadLetterFilter,
  cursor: string | undefined,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from inbox where ${matching(sql, filter)} ${following(sql, cursor)}`
  return row!.count
}
