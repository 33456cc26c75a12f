/** The office through the typed client, on PostgreSQL; the shop and users are played by services that only announce. */
import { type Contract, defineContract, type EventData } from '@pleiad/platform/contract'
import { defineService, emit, type Service } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { crm } from './contract.ts'
import service from './service.ts'

function announcer(source: Contract): Service {
  return defineService({
    contract: defineContract({
      name: source.name,
      version: '1.0.0',
      summary: 'Announces, in tests.',
      operations: {},
      events: source.events!,
    }),
    url: new URL(`./no-migrations-${source.name}/service.ts`, import.meta.url).href,
    routes: () => ({}),
  })
}

type Created = EventData<typeof shop, 'order.created'>
type Changed = EventData<typeof shop, 'order.changed'>

const clerk = { id: uuidv7(), permissions: ['orders:confirm', 'customers:read', 'customers:manage'] }
const colleague = { id: uuidv7(), permissions: clerk.permissions }
const viewer = { id: uuidv7(), permissions: ['customers:read'] }

let platform: TestPlatform
let count = 0
beforeAll(async () => {
  platform = await startTestPlatform({ services: [service, announcer(shop), announcer(users)] })
  await announce(users, 'user.created', {
    userId: clerk.id,
    username: 'clerk',
    displayName: 'Clara Clerk',
    locale: 'en',
    timeZone: 'UTC',
    version: 1,
  })
})
afterAll(() => platform?.stop())

const office = (who: { id: string; permissions?: string[] } = clerk) => platform.client(crm, who)
const running = (name: string) => platform.host.running.find((each) => each.service.contract.name === name)!

async function announce(source: Contract, type: string, data: object, settle = true): Promise<void> {
  const { tools } = running(source.name)
  await tools.transact(async (tx) => emit(tx, source as never, type as never, data as never))
  if (settle) await platform.settled()
}

function draft(over: Partial<Created> = {}, name = 'Ada Lovelace'): Created {
  const example = shop.events['order.created'].example as unknown as Created
  const userId = uuidv7()
  return {
    ...example,
    orderId: uuidv7(),
    number: `F-2026-${String(++count).padStart(6, '0')}`,
    customer: { userId, name, email: `${userId}@example.com`, language: 'en' },
    createdAt: new Date().toISOString(),
    ...over,
  }
}

async function placed(over: Partial<Created> = {}, name?: string): Promise<Created> {
  const order = draft(over, name)
  await announce(shop, 'order.created', order)
  return order
}

const changed = (
  order: Created,
  state: Changed['state'],
  previous: Changed['state'],
  over: Partial<Changed> = {},
) => ({
  orderId: order.orderId,
  number: order.number,
  state,
  previous,
  at: new Date(Date.now() + 1_000).toISOString(),
  by: { kind: 'staff' as const },
  channel: 'shop' as const,
  ...over,
})

const emitted = (type: string, orderId: string) =>
  running('crm').tools.sql<{ data: Record<string, unknown> }[]>`
    select data from outbox_log where type = ${type} and data ->> 'orderId' = ${orderId}`

