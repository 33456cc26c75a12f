/** SQL of price requests: made, found, listed, decided. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { JobState, Price, PrintOptions, Reason } from './contract.ts'
import type { Lane, Request, StoredJob, StoredState } from './requests.ts'

export interface JobRow {
  request_id: string
  lane: Lane
  source: Request['source']
  owner_id: string
  model_id: string
  version: number
  file_id: string
  options: PrintOptions
  state: StoredState
  turn: number
  attempts: number
  lease: string | null
  worker_id: string | null
  due_at: Date | null
  created_at: Date
  queued_at: Date
  started_at: Date | null
  finished_at: Date | null
  reason: Reason | null
  price: Price | null
  taken_by: string | null
  taken_at: Date | null
  decided_by: string | null
  note: string | null
}

export function jobOf(row: JobRow): StoredJob {
  return {
    requestId: row.request_id,
    lane: row.lane,
    source: row.source,
    ownerId: row.owner_id,
    modelId: row.model_id,
    version: row.version,
    fileId: row.file_id,
    options: row.options,
    state: row.state,
    turn: row.turn,
    attempts: row.attempts,
    lease: row.lease,
    workerId: row.worker_id,
    dueAt: row.due_at,
    createdAt: row.created_at,
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    reason: row.reason,
    price: row.price,
    takenBy: row.taken_by,
    takenAt: row.taken_at,
    decidedBy: row.decided_by,
    note: row.note,
  }
}

/** The turn of an owner's next job in a lane: after their last one, and not before the lane's own. */
export async function nextTurn(tx: Tx, lane: Lane, ownerId: string): Promise<number> {
  const rows = await tx<{ turn: number }[]>`
    insert into turns as t (lane, owner_id, turn)
    select ${lane}, ${ownerId}, ${lane === 'regular' ? tx`regular_turn` : tx`priority_turn`} from queue
    on conflict (lane, owner_id) do update set turn = greatest(t.turn + 1, excluded.turn) returning turn`
  return rows[0]!.turn
}

/** Undefined when there is a request of this id already. */
export async function insertJob(
  tx: Tx,
  request: Request,
  state: StoredState,
  turn: number,
  now: Date,
): Promise<StoredJob | undefined> {
  const rows = await tx<JobRow[]>`
    insert into jobs (request_id, lane, source, owner_id, model_id, version, file_id, options, state, turn, created_at,
      queued_at)
    values (${request.requestId}, ${request.lane}, ${request.source}, ${request.ownerId}, ${request.modelId},
      ${request.version}, ${request.fileId}, ${tx.json(request.options as never)}, ${state}, ${turn}, ${now}, ${now})
    on conflict (request_id) do nothing returning *`
  return rows[0] && jobOf(rows[0])
}

/** How many of an owner's jobs are open; counts to `atMost`. */
export async function countOpen(sql: Sql, ownerId: string, atMost: number): Promise<number> {
  const rows = await sql<{ count: number }[]>`
    select count(*)::int as count from (
      select 1 from jobs where owner_id = ${ownerId} and state in ('queued', 'working', 'resting')
      limit ${atMost}) as counted`
  return rows[0]!.count
}

export async function findJob(sql: Sql, requestId: string): Promise<StoredJob | undefined> {
  const rows = await sql<JobRow[]>`select * from jobs where request_id = ${requestId}`
  return rows[0] && jobOf(rows[0])
}

export async function findJobs(sql: Sql, requestIds: readonly string[]): Promise<StoredJob[]> {
  const rows = await sql<JobRow[]>`
    select * from jobs where request_id = any(${requestIds as string[]}::uuid[])`
  return rows.map(jobOf)
}

export async function lockJob(tx: Tx, requestId: string): Promise<StoredJob | undefined> {
  const rows = await tx<JobRow[]>`select * from jobs where request_id = ${requestId} for update`
  return rows[0] && jobOf(rows[0])
}

/** Newest first; one more than `limit` when there is a next page. */
export async function listJobs(
  sql: Sql,
  ownerId: string,
  page: { readonly cursor?: string; readonly limit: number; readonly state?: JobState },
): Promise<StoredJob[]> {
  const rows = await sql<JobRow[]>`
    select * from jobs where owner_id = ${ownerId}
      ${page.state === undefined ? sql`` : page.state === 'queued' ? sql`and state in ('queued', 'resting')` : sql`and state = ${page.state}`}
      ${page.cursor ? sql`and request_id < ${page.cursor}` : sql``}
    order by request_id desc limit ${page.limit + 1}`
  return rows.map(jobOf)
}

