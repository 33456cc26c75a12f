/** SQL of orders in production and their checks. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { OrderedLine } from '@pleiad/shop/contract'
import type { Check, OrderSummary, Stage } from './contract-schemas.ts'

export interface StoredOrder {
  readonly orderId: string
  readonly placed: boolean
  readonly confirmed: boolean
  readonly calledOff: boolean
  readonly number: string
  readonly customerName: string
  readonly lines: readonly OrderedLine[]
  readonly delivery: unknown
  readonly note: string | null
  /** `waiting` until it is both placed and confirmed. */
  readonly stage: Stage | 'waiting'
  readonly dueAt: Date
  readonly carrier: string | null
  readonly tracking: string | null
  readonly packedAt: Date | null
  readonly deliveredAt: Date | null
  readonly version: number
}

const columns = (sql: Sql) => sql`
  order_id as "orderId", placed, confirmed, called_off as "calledOff", number, customer_name as "customerName",
  lines, delivery, note, stage, due_at as "dueAt", carrier, tracking, packed_at as "packedAt",
  delivered_at as "deliveredAt", version`

/** The order, made when nothing was heard of it yet, and locked until the transaction ends. */
export async function holdOrder(tx: Tx, orderId: string): Promise<StoredOrder> {
  await tx`insert into orders (order_id) values (${orderId}) on conflict do nothing`
  return (await lockOrder(tx, orderId))!
}

export async function lockOrder(tx: Tx, orderId: string): Promise<StoredOrder | undefined> {
  const [row] = await tx<StoredOrder[]>`
    select ${columns(tx)} from orders where order_id = ${orderId} for update`
  return row
}

export interface Placed {
  readonly number: string
  readonly customerId: string
  readonly customerName: string
  readonly lines: readonly OrderedLine[]
  readonly delivery: unknown
  readonly dueAt: Date
}

/** What was ordered. A date that the office promised meanwhile stays. */
export async function savePlaced(tx: Tx, orderId: string, placed: Placed): Promise<void> {
  await tx`
    update orders set placed = true, number = ${placed.number}, customer_id = ${placed.customerId},
      customer_name = ${placed.customerName}, lines = ${tx.json(placed.lines as never)},
      delivery = ${tx.json(placed.delivery as never)}, due_at = least(due_at, ${placed.dueAt}),
      version = version + 1
    where order_id = ${orderId}`
}

export async function saveConfirmed(
  tx: Tx,
  orderId: string,
  note: string | null,
  dueAt: Date | null,
): Promise<void> {
  await tx`
    update orders set confirmed = true, note = ${note}, due_at = coalesce(${dueAt}, due_at), version = version + 1
    where order_id = ${orderId}`
}

export async function saveCalledOff(tx: Tx, orderId: string): Promise<void> {
  await tx`
    update orders set called_off = true, stage = case when stage = 'waiting' then 'waiting' else 'withdrawn' end,
      version = version + 1
    where order_id = ${orderId}`
}

export async function saveStage(
  tx: Tx,
  orderId: string,
  stage: Stage,
  more: { carrier?: string; tracking?: string; packedAt?: Date; deliveredAt?: Date } = {},
): Promise<void> {
  await tx`
    update orders set stage = ${stage}, carrier = coalesce(${more.carrier ?? null}, carrier),
      tracking = coalesce(${more.tracking ?? null}, tracking), packed_at = coalesce(${more.packedAt ?? null}, packed_at),
      delivered_at = coalesce(${more.deliveredAt ?? null}, delivered_at), version = version + 1
    where order_id = ${orderId}`
}

/** An order that production has; undefined before it is confirmed. */
export async function findOrder(sql: Sql, orderId: string): Promise<StoredOrder | undefined> {
  const [row] = await sql<StoredOrder[]>`
    select ${columns(sql)} from orders where order_id = ${orderId} and stage <> 'waiting'`
  return row
}

type SummaryRow = Pick<StoredOrder, 'orderId' | 'number' | 'customerName' | 'dueAt' | 'version'> & {
  readonly stage: Stage
  readonly works: number
  readonly finished: number
}

export function viewSummary(row: SummaryRow): OrderSummary {
  return { ...row, dueAt: row.dueAt.toISOString() }
}

/** The most urgent first; one more than `limit` when there is a next page. Without a stage only open ones. */
export async function listOrders(
  sql: Sql,
  listing: {
    readonly stage?: Stage
    readonly after?: { readonly at: Date; readonly orderId: string }
    readonly limit: number
  },
): Promise<OrderSummary[]> {
  const { stage, after, limit } = listing
  const rows = await sql<SummaryRow[]>`
    select o.order_id as "orderId", o.number, o.customer_name as "customerName", o.stage, o.due_at as "dueAt",
      o.version, c.works, c.finished
    from (select * from orders
      where ${stage ? sql`stage = ${stage}` : sql`stage in ('queued', 'inProduction', 'qualityCheck', 'passed', 'packed', 'shipped')`}
        ${after ? sql`and (due_at, order_id) > (${after.at}, ${after.orderId})` : sql``}
      order by due_at, order_id limit ${limit + 1}) o
    cross join lateral (select count(*)::int as works, count(*) filter (where state = 'finished')::int as finished
      from works where order_id = o.order_id and state <> 'withdrawn') c
    order by o.due_at, o.order_id`
  return rows.map(viewSummary)
}

export async function insertCheck(
  tx: Tx,
  orderId: string,
  check: Omit<Check, 'byName' | 'at' | 'note'> & { note: string | null; at: Date },
): Promise<void> {
  await tx`
    insert into checks (check_id, order_id, passed, note, photos, by_id, at)
    values (${check.checkId}, ${orderId}, ${check.passed}, ${check.note}, ${check.photos}::uuid[], ${check.by},
      ${check.at})`
}

/** Checks of an order, the newest first, twenty at most. */
export async function listChecks(sql: Sql, orderId: string): Promise<Check[]> {
  const rows = await sql<(Omit<Check, 'note' | 'at'> & { note: string | null; at: Date })[]>`
    select c.check_id as "checkId", c.passed, c.note, c.photos::text[] as photos, c.by_id as by,
      coalesce(p.display_name, '') as "byName", c.at
    from checks c left join people p on p.user_id = c.by_id
    where c.order_id = ${orderId} order by c.check_id desc limit 20`
  return rows.map(({ note, at, ...check }) => ({
    ...check,
    ...(note === null ? {} : { note }),
    at: at.toISOString(),
  }))
}
