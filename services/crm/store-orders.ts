/** SQL of orders and their messages. */
import { searchable, searchFor } from '@pleiad/platform/search'
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Decision, Message, Order, OrderLine, OrderState, OrderSummary } from './contract-schemas.ts'

export interface StoredOrder {
  readonly orderId: string
  readonly number: string
  readonly state: OrderState
  readonly decision: Decision
  readonly channel: 'shop' | 'partner'
  readonly customerId: string
  readonly customerName: string
  readonly lines: readonly OrderLine[]
  readonly delivery: unknown
  readonly payment: unknown
  readonly note: string | null
  readonly total: number
  readonly currency: string
  readonly dueAt: Date
  readonly createdAt: Date
  readonly decidedBy: string | null
  readonly decidedByName: string | null
  readonly decidedAt: Date | null
  readonly reason: string | null
  readonly refusal: string | null
  readonly unread: number
  readonly version: number
}

export type PlacedOrder = Pick<
  StoredOrder,
  | 'orderId'
  | 'number'
  | 'channel'
  | 'customerId'
  | 'customerName'
  | 'lines'
  | 'delivery'
  | 'payment'
  | 'note'
  | 'total'
  | 'currency'
  | 'dueAt'
  | 'createdAt'
>

const columns = (sql: Sql) => sql`
  o.order_id as "orderId", o.number, o.state, o.decision, o.channel, o.customer_id as "customerId",
  o.customer_name as "customerName", o.lines, o.delivery, o.payment, o.note, o.total::float8 as total, o.currency,
  o.due_at as "dueAt", o.created_at as "createdAt", o.decided_by as "decidedBy", o.decided_at as "decidedAt",
  o.reason, o.refusal, o.unread, o.version, p.display_name as "decidedByName"`

/** Learns an order that was placed; its state may have been heard of before. */
export async function placeOrder(tx: Tx, order: PlacedOrder, searchedBy: readonly string[]): Promise<void> {
  const search = searchable(order.number, order.customerName, ...searchedBy)
  await tx`
    insert into orders (order_id, state, state_at, placed, number, channel, customer_id, customer_name, lines,
      delivery, payment, note, total, currency, due_at, created_at, search_text, search_grams)
    values (${order.orderId}, 'created', ${order.createdAt}, true, ${order.number}, ${order.channel},
      ${order.customerId}, ${order.customerName}, ${tx.json(order.lines as never)},
      ${tx.json(order.delivery as never)}, ${tx.json(order.payment as never)}, ${order.note}, ${order.total},
      ${order.currency}, ${order.dueAt}, ${order.createdAt}, ${search.text}, ${search.grams})
    on conflict (order_id) do update set placed = true, number = excluded.number, channel = excluded.channel,
      customer_id = excluded.customer_id, customer_name = excluded.customer_name, lines = excluded.lines,
      delivery = excluded.delivery, payment = excluded.payment, note = excluded.note, total = excluded.total,
      currency = excluded.currency, due_at = excluded.due_at, created_at = excluded.created_at,
      search_text = excluded.search_text, search_grams = excluded.search_grams, version = orders.version + 1`
}

/** Takes over the state that the shop announced, unless a later one is known; the customer, when the order is. */
export async function changeState(
  tx: Tx,
  orderId: string,
  state: OrderState,
  at: Date,
): Promise<string | undefined> {
  const [row] = await tx<{ customer_id: string | null }[]>`
    insert into orders (order_id, state, state_at) values (${orderId}, ${state}, ${at})
    on conflict (order_id) do update set state = excluded.state, state_at = excluded.state_at,
      version = orders.version + 1
    where orders.state_at <= excluded.state_at
    returning customer_id`
  return row?.customer_id ?? undefined
}

export async function findOrder(sql: Sql, orderId: string): Promise<StoredOrder | undefined> {
  const [row] = await sql<StoredOrder[]>`
    select ${columns(sql)} from orders o left join people p on p.user_id = o.decided_by
    where o.order_id = ${orderId} and o.placed`
  return row
}

/** The same, locked until the transaction ends. */
export async function lockOrder(tx: Tx, orderId: string): Promise<StoredOrder | undefined> {
  const [row] = await tx<StoredOrder[]>`
    select ${columns(tx)} from orders o left join people p on p.user_id = o.decided_by
    where o.order_id = ${orderId} and o.placed for update of o`
  return row
}

export interface Decided {
  readonly decision: Decision
  readonly by: string
  readonly at: Date
  readonly reason: string | null
  readonly dueAt?: Date
}

export async function saveDecision(tx: Tx, orderId: string, decided: Decided): Promise<void> {
  await tx`
    update orders set decision = ${decided.decision}, decided_by = ${decided.by}, decided_at = ${decided.at},
      reason = ${decided.reason}, refusal = null, due_at = coalesce(${decided.dueAt ?? null}, due_at),
      version = version + 1
    where order_id = ${orderId}`
}

/** Remembers why the shop could not take a decision. */
export async function saveRefusal(tx: Tx, orderId: string, refusal: string): Promise<void> {
  await tx`
    update orders set refusal = ${refusal}, version = version + 1 where order_id = ${orderId} and placed`
}

export interface Listing {
  readonly waiting?: boolean
  readonly unread?: boolean
  readonly state?: OrderState
  readonly customerId?: string
  readonly search?: string
  readonly cursor?: string
  readonly limit: number
}