/** What waits for a person, oldest first; one more than `limit` when there is a next page. */
export async function listHumanJobs(
  sql: Sql,
  page: {
    readonly cursor?: string
    readonly limit: number
    readonly lane?: Lane
    /** null: those that nobody has taken. */
    readonly takenBy?: string | null
  },
): Promise<StoredJob[]> {
  const { takenBy } = page
  const rows = await sql<JobRow[]>`
    select * from jobs where state = 'waitingForHuman'
      ${page.lane ? sql`and lane = ${page.lane}` : sql``}
      ${takenBy === undefined ? sql`` : takenBy === null ? sql`and taken_by is null` : sql`and taken_by = ${takenBy}`}
      ${page.cursor ? sql`and request_id > ${page.cursor}` : sql``}
    order by request_id limit ${page.limit + 1}`
  return rows.map(jobOf)
}

export interface Decision {
  readonly state: 'priced' | 'waitingForHuman' | 'refused' | 'cancelled'
  readonly at: Date
  readonly price?: Price
  readonly reason?: Reason
  readonly decidedBy?: string
  readonly note?: string
  readonly workMs?: number
}

/** Writes what became of a job; the caller holds its row. */
export async function decide(tx: Tx, requestId: string, decision: Decision): Promise<StoredJob> {
  const { price, reason } = decision
  const over = decision.state !== 'waitingForHuman'
  const rows = await tx<JobRow[]>`
    update jobs set state = ${decision.state}, price = ${price ? tx.json(price as never) : null},
      reason = ${reason ? tx.json(reason as never) : tx`reason`}, lease = null, worker_id = null, due_at = null,
      finished_at = ${over ? decision.at : null}, decided_by = ${decision.decidedBy ?? null},
      note = ${decision.note ?? null}, work_ms = coalesce(${decision.workMs ?? null}, work_ms)
    where request_id = ${requestId} returning *`
  return jobOf(rows[0]!)
}

/** `takenBy` null: nobody has it any more. */
export async function setTaken(
  tx: Tx,
  requestId: string,
  takenBy: string | null,
  now: Date,
): Promise<StoredJob> {
  const rows = await tx<JobRow[]>`
    update jobs set taken_by = ${takenBy}, taken_at = ${takenBy ? now : null}
    where request_id = ${requestId} returning *`
  return jobOf(rows[0]!)
}

/** Puts a job that waited for a person back into its lane. */
export async function queueAgain(tx: Tx, requestId: string, turn: number, now: Date): Promise<StoredJob> {
  const rows = await tx<JobRow[]>`
    update jobs set state = 'queued', turn = ${turn}, attempts = 0, reason = null, queued_at = ${now},
      started_at = null, taken_by = null, taken_at = null, due_at = null
    where request_id = ${requestId} returning *`
  return jobOf(rows[0]!)
}

/** Open jobs of a model or an owner, or those that wait for a person; held until the transaction ends. */
export async function lockUndecided(
  tx: Tx,
  of: { readonly modelId: string } | { readonly ownerId: string },
): Promise<StoredJob[]> {
  const rows = await tx<JobRow[]>`
    select * from jobs where ${'modelId' in of ? tx`model_id = ${of.modelId}` : tx`owner_id = ${of.ownerId}`}
      and state in ('queued', 'working', 'resting', 'waitingForHuman')
    order by request_id for update`
  return rows.map(jobOf)
}

export async function removeJobsOf(tx: Tx, ownerId: string): Promise<void> {
  await tx`delete from jobs where owner_id = ${ownerId}`
  await tx`delete from turns where owner_id = ${ownerId}`
}

/** Forgets decided jobs, some at a time: true when there may be more. */
export async function purgeJobs(tx: Tx, before: Date, atMost: number): Promise<boolean> {
  const rows = await tx`
    delete from jobs where request_id in (
      select request_id from jobs where finished_at < ${before} order by finished_at limit ${atMost})
    returning 1`
  return rows.length === atMost
}
