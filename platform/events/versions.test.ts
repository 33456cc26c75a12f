/** Two versions of one event side by side: who emits, who reads which, and what happens when a reader moves on. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineContract, newVersion, Type } from '../contract/contract.ts'
import { defineService, emit, on } from '../service/service.ts'
import { startTestPlatform, type TestPlatform } from '../testing/testing.ts'
import { createBed } from './bed.ts'
import { until } from './harness.ts'

const confirmed = {
  version: 1,
  description: 'An order is confirmed.',
  data: Type.Object({ orderId: Type.String(), total: Type.Integer() }),
  key: 'orderId',
  example: { orderId: 'o1', total: 990 },
} as const
const shop = defineContract({
  name: 'source',
  version: '1.0.0',
  summary: 'Sells, in this test.',
  operations: {},
  events: {
    'order.confirmed': confirmed,
    'order.confirmed@2': newVersion(confirmed, {
      description: 'An order is confirmed, in some currency.',
      data: Type.Object({ orderId: Type.String(), price: Type.Object({ amount: Type.Integer() }) }),
      key: 'orderId',
      example: { orderId: 'o1', price: { amount: 990 } },
      down: ({ orderId, price }) => ({ orderId, total: price.amount }),
      up: ({ orderId, total }) => ({ orderId, price: { amount: total } }),
    }),
  },
})

test('versions that contradict each other are refused when the contract is defined', () => {
  const define = (events: Record<string, object>) => () =>
    defineContract({ ...shop, events: { 'order.confirmed': confirmed, ...events } as never })
  expect(define({ 'order.confirmed@3': { ...confirmed, version: 2 } })).toThrow('@3: its version is 2')
  expect(define({ 'order.confirmed@1': confirmed })).toThrow('has the same version')
  expect(define({ 'order.confirmed@2': { ...confirmed, version: 2 } })).toThrow(/`down` must say how/)
})

const heard: { by: string; id: string; type: string; data: unknown }[] = []
let platform: TestPlatform
const quiet = (name: string) => defineContract({ name, version: '1.0.0', summary: 'A test.', operations: {} })
beforeAll(async () => {
  const url = import.meta.url
  platform = await startTestPlatform({
    services: [
      defineService({ contract: shop, url, routes: () => ({}) }),
      defineService({
        contract: quiet('mail'),
        url,
        routes: () => ({}),
        handlers: {
          write: on(shop, 'order.confirmed', async ({ event }) => {
            heard.push({ by: `mail ${event.data.total}`, ...event })
          }),
          fail: on(
            shop,
            'order.confirmed@2',
            async () => {
              throw new Error('no')
            },
            { maxAttempts: 1 },
          ),
        },
      }),
      defineService({
        contract: quiet('crm'),
        url,
        routes: () => ({}),
        handlers: {
          note: on(shop, 'order.confirmed@2', async ({ event }) => {
            heard.push({ by: `crm ${event.data.price.amount}`, ...event })
          }),
        },
      }),
    ],
  })
})
afterAll(() => platform.stop())

test('what is emitted in the new version reaches every reader once, each in its version, as one event', async () => {
  const source = platform.host.running.find(({ service }) => service.contract.name === 'source')!
  const confirm = (n: number) =>
    source.store.transact(async (tx) =>
      emit(tx, shop, 'order.confirmed@2', { orderId: `o${n}`, price: { amount: n } }),
    )
  await confirm(1)
  await platform.settled()
  expect(heard.map(({ by, type }) => `${by}: ${type}`).sort()).toEqual([
    'crm 1: order.confirmed@2',
    'mail 1: order.confirmed',
  ])
  expect(heard[0]!.id).toBe(heard[1]!.id)
  await source.events.replay({
    from: new Date(0),
    types: ['order.confirmed@2'],
    consumer: 'crm.note',
    again: true,
  })
  await source.events.replay({ from: new Date(0) })
  await platform.settled()
  expect(heard.map(({ by }) => by).sort()).toEqual(['crm 1', 'crm 1', 'mail 1'])
  const { events } = platform.host.running.find(({ service }) => service.contract.name === 'mail')!
  expect((await events.deadLetters()).items).toMatchObject([
    { type: 'order.confirmed@2', consumer: 'mail.fail' },
  ])
  expect((await source.events.stats()).outbox.map(({ type }) => type)).toEqual([
    'order.confirmed',
    'order.confirmed@2',
  ])

  await expect(
    source.store.transact(async (tx) =>
      // @ts-expect-error Only the newest version is emitted.
      emit(tx, shop, 'order.confirmed', { orderId: 'o2', total: 2 }),
    ),
  ).rejects.toThrow('emits order.confirmed as order.confirmed@2')
})

const { run, make } = createBed()

test('a handler that moves to another version, or back, reads what waits for it', async () => {
  const seen: unknown[] = []
  const first = make({ name: 'source' })
  const wait = (id: string, type: string, version: number, data: object) => first.store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, data, lane)
    values (${`source.${id}`}, '00000000-0000-7000-8000-000000000001', '/services/source', ${type}, ${version}, 'o1', 1, now(),
      ${first.store.sql.json(data as never)}, 1)`
  await wait('forward', 'order.confirmed', 1, { orderId: 'o1', total: 3 })
  await wait('back', 'order.confirmed@2', 2, { orderId: 'o1', price: { amount: 4 } })
  await wait('lost', 'order.confirmed', 7, { orderId: 'o1' })
  const [peer] = await run({
    name: 'source',
    handlers: {
      forward: on(shop, 'order.confirmed@2', async ({ event }) => void seen.push(event.data)),
      back: on(shop, 'order.confirmed', async ({ event }) => void seen.push(event.data)),
      lost: on(shop, 'order.confirmed@2', async () => void seen.push('lost'), { maxAttempts: 1 }),
    },
  })
  await until(() => expect(seen).toHaveLength(2))
  expect(seen).toEqual(
    expect.arrayContaining([
      { orderId: 'o1', price: { amount: 3 } },
      { orderId: 'o1', total: 4 },
    ]),
  )
  await until(async () =>
    expect((await peer!.events.deadLetters()).items).toMatchObject([
      { error: 'Error: order.confirmed came in version 7; this handler understands version 2' },
    ]),
  )
})
