/** Neighbours that speak late, early, twice and all at once; cancellations that race with them. */

import { Code, ConnectError } from '@connectrpc/connect'
import { crm } from '@pleiad/crm/contract'
import files from '@pleiad/files'
import { files as filesContract } from '@pleiad/files/contract'
import { Files } from '@pleiad/files/rpc'
import { operators } from '@pleiad/operators/contract'
import { defineContract } from '@pleiad/platform/contract'
import { defineService } from '@pleiad/platform/service'
import { users } from '@pleiad/users/contract'
import { Value } from 'typebox/value'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shop } from './contract.ts'
import { gatherLetters } from './service-letters.ts'
import { type Bed, options, order, placing, produce, startBed } from './testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed()
  await bed.publish(1)
})
afterAll(() => bed?.platform.stop())

const stateOf = async (orderId: string) => (await bed.staff.client.getOrder({ params: { orderId } })).state
const refusals = async (orderId: string) =>
  (await bed.eventsOf(orderId, 'order.confirmation.refused')).map(({ data }) => data)
const letters = (orderId: string) => bed.staff.client.listDeadLetters({ params: { orderId } })

describe('events that are early', () => {
  test('wait for what comes first, and nothing is lost', async () => {
    const { orderId } = await order(bed)
    const by = uuidv7()
    const work = { orderId, lineId: uuidv7(), workId: uuidv7(), operatorId: by }
    await bed.announce(operators, 'order.shipped', { orderId, by, carrier: 'DHL', tracking: '1' })
    await bed.announce(operators, 'order.packed', { orderId, by })
    await bed.announce(operators, 'production.finished', { orderId })
    await bed.announce(operators, 'production.started', work)
    expect(await stateOf(orderId)).toBe('created')
    await bed.announce(crm, 'order.confirmed', { orderId, by })
    expect(await stateOf(orderId)).toBe('shipped')
    expect(await refusals(orderId)).toEqual([])
    expect((await letters(orderId)).items).toEqual([])
    const changed = await bed.eventsOf(orderId, 'order.changed')
    expect(changed.map(({ data }) => data['state'])).toEqual([
      'quoted',
      'created',
      'confirmed',
      'inProduction',
      'qualityCheck',
      'packed',
      'shipped',
    ])
  })

  test('a failed check that is overtaken by the next success does not send the order back', async () => {
    const { orderId } = await order(bed)
    const by = uuidv7()
    await produce(bed, orderId, 'inProduction')
    const running = bed.platform.host.running.find(({ service }) => service.contract.name === 'operators')!
    // Emitted in this order, so their ids grow; handled by three consumers in any order.
    for (let loop = 0; loop < 3; loop++) {
      await running.tools.transact(async (tx) => {
        const emitted = [
          ['production.finished', { orderId }],
          ['quality.failed', { orderId, by, reason: 'Warped' }],
        ] as const
        for (const [type, data] of emitted) tx.emit({ type, version: 1, key: orderId, data })
      })
    }
    await bed.announce(operators, 'production.finished', { orderId })
    expect(await stateOf(orderId)).toBe('qualityCheck')
    await bed.announce(operators, 'quality.failed', { orderId, by, reason: 'Warped' })
    expect(await stateOf(orderId)).toBe('inProduction')
    expect((await letters(orderId)).items).toEqual([])
  })
})