/** One more than `limit` when there is a next page. */
export async function listOrders(sql: Sql, listing: Listing): Promise<StoredOrder[]> {
  const { waiting, unread, state, customerId, cursor, limit } = listing
  const wanted = listing.search === undefined ? undefined : searchFor(listing.search)
  return sql<StoredOrder[]>`
    select ${columns(sql)} from orders o left join people p on p.user_id = o.decided_by
    where o.placed
      ${waiting ? sql`and o.state = 'created' and o.decision = 'waiting'` : sql``}
      ${unread ? sql`and o.unread > 0` : sql``}
      ${state ? sql`and o.state = ${state}` : sql``}
      ${customerId ? sql`and o.customer_id = ${customerId}` : sql``}
      ${
        wanted
          ? sql`and o.search_grams @> ${wanted.grams}::text[]
              and o.search_text like all (${wanted.words.map((word) => `%${word}%`)}::text[])`
          : sql``
      }
      ${cursor ? (waiting ? sql`and o.order_id > ${cursor}` : sql`and o.order_id < ${cursor}`) : sql``}
    order by o.order_id ${waiting ? sql`` : sql`desc`}
    limit ${limit + 1}`
}

/** Counts up to `most`. */
export async function countOrders(sql: Sql, most: number): Promise<{ waiting: number; unread: number }> {
  const [row] = await sql<{ waiting: number; unread: number }[]>`
    select
      (select count(*)::int from (select 1 from orders
        where placed and state = 'created' and decision = 'waiting' limit ${most}) w) as waiting,
      (select count(*)::int from (select 1 from orders where placed and unread > 0 limit ${most}) u) as unread`
  return row!
}

export function viewOrder(order: StoredOrder): Order {
  return {
    ...summarize(order),
    lines: [...order.lines],
    delivery: order.delivery,
    payment: order.payment,
    ...(order.note === null ? {} : { note: order.note }),
    ...(order.decidedBy === null
      ? {}
      : { decidedBy: order.decidedBy, decidedByName: order.decidedByName ?? '' }),
    ...(order.decidedAt === null ? {} : { decidedAt: order.decidedAt.toISOString() }),
    ...(order.reason === null ? {} : { reason: order.reason }),
    ...(order.refusal === null ? {} : { refusal: order.refusal }),
  }
}

export function summarize(order: StoredOrder): OrderSummary {
  const {
    orderId,
    number,
    state,
    decision,
    channel,
    customerId,
    customerName,
    total,
    currency,
    unread,
    version,
  } = order
  return {
    orderId,
    number,
    state,
    decision,
    channel,
    customerId,
    customerName,
    lineCount: order.lines.length,
    total,
    currency,
    unread,
    dueAt: order.dueAt.toISOString(),
    createdAt: order.createdAt.toISOString(),
    version,
  }
}

interface MessageRow {
  message_id: string
  order_id: string
  from_side: 'customer' | 'staff'
  author_id: string
  author_name: string | null
  text: string
  at: Date
}

const messageOf = (row: MessageRow): Message => ({
  messageId: row.message_id,
  orderId: row.order_id,
  from: row.from_side,
  authorId: row.author_id,
  authorName: row.author_name ?? '',
  text: row.text,
  at: row.at.toISOString(),
})

/** Newest first; one more than `limit` when there is a next page. */
export async function listMessages(
  sql: Sql,
  orderId: string,
  cursor: string | undefined,
  limit: number,
): Promise<Message[]> {
  const rows = await sql<MessageRow[]>`
    select m.*, p.display_name as author_name from messages m left join people p on p.user_id = m.author_id
    where m.order_id = ${orderId} ${cursor ? sql`and m.message_id < ${cursor}` : sql``}
    order by m.message_id desc limit ${limit + 1}`
  return rows.map(messageOf)
}

/** Adds a message and counts it for those who have not read it. */
export async function insertMessage(tx: Tx, message: Omit<Message, 'authorName'>): Promise<Message> {
  const [row] = await tx<MessageRow[]>`
    with added as (
      insert into messages (message_id, order_id, from_side, author_id, text, at)
      values (${message.messageId}, ${message.orderId}, ${message.from}, ${message.authorId}, ${message.text},
        ${message.at})
      returning *)
    select a.*, p.display_name as author_name from added a left join people p on p.user_id = a.author_id`
  if (message.from === 'customer')
    await tx`update orders set unread = unread + 1 where order_id = ${message.orderId}`
  // Whoever of the office answers has read what came before.
  else await tx`update orders set unread = 0 where order_id = ${message.orderId}`
  return messageOf(row!)
}

/** When the `nth` last message of an author in a thread was written. */
export async function nthMessageAt(
  sql: Sql,
  orderId: string,
  authorId: string,
  nth: number,
): Promise<Date | undefined> {
  const [row] = await sql<{ at: Date }[]>`
    select at from messages where order_id = ${orderId} and author_id = ${authorId}
    order by message_id desc offset ${nth - 1} limit 1`
  return row?.at
}

/** Those of the office who wrote into a thread, twenty at most. */
export async function staffOf(sql: Sql, orderId: string): Promise<string[]> {
  const rows = await sql<{ author_id: string }[]>`
    select distinct author_id from (select author_id from messages
      where order_id = ${orderId} and from_side = 'staff' order by message_id desc limit 200) m limit 20`
  return rows.map((row) => row.author_id)
}

/** The office has read the thread until then. */
export async function readUntil(tx: Tx, orderId: string, until: Date): Promise<void> {
  await tx`
    update orders set unread = (select count(*)::int from (select 1 from messages
      where order_id = ${orderId} and from_side = 'customer' and at > ${until} limit 1000) m)
    where order_id = ${orderId}`
}

/** What somebody wrote, newest first. */
export async function messagesBy(sql: Sql, authorId: string, limit: number): Promise<Message[]> {
  const rows = await sql<MessageRow[]>`
    select m.*, null as author_name from messages m where m.author_id = ${authorId}
    order by m.message_id desc limit ${limit}`
  return rows.map(messageOf)
}
