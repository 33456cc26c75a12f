/** 10,000 orders: what PostgreSQL does for each list, by its own account. No table is read from end to end. */
import type { Tx } from '@pleiad/platform/store'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesAwaiting, linesOfModel, listAbandoned } from './store-carts.ts'
import {
  listEntries,
  listExpired,
  listLines,
  listOrders,
  listWaiting,
  ordersAwaiting,
} from './store-orders.ts'
import { lastPrice } from './store-prices.ts'
import { filesOfEnded, lastDay, listGone, listUnapplied } from './store-retention.ts'
import { type Bed, startBed } from './testing-bed.ts'

const ORDERS = 10_000
/**
 * No step of a plan may touch more rows: a page and its neighbours, and where two filters meet, those that one of them
 * passes over.
 */
const FEW = 1000

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows'?: number
  'Actual Loops'?: number
  'Rows Removed by Filter'?: number
  Plans?: Node[]
}

let bed: Bed
let one: { orderId: string; customerId: string; projectId: string; modelId: string; requestId: string }

beforeAll(async () => {
  bed = await startBed()
  const { sql } = bed.tools
  await sql`
    insert into orders (order_id, number, state, channel, project_id, environment, customer_id, customer, currency,
      payment_method, payment_state, valid_until, created_at, updated_at)
    select uuidv7(), 'F-2026-' || lpad(n::text, 6, '0'),
      (array['draft','quoted','created','confirmed','inProduction','qualityCheck','packed','shipped','delivered','cancelled'])[1 + n % 10],
      case when n % 4 = 0 then 'partner' else 'shop' end, case when n % 4 = 0 then md5((n % 50)::text)::uuid end,
      case when n % 4 = 0 then 'production' end, md5((n % 500)::text)::uuid,
      jsonb_build_object('userId', md5((n % 500)::text)::uuid, 'name', 'Customer ' || n, 'email', 'c' || n || '@example.com', 'language', 'en'),
      'EUR', 'invoice', (array['open','paid'])[1 + (n / 10) % 2], now() + interval '9 days', now(), now()
    from generate_series(1, ${ORDERS}) n`
  await sql`
    insert into order_lines (line_id, order_id, kind, name, model_id, version, file_id, quantity, price_state, request_id, total)
    select uuidv7(), order_id, 'made', 'part', uuidv7(), 1, uuidv7(), 1,
      case when state = 'draft' then 'asked' else 'calculated' end, uuidv7(), 900
    from orders`
  await sql`
    insert into timeline (entry_id, order_id, at, code, by_kind)
    select uuidv7(), order_id, now(), 'state', 'system' from orders, generate_series(1, 5)`
  await sql`
    insert into order_words (word, order_id) select lower(number), order_id from orders
    union all select 'c' || substr(number, 10) , order_id from orders`
  await sql`
    insert into held_files (holder_id, file_id, name, is_order, delete_after, applied, gone_at)
    select order_id, file_id, 'part', true, now() + interval '30 days', true,
      case when order_lines.version % 2 = 0 then now() end from order_lines`
  await sql`
    insert into carts (cart_id, owner_id, state, updated_at)
    select uuidv7(), uuidv7(), 'open', now() from generate_series(1, ${ORDERS})`
  await sql`
    insert into prices (request_id, owner_id, model_id, version, options_key, options, state, asked_at)
    select uuidv7(), owner_id, uuidv7(), 1, 'x', '{}', 'asked', now() from carts`
  await sql`
    insert into cart_lines (line_id, cart_id, kind, model_id, version, quantity, request_id)
    select uuidv7(), c.cart_id, 'made', p.model_id, 1, 1, p.request_id
    from carts c join prices p on p.owner_id = c.owner_id`
  await sql`analyze orders`
  await sql`analyze order_lines`
  await sql`analyze timeline`
  await sql`analyze order_words`
  await sql`analyze held_files`
  await sql`analyze carts`
  await sql`analyze cart_lines`
  await sql`analyze prices`
  const [row] = await sql<(typeof one)[]>`
    select o.order_id as "orderId", customer_id as "customerId", project_id as "projectId", l.model_id as "modelId",
      l.request_id as "requestId"
    from orders o join order_lines l on l.order_id = o.order_id where channel = 'partner' and state = 'draft' limit 1`
  one = row ?? {
    orderId: uuidv7(),
    customerId: uuidv7(),
    projectId: uuidv7(),
    modelId: uuidv7(),
    requestId: uuidv7(),
  }
}, 120_000)
afterAll(() => bed?.platform.stop())