describe('events that are late or impossible', () => {
  test('change nothing and are answered: a confirmation of a cancelled order', async () => {
    const { orderId, person } = await order(bed)
    await person.client.cancelOrder({ params: { orderId }, body: { reason: 'Ordered twice' } })
    await bed.announce(crm, 'order.confirmed', { orderId, by: uuidv7() })
    expect(await stateOf(orderId)).toBe('cancelled')
    expect(await refusals(orderId)).toMatchObject([
      { state: 'cancelled', event: 'order.confirmed', reason: 'The order is cancelled.' },
    ])
    expect((await bed.eventsOf(orderId, 'order.cancelled')).map(({ data }) => data)).toMatchObject([
      { reason: 'Ordered twice', by: { kind: 'customer' } },
    ])
    expect((await letters(orderId)).items).toEqual([])
  })

  test('an order that nobody knows is answered too', async () => {
    const orderId = uuidv7()
    await bed.announce(crm, 'order.confirmed', { orderId, by: uuidv7() })
    expect(await refusals(orderId)).toMatchObject([{ state: 'unknown' }])
  })

  test('cancel and confirm at once: whoever is second is told, and everybody sees the same', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => order(bed)))
    const running = bed.platform.host.running.find(({ service }) => service.contract.name === 'crm')!
    await Promise.all(
      made.flatMap(({ orderId, person }) => [
        person.client.cancelOrder({ params: { orderId }, body: {} }),
        running.tools.transact(async (tx) =>
          tx.emit({ type: 'order.confirmed', version: 1, key: orderId, data: { orderId, by: uuidv7() } }),
        ),
      ]),
    )
    await bed.settled()
    for (const { orderId } of made) {
      // A customer may cancel what is confirmed as long as nobody makes it: so it is cancelled either way.
      expect(await stateOf(orderId)).toBe('cancelled')
      const states = (await bed.eventsOf(orderId, 'order.changed')).map(({ data }) => String(data['state']))
      expect(states.filter((state) => state === 'cancelled')).toHaveLength(1)
      expect((await refusals(orderId)).length).toBe(states.includes('confirmed') ? 0 : 1)
      expect(await bed.eventsOf(orderId, 'order.cancelled')).toHaveLength(1)
    }
  })

  test('the customer cannot cancel what is being made; staff can, and the reason is in the timeline', async () => {
    const { orderId, person } = await order(bed)
    await produce(bed, orderId, 'inProduction')
    const params = { orderId }
    await expect(person.client.cancelOrder({ params, body: {} })).rejects.toMatchObject({
      code: 'orderStateRefuses',
      problem: { state: 'inProduction' },
    })
    await bed.staff.client.cancelOrder({ params, body: { reason: 'The machine is broken.' } })
    const { items } = await person.client.getTimeline({ params, query: {} })
    expect(items.at(-1)).toMatchObject({
      code: 'state',
      state: 'cancelled',
      by: { kind: 'staff', id: bed.staff.id },
      reason: 'The machine is broken.',
    })
  })
})

describe('who sees what', () => {
  test('somebody else’s order is not there; staff finds it by number, name, company and address', async () => {
    const { orderId, number } = await order(bed, bed.person(), {
      customer: { name: 'Grace Hopper', email: `grace-${uuidv7()}@example.com`, company: 'Compilers' },
    })
    const other = bed.person().client
    const params = { orderId }
    for (const attempt of [
      () => other.getOrder({ params }),
      () => other.getTimeline({ params, query: {} }),
      () => other.cancelOrder({ params, body: {} }),
      () => other.beginPayment({ params, body: {} }),
      () => other.createInvoiceLink({ params, body: {} }),
      () => other.acceptPrice({ params, body: { total: 900 } }),
    ])
      await expect(attempt()).rejects.toMatchObject({ status: 404 })
    await expect(other.manageOrders({ query: {} })).rejects.toMatchObject({ status: 403 })
    for (const q of [number, 'hopp', 'GRACE hop', 'compil']) {
      const { items } = await bed.staff.client.manageOrders({ query: { q, state: 'created' } })
      expect(items.map((each) => each.orderId)).toContain(orderId)
    }
    expect((await bed.staff.client.manageOrders({ query: { q: 'grace nobody' } })).items).toEqual([])
    expect((await bed.staff.client.manageOrders({ query: { q: '%%' } })).items).toEqual([])
  })

  test('lists page from the newest, each order once', async () => {
    const person = bed.person()
    for (let n = 0; n < 3; n++) await order(bed, person)
    const first = await person.client.listOrders({ query: { limit: 2 } })
    const rest = await person.client.listOrders({ query: { limit: 2, cursor: first.next! } })
    const numbers = [...first.items, ...rest.items].map(({ number }) => number)
    expect(numbers).toHaveLength(3)
    expect([...numbers].sort().reverse()).toEqual(numbers)
    expect(rest.next).toBeUndefined()
    expect((await person.client.listOrders({ query: { state: 'delivered' } })).items).toEqual([])
  })
})

