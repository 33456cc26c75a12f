/** All SQL of partners. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Limits } from './contract-schemas.ts'
import type { Counted, Plan } from './plans.ts'

export interface Place {
  readonly projectId: string
  readonly environment: string
}

export interface StoredModel extends Place {
  readonly modelId: string
  readonly fileId: string
  readonly name: string
  readonly unit: string | null
  readonly acceptRepair: boolean
  readonly state: 'uploading' | 'known' | 'gone'
  readonly createdAt: Date
}

const modelColumns = (sql: Sql) => sql`
  model_id as "modelId", project_id as "projectId", environment, file_id as "fileId", name, unit,
  accept_repair as "acceptRepair", state, created_at as "createdAt"`

export async function findPlan(sql: Sql, projectId: string): Promise<Plan | undefined> {
  const [row] = await sql<{ name: string; limits: Limits }[]>`
    select name, limits from plans where project_id = ${projectId}`
  return row
}

export async function savePlan(tx: Tx, projectId: string, { name, limits }: Plan): Promise<void> {
  await tx`
    insert into plans (project_id, name, limits) values (${projectId}, ${name}, ${tx.json(limits)})
    on conflict (project_id) do update set name = excluded.name, limits = excluded.limits`
}

export async function removePlan(tx: Tx, projectId: string): Promise<void> {
  await tx`delete from plans where project_id = ${projectId}`
}

export interface ListedPlan extends Plan {
  readonly projectId: string
  readonly quotes: number
  readonly orders: number
}

/** By project, with what each has used on a day; one more than `limit` when there is a next page. */
export async function listPlans(
  sql: Sql,
  listing: { readonly day: string; readonly cursor: string | undefined; readonly limit: number },
): Promise<ListedPlan[]> {
  return sql<ListedPlan[]>`
    select plans.project_id as "projectId", name, limits,
      coalesce(sum(quotes), 0)::int as quotes, coalesce(sum(orders), 0)::int as orders
    from plans left join usage_days on usage_days.project_id = plans.project_id and day = ${listing.day}
    ${listing.cursor ? sql`where plans.project_id > ${listing.cursor}` : sql``}
    group by plans.project_id order by plans.project_id limit ${listing.limit + 1}`
}

/** What all environments of a project together have used on a day. */
export async function spentOf(
  sql: Sql,
  projectId: string,
  day: string,
): Promise<{ quotes: number; orders: number }> {
  const [row] = await sql<{ quotes: number; orders: number }[]>`
    select coalesce(sum(quotes), 0)::int as quotes, coalesce(sum(orders), 0)::int as orders
    from usage_days where project_id = ${projectId} and day = ${day}`
  return row!
}

export async function callsOfMinute(sql: Sql, projectId: string, minute: Date): Promise<number> {
  const [row] = await sql<{ calls: number }[]>`
    select calls from usage_minutes where project_id = ${projectId} and minute = ${minute}`
  return row?.calls ?? 0
}

/** Counts a call of this minute, of all environments; how many there are now. */
export async function countMinute(sql: Sql, projectId: string, minute: Date): Promise<number> {
  const [row] = await sql<{ calls: number }[]>`
    insert into usage_minutes (project_id, minute, calls) values (${projectId}, ${minute}, 1)
    on conflict (project_id, minute) do update set calls = usage_minutes.calls + 1
    returning calls`
  return row!.calls
}

/** Takes one of what a day allows in all environments together; false when there is none left. */
export async function takeOfDay(
  tx: Tx,
  place: Place,
  day: string,
  counted: Counted,
  limit: number,
): Promise<boolean> {
  const column = tx(counted)
  // Held in one order by everybody who takes, so that none of them slips through between the sum and the count.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`${place.projectId} ${day}`}, 0))`
  const [row] = await tx<{ used: number }[]>`
    select coalesce(sum(${column}), 0)::int as used from usage_days
    where project_id = ${place.projectId} and day = ${day}`
  if (row!.used >= limit) return false
  await tx`
    insert into usage_days (project_id, environment, day, ${column})
    values (${place.projectId}, ${place.environment}, ${day}, 1)
    on conflict (project_id, environment, day) do update set ${column} = usage_days.${column} + 1`
  return true
}

/** Gives back what was taken for something that then failed. */
export async function giveBack(sql: Sql, place: Place, day: string, counted: Counted): Promise<void> {
  const column = sql(counted)
  await sql`
    update usage_days set ${column} = greatest(0, ${column} - 1)
    where project_id = ${place.projectId} and environment = ${place.environment} and day = ${day}`
}

