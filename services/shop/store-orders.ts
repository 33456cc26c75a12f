/** SQL of orders. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Actor, Signal } from './orders.ts'
import type { StoredEntry, StoredLine, StoredOrder } from './records.ts'
import { objectOf, type Row } from './rows.ts'

export type { StoredEntry, StoredLine, StoredOrder } from './records.ts'

const orderOf = (row: Row) => objectOf<StoredOrder>(row)
const lineOf = (row: Row) => objectOf<StoredLine>(row)

export async function nextNumber(tx: Tx, now: Date): Promise<string> {
  const [row] = await tx<{ n: number }[]>`select nextval('order_numbers') as n`
  return `F-${now.getUTCFullYear()}-${String(row!.n).padStart(6, '0')}`
}

/** False when its cart or its partner's key has an order already. */
export async function insertOrder(tx: Tx, order: StoredOrder): Promise<boolean> {
  const { count } = await tx`
    insert into orders (order_id, number, state, channel, project_id, environment, test, customer_id, customer, cart_id,
      quoted_cart, quoted_cart_version, partner_key, ordered, needs_acceptance, stock_held, currency, lines_total, total,
      delivery, payment_method, payment_state, note, version, created_at, updated_at)
    values (${order.orderId}, ${order.number}, ${order.state}, ${order.channel}, ${order.projectId ?? null},
      ${order.environment ?? null}, ${order.test}, ${order.customerId}, ${tx.json(order.customer)},
      ${order.cartId ?? null}, ${order.quotedCart ?? null}, ${order.quotedCartVersion ?? null},
      ${order.partnerKey ?? null}, ${order.ordered}, ${order.needsAcceptance}, ${order.stockHeld}, ${order.currency},
      ${order.linesTotal ?? null}, ${order.total ?? null}, ${order.delivery ? tx.json(order.delivery) : null},
      ${order.paymentMethod}, ${order.paymentState}, ${order.note ?? null}, ${order.version}, ${order.createdAt},
      ${order.updatedAt})
    on conflict do nothing`
  return count > 0
}

/** Saves what can change, as a new version. */
export async function saveOrder(tx: Tx, order: StoredOrder, now: Date): Promise<StoredOrder> {
  const [row] = await tx<Row[]>`
    update orders set state = ${order.state}, customer_id = ${order.customerId}, customer = ${tx.json(order.customer)},
      ordered = ${order.ordered}, needs_acceptance = ${order.needsAcceptance}, stock_held = ${order.stockHeld},
      lines_total = ${order.linesTotal ?? null}, total = ${order.total ?? null},
      delivery = ${order.delivery ? tx.json(order.delivery) : null}, payment_method = ${order.paymentMethod},
      payment_state = ${order.paymentState}, note = ${order.note ?? null}, reason = ${order.reason ?? null},
      tracking = ${order.tracking ? tx.json(order.tracking) : null}, due_at = ${order.dueAt ?? null},
      valid_until = ${order.validUntil ?? null}, placed_at = ${order.placedAt ?? null}, stamp = ${order.stamp ?? null},
      outcome = ${order.outcome ?? null}, ended_at = ${order.endedAt ?? null}, erase = ${order.erase},
      version = version + 1, updated_at = ${now}
    where order_id = ${order.orderId} returning *`
  return orderOf(row!)
}

export async function findOrder(sql: Sql, orderId: string): Promise<StoredOrder | undefined> {
  const [row] = await sql<Row[]>`select * from orders where order_id = ${orderId}`
  return row && orderOf(row)
}

export async function lockOrder(tx: Tx, orderId: string): Promise<StoredOrder | undefined> {
  const [row] = await tx<Row[]>`select * from orders where order_id = ${orderId} for update`
  return row && orderOf(row)
}

export async function findOfPartnerKey(
  sql: Sql,
  projectId: string,
  environment: string,
  key: string,
): Promise<StoredOrder | undefined> {
  const [row] = await sql<Row[]>`
    select * from orders where project_id = ${projectId} and environment = ${environment} and partner_key = ${key}`
  return row && orderOf(row)
}

export interface OrderFilter {
  readonly customerId?: string | undefined
  readonly state?: string | undefined
  readonly channel?: string | undefined
  readonly payment?: string | undefined
  readonly projectId?: string | undefined
  readonly environment?: string | undefined
  /** Words, each of which begins one of the order's. */
  readonly words?: readonly string[]
  readonly before?: string | undefined
  readonly limit: number
}