describe('models of orders', () => {
  const fileState = async (fileId: string) => {
    const { tools } = bed.platform.host.running.find(({ service }) => service === files)!
    const [row] = await tools.sql<{ keepers: string[]; due: Date | null }[]>`
      select array(select keeper from keepers where file_id = id) as keepers, delete_after as due
      from files where id = ${fileId}`
    return row
  }

  test('are kept while the order lives, let go when it ends, previewed, deleted and recorded', async () => {
    const { orderId, fileId, number, person } = await order(bed)
    expect(await fileState(fileId)).toMatchObject({ keepers: [`shop:order:${orderId}`], due: null })
    await produce(bed, orderId, 'delivered')
    const gone = await fileState(fileId)
    expect(gone?.keepers).toEqual([])
    expect(gone!.due!.getTime() - bed.tools.now().getTime()).toBeGreaterThan(89 * 86_400_000)

    const { retention, version } = await bed.staff.client.getRetention()
    expect(retention.delivered).toBe(90)
    await bed.staff.client.setRetention({ ifMatch: version, body: { ...retention, delivered: 2 } })
    await expect(bed.staff.client.setRetention({ ifMatch: version, body: retention })).rejects.toMatchObject({
      code: 'preconditionFailed',
    })
    await bed.runJob('applyRetention')
    await bed.settled()
    const sooner = await fileState(fileId)
    expect(sooner!.due!.getTime() - bed.tools.now().getTime()).toBeLessThan(3 * 86_400_000)
    // The rest of the model, such as what was uploaded, goes on the same day.
    const dates = (await bed.eventsOf(orderId, 'order.closed')).map(({ data }) => data['deleteAfter'])
    expect(dates).toHaveLength(2)
    expect(Date.parse(String(dates[1]))).toBeLessThan(Date.parse(String(dates[0])))
    const preview = await bed.staff.client.previewRetention({ query: {} })
    const mine = preview.first.find((each) => each.fileId === fileId)
    expect(mine).toMatchObject({ number, outcome: 'delivered', name: 'bracket' })
    expect(mine!.bytes).toBeGreaterThan(0)
    expect(preview.bytes).toBeGreaterThanOrEqual(mine!.bytes)

    bed.platform.advance(3 * 86_400_000)
    const running = bed.platform.host.running.find(({ service }) => service === files)!
    await running.tools.transact(async (tx) => {
      await files.jobs!['removeDue']!.run(Object.assign(Object.create(running.tools), { tx }), running.own)
    })
    await bed.settled()
    expect(await fileState(fileId)).toBeUndefined()
    const removed = await bed.staff.client.listRemovedModels({ query: { limit: 100 } })
    expect(removed.items.find((each) => each.fileId === fileId)).toMatchObject({ number, orderId })
    const { items } = await person.client.getTimeline({ params: { orderId }, query: { limit: 100 } })
    expect(items.at(-1)).toMatchObject({ code: 'file.gone' })
    await bed.staff.client.setRetention({ ifMatch: version + 1, body: retention })
  })

  test('a model that another order still needs stays', async () => {
    const first = await order(bed)
    await first.person.client.addLine({ body: { kind: 'made', modelId: first.modelId, options } })
    await bed.settled()
    const { cartId } = await first.person.client.getCart()
    const second = await first.person.client.checkout({ body: { cartId, ...placing } })
    await bed.settled()
    await first.person.client.cancelOrder({ params: { orderId: first.orderId }, body: {} })
    await bed.settled()
    expect((await fileState(first.fileId))?.keepers).toEqual([`shop:order:${second.orderId}`])
    const [closed] = await bed.eventsOf(first.orderId, 'order.closed')
    expect(closed!.data).toMatchObject({ outcome: 'cancelled', files: [] })
    await first.person.client.cancelOrder({ params: { orderId: second.orderId }, body: {} })
    await bed.settled()
    expect((await fileState(first.fileId))?.keepers).toEqual([])

    // Both are told anew, and the one that ended first does not take the model from the other.
    const { retention, version } = await bed.staff.client.getRetention()
    await bed.staff.client.setRetention({ ifMatch: version, body: { ...retention, cancelled: 7 } })
    await bed.runJob('applyRetention')
    const told = async (orderId: string) => (await bed.eventsOf(orderId, 'order.closed')).at(-1)!.data
    expect(await told(first.orderId)).toMatchObject({ files: [] })
    expect(await told(second.orderId)).toMatchObject({ files: [{ fileId: first.fileId }] })
    await bed.staff.client.setRetention({ ifMatch: version + 1, body: retention })
  })

  test('of an abandoned cart go too', async () => {
    const person = bed.person()
    const { modelId, fileId } = await bed.model(person.id)
    const cart = await person.client.addLine({ body: { kind: 'made', modelId, options } })
    // Its price would touch it again.
    await bed.settled()
    await bed.tools
      .sql`update carts set updated_at = now() - interval '40 days' where cart_id = ${cart.cartId}`
    await bed.runJob('expire')
    await bed.runJob('applyRetention')
    expect((await fileState(fileId))!.due).not.toBeNull()
    expect((await person.client.getCart()).cartId).not.toBe(cart.cartId)
  })
})