export interface LogEntry {
  readonly logId: string
  readonly at: Date
  readonly operation: string
  readonly outcome: string
  readonly milliseconds: number
  readonly programId: string
  readonly requestId: string
  readonly about: string | null
}

/** Notes a call in the log and in the day's figures. */
export async function insertLog(sql: Sql, place: Place, day: string, entry: LogEntry): Promise<void> {
  const failed = entry.outcome === 'ok' ? 0 : 1
  await sql`
    with noted as (
      insert into logs (log_id, project_id, environment, at, operation, outcome, milliseconds, program_id, request_id, about)
      values (${entry.logId}, ${place.projectId}, ${place.environment}, ${entry.at}, ${entry.operation},
        ${entry.outcome}, ${entry.milliseconds}, ${entry.programId}, ${entry.requestId}, ${entry.about}))
    insert into usage_days (project_id, environment, day, calls, failed)
    values (${place.projectId}, ${place.environment}, ${day}, 1, ${failed})
    on conflict (project_id, environment, day) do update set calls = usage_days.calls + 1,
      failed = usage_days.failed + excluded.failed`
}

/** Newest first; one more than `limit` when there is a next page. */
export async function listLogs(
  sql: Sql,
  place: Place,
  listing: {
    readonly failed?: boolean | undefined
    readonly operation?: string | undefined
    readonly cursor?: string | undefined
    readonly limit: number
  },
): Promise<LogEntry[]> {
  return sql<LogEntry[]>`
    select log_id as "logId", at, operation, outcome, milliseconds, program_id as "programId",
      request_id as "requestId", about
    from logs where project_id = ${place.projectId} and environment = ${place.environment}
      ${listing.failed ? sql`and outcome <> 'ok'` : sql``}
      ${listing.operation ? sql`and operation = ${listing.operation}` : sql``}
      ${listing.cursor ? sql`and log_id < ${listing.cursor}` : sql``}
    order by log_id desc limit ${listing.limit + 1}`
}

export interface Day {
  readonly day: string
  readonly calls: number
  readonly failed: number
  readonly quotes: number
  readonly orders: number
}

/** The last thirty days on which something was called, newest first. */
export async function listDays(sql: Sql, place: Place): Promise<Day[]> {
  return sql<Day[]>`
    select to_char(day, 'YYYY-MM-DD') as day, calls, failed, quotes, orders from usage_days
    where project_id = ${place.projectId} and environment = ${place.environment} order by usage_days.day desc limit 30`
}

export async function insertModel(tx: Tx, model: Omit<StoredModel, 'state'>): Promise<StoredModel> {
  const [row] = await tx<StoredModel[]>`
    insert into models (model_id, project_id, environment, file_id, name, unit, accept_repair, created_at)
    values (${model.modelId}, ${model.projectId}, ${model.environment}, ${model.fileId}, ${model.name}, ${model.unit},
      ${model.acceptRepair}, ${model.createdAt})
    returning ${modelColumns(tx)}`
  return row!
}

export async function findModel(sql: Sql, modelId: string): Promise<StoredModel | undefined> {
  const [row] = await sql<StoredModel[]>`select ${modelColumns(sql)} from models where model_id = ${modelId}`
  return row
}

export async function findByFile(sql: Sql, fileId: string): Promise<StoredModel | undefined> {
  const [row] = await sql<StoredModel[]>`select ${modelColumns(sql)} from models where file_id = ${fileId}`
  return row
}

export async function saveState(tx: Tx, modelId: string, state: StoredModel['state']): Promise<void> {
  await tx`update models set state = ${state} where model_id = ${modelId}`
}

/** Erases what is kept of a project, or of one environment of it. */
export async function erase(tx: Tx, projectId: string, environment?: string): Promise<void> {
  const where = environment === undefined ? tx`` : tx`and environment = ${environment}`
  await tx`delete from models where project_id = ${projectId} ${where}`
  await tx`delete from logs where project_id = ${projectId} ${where}`
  await tx`delete from usage_days where project_id = ${projectId} ${where}`
  if (environment === undefined) {
    await tx`delete from plans where project_id = ${projectId}`
    await tx`delete from usage_minutes where project_id = ${projectId}`
  }
}

/** Forgets old log entries and minutes, so many of each at most. */
export async function purge(tx: Tx, logsBefore: Date, minutesBefore: Date, limit: number): Promise<void> {
  await tx`
    delete from logs where log_id = any(array(select log_id from logs where at < ${logsBefore} order by at limit ${limit}))`
  await tx`
    delete from usage_minutes where (project_id, minute) in (
      select project_id, minute from usage_minutes where minute < ${minutesBefore} order by minute limit ${limit})`
}
