/** SQL of the queue: claims, leases, places, workers. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Head } from './queue.ts'
import type { Lane, StoredJob } from './requests.ts'
import { type JobRow, jobOf } from './store-jobs.ts'

/** Whether there is anything to claim now, without holding anything. */
export async function hasWork(sql: Sql, now: Date): Promise<boolean> {
  const rows = await sql<{ found: boolean }[]>`
    select exists (select from jobs where state = 'queued' and lane in ('regular', 'priority'))
      or exists (select from jobs where state in ('working', 'resting') and due_at <= ${now}) as found`
  return rows[0]!.found
}

/** Holds the queue: claims follow one another. Returns the priority jobs since the last regular one. */
export async function lockQueue(tx: Tx): Promise<number> {
  const rows = await tx<{ since_regular: number }[]>`select since_regular from queue for update`
  return rows[0]!.since_regular
}

/** Jobs whose lease or rest is over, at most `atMost`; what somebody else holds is left to them. */
export async function lockDue(tx: Tx, now: Date, atMost: number): Promise<StoredJob[]> {
  const rows = await tx<JobRow[]>`
    select * from jobs where state in ('working', 'resting') and due_at <= ${now}
    order by due_at limit ${atMost} for update skip locked`
  return rows.map(jobOf)
}

/** Back to where they were in their lane. */
export async function requeue(tx: Tx, requestIds: readonly string[]): Promise<void> {
  await tx`
    update jobs set state = 'queued', lease = null, worker_id = null, due_at = null
    where request_id = any(${requestIds as string[]}::uuid[])`
}

/** The first jobs of a lane, held until the transaction ends. */
export async function lockHeads(tx: Tx, lane: Lane, atMost: number): Promise<Head[]> {
  return tx<Head[]>`
    select request_id as "requestId", turn from jobs where state = 'queued' and lane = ${lane}
    order by turn, request_id limit ${atMost} for update skip locked`
}

export type ClaimedJob = StoredJob & { readonly sha256: string | null }

/** Gives jobs to a worker until `until`, in the order given, and tells the queue how far its lanes are. */
export async function claimJobs(
  tx: Tx,
  requestIds: readonly string[],
  claim: {
    readonly leases: readonly string[]
    readonly workerId: string
    readonly now: Date
    readonly until: Date
    readonly sinceRegular: number
  },
): Promise<ClaimedJob[]> {
  const rows = await tx<(JobRow & { sha256: string | null })[]>`
    with claimed as (
      update jobs set state = 'working', attempts = attempts + 1, lease = given.lease, worker_id = ${claim.workerId},
        due_at = ${claim.until}, started_at = ${claim.now}
      from unnest(${requestIds as string[]}::uuid[], ${claim.leases as string[]}::uuid[]) as given(request_id, lease)
      where jobs.request_id = given.request_id returning jobs.*),
    moved as (
      update queue set since_regular = ${claim.sinceRegular},
        regular_turn = greatest(regular_turn, (select max(turn) from claimed where lane = 'regular')),
        priority_turn = greatest(priority_turn, (select max(turn) from claimed where lane = 'priority')))
    select claimed.*, models.sha256 from claimed left join models using (model_id, version)`
  const at = new Map(requestIds.map((requestId, index) => [requestId, index]))
  return rows
    .map((row) => ({ ...jobOf(row), sha256: row.sha256 }))
    .sort((one, other) => at.get(one.requestId)! - at.get(other.requestId)!)
}

export interface Held {
  readonly requestId: string
  readonly lease: string
}

/** Holds leases on until `until`; returns the requests whose lease still was the worker's. */
export async function renewLeases(sql: Sql, held: readonly Held[], until: Date): Promise<string[]> {
  const rows = await sql<{ request_id: string }[]>`
    update jobs set due_at = ${until}
    from unnest(${held.map(({ requestId }) => requestId)}::uuid[], ${held.map(({ lease }) => lease)}::uuid[])
      as given(request_id, lease)
    where jobs.request_id = given.request_id and jobs.lease = given.lease and jobs.state = 'working'
    returning jobs.request_id`
  return rows.map(({ request_id }) => request_id)
}

/** Gives jobs back as if they had not been claimed. */
export async function releaseLeases(sql: Sql, held: readonly Held[]): Promise<number> {
  const rows = await sql`
    update jobs set state = 'queued', attempts = attempts - 1, lease = null, worker_id = null, due_at = null,
      started_at = null
    from unnest(${held.map(({ requestId }) => requestId)}::uuid[], ${held.map(({ lease }) => lease)}::uuid[])
      as given(request_id, lease)
    where jobs.request_id = given.request_id and jobs.lease = given.lease and jobs.state = 'working'
    returning 1`
  return rows.length
}

