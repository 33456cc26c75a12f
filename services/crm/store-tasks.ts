/** SQL of tasks and segments. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Segment, SegmentRules, Task } from './contract-schemas.ts'

interface TaskRow {
  task_id: string
  title: string
  customer_id: string | null
  customer_name: string | null
  order_id: string | null
  assignee_id: string | null
  assignee_name: string | null
  due_at: Date | number
  done_at: Date | null
  created_by: string
  created_at: Date
  version: number
}

/** Without a date a task is due at infinity, which the driver reads as no date. */
const dateOf = (at: Date | number): Date | undefined =>
  at instanceof Date && Number.isFinite(at.getTime()) ? at : undefined

const taskOf = (row: TaskRow): Task => {
  const due = dateOf(row.due_at)
  return {
    taskId: row.task_id,
    title: row.title,
    ...(row.customer_id === null
      ? {}
      : { customerId: row.customer_id, customerName: row.customer_name ?? '' }),
    ...(row.order_id === null ? {} : { orderId: row.order_id }),
    ...(row.assignee_id === null
      ? {}
      : { assigneeId: row.assignee_id, assigneeName: row.assignee_name ?? '' }),
    ...(due ? { dueAt: due.toISOString() } : {}),
    ...(row.done_at === null ? {} : { doneAt: row.done_at.toISOString() }),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    version: row.version,
  }
}

const selected = (sql: Sql) => sql`
  select t.*, c.name as customer_name, p.display_name as assignee_name
  from tasks t left join customers c on c.customer_id = t.customer_id
    left join people p on p.user_id = t.assignee_id`

export interface TaskListing {
  readonly done: boolean
  readonly assigneeId?: string
  readonly customerId?: string
  readonly orderId?: string
  /** The last of the page before: its date (`infinity` when it has none) and id. */
  readonly after?: { readonly at: string; readonly taskId: string }
  readonly limit: number
}

/** Open ones by date, done ones newest first; one more than `limit` when there is a next page. */
export async function listTasks(sql: Sql, listing: TaskListing): Promise<Task[]> {
  const { done, assigneeId, customerId, orderId, after, limit } = listing
  const rows = await sql<TaskRow[]>`
    ${selected(sql)}
    where t.done_at is ${done ? sql`not null` : sql`null`}
      ${assigneeId ? sql`and t.assignee_id = ${assigneeId}` : sql``}
      ${customerId ? sql`and t.customer_id = ${customerId}` : sql``}
      ${orderId ? sql`and t.order_id = ${orderId}` : sql``}
      ${
        after
          ? done
            ? sql`and (t.done_at, t.task_id) < (${after.at}::timestamptz, ${after.taskId})`
            : sql`and (t.due_at, t.task_id) > (${after.at}::timestamptz, ${after.taskId})`
          : sql``
      }
    order by ${done ? sql`t.done_at desc, t.task_id desc` : sql`t.due_at, t.task_id`}
    limit ${limit + 1}`
  return rows.map(taskOf)
}

export interface NewTask {
  readonly taskId: string
  readonly title: string
  readonly customerId: string | null
  readonly orderId: string | null
  readonly assigneeId: string | null
  readonly dueAt: Date | null
  readonly createdBy: string
  readonly createdAt: Date
}

export async function insertTask(tx: Tx, task: NewTask): Promise<Task> {
  await tx`
    insert into tasks (task_id, title, customer_id, order_id, assignee_id, due_at, created_by, created_at)
    values (${task.taskId}, ${task.title}, ${task.customerId}, ${task.orderId}, ${task.assigneeId},
      coalesce(${task.dueAt}::timestamptz, 'infinity'), ${task.createdBy}, ${task.createdAt})`
  return (await findTask(tx, task.taskId))!
}

export async function findTask(sql: Sql, taskId: string): Promise<Task | undefined> {
  const [row] = await sql<TaskRow[]>`${selected(sql)} where t.task_id = ${taskId}`
  return row && taskOf(row)
}

/** The task, locked until the transaction ends. */
export async function lockTask(tx: Tx, taskId: string): Promise<Task | undefined> {
  await tx`select 1 from tasks where task_id = ${taskId} for update`
  return findTask(tx, taskId)
}

export async function saveTask(
  tx: Tx,
  task: Pick<Task, 'taskId' | 'title' | 'assigneeId' | 'dueAt' | 'doneAt'>,
): Promise<Task> {
  await tx`
    update tasks set title = ${task.title}, assignee_id = ${task.assigneeId ?? null},
      due_at = coalesce(${task.dueAt ?? null}::timestamptz, 'infinity'), done_at = ${task.doneAt ?? null},
      version = version + 1
    where task_id = ${task.taskId}`
  return (await findTask(tx, task.taskId))!
}

export async function deleteTask(tx: Tx, taskId: string): Promise<boolean> {
  return (await tx`delete from tasks where task_id = ${taskId} returning 1`).length > 0
}

interface SegmentRow {
  segment_id: string
  name: string
  rules: SegmentRules
  version: number
}

const segmentOf = ({ segment_id, name, rules, version }: SegmentRow): Segment => ({
  segmentId: segment_id,
  name,
  rules,
  version,
})

export async function listSegments(sql: Sql, limit: number): Promise<Segment[]> {
  return (await sql<SegmentRow[]>`select * from segments order by name limit ${limit}`).map(segmentOf)
}

export async function findSegment(sql: Sql, segmentId: string): Promise<Segment | undefined> {
  const [row] = await sql<SegmentRow[]>`select * from segments where segment_id = ${segmentId}`
  return row && segmentOf(row)
}

/** Locks out whoever else adds a segment, and counts them. */
export async function countSegments(tx: Tx): Promise<number> {
  await tx`lock table segments in share row exclusive mode`
  return (await tx<{ count: number }[]>`select count(*)::int as count from segments`)[0]!.count
}

export async function insertSegment(tx: Tx, segment: Omit<Segment, 'version'>): Promise<Segment> {
  const [row] = await tx<SegmentRow[]>`
    insert into segments (segment_id, name, rules)
    values (${segment.segmentId}, ${segment.name}, ${tx.json(segment.rules as never)}) returning *`
  return segmentOf(row!)
}

/** Undefined when `version` is not the version any more. */
export async function saveSegment(tx: Tx, segment: Segment): Promise<Segment | undefined> {
  const [row] = await tx<SegmentRow[]>`
    update segments set name = ${segment.name}, rules = ${tx.json(segment.rules as never)}, version = version + 1
    where segment_id = ${segment.segmentId} and version = ${segment.version} returning *`
  return row && segmentOf(row)
}

export async function deleteSegment(tx: Tx, segmentId: string): Promise<boolean> {
  return (await tx`delete from segments where segment_id = ${segmentId} returning 1`).length > 0
}
