import { defineContract, Type } from '@pleiad/platform/contract'
import { defineService, emit, on } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operations } from './contract.ts'
import service from './service.ts'

const shop = defineContract({
  name: 'shop',
  version: '1.0.0',
  summary: 'Sells, in this test.',
  operations: {},
  events: {
    'order.confirmed': {
      version: 1,
      description: 'An order is confirmed.',
      data: Type.Object({ orderId: Type.String(), n: Type.Integer() }),
      key: 'orderId',
      example: { orderId: 'o1', n: 1 },
    },
  },
})
let broken = true
const handled: string[] = []
const shopService = defineService({ contract: shop, url: import.meta.url, routes: () => ({}) })
const mailService = defineService({
  contract: defineContract({
    name: 'mail',
    version: '1.0.0',
    summary: 'Writes, in this test.',
    operations: {},
  }),
  url: import.meta.url,
  routes: () => ({}),
  handlers: {
    sendReceipt: on(
      shop,
      'order.confirmed',
      async ({ event }) => {
        if (broken) throw new Error('the mail server is away')
        handled.push(event.data.orderId)
      },
      { maxAttempts: 1 },
    ),
  },
})
const acted: unknown[] = []
const auditService = defineService({
  contract: defineContract({
    name: 'audit',
    version: '1.0.0',
    summary: 'Listens, in this test.',
    operations: {},
  }),
  url: import.meta.url,
  routes: () => ({}),
  handlers: { hear: on(operations, 'operations.acted', async ({ event }) => void acted.push(event.data)) },
})

let platform: TestPlatform
const admin = {
  id: '01920000-0000-7000-8000-0000000000aa',
  permissions: ['operations:read', 'operations:manage'],
}

async function confirm(...orders: string[]): Promise<void> {
  const { store } = platform.host.running.find((running) => running.service.contract.name === 'shop')!
  await store.transact(async (tx) => {
    for (const [n, orderId] of orders.entries()) emit(tx, shop, 'order.confirmed', { orderId, n })
  })
  await platform.settled()
}

beforeAll(async () => {
  platform = await startTestPlatform({ services: [service, shopService, mailService, auditService] })
})
afterAll(() => platform.stop())

test('dead letters are listed, looked into, retried and given up, and every action is recorded', async () => {
  const client = platform.client(operations, admin)
  await confirm('o1', 'o2', 'o3')
  const first = await client.listDeadLetters({ query: { limit: 2 } })
  expect(first.items).toHaveLength(2)
  expect(first.items[0]).toMatchObject({
    service: 'mail',
    consumer: 'mail.sendReceipt',
    attempts: 1,
    error: 'Error: the mail server is away',
  })
  const second = await client.listDeadLetters({ query: { limit: 2, cursor: first.next! } })
  expect(second.items).toHaveLength(1)
  expect(second.next).toBeUndefined()
  const letters = [...first.items, ...second.items]
  expect(letters.map((letter) => letter.key).sort()).toEqual(['o1', 'o2', 'o3'])
  const { consumer, id } = letters.find((letter) => letter.key === 'o1')!
  const detail = await client.getDeadLetter({ params: { consumer, id } })
  expect(detail).toMatchObject({
    data: { orderId: 'o1', n: 0 },
    version: 1,
    source: '/services/shop',
    service: 'mail',
  })
  expect(detail.fullError).toContain('operations.test.ts')

  broken = false
  expect(await client.retryDeadLetters({ body: { consumer, id } })).toEqual({
    count: 1,
    left: 0,
  })
  await platform.settled()
  expect(handled).toEqual(['o1'])
  expect(await client.discardDeadLetters({ body: { service: 'mail', key: 'o3' } })).toEqual({
    count: 1,
    left: 0,
  })
  expect(await client.retryDeadLetters({ body: { type: 'order.confirmed' } })).toEqual({
    count: 1,
    left: 0,
  })
  await platform.settled()
  expect(handled).toEqual(['o1', 'o2'])
  expect((await client.listDeadLetters()).items).toEqual([])
  expect(acted).toMatchObject([
    { by: admin.id, action: 'retry', target: { consumer, id }, count: 1 },
    { by: admin.id, action: 'discard', target: { service: 'mail', key: 'o3' }, count: 1 },
    { by: admin.id, action: 'retry', target: { type: 'order.confirmed' }, count: 1 },
  ])
})