/** The job, if `lease` still holds; held until the transaction ends. */
export async function lockLeased(tx: Tx, { requestId, lease }: Held): Promise<StoredJob | undefined> {
  const rows = await tx<JobRow[]>`
    select * from jobs where request_id = ${requestId} and lease = ${lease} and state = 'working' for update`
  return rows[0] && jobOf(rows[0])
}

/** Lets a job rest until it is tried again. */
export async function restJob(tx: Tx, requestId: string, until: Date): Promise<StoredJob> {
  const rows = await tx<JobRow[]>`
    update jobs set state = 'resting', lease = null, worker_id = null, due_at = ${until}
    where request_id = ${requestId} returning *`
  return jobOf(rows[0]!)
}

/** How many jobs of its lane come before one; counts to `atMost` in the index alone, which the order makes sure of. */
export async function countAhead(
  sql: Sql,
  { lane, turn, requestId }: { readonly lane: Lane; readonly turn: number; readonly requestId: string },
  atMost: number,
): Promise<number> {
  const rows = await sql<{ count: number }[]>`
    select count(*)::int as count from (
      select 1 from jobs where state = 'queued' and lane = ${lane}
        and (turn, request_id) < (${turn}::bigint, ${requestId}::uuid)
      order by turn, request_id limit ${atMost}) as counted`
  return rows[0]!.count
}

/** How many jobs wait in a lane; counts to `atMost` in the index alone. */
export async function countQueued(sql: Sql, lane: Lane, atMost: number): Promise<number> {
  const rows = await sql<{ count: number }[]>`
    select count(*)::int as count from (
      select 1 from jobs where state = 'queued' and lane = ${lane} order by turn, request_id limit ${atMost}
    ) as counted`
  return rows[0]!.count
}

export async function countHuman(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql<{ count: number }[]>`
    select count(*)::int as count from (
      select 1 from jobs where state = 'waitingForHuman' limit ${atMost}) as counted`
  return rows[0]!.count
}

/** When the first job of a lane was queued. */
export async function findHead(sql: Sql, lane: Lane): Promise<Date | undefined> {
  const rows = await sql<{ queued_at: Date }[]>`
    select queued_at from jobs where state = 'queued' and lane = ${lane} order by turn, request_id limit 1`
  return rows[0]?.queued_at
}

/** What the last jobs took each, and how many are worked on at once. */
export async function findPace(
  sql: Sql,
  seenSince: Date,
): Promise<{ secondsPerJob: number | null; slots: number }> {
  const rows = await sql<{ seconds: number | null; slots: number }[]>`
    select
      (select avg(work_ms)::float8 / 1000 from (
        select work_ms from jobs where work_ms is not null and finished_at is not null
        order by finished_at desc limit 50) as lately) as seconds,
      (select coalesce(sum(slots), 0)::int from workers where seen_at > ${seenSince}) as slots`
  return { secondsPerJob: rows[0]!.seconds, slots: rows[0]!.slots }
}

/** Notes that a worker lives; writes seldom. */
export async function noteWorker(
  sql: Sql,
  workerId: string,
  slots: number,
  now: Date,
  unlessSince: Date,
): Promise<void> {
  await sql`
    insert into workers as w (worker_id, slots, seen_at) values (${workerId}, ${slots}, ${now})
    on conflict (worker_id) do update set slots = excluded.slots, seen_at = excluded.seen_at
    where w.seen_at < ${unlessSince} or w.slots <> excluded.slots`
}

export async function listWorkers(
  sql: Sql,
  seenSince: Date,
): Promise<{ workerId: string; slots: number; seenAt: Date; working: number }[]> {
  return sql`
    select worker_id as "workerId", slots, seen_at as "seenAt", coalesce(held.working, 0) as working from workers
      left join (
        select worker_id, count(*)::int as working from jobs
        where state in ('working', 'resting') and worker_id is not null group by worker_id) as held using (worker_id)
    where seen_at > ${seenSince} order by worker_id limit 200`
}

/** Forgets workers that are gone, and turns that no longer matter. */
export async function purgeQueue(tx: Tx, before: Date): Promise<void> {
  await tx`delete from workers where seen_at < ${before}`
  await tx`
    delete from turns using queue
    where turns.turn < case lane when 'regular' then queue.regular_turn else queue.priority_turn end`
}
