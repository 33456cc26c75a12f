/** SQL of works: who makes what. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Technique, Work, WorkState } from './contract-schemas.ts'
import type { NewWork } from './work.ts'

export interface StoredWork extends NewWork {
  readonly workId: string
  readonly orderId: string
  readonly orderNumber: string
  readonly note: string | null
  readonly scrapped: number
  readonly state: WorkState
  readonly remakeOf: string | null
  readonly operatorId: string | null
  readonly operatorName: string | null
  readonly machineId: string | null
  readonly machineName: string | null
  readonly pauseReason: string | null
  readonly dueAt: Date
  readonly startedAt: Date | null
  readonly runningSince: Date | null
  readonly workedSeconds: number
  readonly finishedAt: Date | null
  readonly version: number
}

const columns = (sql: Sql) => sql`
  w.work_id as "workId", w.order_id as "orderId", o.number as "orderNumber", o.note, w.line_id as "lineId", w.name,
  w.technique, w.material, w.color, w.options, w.model_id as "modelId", w.model_version as "modelVersion",
  w.file_id as "fileId", w.sku, w.quantity, w.scrapped, w.machine_seconds as "machineSeconds",
  w.material_g as "materialG", w.state, w.remake_of as "remakeOf", w.operator_id as "operatorId",
  p.display_name as "operatorName", w.machine_id as "machineId", m.name as "machineName",
  w.pause_reason as "pauseReason", w.due_at as "dueAt", w.started_at as "startedAt",
  w.running_since as "runningSince", w.worked_seconds as "workedSeconds", w.finished_at as "finishedAt", w.version`
const joined = (sql: Sql) => sql`
  works w join orders o on o.order_id = w.order_id left join people p on p.user_id = w.operator_id
    left join machines m on m.machine_id = w.machine_id`

export async function insertWorks(
  tx: Tx,
  orderId: string,
  works: readonly (NewWork & { readonly workId: string; readonly remakeOf?: string })[],
  dueAt: Date,
  at: Date,
): Promise<void> {
  if (works.length === 0) return
  const rows = works.map((work) => ({
    work_id: work.workId,
    order_id: orderId,
    line_id: work.lineId,
    name: work.name,
    technique: work.technique,
    material: work.material,
    color: work.color,
    options: work.options === null ? null : tx.json(work.options as never),
    model_id: work.modelId,
    model_version: work.modelVersion,
    file_id: work.fileId,
    sku: work.sku,
    quantity: work.quantity,
    machine_seconds: work.machineSeconds,
    material_g: work.materialG,
    remake_of: work.remakeOf ?? null,
    due_at: dueAt,
    created_at: at,
  }))
  await tx`insert into works ${tx(rows as never)}`
}

export async function findWork(sql: Sql, workId: string): Promise<StoredWork | undefined> {
  const [row] = await sql<StoredWork[]>`
    select ${columns(sql)} from ${joined(sql)} where w.work_id = ${workId}`
  return row
}

/** The order that a work belongs to; whoever changes a work holds its order first. */
export async function orderOfWork(sql: Sql, workId: string): Promise<string | undefined> {
  const [row] = await sql<{ order_id: string }[]>`select order_id from works where work_id = ${workId}`
  return row?.order_id
}

export interface Listing {
  readonly state?: WorkState
  /** Only work of this operator. */
  readonly operatorId?: string
  /** Free work, and that of this operator. */
  readonly visibleTo?: string
  readonly technique?: Technique
  readonly machineId?: string
  readonly after?: { readonly at: Date; readonly workId: string }
  readonly limit: number
}

/** The most urgent first; one more than `limit` when there is a next page. Without a state only open work. */
export async function listWorks(sql: Sql, listing: Listing): Promise<StoredWork[]> {
  const { state, operatorId, visibleTo, technique, machineId, after, limit } = listing
  return sql<StoredWork[]>`
    select ${columns(sql)} from ${joined(sql)}
    where ${state ? sql`w.state = ${state}` : sql`w.state in ('free', 'claimed', 'started', 'paused')`}
      ${operatorId ? sql`and w.operator_id = ${operatorId}` : sql``}
      ${visibleTo ? sql`and (w.state = 'free' or w.operator_id = ${visibleTo})` : sql``}
      ${technique ? sql`and w.technique = ${technique}` : sql``}
      ${machineId ? sql`and w.machine_id = ${machineId}` : sql``}
      ${after ? sql`and (w.due_at, w.work_id) > (${after.at}, ${after.workId})` : sql``}
    order by w.due_at, w.work_id
    limit ${limit + 1}`
}

/** Works of an order, oldest first, two hundred at most. */
export async function worksOfOrder(sql: Sql, orderId: string): Promise<StoredWork[]> {
  return sql<StoredWork[]>`
    select ${columns(sql)} from ${joined(sql)} where w.order_id = ${orderId} order by w.work_id limit 200`
}