test('many are settled in bounded steps that end, by what went wrong too, also when they fail again', async () => {
  const client = platform.client(operations, admin)
  broken = true
  await confirm('m1', 'm2', 'm3', 'm4', 'm5')
  const found = await client.listDeadLetters({ query: { error: 'MAIL SERVER', type: 'order.confirmed' } })
  expect(found.items).toHaveLength(5)
  expect((await client.listDeadLetters({ query: { error: 'disk' } })).items).toEqual([])
  expect(await client.retryDeadLetters({ body: { error: 'disk' } })).toEqual({ count: 0, left: 0 })
  // They fail again and are parked again, but behind the cursor.
  const steps: { count: number; left: number }[] = []
  for (let cursor: string | undefined, more = true; more; ) {
    const { next, ...step } = await client.retryDeadLetters({
      body: { type: 'order.confirmed', error: 'away', limit: 2, ...(cursor ? { cursor } : {}) },
    })
    await platform.settled()
    steps.push(step)
    cursor = next
    more = next !== undefined
  }
  expect(steps).toEqual([
    { count: 2, left: 3 },
    { count: 2, left: 1 },
    { count: 1, left: 0 },
  ])
  expect((await client.listDeadLetters()).items).toHaveLength(5)
  await expect(client.discardDeadLetters({ body: { limit: 2 } })).rejects.toMatchObject({
    status: 422,
    code: 'filterMissing',
  })
  const first = await client.discardDeadLetters({ body: { error: 'away', limit: 4 } })
  expect(first).toMatchObject({ count: 4, left: 1, next: expect.stringMatching(/^mail /) })
  const rest = { error: 'away', cursor: first.next! }
  expect(await client.discardDeadLetters({ body: rest })).toEqual({ count: 1, left: 0 })
  expect((await client.listDeadLetters()).items).toEqual([])
  broken = false
})

test('history is replayed; a consumer does again only what it is asked to', async () => {
  const client = platform.client(operations, admin)
  broken = false
  await confirm('o9')
  const from = new Date(0).toISOString()
  const before = handled.length
  await client.replay({ body: { service: 'shop', from } })
  await platform.settled()
  expect(handled).toHaveLength(before)
  const { count } = await client.replay({
    body: { service: 'shop', from, types: ['order.confirmed'], consumer: 'mail.sendReceipt', again: true },
  })
  await platform.settled()
  expect(handled).toHaveLength(before + count)
  await expect(client.replay({ body: { service: 'shop', from, again: true } })).rejects.toMatchObject({
    status: 422,
    code: 'againNeedsConsumer',
  })
  await expect(client.replay({ body: { service: 'shop', from, to: from } })).rejects.toMatchObject({
    code: 'periodEmpty',
  })
  await expect(
    client.replay({ body: { service: 'shop', from, consumer: 'nobody.at.all' } }),
  ).rejects.toMatchObject({ code: 'unknownService' })
})

test('the map shows services, what flows between them, and how they are', async () => {
  const { services } = await platform.client(operations, admin).getMap()
  expect(services.map(({ facts }) => facts.name)).toEqual(['audit', 'mail', 'operations', 'shop'])
  const mail = services[1]!
  expect(mail.facts.handles).toEqual([
    { consumer: 'mail.sendReceipt', type: 'order.confirmed', from: 'shop', ordered: false },
  ])
  expect(mail.health.status).toBe('up')
  expect(mail.stats.inbox[0]).toMatchObject({ consumer: 'mail.sendReceipt', pending: 0, known: true })
  expect(services[3]!.facts.emits).toEqual([
    { type: 'order.confirmed', version: 1, description: 'An order is confirmed.' },
  ])
})

test('what is not there is refused', async () => {
  const client = platform.client(operations, admin)
  const id = '01920000-0000-7000-8000-000000000001'
  await expect(client.getDeadLetter({ params: { consumer: 'mail.sendReceipt', id } })).rejects.toMatchObject({
    status: 404,
    code: 'notFound',
  })
  await expect(client.getDeadLetter({ params: { consumer: 'nobody.here', id } })).rejects.toMatchObject({
    code: 'unknownService',
  })
  await expect(client.listDeadLetters({ query: { service: 'nobody' } })).rejects.toMatchObject({
    code: 'unknownService',
  })
  await expect(
    client.retryDeadLetters({ body: { service: 'mail', consumer: 'shop.x' } }),
  ).rejects.toMatchObject({ code: 'unknownService' })
  await expect(client.discardDeadLetters({ body: { consumer: 'nobody.x' } })).rejects.toMatchObject({
    code: 'unknownService',
  })
  await expect(
    client.replay({ body: { service: 'nobody', from: new Date(0).toISOString() } }),
  ).rejects.toMatchObject({ code: 'unknownService' })
  // All of them at once must be asked for by a filter.
  await expect(client.retryDeadLetters({ body: {} })).rejects.toMatchObject({ code: 'filterMissing' })
})

test('reading needs its permission, acting needs another', async () => {
  const reader = platform.client(operations, { permissions: ['operations:read'] })
  expect((await reader.listDeadLetters()).items).toEqual([])
  await expect(reader.retryDeadLetters({ body: { service: 'mail' } })).rejects.toMatchObject({ status: 403 })
  await expect(platform.client(operations, {}).getMap()).rejects.toMatchObject({ status: 403 })
  await expect(platform.client(operations).getMap()).rejects.toMatchObject({ status: 401 })
})
