/** Orders and money at the end: everything that is not as it must be, in words. */
import type { connect } from '../../../platform/store/connect.ts'
import { rules } from '../../../services/shop/orders.ts'
import { ends, type Placed } from './orders.ts'
import { STOCK, type World } from './world.ts'

export type Sql = ReturnType<typeof connect>
export type Count = { n: number }
export const one = async (asked: Promise<readonly Count[]>) => (await asked)[0]!.n

/** What has no equal on the other side. */
export function compare(what: string, have: readonly string[], want: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const each of have) counts.set(each, (counts.get(each) ?? 0) + 1)
  for (const each of want) counts.set(each, (counts.get(each) ?? 0) - 1)
  return [...counts].flatMap(([each, n]) =>
    n === 0 ? [] : [`${what}: ${each} ${n > 0 ? `${n} too many` : `${-n} missing`}`],
  )
}

export interface OrderRow {
  id: string
  state: string
  channel: string
  payment: string
  total: number
  path: string[]
}

/** Every order in the end it must have, by steps there are, the same for all services. */
export async function checkStates(sql: Sql, rows: readonly OrderRow[], placed: readonly Placed[]) {
  const wrong: string[] = []
  const fates = new Map(placed.map(({ orderId, fate }) => [orderId, fate]))
  wrong.push(
    ...compare(
      'orders',
      rows.map(({ id }) => id),
      placed.map(({ orderId }) => orderId),
    ),
  )
  const steps = new Set(rules.map(({ from, to }) => `${from} ${to}`))
  for (const { id, state, payment, path } of rows) {
    const end = fates.has(id) ? ends[fates.get(id)!] : undefined
    if (state !== end?.state) wrong.push(`${id} (${fates.get(id)}) is ${state}`)
    if (payment !== end?.payment) wrong.push(`${id} (${fates.get(id)}) is ${payment}`)
    for (const [at, to] of path.slice(1).entries())
      if (!steps.has(`${path[at]} ${to}`)) wrong.push(`${id} went from ${path[at]} to ${to}`)
    if (path.at(-1) !== state) wrong.push(`${id} is ${state}, and its timeline ends with ${path.at(-1)}`)
  }
  const others = await sql<{ id: string; crm: string | null; stage: string | null; live: number }[]>`
    select o.order_id as id, c.state as crm, p.stage,
      (select count(*)::int from operators.works w
        where w.order_id = o.order_id and w.state not in ('finished', 'withdrawn')) as live
    from shop.orders o left join crm.orders c on c.order_id = o.order_id
      left join operators.orders p on p.order_id = o.order_id`
  const states = new Map(rows.map(({ id, state }) => [id, state]))
  for (const { id, crm, stage, live } of others) {
    const state = states.get(id)!
    if (crm !== state) wrong.push(`${id} is ${state}, and ${crm} for crm`)
    const made = state === 'delivered' || state === 'returned'
    if (made && stage !== state) wrong.push(`${id} is ${state}, and ${stage} for operators`)
    if (live > 0) wrong.push(`${id} is ${state}, and ${live} works go on`)
  }
  const twice = await sql<{ id: string }[]>`
    select order_id as id from operators.works where remake_of is null group by order_id, line_id having count(*) > 1`
  return [...wrong, ...twice.map(({ id }) => `the works of ${id} were made twice`)]
}

const ENDED = new Set(['delivered', 'rejected', 'cancelled', 'returned'])

/** What the shop announced of its orders: each step once. */
export async function checkEvents(sql: Sql, rows: readonly OrderRow[]): Promise<string[]> {
  const have = await sql<{ what: string }[]>`
    select key || ' ' || type || coalesce(' ' || (data ->> 'state'), '') as what from shop.outbox_log
    where type in ('order.created', 'order.changed', 'order.closed', 'order.cancelled')`
  const due = rows.flatMap(({ id, path }) =>
    path
      .slice(1)
      .flatMap((state) => [
        `${id} order.changed ${state}`,
        ...(state === 'created' ? [`${id} order.created`] : []),
        ...(state === 'cancelled' ? [`${id} order.cancelled`] : []),
        ...(ENDED.has(state) ? [`${id} order.closed`] : []),
      ]),
  )
  return compare(
    'events',
    have.map(({ what }) => what),
    due,
  )
}