/** Newest first: ids are UUIDv7, so they sort by time. */
export async function listOrders(sql: Sql, filter: OrderFilter): Promise<StoredOrder[]> {
  const is = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql(column)} = ${value}`
  const words = (filter.words ?? []).reduce(
    (all, word) => sql`${all} and order_id in (
      select order_id from order_words where word >= ${word} and word < ${`${word}\u{10ffff}`})`,
    sql``,
  )
  const rows = await sql<Row[]>`
    select o.*, (select count(*) from order_lines l where l.order_id = o.order_id) as line_count
    from orders o where true ${is('customer_id', filter.customerId)} ${is('state', filter.state)}
      ${is('channel', filter.channel)} ${is('payment_state', filter.payment)} ${is('project_id', filter.projectId)}
      ${is('environment', filter.environment)} ${words}
      ${filter.before === undefined ? sql`` : sql`and order_id < ${filter.before}`}
    order by order_id desc limit ${filter.limit}`
  return rows.map(orderOf)
}

export async function saveWords(tx: Tx, orderId: string, words: readonly string[]): Promise<void> {
  await tx`
    with gone as (delete from order_words where order_id = ${orderId} and word <> all(${words as string[]}::text[]))
    insert into order_words (word, order_id) select word, ${orderId} from unnest(${words as string[]}::text[]) as word
    on conflict do nothing`
}

export async function insertLines(tx: Tx, lines: readonly StoredLine[]): Promise<void> {
  const rows = lines.map((line) => ({
    line_id: line.lineId,
    order_id: line.orderId,
    kind: line.kind,
    name: line.name,
    model_id: line.modelId,
    version: line.version,
    file_id: line.fileId,
    options: line.options,
    item_id: line.itemId,
    sku: line.sku,
    quantity: line.quantity,
    estimate: line.estimate,
    request_id: line.requestId,
    price_state: line.priceState,
    problem: line.problem,
    breakdown: line.breakdown,
    currency: line.currency,
    valid_until: line.validUntil?.toISOString(),
    unit_price: line.unitPrice,
    total: line.total,
    machine_seconds: line.machineSeconds,
    material_g: line.materialG,
  }))
  await tx`
    insert into order_lines select * from jsonb_populate_recordset(null::order_lines, ${tx.json(rows as never)})`
}

export async function saveLinePrice(tx: Tx, line: StoredLine): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : tx.json(value as never))
  await tx`
    update order_lines set price_state = ${line.priceState}, problem = ${json(line.problem)},
      breakdown = ${json(line.breakdown)}, currency = ${line.currency ?? null},
      valid_until = ${line.validUntil ?? null}, unit_price = ${line.unitPrice ?? null}, total = ${line.total ?? null},
      machine_seconds = ${line.machineSeconds ?? null}, material_g = ${line.materialG ?? null}
    where line_id = ${line.lineId}`
}

export async function listLines(sql: Sql, orderId: string): Promise<StoredLine[]> {
  const rows = await sql<Row[]>`select * from order_lines where order_id = ${orderId} order by line_id`
  return rows.map(lineOf)
}

export async function listLinesOf(sql: Sql, orderIds: readonly string[]): Promise<Map<string, StoredLine[]>> {
  const rows = await sql<Row[]>`
    select * from order_lines where order_id = any(${orderIds as string[]}::uuid[]) order by line_id`
  return Map.groupBy(rows.map(lineOf), (line) => line.orderId)
}

/** Orders of which a line waits for this price. */
export async function ordersAwaiting(tx: Tx, requestId: string): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select distinct order_id as id from order_lines
    where request_id = ${requestId} and price_state in ('asked', 'delayed') order by order_id`
  return rows.map(({ id }) => id)
}

export interface WaitingSignal {
  readonly orderId: string
  readonly eventId: string
  readonly type: string
  readonly signal: Signal
  readonly actor: Actor
  readonly byId?: string
  readonly data: Record<string, unknown>
}

export async function rememberSignal(tx: Tx, waiting: WaitingSignal): Promise<void> {
  await tx`
    insert into waiting_signals (order_id, event_id, type, signal, actor, by_id, data)
    values (${waiting.orderId}, ${waiting.eventId}, ${waiting.type}, ${waiting.signal}, ${waiting.actor},
      ${waiting.byId ?? null}, ${tx.json(waiting.data as never)})
    on conflict do nothing`
}

/** In the order of their events. */
export async function listWaiting(sql: Sql, orderId: string): Promise<WaitingSignal[]> {
  const rows = await sql<Row[]>`select * from waiting_signals where order_id = ${orderId} order by event_id`
  return rows.map((row) => objectOf<WaitingSignal>(row))
}

export async function forgetSignal(tx: Tx, orderId: string, eventId: string): Promise<void> {
  await tx`delete from waiting_signals where order_id = ${orderId} and event_id = ${eventId}`
}

export async function addEntry(tx: Tx, entry: StoredEntry): Promise<void> {
  await tx`
    insert into timeline (entry_id, order_id, at, code, state, previous, by_kind, by_id, reason, data)
    values (${entry.entryId}, ${entry.orderId}, ${entry.at}, ${entry.code}, ${entry.state ?? null},
      ${entry.previous ?? null}, ${entry.byKind}, ${entry.byId ?? null}, ${entry.reason ?? null},
      ${entry.data ? tx.json(entry.data) : null})`
}

export async function listEntries(
  sql: Sql,
  orderId: string,
  after: string | undefined,
  limit: number,
): Promise<StoredEntry[]> {
  const rows = await sql<Row[]>`
    select * from timeline where order_id = ${orderId} ${after === undefined ? sql`` : sql`and entry_id > ${after}`}
    order by entry_id limit ${limit}`
  return rows.map((row) => objectOf<StoredEntry>(row))
}

/** Quotes whose time is over and drafts that were never priced. */
export async function listExpired(tx: Tx, now: Date, draftsBefore: Date, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    (select order_id as id from orders where state = 'quoted' and valid_until < ${now} order by valid_until limit ${limit})
    union all
    (select order_id as id from orders where state = 'draft' and created_at < ${draftsBefore}
      order by created_at limit ${limit})`
  return rows.map(({ id }) => id)
}

export async function idsOfCustomer(tx: Tx, customerId: string): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select order_id as id from orders where customer_id = ${customerId} and channel = 'shop' order by order_id`
  return rows.map(({ id }) => id)
}

/** Takes a person out of the timeline of an order. */
export async function eraseFromTimeline(tx: Tx, orderId: string, userId: string): Promise<void> {
  await tx`update timeline set by_id = null, reason = null where order_id = ${orderId} and by_id = ${userId}`
}
