/** The SQL of handling: which rows a transaction takes, and what becomes of them. */
import type { Sql, Store } from '../store/store.ts'
import { type Backoff, backoffMs } from './backoff.ts'
import type { Consumer } from './consumers.ts'

export interface InboxRow {
  readonly id: string
  readonly type: string
  readonly version: number
  readonly key: string
  readonly emitted_at: Date
  readonly traceparent: string | null
  readonly data: unknown
  readonly attempts: number
  /** The database process of the transaction that holds it. */
  readonly backend: number
}

/** Every fourth batch takes the oldest whatever its lane, so that a busy high lane cannot starve the others. */
export const OLDEST_EVERY = 4

/**
 * Locks the next due rows of a consumer for this transaction, at most `limit`; rows locked by others are passed over.
 * An ordered consumer is claimed by one transaction at a time: undefined means that another holds it.
 */
export async function claim(
  tx: Sql,
  consumer: Consumer,
  limit: number,
  turn: number,
): Promise<InboxRow[] | undefined> {
  if (consumer.ordered) return claimOrdered(tx, consumer.name, limit)
  return turn % OLDEST_EVERY === 0
    ? claimOldest(tx, consumer.name, limit)
    : claimByLane(tx, consumer.name, limit)
}

// Each lane is an index range of its own, so rows of a high lane that wait for a retry are not read again and again.
function claimByLane(tx: Sql, consumer: string, limit: number): Promise<InboxRow[]> {
  const lane = (number: number, taken: ReturnType<Sql>) => tx`
    select id, type, version, key, emitted_at, traceparent, data, attempts, pg_backend_pid() as backend from inbox
    where consumer = ${consumer} and state = 'pending' and lane = ${number} and due_at <= now()
    order by due_at, sequence limit ${limit} - ${taken as never} for update skip locked`
  return tx<InboxRow[]>`
    with high as materialized (${lane(0, tx`0`)}),
      normal as materialized (${lane(1, tx`(select count(*) from high)`)}),
      low as materialized (${lane(2, tx`(select count(*) from high) - (select count(*) from normal)`)})
    select * from high union all select * from normal union all select * from low`
}

function claimOldest(tx: Sql, consumer: string, limit: number): Promise<InboxRow[]> {
  return tx<InboxRow[]>`
    select id, type, version, key, emitted_at, traceparent, data, attempts, pg_backend_pid() as backend from inbox
    where consumer = ${consumer} and state = 'pending' and due_at <= now()
    order by due_at, sequence limit ${limit} for update skip locked`
}

// A key whose earlier event waits for its retry is held back. A dead letter is not pending and blocks nothing.
async function claimOrdered(tx: Sql, consumer: string, limit: number): Promise<InboxRow[] | undefined> {
  if (!(await holdOrder(tx, consumer))) return undefined
  return tx<InboxRow[]>`
    select id, type, version, key, emitted_at, traceparent, data, attempts, pg_backend_pid() as backend from inbox as i
    where consumer = ${consumer} and state = 'pending' and ordered and due_at <= now() and not exists (
      select from inbox as earlier where earlier.consumer = i.consumer and earlier.key = i.key and earlier.state = 'pending'
        and earlier.ordered and earlier.sequence < i.sequence and earlier.due_at > now())
    order by sequence limit ${limit} for update`
}