describe('the inbox', () => {
  test('an order that was placed waits; confirming it announces it once', async () => {
    const order = await placed()
    const { orderId } = order
    const seen = await office().getOrder({ params: { orderId } })
    expect(seen).toMatchObject({
      number: order.number,
      state: 'created',
      decision: 'waiting',
      total: 900,
      lineCount: 1,
    })
    const waiting = await office().listOrders({ query: { waiting: true, limit: 100 } })
    expect(waiting.items.map((item) => item.orderId)).toContain(orderId)
    const dueAt = new Date(Date.now() + 86_400_000).toISOString()
    const confirmed = await office().confirmOrder({
      params: { orderId },
      body: { note: 'Thin side up.', dueAt },
    })
    expect(confirmed).toMatchObject({
      decision: 'confirmed',
      decidedByName: 'Clara Clerk',
      dueAt,
      reason: 'Thin side up.',
    })
    await platform.settled()
    expect((await emitted('order.confirmed', orderId)).map(({ data }) => data)).toEqual([
      { orderId, by: clerk.id, note: 'Thin side up.', dueAt },
    ])
    const after = await office().listOrders({ query: { waiting: true, limit: 100 } })
    expect(after.items.map((item) => item.orderId)).not.toContain(orderId)
  })

  test('of ten who decide at once one does', async () => {
    const { orderId } = await placed()
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        i % 2 === 0
          ? office().confirmOrder({ params: { orderId }, body: {} })
          : office(colleague).rejectOrder({ params: { orderId }, body: { reason: 'No.' } }),
      ),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers)
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ code: 'orderNotWaiting', status: 409 })
    await platform.settled()
    const both = [
      ...(await emitted('order.confirmed', orderId)),
      ...(await emitted('order.rejected', orderId)),
    ]
    expect(both).toHaveLength(1)
  })

  test('a cancelled order cannot be confirmed, in words', async () => {
    const order = await placed()
    await announce(shop, 'order.changed', changed(order, 'cancelled', 'created'))
    await expect(
      office().confirmOrder({ params: { orderId: order.orderId }, body: {} }),
    ).rejects.toMatchObject({ code: 'orderNotWaiting', message: 'The order was cancelled.' })
    expect(await emitted('order.confirmed', order.orderId)).toHaveLength(0)
  })

  test('when the cancellation came first at the shop, its answer is shown', async () => {
    const order = await placed()
    const { orderId } = order
    await office().confirmOrder({ params: { orderId }, body: {} })
    await announce(shop, 'order.changed', changed(order, 'cancelled', 'created'))
    await announce(shop, 'order.confirmation.refused', {
      orderId,
      state: 'cancelled',
      event: 'order.confirmed',
      eventId: uuidv7(),
      reason: 'The order is cancelled.',
    })
    expect(await office().getOrder({ params: { orderId } })).toMatchObject({
      state: 'cancelled',
      refusal: 'The order is cancelled.',
    })
  })

  test('a change that is heard before the order is not lost; an older one changes nothing', async () => {
    const order = draft()
    await announce(shop, 'order.changed', changed(order, 'confirmed', 'created'))
    await expect(office().getOrder({ params: { orderId: order.orderId } })).rejects.toMatchObject({
      status: 404,
    })
    await announce(shop, 'order.created', order)
    await announce(
      shop,
      'order.changed',
      changed(order, 'created', 'quoted', { at: '2020-01-01T00:00:00.000Z' }),
    )
    expect((await office().getOrder({ params: { orderId: order.orderId } })).state).toBe('confirmed')
  })

  test('drafts and rehearsals are no business of the office', async () => {
    const order = draft()
    await announce(shop, 'order.changed', changed(order, 'quoted', 'draft'))
    await announce(shop, 'order.changed', changed(order, 'created', 'quoted', { test: true }))
    const rows = await running('crm').tools.sql`select 1 from orders where order_id = ${order.orderId}`
    expect(rows).toHaveLength(0)
  })

  test('pages, state and search find orders; a promised date in the past is refused', async () => {
    const order = await placed({}, 'Nikolai Lobachevsky')
    const { orderId } = order
    for (const search of ['lobach', order.number, order.customer.email])
      expect((await office().listOrders({ query: { search } })).items.map((item) => item.orderId)).toContain(
        orderId,
      )
    expect((await office().listOrders({ query: { search: 'nobody-of-this-name' } })).items).toEqual([])
    const first = await office().listOrders({ query: { state: 'created', limit: 1 } })
    expect(first.items).toHaveLength(1)
    const second = await office().listOrders({ query: { state: 'created', limit: 1, cursor: first.next! } })
    expect(second.items[0]!.orderId < first.items[0]!.orderId).toBe(true)
    await expect(
      office().confirmOrder({ params: { orderId }, body: { dueAt: '2020-01-01T00:00:00.000Z' } }),
    ).rejects.toMatchObject({ code: 'dueAtNotRight' })
    expect((await office().countOrders()).waiting).toBeGreaterThan(0)
  })

  test('without the permission nothing is seen', async () => {
    const { orderId } = await placed()
    await expect(office(viewer).getOrder({ params: { orderId } })).rejects.toMatchObject({ status: 403 })
    await expect(office(viewer).confirmOrder({ params: { orderId }, body: {} })).rejects.toMatchObject({
      status: 403,
    })
  })
})