/** Payments, stock and invoices. */
export async function checkMoney(sql: Sql, rows: readonly OrderRow[], { outside }: World) {
  const wrong: string[] = []
  const payments = await sql<
    { id: string; state: string; amount: number; provider: string; payment: string }[]
  >`
    select order_id as id, state, amount::int, provider, payment_id as payment from shop.payments`
  for (const { id, state, total } of rows) {
    const of = payments.filter((each) => each.id === id)
    const paid = of.filter((each) => each.state === 'paid').reduce((sum, { amount }) => sum + amount, 0)
    const kept = state === 'delivered' ? total : 0
    if (paid !== kept) wrong.push(`${id} is ${state}: ${paid} was paid and stays, it should be ${kept}`)
    if (of.length > 1) wrong.push(`${id} has ${of.length} payments`)
    for (const { state: open } of of)
      if (open !== 'paid' && open !== 'refunded') wrong.push(`a payment of ${id} is ${open}`)
  }
  const cards = payments.filter(({ provider }) => provider === 'stripe')
  const { sessions, refunds } = outside.stripe
  const idOf = (form: Record<string, string>) => form['metadata[paymentId]'] ?? ''
  const back = cards.filter(({ state }) => state === 'refunded')
  wrong.push(
    ...compare(
      'sessions of the provider',
      [...sessions.values()].map(idOf),
      cards.map(({ payment }) => payment),
    ),
    ...compare(
      'refunds of the provider',
      [...refunds.values()].map(idOf),
      back.map(({ payment }) => payment),
    ),
  )
  const sums = await sql<{ id: string; lines: number; delivery: number }[]>`
    select order_id as id, (select coalesce(sum(total), 0)::int from shop.order_lines l where l.order_id = o.order_id) as lines,
      coalesce((delivery ->> 'price')::int, 0) as delivery
    from shop.orders o`
  const totals = new Map(rows.map(({ id, total }) => [id, total]))
  for (const { id, lines, delivery } of sums)
    if (lines + delivery !== totals.get(id))
      wrong.push(`${id} costs ${totals.get(id)}, its lines and delivery ${lines + delivery}`)
  const unlike = await sql<{ id: string }[]>`
    select l.order_id as id from shop.order_lines l left join shop.prices p using (request_id)
    where l.kind = 'made' and l.total is distinct from p.total`
  for (const { id } of unlike) wrong.push(`${id} has a line that does not cost what was calculated`)
  const events = await sql<{ id: string; type: string }[]>`
    select key as id, type from shop.outbox_log where type in ('order.paid', 'order.refunded')`
  const due = payments.flatMap(({ id, state }) => [
    `order.paid ${id}`,
    ...(state === 'refunded' ? [`order.refunded ${id}`] : []),
  ])
  wrong.push(
    ...compare(
      'events of payments',
      events.map(({ id, type }) => `${type} ${id}`),
      due,
    ),
  )
  const [stock] = await sql<{ left: number; sold: number }[]>`
    select (select stock from shop.items) as left, (
      select coalesce(sum(l.quantity), 0)::int from shop.order_lines l join shop.orders o using (order_id)
      where l.kind = 'ready' and o.state in ('delivered', 'returned')) as sold`
  if (stock!.left + stock!.sold !== STOCK)
    wrong.push(`of ${STOCK} items ${stock!.left} are left and ${stock!.sold} sold`)
  const numbers = await one(sql<Count[]>`select count(distinct number)::int as n from shop.orders`)
  if (numbers !== rows.length) wrong.push(`${rows.length} orders have ${numbers} numbers of invoices`)
  const sum = (state: string) =>
    payments.reduce((total, each) => total + (each.state === state ? each.amount : 0), 0)
  const kept = rows.reduce((total, { state, total: own }) => total + (state === 'delivered' ? own : 0), 0)
  const [paid, refunded] = [sum('paid') + sum('refunded'), sum('refunded')]
  if (paid - refunded !== kept)
    wrong.push(`${paid} paid less ${refunded} refunded is not the ${kept} of the orders`)
  return { wrong, paid, refunded, kept, stockTaken: stock!.sold }
}