describe('people who leave', () => {
  test('their open orders are cancelled and all are anonymised; what is being made is finished first', async () => {
    const person = bed.person()
    const fresh = await order(bed, person)
    const making = await order(bed, person)
    await produce(bed, making.orderId, 'inProduction')
    const running = bed.platform.host.running.find(({ service }) => service.contract.name === 'shop')!
    const own = await running.service.personalData!(running.tools, running.own, person.id)
    expect(own).toMatchObject({ orders: [{ number: making.number }, { number: fresh.number }] })
    await bed.announce(users, 'user.deleted', { userId: person.id, by: person.id })
    const see = (orderId: string) => bed.staff.client.getOrder({ params: { orderId } })
    expect(await see(fresh.orderId)).toMatchObject({ state: 'cancelled', customer: { name: '—', email: '' } })
    expect(await see(making.orderId)).toMatchObject({
      state: 'inProduction',
      customer: { name: 'Ada Lovelace' },
    })
    const by = uuidv7()
    await bed.announce(operators, 'production.finished', { orderId: making.orderId })
    await bed.announce(operators, 'order.packed', { orderId: making.orderId, by })
    await bed.announce(operators, 'order.delivered', { orderId: making.orderId, by })
    const done = await see(making.orderId)
    expect(done).toMatchObject({ state: 'delivered', total: 900, customer: { name: '—', email: '' } })
    expect(done.customer.userId).not.toBe(person.id)
    const left = await bed.tools.sql<{ n: number }[]>`
      select (select count(*) from orders where customer_id = ${person.id} or customer::text like '%Lovelace%'
          and order_id in (${fresh.orderId}, ${making.orderId}))
        + (select count(*) from timeline where by_id = ${person.id})
        + (select count(*) from carts where owner_id = ${person.id}) as n`
    expect(left[0]!.n).toBe(0)
    expect((await bed.staff.client.manageOrders({ query: { q: making.number } })).items).toHaveLength(1)
    expect(await running.service.personalData!(running.tools, running.own, person.id)).toBeUndefined()
  })
})