describe('the inbox', () => {
  test('is told at once of what changes, wherever somebody may see it', async () => {
    const pushed = vi.spyOn(platform.host.gateway.realtime, 'push')
    const told = (orderId: string) =>
      pushed.mock.calls.filter(
        ([topic, to, data]) =>
          topic === 'office' && to === undefined && (data as { orderId: string }).orderId === orderId,
      ).length
    const { orderId } = await placed()
    expect(told(orderId)).toBe(1)
    await office(colleague).rejectOrder({ params: { orderId }, body: { reason: 'Sold out' } })
    expect(told(orderId)).toBe(2)
    pushed.mockRestore()
  })
})

describe('the thread of an order', () => {
  test('both sides write and read; others know nothing of it', async () => {
    const order = await placed()
    const params = { orderId: order.orderId }
    const customer = platform.client(crm, { id: order.customer.userId })
    await customer.sendMessage({ params, body: { text: 'Can it be blue?' } })
    expect((await office().getOrder({ params })).unread).toBe(1)
    expect((await office().countOrders()).unread).toBeGreaterThan(0)
    const unread = async () =>
      (await office().listOrders({ query: { unread: true, limit: 100 } })).items.map((item) => item.orderId)
    expect(await unread()).toContain(order.orderId)
    await office().sendMessage({ params, body: { text: ' It can. ' } })
    expect((await office().getOrder({ params })).unread).toBe(0)
    expect(await unread()).not.toContain(order.orderId)
    const { items } = await customer.listMessages({ params })
    expect(items.map(({ from, text, authorName }) => [from, text, authorName])).toEqual([
      ['staff', 'It can.', 'Clara Clerk'],
      ['customer', 'Can it be blue?', ''],
    ])
    await platform.settled()
    expect((await emitted('order.message.sent', order.orderId)).map(({ data }) => data['from'])).toEqual(
      expect.arrayContaining(['customer', 'staff']),
    )
    for (const stranger of [{ id: uuidv7() }, viewer]) {
      await expect(office(stranger).listMessages({ params })).rejects.toMatchObject({ status: 404 })
      await expect(office(stranger).sendMessage({ params, body: { text: 'Hm' } })).rejects.toMatchObject({
        status: 404,
      })
    }
    await customer.sendMessage({ params, body: { text: 'Thanks' } })
    await office().markRead({ params, body: { until: new Date(Date.now() + 60_000).toISOString() } })
    expect((await office().getOrder({ params })).unread).toBe(0)
  })

  test('the thirty-first message within ten minutes waits', async () => {
    const order = await placed()
    const params = { orderId: order.orderId }
    const customer = platform.client(crm, { id: order.customer.userId })
    for (let i = 0; i < 30; i++) await customer.sendMessage({ params, body: { text: `${i}` } })
    await expect(customer.sendMessage({ params, body: { text: 'more' } })).rejects.toMatchObject({
      code: 'tooManyMessages',
      status: 429,
    })
    const page = await customer.listMessages({ params, query: { limit: 20 } })
    const rest = await customer.listMessages({ params, query: { limit: 20, cursor: page.next! } })
    expect([...page.items, ...rest.items].map(({ text }) => Number(text))).toEqual(
      Array.from({ length: 30 }, (_, i) => 29 - i),
    )
  })
})

