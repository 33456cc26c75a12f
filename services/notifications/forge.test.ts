/** What the workshop tells: to customers at every step, to the office what it has to do; English and Russian. */
import { auth } from '@pleiad/auth/contract'
import { crm } from '@pleiad/crm/contract'
import { editor } from '@pleiad/editor/contract'
import { mes } from '@pleiad/mes/contract'
import { type Contract, defineContract } from '@pleiad/platform/contract'
import { defineService, emit } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notifications } from './contract.ts'
import service from './service.ts'

/** Only announces what the real service would announce. */
const announcer = ({ name, events }: Contract) =>
  defineService({
    contract: defineContract({
      name,
      version: '1.0.0',
      summary: 'Announces, in tests.',
      operations: {},
      ...(events ? { events } : {}),
    }),
    url: new URL('./announcer/service.ts', import.meta.url).href,
    routes: () => ({}),
  })

let platform: TestPlatform
let administrator: Awaited<ReturnType<typeof join>>
beforeAll(async () => {
  const neighbours = [auth, users, shop, crm, mes, editor].map(announcer)
  platform = await startTestPlatform({ services: [service, ...neighbours] })
  administrator = await join()
  await announce(auth, 'roles.changed', { userId: administrator.userId, roles: ['admin'] })
})
afterAll(() => platform?.stop())

async function announce(source: Contract, type: string, data: object) {
  const { tools } = platform.host.running.find((one) => one.service.contract.name === source.name)!
  await tools.transact(async (tx) => emit(tx, source, type, data as never))
  await platform.settled()
}

let counter = 0
async function join(locale: 'en' | 'ru' = 'en') {
  const userId = uuidv7()
  const email = `customer${++counter}@example.com`
  const displayName = `Customer ${counter}`
  await announce(auth, 'account.registered', {
    userId,
    email,
    username: `customer${counter}`,
    displayName,
    locale,
  })
  const me = platform.client(notifications, { id: userId })
  await me.markAllRead({ body: {} })
  const news = async () => (await me.listNotifications({ query: { unread: true, limit: 100 } })).items
  return { userId, email, news }
}

const admin = () => platform.client(notifications, { permissions: ['mail:read', 'mail:send'] })
const subjectsTo = async (to: string) =>
  (await admin().listMails({ query: { to, limit: 100 } })).items.map(({ subject }) => subject)
const exampleOf = (source: Contract, type: string) => source.events![type]!.example as Record<string, unknown>
const changed = (customerId: string, state: string, previous: string, more: object = {}) =>
  announce(shop, 'order.changed', {
    ...exampleOf(shop, 'order.changed'),
    customerId,
    state,
    previous,
    ...more,
  })