describe('parked events', () => {
  test('are seen on the order they belong to, and tried again from there', async () => {
    const { orderId, fileId } = await order(bed)
    const { sql } = bed.tools
    const [row] = await sql<{ id: string }[]>`
      update inbox set state = 'dead', error = 'files was away', finished_at = now()
      where key = ${orderId} and consumer = 'shop.holdFiles' returning id`
    const params = { orderId }
    const { items } = await letters(orderId)
    expect(items).toMatchObject([
      { service: 'shop', consumer: 'shop.holdFiles', error: 'files was away', type: 'order.files.due' },
    ])
    await expect(bed.person().client.listDeadLetters({ params })).rejects.toMatchObject({ status: 403 })
    expect(await bed.staff.client.retryDeadLetters({ params, body: { id: row!.id } })).toEqual({ count: 1 })
    await bed.settled()
    expect((await letters(orderId)).items).toEqual([])
    expect(fileId).toBeTruthy()
  })

  test('are gathered from whoever answers, and whoever does not is named', async () => {
    const letter = { consumer: 'crm.noteOrder', id: uuidv7(), type: 'order.created', attempts: 5, error: 'x' }
    const parked = { ...letter, parkedAt: new Date().toISOString() }
    const asked: unknown[] = []
    const peer = (service: string, items: object[] | undefined) => ({
      service,
      deadLetters: async (filter: object) => {
        asked.push(filter)
        if (!items) throw new Error('its process is not there')
        return { items: items as never }
      },
    })
    const orderId = uuidv7()
    const peers = [peer('shop', []), peer('operators', undefined), peer('crm', [{ ...parked, position: 7 }])]
    expect(await gatherLetters(peers, orderId)).toEqual({
      items: [{ service: 'crm', ...parked }],
      silent: ['operators'],
    })
    expect(asked).toEqual([{ key: orderId }, { key: orderId }, { key: orderId }])
    expect(await gatherLetters([peer('shop', [])], orderId)).toEqual({ items: [] })
  })
})

test('order.created is announced with what its schema says', async () => {
  const { orderId } = await order(bed, bed.person(), {
    delivery: {
      method: 'post',
      address: { name: 'Ada', street: 'Road 1', city: 'Town', postalCode: '1', country: 'DE' },
    },
    note: 'Please hurry',
  })
  const [created] = await bed.eventsOf(orderId, 'order.created')
  expect([...Value.Errors(shop.events['order.created'].data, created!.data)]).toEqual([])
  expect(created!.data).toMatchObject({
    total: 900 + 490,
    delivery: { method: 'post', price: 490 },
    note: 'Please hurry',
  })
})

test('while files is away nothing is parked: it is told as soon as it is there again', async () => {
  let away = true
  const kept: string[] = []
  const gone = () => {
    if (away) throw new ConnectError('away', Code.Unavailable)
  }
  const stand = defineService({
    contract: defineContract({
      name: 'files',
      version: '1.0.0',
      summary: 'Answers when it is there, in tests.',
      operations: {},
      events: filesContract.events,
    }),
    url: new URL('./announcer/service.ts', import.meta.url).href,
    routes: () => ({}),
    rpc: (router) =>
      router.service(Files, {
        getFiles: () => {
          gone()
          return {}
        },
        keep: ({ keeper }) => {
          kept.push(keeper)
          return {}
        },
      }),
  })
  const alone = await startBed({}, [], stand)
  try {
    const { orderId } = await order(alone, undefined, {}, uuidv7())
    const { items } = await alone.staff.client.listDeadLetters({ params: { orderId } })
    expect(items).toEqual([])
    expect(kept).toEqual([])
    away = false
    await alone.runJob('applyRetention')
    expect(kept).toEqual([`shop:order:${orderId}`])
  } finally {
    await alone.platform.stop()
  }
})