function walk(plan: unknown, steps: Node[]): void {
  const visit = (node: Node) => {
    steps.push(node)
    for (const child of node.Plans ?? []) visit(child)
  }
  for (const row of plan as { 'QUERY PLAN': { Plan: Node }[] }[]) visit(row['QUERY PLAN'][0]!.Plan)
}

/** Runs `work` and asks PostgreSQL how it runs each of its statements. */
async function stepsOf(work: (tx: Tx) => Promise<unknown>): Promise<Node[]> {
  const { options } = bed.tools.sql as unknown as { options: { debug: unknown } }
  const steps: Node[] = []
  await bed.tools.transact(async (tx) => {
    const statements: { text: string; values: never[] }[] = []
    let ours: number | undefined
    options.debug = (connection: number, text: string, values: never[]) => {
      if (text === 'savepoint before') ours = connection
      else if (connection === ours) statements.push({ text, values: [...values] as never[] })
    }
    await tx`savepoint before`
    await work(tx)
    options.debug = false
    expect(statements.length).toBeGreaterThan(0)
    for (const { text, values } of statements)
      walk(await tx.unsafe(`explain (analyze, format json) ${text}`, values), steps)
  })
  return steps
}

const page = { limit: 26 }
describe('at 10,000 orders', () => {
  test.each<[string, (tx: Tx) => Promise<unknown>]>([
    ['my orders', (tx) => listOrders(tx, { customerId: one.customerId, channel: 'shop', ...page })],
    [
      'my orders of a state',
      (tx) => listOrders(tx, { customerId: one.customerId, state: 'quoted', ...page }),
    ],
    ['all orders', (tx) => listOrders(tx, page)],
    ['all orders, a later page', (tx) => listOrders(tx, { before: one.orderId, ...page })],
    ['orders of a state', (tx) => listOrders(tx, { state: 'created', ...page })],
    ['orders of a channel', (tx) => listOrders(tx, { channel: 'partner', ...page })],
    [
      'orders of a channel and state',
      (tx) => listOrders(tx, { channel: 'partner', state: 'created', ...page }),
    ],
    ['orders by payment', (tx) => listOrders(tx, { payment: 'paid', state: 'created', ...page })],
    ['a project’s', (tx) => listOrders(tx, { projectId: one.projectId, environment: 'production', ...page })],
    ['by number', (tx) => listOrders(tx, { words: ['f-2026-004217'], ...page })],
    ['by two words', (tx) => listOrders(tx, { words: ['c0042', 'f-2026-0042'], ...page })],
    ['the timeline', (tx) => listEntries(tx, one.orderId, undefined, 26)],
    ['the lines', (tx) => listLines(tx, one.orderId)],
    ['what waits for a price', (tx) => ordersAwaiting(tx, one.requestId)],
    ['carts that wait for a price', (tx) => linesAwaiting(tx, one.requestId)],
    ['carts with a model', (tx) => linesOfModel(tx, one.modelId)],
    ['waiting signals', (tx) => listWaiting(tx, one.orderId)],
    ['what has expired', (tx) => listExpired(tx, new Date(), new Date(0), 200)],
    ['abandoned carts', (tx) => listAbandoned(tx, new Date(0), 200)],
    [
      'the last price of a part',
      (tx) => lastPrice(tx, { ownerId: one.customerId, modelId: one.modelId, version: 1, optionsKey: 'x' }),
    ],
    ['files of an order that ended', (tx) => filesOfEnded(tx, one.orderId, new Date())],
    ['the last day of a file', (tx) => lastDay(tx, one.modelId)],
    ['files to tell of', (tx) => listUnapplied(tx, undefined, 100)],
    ['files that went', (tx) => listGone(tx, undefined, 26)],
  ])('%s', async (_what, work) => {
    const small = new Set(['retention', 'catalogue', 'waiting_signals'])
    for (const node of await stepsOf(work)) {
      const where = `${node['Node Type']} on ${node['Relation Name']}`
      if (node['Node Type'] === 'Seq Scan' && !small.has(node['Relation Name']!)) expect.fail(where)
      const touched =
        ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 1)
      expect(touched, where).toBeLessThanOrEqual(FEW)
    }
  })
})