describe('a customer', () => {
  test.each([
    [
      'en',
      'Order F-2026-000123 is confirmed',
      'Order F-2026-000123 is on its way',
      'Order F-2026-000123 is cancelled',
    ],
    ['ru', 'Заказ F-2026-000123 подтверждён', 'Заказ F-2026-000123 в пути', 'Заказ F-2026-000123 отменён'],
  ] as const)(
    'hears of every step, in the app and by mail (%s)',
    async (locale, confirmed, shipped, cancelled) => {
      const { userId, email, news } = await join(locale)
      const steps = [
        'quoted',
        'created',
        'confirmed',
        'inProduction',
        'qualityCheck',
        'packed',
        'shipped',
        'delivered',
      ]
      for (let i = 1; i < steps.length; i++) await changed(userId, steps[i]!, steps[i - 1]!)
      await changed(userId, 'cancelled', 'created', { reason: 'Ordered twice' })
      const told = await news()
      expect(told).toHaveLength(8)
      const titles = told.map(({ title }) => title)
      expect(titles).toEqual(expect.arrayContaining([confirmed, shipped, cancelled]))
      expect(told[0]!.link).toBe(`/forge/orders/${exampleOf(shop, 'order.changed')['orderId']}`)
      expect(told.find(({ title }) => title === cancelled)!.body).toContain('Ordered twice')
      expect(await subjectsTo(email)).toEqual(expect.arrayContaining([confirmed, shipped, cancelled]))
    },
  )

  test('is asked about a price that is outside of the estimate; a quote that ends says nothing', async () => {
    const { userId, news } = await join()
    await changed(userId, 'quoted', 'draft')
    await changed(userId, 'cancelled', 'quoted')
    expect(await news()).toEqual([])
    await changed(userId, 'quoted', 'draft', { needsAcceptance: true })
    expect((await news()).map(({ kind }) => kind)).toEqual(['order-asks'])
  })

  test('hears of money, answers, and of models and prices that need them', async () => {
    const { userId, news } = await join()
    const model = exampleOf(editor, 'model.rejected')
    await announce(shop, 'order.paid', { ...exampleOf(shop, 'order.paid'), customerId: userId })
    await announce(shop, 'order.refunded', { ...exampleOf(shop, 'order.refunded'), customerId: userId })
    const message = {
      ...exampleOf(crm, 'order.message.sent'),
      customerId: userId,
      from: 'staff',
      text: 'x'.repeat(900),
    }
    await announce(crm, 'order.message.sent', message)
    await announce(editor, 'model.rejected', { ...model, ownerId: userId })
    await announce(editor, 'model.decision.needed', {
      ...exampleOf(editor, 'model.decision.needed'),
      ownerId: userId,
    })
    await announce(mes, 'order.price.refused', { ...exampleOf(mes, 'order.price.refused'), ownerId: userId })
    const priced = { ...exampleOf(mes, 'order.price.calculated'), ownerId: userId }
    await announce(mes, 'order.price.calculated', { ...priced, byHand: false })
    await announce(mes, 'order.price.calculated', { ...priced, byHand: true })
    const told = await news()
    expect(told.map(({ kind }) => kind).sort()).toEqual([
      'order-message',
      'order-model',
      'order-model',
      'order-payment',
      'order-payment',
      'order-price',
      'order-price',
    ])
    const bodies = told.map(({ body }) => body)
    expect(bodies).toContain('Amount: 9.00 EUR.')
    expect(bodies).toContain(`${'x'.repeat(300)}…`)
    expect(bodies.some((body) => body.includes('The file is a JPEG picture.'))).toBe(true)
  })
})

describe('the office', () => {
  test('hears of new orders, messages and parts without a price; customers do not', async () => {
    const customer = await join()
    await announce(shop, 'order.created', exampleOf(shop, 'order.created'))
    await announce(crm, 'order.message.sent', {
      ...exampleOf(crm, 'order.message.sent'),
      customerId: customer.userId,
      from: 'customer',
    })
    await announce(mes, 'order.price.delayed', {
      ...exampleOf(mes, 'order.price.delayed'),
      ownerId: customer.userId,
    })
    const told = (await administrator.news()).filter(({ kind }) => kind.startsWith('office-'))
    expect(told.map(({ title }) => title).sort()).toEqual([
      'A customer writes about F-2026-000123',
      'A part cannot be priced by itself',
      'New order F-2026-000123 of Ada Lovelace',
    ])
    expect((await customer.news()).map(({ kind }) => kind)).toEqual(['order-price'])
  })

  test('each of it hears of what they may act on, until they may no more', async () => {
    const [clerk, pricer] = [await join(), await join()]
    const may = (who: typeof clerk, permissions: string[]) =>
      announce(auth, 'permissions.changed', { userId: who.userId, permissions })
    await may(clerk, ['orders:confirm', 'customers:read'])
    await may(pricer, ['prices:manage'])
    const happens = async () => {
      await announce(shop, 'order.created', exampleOf(shop, 'order.created'))
      await announce(mes, 'order.price.delayed', exampleOf(mes, 'order.price.delayed'))
    }
    await happens()
    const kinds = async (who: typeof clerk) => (await who.news()).map(({ kind }) => kind)
    expect(await kinds(clerk)).toEqual(['office-order'])
    expect(await kinds(pricer)).toEqual(['office-price'])
    await may(clerk, [])
    await happens()
    expect(await kinds(clerk)).toEqual(['office-order'])
    expect(await kinds(pricer)).toEqual(['office-price', 'office-price'])
  })

  test('of a partner’s order nobody but the office hears here', async () => {
    const { userId, news } = await join()
    await changed(userId, 'confirmed', 'created', { channel: 'partner' })
    await announce(shop, 'order.paid', {
      ...exampleOf(shop, 'order.paid'),
      customerId: userId,
      channel: 'partner',
    })
    expect(await news()).toEqual([])
  })
})
