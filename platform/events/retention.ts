/** Forgetting in time: partitions of the history are made ahead and dropped, finished rows leave in small batches. */
import type { Sql, Store } from '../store/store.ts'

/** Days of partitions made ahead: a process that does not run for this long still finds its partition. */
const DAYS_AHEAD = 3
const DELETE_AT_ONCE = 2_000
const DAY_MS = 86_400_000

export interface Retained {
  readonly partitionsMade: number
  readonly partitionsDropped: number
  readonly doneDeleted: number
  readonly deadDeleted: number
  readonly keysDeleted: number
}

const partitionOf = (day: Date) => `outbox_log_${day.toISOString().slice(0, 10).replaceAll('-', '')}`
const startOfDay = (time: Date) => new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS)

/**
 * Does all of it once, for the days around `now`. Done inbox rows stay a day longer than the history, so that a replay
 * of all there is still meets them and does nothing twice. Needs no more than the schema's own role.
 */
export async function retain(store: Store, now: Date, retentionDays: number): Promise<Retained> {
  const partitionsMade = await makePartitions(store, now)
  const partitionsDropped = await dropPartitions(
    store,
    new Date(startOfDay(now).getTime() - retentionDays * DAY_MS),
  )
  const doneBefore = new Date(now.getTime() - (retentionDays + 1) * DAY_MS)
  const keysBefore = new Date(now.getTime() - DAY_MS)
  return {
    partitionsMade,
    partitionsDropped,
    doneDeleted: await deleteInBatches(
      (limit) => store.sql`
        delete from inbox where (consumer, id) in (
          select consumer, id from inbox where state = 'done' and finished_at < ${doneBefore} order by finished_at limit ${limit})`,
    ),
    deadDeleted: await deleteInBatches(
      (limit) => store.sql`
        delete from inbox where (consumer, id) in (
          select consumer, id from inbox where state = 'dead' and expires_at < ${now} order by expires_at limit ${limit})`,
    ),
    keysDeleted: await deleteInBatches(
      (limit) => store.sql`
        delete from idempotency_keys where (caller, operation, key) in (
          select caller, operation, key from idempotency_keys where created_at < ${keysBefore} order by created_at limit ${limit})`,
    ),
  }
}

async function deleteInBatches(run: (limit: number) => PromiseLike<{ count: number }>): Promise<number> {
  for (let total = 0; ; ) {
    const { count } = await run(DELETE_AT_ONCE)
    total += count
    if (count < DELETE_AT_ONCE) return total
  }
}

/** Makes today's partition and those of the next days where they are missing. */
export async function makePartitions(store: Store, now: Date): Promise<number> {
  let made = 0
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
    const day = new Date(startOfDay(now).getTime() + ahead * DAY_MS)
    made += await store.transact((tx) => makePartition(tx, day))
  }
  return made
}

async function makePartition(tx: Sql, day: Date): Promise<number> {
  const name = partitionOf(day)
  if (await exists(tx, name)) return 0
  await tx`select pg_advisory_xact_lock(hashtextextended(current_schema() || '/partitions', 0)), set_config('lock_timeout', '5s', true)`
  if (await exists(tx, name)) return 0
  const end = new Date(day.getTime() + DAY_MS)
  // Attached, not made in place: that takes no lock which stops the relay. What fell into the rest moves along.
  await tx`create table ${tx(name)} (like outbox_log including defaults including constraints including indexes)`
  await tx`
    with moved as (delete from outbox_log_rest where published_at >= ${day} and published_at < ${end} returning *)
    insert into ${tx(name)} select * from moved`
  await tx.unsafe(
    `alter table outbox_log attach partition ${name} for values from ('${day.toISOString()}') to ('${end.toISOString()}')`,
  )
  return 1
}

async function exists(tx: Sql, table: string): Promise<boolean> {
  // Not to_regclass: it may answer from a cache that the advisory lock does not refresh.
  const rows =
    await tx`select from pg_class where relname = ${table} and relnamespace = current_schema()::regnamespace`
  return rows.length > 0
}

async function dropPartitions(store: Store, before: Date): Promise<number> {
  const oldest = partitionOf(before)
  const rows = await store.sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'outbox_log'::regclass and c.relname ~ '^outbox_log_[0-9]{8}$' and c.relname < ${oldest}`
  for (const { name } of rows) {
    await store.transact(async (tx) => {
      await tx`select set_config('lock_timeout', '5s', true)`
      await tx`drop table if exists ${tx(name)}`
    })
  }
  await store.sql`delete from outbox_log_rest where published_at < ${before}`
  return rows.length
}