async function holdOrder(tx: Sql, consumer: string): Promise<boolean> {
  const [row] = await tx<{ held: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(current_schema() || '/' || ${consumer}::text, 0)) as held`
  return row!.held
}

/** Locks one row for a run of its own; undefined when it is done, taken, or held back by an earlier one of its key. */
export async function claimOne(tx: Sql, consumer: Consumer, id: string): Promise<InboxRow | undefined> {
  if (consumer.ordered && !(await holdOrder(tx, consumer.name))) return undefined
  const earlier = tx`and not exists (
    select from inbox as earlier where earlier.consumer = i.consumer and earlier.key = i.key and earlier.state = 'pending'
      and earlier.ordered and earlier.sequence < i.sequence)`
  const [row] = await tx<InboxRow[]>`
    select id, type, version, key, emitted_at, traceparent, data, attempts, pg_backend_pid() as backend from inbox as i
    where consumer = ${consumer.name} and id = ${id} and state = 'pending' ${consumer.ordered ? earlier : tx``}
    for update skip locked`
  return row
}

export async function markDone(tx: Sql, consumer: Consumer, rows: readonly InboxRow[]): Promise<void> {
  await tx`
    update inbox set state = 'done', finished_at = now(), error = null
    where consumer = ${consumer.name} and id = any(${rows.map((row) => row.id)}::uuid[])`
}

export interface Failure {
  readonly attempts: number
  readonly dead: boolean
  /** Milliseconds until the next attempt. */
  readonly waitMs: number
}

/**
 * Records a failed attempt: the event waits for its next one or, after the last, is parked as a dead letter.
 * `counted` says that the attempt was counted before it ran. Undefined when somebody else finished the event meanwhile.
 */
export async function recordFailure(
  store: Store,
  consumer: Consumer,
  row: InboxRow,
  error: unknown,
  backoff: Backoff,
  counted: boolean,
): Promise<Failure | undefined> {
  const attempts = row.attempts + (counted ? 0 : 1)
  const dead = attempts >= consumer.maxAttempts
  const waitMs = backoffMs(attempts, Math.random(), backoff)
  const updated = await store.sql`
    update inbox set attempts = ${attempts}, error = ${describe(error)},
      state = ${dead ? 'dead' : 'pending'},
      due_at = now() + ${waitMs}::float8 * interval '1 millisecond',
      finished_at = case when ${dead} then now() end,
      expires_at = case when ${dead} then now() + ${consumer.deadLetterDays}::int * interval '1 day' end
    where consumer = ${consumer.name} and id = ${row.id} and state = 'pending'
    returning id`
  return updated.length === 0 ? undefined : { attempts, dead, waitMs }
}

/** What went wrong, for a person who reads the dead letter; PostgreSQL stores no NUL. */
export function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return text.replaceAll('\u0000', '\ufffd').slice(0, 4_000)
}

/**
 * The oldest due row that was there before this process started, its attempt counted and its next one put off in a
 * commit of its own: an event that kills the process cannot do so more often than it may be attempted.
 */
export async function countBeforeRunning(
  store: Store,
  consumer: Consumer,
  startedAt: Date,
  backoff: Backoff,
): Promise<InboxRow | undefined> {
  const waitMs = backoff.baseMs + backoffMs(2, Math.random(), backoff)
  return store.transact(async (tx) => {
    if (consumer.ordered && !(await holdOrder(tx, consumer.name))) return undefined
    const held = tx`and not exists (
      select from inbox as earlier where earlier.consumer = i.consumer and earlier.key = i.key and earlier.state = 'pending'
        and earlier.ordered and earlier.sequence < i.sequence and earlier.due_at > now())`
    const [row] = await tx<InboxRow[]>`
      update inbox set attempts = attempts + 1, due_at = now() + ${waitMs}::float8 * interval '1 millisecond'
      where consumer = ${consumer.name} and id = (
        select id from inbox as i
        where consumer = ${consumer.name} and state = 'pending' and due_at <= now() and received_at < ${startedAt}
          ${consumer.ordered ? tx`and ordered ${held}` : tx``}
        order by ${consumer.ordered ? tx`sequence` : tx`due_at, sequence`} limit 1 for update skip locked)
      returning id, type, version, key, emitted_at, traceparent, data, attempts, pg_backend_pid() as backend`
    return row
  })
}

/** Whether any event of before `startedAt` still waits, due or not. */
export async function anyFromBefore(store: Store, consumer: Consumer, startedAt: Date): Promise<boolean> {
  const [row] = await store.sql<{ any: boolean }[]>`
    select exists (select from inbox where consumer = ${consumer.name} and state = 'pending' and received_at < ${startedAt}) as any`
  return row!.any
}