export async function hasOpenWork(sql: Sql, orderId: string): Promise<boolean> {
  return (
    (
      await sql`select 1 from works where order_id = ${orderId}
      and state in ('free', 'claimed', 'started', 'paused') limit 1`
    ).length > 0
  )
}

export type Change = Partial<
  Pick<
    StoredWork,
    | 'state'
    | 'operatorId'
    | 'machineId'
    | 'pauseReason'
    | 'scrapped'
    | 'startedAt'
    | 'runningSince'
    | 'workedSeconds'
    | 'finishedAt'
  >
>

/** Saves the work with what changed. */
export async function saveWork(tx: Tx, work: StoredWork, change: Change): Promise<StoredWork> {
  const next = { ...work, ...change }
  await tx`
    update works set state = ${next.state}, operator_id = ${next.operatorId}, machine_id = ${next.machineId},
      pause_reason = ${next.pauseReason}, scrapped = ${next.scrapped}, started_at = ${next.startedAt},
      running_since = ${next.runningSince}, worked_seconds = ${next.workedSeconds},
      finished_at = ${next.finishedAt}, version = version + 1
    where work_id = ${work.workId}`
  return (await findWork(tx, work.workId))!
}

/** What runs on a machine, if anything does. */
export async function runningOn(sql: Sql, machineId: string): Promise<StoredWork | undefined> {
  const [row] = await sql<StoredWork[]>`
    select ${columns(sql)} from ${joined(sql)} where w.machine_id = ${machineId} and w.state = 'started'`
  return row
}

/** Work that somebody holds, a thousand at most. */
export async function heldBy(sql: Sql, operatorId: string): Promise<StoredWork[]> {
  return sql<StoredWork[]>`
    select ${columns(sql)} from ${joined(sql)}
    where w.operator_id = ${operatorId} and w.state in ('claimed', 'started', 'paused')
    order by w.due_at, w.work_id limit 1000`
}

export interface Stretch {
  readonly stretchId: string
  readonly workId: string
  readonly operatorId: string
  readonly machineId: string | null
  readonly from: Date
  readonly until: Date
}

export async function insertStretch(tx: Tx, stretch: Stretch): Promise<void> {
  await tx`
    insert into stretches (stretch_id, work_id, operator_id, machine_id, from_at, until_at)
    values (${stretch.stretchId}, ${stretch.workId}, ${stretch.operatorId}, ${stretch.machineId}, ${stretch.from},
      ${stretch.until})`
}

export interface Scrap {
  readonly scrapId: string
  readonly workId: string
  readonly operatorId: string
  readonly machineId: string | null
  readonly quantity: number
  readonly reason: string
  readonly at: Date
}

export async function insertScrap(tx: Tx, scrap: Scrap): Promise<void> {
  await tx`
    insert into scraps (scrap_id, work_id, operator_id, machine_id, quantity, reason, at)
    values (${scrap.scrapId}, ${scrap.workId}, ${scrap.operatorId}, ${scrap.machineId}, ${scrap.quantity},
      ${scrap.reason}, ${scrap.at})`
}

export function viewWork(work: StoredWork): Work {
  const { state, quantity, scrapped, machineSeconds, materialG, workedSeconds, version } = work
  return {
    workId: work.workId,
    orderId: work.orderId,
    orderNumber: work.orderNumber,
    lineId: work.lineId,
    name: work.name,
    technique: work.technique,
    ...(work.material === null ? {} : { material: work.material }),
    ...(work.color === null ? {} : { color: work.color }),
    ...(work.options === null ? {} : { options: work.options }),
    ...(work.modelId === null ? {} : { modelId: work.modelId }),
    ...(work.modelVersion === null ? {} : { modelVersion: work.modelVersion }),
    ...(work.fileId === null ? {} : { fileId: work.fileId }),
    ...(work.sku === null ? {} : { sku: work.sku }),
    quantity,
    scrapped,
    machineSeconds,
    materialG,
    state,
    ...(work.remakeOf === null ? {} : { remakeOf: work.remakeOf }),
    ...(work.operatorId === null
      ? {}
      : { operatorId: work.operatorId, operatorName: work.operatorName ?? '' }),
    ...(work.machineId === null ? {} : { machineId: work.machineId, machineName: work.machineName ?? '' }),
    ...(work.pauseReason === null ? {} : { pauseReason: work.pauseReason }),
    ...(work.note === null ? {} : { note: work.note }),
    dueAt: work.dueAt.toISOString(),
    ...(work.startedAt === null ? {} : { startedAt: work.startedAt.toISOString() }),
    ...(work.finishedAt === null ? {} : { finishedAt: work.finishedAt.toISOString() }),
    workedSeconds,
    version,
  }
}