describe('customers', () => {
  test('are counted by what became of their orders', async () => {
    const first = await placed()
    const { customer } = first
    const params = { customerId: customer.userId }
    const second = await placed({ customer })
    expect(await office().getCustomer({ params })).toMatchObject({ orders: 2, openOrders: 2, spent: 1800 })
    await announce(shop, 'order.changed', changed(first, 'cancelled', 'created'))
    await announce(shop, 'order.changed', changed(second, 'delivered', 'shipped'))
    expect(await office().getCustomer({ params })).toMatchObject({ orders: 2, openOrders: 0, spent: 900 })
    const history = await office().listOrders({ query: { customerId: customer.userId } })
    expect(history.items.map(({ state }) => state)).toEqual(['delivered', 'cancelled'])
  })

  test('tags, segments and search find them', async () => {
    const { customer } = await placed({}, 'Emmy Noether')
    const customerId = customer.userId
    const found = (await office().listCustomers({ query: { search: 'noeth' } })).items
    expect(found.map((item) => item.customerId)).toContain(customerId)
    const tagged = await office().tagCustomer({
      params: { customerId },
      body: { tags: ['wholesale', 'École'] },
      ifMatch: String(found.find((item) => item.customerId === customerId)!.version),
    })
    expect(tagged.tags).toEqual(['wholesale', 'École'])
    await expect(
      office().tagCustomer({ params: { customerId }, body: { tags: [] }, ifMatch: '1' }),
    ).rejects.toMatchObject({ code: 'preconditionFailed' })
    expect((await office().listTags()).items).toContainEqual({ tag: 'wholesale', customers: 1 })
    const segment = await office().createSegment({
      body: { name: 'Buyers', rules: { tags: ['wholesale'], minOrders: 1, activeDays: 30 } },
    })
    const inSegment = async () =>
      (await office().listCustomers({ query: { segmentId: segment.segmentId } })).items.map(
        (item) => item.customerId,
      )
    expect(await inSegment()).toEqual([customerId])
    await office().updateSegment({
      params: { segmentId: segment.segmentId },
      body: { name: 'Buyers', rules: { tags: ['wholesale'], quietDays: 30 } },
      ifMatch: String(segment.version),
    })
    expect(await inSegment()).toEqual([])
    await expect(
      office().createSegment({ body: { name: 'Buyers', rules: { minOrders: 2 } } }),
    ).rejects.toMatchObject({ code: 'segmentNameTaken' })
    await office().removeSegment({ params: { segmentId: segment.segmentId } })
    await expect(office().listCustomers({ query: { segmentId: segment.segmentId } })).rejects.toMatchObject({
      code: 'segmentNotFound',
    })
    await office().tagCustomer({
      params: { customerId },
      body: { tags: [] },
      ifMatch: String(tagged.version),
    })
    expect((await office().listTags()).items.map(({ tag }) => tag)).not.toContain('wholesale')
  })

  test('notes are for the office, and removed by who wrote them', async () => {
    const order = await placed()
    const other = await placed()
    const params = { customerId: order.customer.userId }
    const note = await office().addNote({ params, body: { text: 'Call first.', orderId: order.orderId } })
    expect(note).toMatchObject({ authorName: 'Clara Clerk', orderId: order.orderId })
    await expect(
      office().addNote({ params, body: { text: 'Wrong', orderId: other.orderId } }),
    ).rejects.toMatchObject({ code: 'notTheirOrder' })
    await expect(office(colleague).removeNote({ params: { noteId: note.noteId } })).rejects.toMatchObject({
      status: 404,
    })
    await office().removeNote({ params: { noteId: note.noteId } })
    expect((await office().listNotes({ params })).items).toEqual([])
    await expect(
      platform.client(crm, { id: order.customer.userId }).listNotes({ params }),
    ).rejects.toMatchObject({
      status: 403,
    })
  })

  test('tasks come by date, are done and come back', async () => {
    const order = await placed()
    const { orderId } = order
    const whenever = await office().createTask({ body: { title: 'Whenever', orderId } })
    const soon = await office().createTask({
      body: { title: 'Soon', orderId, assigneeId: clerk.id, dueAt: new Date(Date.now() + 1e6).toISOString() },
    })
    expect(soon).toMatchObject({ customerId: order.customer.userId, assigneeName: 'Clara Clerk' })
    const list = async (done = false) => (await office().listTasks({ query: { orderId, done } })).items
    expect((await list()).map(({ title }) => title)).toEqual(['Soon', 'Whenever'])
    const first = await office().listTasks({ query: { orderId, limit: 1 } })
    const next = await office().listTasks({ query: { orderId, limit: 1, cursor: first.next! } })
    expect(next.items.map(({ title }) => title)).toEqual(['Whenever'])
    expect((await office().listTasks({ query: { mine: true } })).items.map(({ taskId }) => taskId)).toContain(
      soon.taskId,
    )
    const done = await office().updateTask({
      params: { taskId: soon.taskId },
      body: { done: true, dueAt: null, assigneeId: null },
      ifMatch: String(soon.version),
    })
    expect(done.doneAt).toBeDefined()
    expect(done.dueAt).toBeUndefined()
    expect((await list(true)).map(({ title }) => title)).toEqual(['Soon'])
    await expect(
      office().updateTask({ params: { taskId: soon.taskId }, body: { done: false }, ifMatch: '1' }),
    ).rejects.toMatchObject({ code: 'preconditionFailed' })
    await expect(office().createTask({ body: { title: 'x', assigneeId: uuidv7() } })).rejects.toMatchObject({
      code: 'assigneeNotFound',
    })
    await office().removeTask({ params: { taskId: whenever.taskId } })
    expect(await list()).toEqual([])
  })

  test('who is erased leaves sums and no words', async () => {
    const order = await placed({}, 'Sofia Kovalevskaya')
    const { userId } = order.customer
    const params = { orderId: order.orderId }
    await platform.client(crm, { id: userId }).sendMessage({ params, body: { text: 'My secret wish' } })
    await office().addNote({ params: { customerId: userId }, body: { text: 'About Sofia' } })
    await announce(users, 'user.deleted', { userId, by: userId })
    const { sql } = running('crm').tools
    const texts = await sql<{ text: string }[]>`
      select (select json_agg(c)::text from customers c) || (select json_agg(o)::text from orders o)
        || (select json_agg(m)::text from messages m) || coalesce((select json_agg(n)::text from notes n), '') as text`
    for (const word of ['Kovalevskaya', 'kovalevskaya', 'secret wish', 'About Sofia', order.customer.email])
      expect(texts[0]!.text).not.toContain(word)
    expect(await office().getCustomer({ params: { customerId: userId } })).toMatchObject({
      erased: true,
      spent: 900,
    })
  })

  test('no list walks over the whole table', async () => {
    const { sql } = running('crm').tools
    await sql`insert into customers (customer_id, name, email, language, currency, first_order_at, last_order_at,
        search_text, search_grams)
      select gen_random_uuid(), 'n' || i, 'e', 'en', 'EUR', now() - i * interval '1 minute', now() - i * interval '1 minute',
        'n' || i, array['  n'] from generate_series(1, 5000) i`
    await sql`insert into orders (order_id, state, state_at, placed, customer_id, number, due_at, created_at)
      select gen_random_uuid(), 'delivered', now(), true, (select customer_id from customers limit 1 offset i % 100),
        'F-' || i, now(), now() from generate_series(1, 10000) i`
    await sql`analyze`
    const plan = async (query: string) =>
      (await sql.unsafe(`explain ${query}`)).map((row) => Object.values(row)[0]).join('\n')
    const id = uuidv7()
    const queries = [
      `select * from orders o where o.placed and o.state = 'created' and o.decision = 'waiting' order by o.order_id limit 26`,
      `select * from orders o where o.placed order by o.order_id desc limit 26`,
      `select * from orders o where o.placed and o.state = 'shipped' order by o.order_id desc limit 26`,
      `select * from orders o where o.placed and o.customer_id = '${id}' order by o.order_id desc limit 26`,
      `select 1 from orders where placed and unread > 0 limit 1000`,
      `select * from customers where true order by last_order_at desc, customer_id desc limit 26`,
      `select * from customers where tags @> array['x'] order by last_order_at desc, customer_id desc limit 26`,
      `select * from messages m where m.order_id = '${id}' order by m.message_id desc limit 26`,
    ]
    for (const query of queries)
      expect(await plan(query), query).not.toMatch(/Seq Scan on (orders|customers)/)
  })
})
