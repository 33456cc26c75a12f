import { Code } from '@connectrpc/connect'
import { crm } from '@pleiad/crm/contract'
import { mes } from '@pleiad/mes/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { Orders } from './shop_pb.ts'
import { type Bed, options, startBed } from './testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed({ SHOP_REHEARSAL_SECONDS: '0' })
  await bed.publish(1)
})
afterAll(() => bed?.platform.stop())
beforeEach(() => {
  bed.mes.pricing = { kind: 'price', unitPrice: 450 }
})

const rpc = () => bed.tools.rpc(Orders)
const newPartner = (environment = 'production') => ({
  projectId: uuidv7(),
  environment,
  ownerId: uuidv7(),
  programId: uuidv7(),
})
const customer = { name: 'Grace', email: 'grace@example.com', company: '', phone: '', language: 'en' }
const pickup = { customer, deliveryMethod: 'pickup', note: '' }

async function quote(partner = newPartner(), key = 'one') {
  const { modelId } = await bed.model(partner.ownerId)
  const lines = [{ modelId, version: 0, ...options }]
  const { order } = await rpc().requestQuote({ partner, key, lines })
  await bed.settled()
  return { partner, lines, quoteId: order!.orderId, order: order! }
}
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => Code[error.code],
  )

test('quote, place, follow, cancel: in the priority lane, seen by the project alone', async () => {
  const { partner, quoteId, lines } = await quote()
  expect(bed.mes.asked.at(-1)).toMatchObject({ lane: 'priority', source: 'partner' })
  const { order: quoted } = await rpc().getQuote({ partner, quoteId })
  expect(quoted).toMatchObject({ state: 'quoted', total: 900n, priced: true, test: false })
  const placed = await Promise.all(
    Array.from({ length: 10 }, () => rpc().placeOrder({ partner, quoteId, ...pickup })),
  )
  expect(placed.map(({ order }) => [order!.orderId, order!.state])).toEqual(
    Array(10).fill([quoteId, 'created']),
  )
  const created = await bed.eventsOf(quoteId, 'order.created')
  expect(created).toHaveLength(1)
  expect(created[0]!.data).toMatchObject({
    channel: 'partner',
    projectId: partner.projectId,
    environment: 'production',
  })
  await bed.announce(crm, 'order.confirmed', { orderId: quoteId, by: uuidv7() })
  expect((await rpc().getOrder({ partner, orderId: quoteId })).order).toMatchObject({ state: 'confirmed' })

  const other = { ...partner, projectId: uuidv7() }
  const elsewhere = { ...partner, environment: 'development' }
  for (const stranger of [other, elsewhere]) {
    expect(await code(rpc().getOrder({ partner: stranger, orderId: quoteId }))).toBe('NotFound')
    expect(await code(rpc().cancelOrder({ partner: stranger, orderId: quoteId, reason: '' }))).toBe(
      'NotFound',
    )
    expect((await rpc().listOrders({ partner: stranger, state: '', limit: 0, cursor: '' })).orders).toEqual(
      [],
    )
  }
  // The person in whose name it was made does not have it among their own.
  expect((await bed.person(partner.ownerId).client.listOrders({ query: {} })).items).toEqual([])
  await expect(
    bed.person(partner.ownerId).client.getOrder({ params: { orderId: quoteId } }),
  ).rejects.toMatchObject({ status: 404 })

  const { order: cancelled } = await rpc().cancelOrder({ partner, orderId: quoteId, reason: 'Not needed' })
  expect(cancelled).toMatchObject({ state: 'cancelled', reason: 'Not needed' })
  expect(await code(rpc().placeOrder({ partner, quoteId, ...pickup }))).toBe('none')
  const { order: same } = await rpc().requestQuote({ partner, key: 'one', lines })
  expect(same!.orderId).toBe(quoteId)
})

test('one key is one quote, also when it is sent ten times at once', async () => {
  const partner = newPartner()
  const { modelId } = await bed.model(partner.ownerId)
  const lines = [{ modelId, version: 1, ...options }]
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => rpc().requestQuote({ partner, key: 'same', lines })),
  )
  expect(new Set(answers.map(({ order }) => order!.orderId)).size).toBe(1)
})

test('what is not right is said by field; what cannot be now, in words', async () => {
  const partner = newPartner()
  const { modelId } = await bed.model(partner.ownerId)
  const line = { modelId, version: 0, ...options }
  const ask = (lines: (typeof line)[], more: object = {}) =>
    rpc().requestQuote({ partner, key: uuidv7(), lines, ...more })
  await expect(ask([{ ...line, quantity: 0 }])).rejects.toThrow('quantity is 1 to 10000')
  await expect(ask([{ ...line, material: 'gold' }])).rejects.toThrow('lines[0] material is not offered')
  await expect(ask([])).rejects.toThrow('lines: 1 to 50')
  await expect(ask([line], { partner: { ...partner, projectId: 'x' } })).rejects.toThrow('partner.project_id')
  expect(await code(ask([{ ...line, modelId: uuidv7() }]))).toBe('FailedPrecondition')
  bed.mes.pricing = { kind: 'keep' }
  const { order } = await ask([{ ...line, quantity: 7 }])
  const place = (more: object = {}) =>
    rpc().placeOrder({ partner, quoteId: order!.orderId, ...pickup, ...more })
  await expect(place()).rejects.toThrow('no prices yet')
  await bed.settled()
  await bed.announce(mes, 'order.price.calculated', bed.price(bed.mes.asked.at(-1)!, 10))
  await expect(place({ deliveryMethod: 'post' })).rejects.toThrow('address is missing')
  await expect(place({ customer: { ...customer, email: 'nobody' } })).rejects.toThrow('customer.email')
  await expect(place({ customer: undefined })).rejects.toThrow('customer is missing')
  await bed.tools
    .sql`update orders set valid_until = now() - interval '1 minute' where order_id = ${order!.orderId}`
  await expect(place()).rejects.toThrow('not valid any more')
  expect(await code(rpc().listOrders({ partner, state: 'odd', limit: 0, cursor: '' }))).toBe(
    'InvalidArgument',
  )
  expect(await code(rpc().listOrders({ partner, state: '', limit: 0, cursor: 'odd' }))).toBe(
    'InvalidArgument',
  )
})

test('listOrders pages from the newest, by state', async () => {
  const partner = newPartner()
  for (const key of ['a', 'b', 'c']) await quote(partner, key)
  const first = await rpc().listOrders({ partner, state: 'quoted', limit: 2, cursor: '' })
  const rest = await rpc().listOrders({ partner, state: 'quoted', limit: 2, cursor: first.next })
  const all = [...first.orders, ...rest.orders]
  expect(all).toHaveLength(3)
  expect(all.every(({ lines }) => lines.length === 1)).toBe(true)
  expect(rest.next).toBe('')
})

test('a rehearsal goes its whole way by itself, and neither office nor production hears of it', async () => {
  const { partner, quoteId } = await quote(newPartner('development'))
  await rpc().placeOrder({ partner, quoteId, ...pickup })
  await vi.waitUntil(
    async () => (await rpc().getOrder({ partner, orderId: quoteId })).order!.state === 'delivered',
    { timeout: 20_000, interval: 50 },
  )
  expect(await bed.eventsOf(quoteId, 'order.created')).toEqual([])
  const changed = await bed.eventsOf(quoteId, 'order.changed')
  expect(changed.map(({ data }) => data['state']).slice(-4)).toEqual([
    'inProduction',
    'qualityCheck',
    'packed',
    'delivered',
  ])
  expect(changed.every(({ data }) => data['test'] === true)).toBe(true)
})
