import { auth } from '@pleiad/auth/contract'
import { editor } from '@pleiad/editor/contract'
import { Files } from '@pleiad/files/rpc'
import { mes } from '@pleiad/mes/contract'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { shop } from './contract.ts'
import { type Bed, options, order, placing, produce, startBed } from './testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed()
  await bed.publish(1)
})
afterAll(() => bed?.platform.stop())
beforeEach(() => {
  bed.mes.pricing = { kind: 'price', unitPrice: 450 }
})

const sku = () => `BOX-${uuidv7().slice(-8).toUpperCase()}`
const item = (more: object = {}) => ({
  sku: sku(),
  names: { en: 'Box', ru: 'Коробка' },
  about: { en: '', ru: '' },
  price: 1200,
  currency: 'EUR',
  stock: 5,
  pictures: [],
  active: true,
  ...more,
})

test('at its first start it asks for the price book, which may have been announced before it listened', async () => {
  const { sql } = bed.tools
  await bed.settled()
  const asked = await sql`select from outbox_log where type = 'catalogue.wanted'`
  expect(asked).toHaveLength(1)
})

describe('the catalogue', () => {
  test('getCatalogue has what the price book in force has', async () => {
    const catalogue = await bed.platform.client(shop).getCatalogue()
    expect(catalogue).toMatchObject({ bookVersion: 1, currency: 'EUR', technologies: [{ id: 'fdm' }] })
  })

  test('createItem, updateItem: customers see what is active; numbers are unique; old versions are refused', async () => {
    const { client } = bed.staff
    const made = await client.createItem({ body: item() })
    const params = { itemId: made.itemId }
    await expect(client.createItem({ body: item({ sku: made.sku }) })).rejects.toMatchObject({
      code: 'skuTaken',
    })
    expect((await bed.person().client.getItem({ params: { sku: made.sku } })).price).toBe(1200)
    const { itemId: _, version: __, updatedAt: ___, ...draft } = made
    await client.updateItem({ params, ifMatch: 1, body: { ...draft, active: false } })
    await expect(bed.person().client.getItem({ params: { sku: made.sku } })).rejects.toMatchObject({
      status: 404,
    })
    await expect(client.updateItem({ params, ifMatch: 1, body: draft })).rejects.toMatchObject({
      code: 'preconditionFailed',
    })
    expect((await client.manageItems({ query: { limit: 100 } })).items.map((each) => each.sku)).toContain(
      made.sku,
    )
    await expect(bed.person().client.createItem({ body: item() })).rejects.toMatchObject({ status: 403 })
  })

  test('pictures are files of one’s own that are pictures; everybody sees those of items that are offered', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    const put = async (ownerId: string, bytes: Buffer) => {
      async function* parts() {
        yield { part: { case: 'file' as const, value: { ownerId, purpose: 'picture', name: 'box.png' } } }
        yield { part: { case: 'bytes' as const, value: new Uint8Array(bytes) } }
      }
      return (await bed.tools.rpc(Files).put(parts() as never)).file!.fileId
    }
    const { client, id } = bed.staff
    const picture = await put(id, png)
    for (const wrong of [await put(uuidv7(), png), await put(id, Buffer.from('no picture')), uuidv7()])
      await expect(client.createItem({ body: item({ pictures: [wrong] }) })).rejects.toMatchObject({
        code: 'pictureNotRight',
        problem: { errors: [{ path: '/body/pictures/0' }] },
      })
    const see = (fileId: string) =>
      fetch(`${bed.platform.url}/shop/pictures/${fileId}`, { redirect: 'manual' })
    expect((await see(picture)).status).toBe(404)
    const made = await client.createItem({ body: item({ pictures: [picture] }) })
    const shown = await see(picture)
    expect(shown.status).toBe(302)
    const link = shown.headers.get('location')!.replace('http://localhost:8080', bed.platform.url)
    expect(Buffer.from(await (await fetch(link)).arrayBuffer())).toEqual(png)
    const keepers = async () =>
      (await bed.tools.rpc(Files).getFiles({ fileIds: [picture] })).files[0]!.keepers
    expect(await keepers()).toEqual([`shop:item:${made.itemId}`])
    const { itemId, version: _, updatedAt: __, ...draft } = made
    await client.updateItem({ params: { itemId }, ifMatch: 1, body: { ...draft, pictures: [] } })
    expect(await keepers()).toEqual([])
    expect((await see(picture)).status).toBe(404)
    expect((await see('nothing')).status).toBe(404)
  })

  test('getProfile begins with what the account says; saveProfile keeps it', async () => {
    const person = bed.person()
    await bed.announce(users, 'user.created', {
      userId: person.id,
      username: `u${person.id.slice(-8)}`,
      displayName: 'Ada',
      locale: 'ru',
      timeZone: 'UTC',
      version: 1,
    })
    await bed.announce(auth, 'email.changed', { userId: person.id, email: 'ada@example.org' })
    const fresh = await person.client.getProfile()
    expect(fresh).toMatchObject({ name: 'Ada', email: 'ada@example.org', addresses: [], version: 0 })
    const { version: _, ...draft } = fresh
    await person.client.saveProfile({ ifMatch: 0, body: { ...draft, company: 'Engines' } })
    expect(await person.client.getProfile()).toMatchObject({ company: 'Engines', version: 1 })
    await expect(person.client.saveProfile({ ifMatch: 0, body: draft })).rejects.toMatchObject({
      code: 'preconditionFailed',
    })
  })
})

describe('the cart', () => {
  test('addLine asks for a price, and the cart has it when it came', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    bed.mes.pricing = { kind: 'keep' }
    const asked = await person.client.addLine({ body: { kind: 'made', modelId, options } })
    expect(asked).toMatchObject({ ready: false, lines: [{ priceState: 'asked', name: 'bracket' }] })
    await bed.settled()
    const request = bed.mes.asked.at(-1)!
    expect(request).toMatchObject({ modelId, lane: 'regular', source: 'shop', options })
    await bed.announce(mes, 'order.price.calculated', bed.price(request, 450))
    expect(await person.client.getCart()).toMatchObject({
      ready: true,
      total: 900,
      lines: [{ priceState: 'calculated', unitPrice: 450, total: 900 }],
    })
    // The first answer counts.
    await bed.announce(mes, 'order.price.calculated', bed.price(request, 9999))
    expect((await person.client.getCart()).total).toBe(900)
  })

  test('a price that was made with the upload is there at once', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    const asked = {
      requestId: uuidv7(),
      modelId,
      version: 1,
      ownerId: person.id,
      lane: 'regular',
      source: 'shop',
      options,
    } as const
    await bed.announce(mes, 'order.price.calculated', bed.price(asked, 333, { source: 'model' }))
    const before = bed.mes.asked.length
    expect(await person.client.addLine({ body: { kind: 'made', modelId, options } })).toMatchObject({
      total: 666,
    })
    await bed.settled()
    expect(bed.mes.asked).toHaveLength(before)
  })

  test('changeLine, a new version of the model and a new price book price it anew', async () => {
    const person = bed.person()
    const { modelId, fileId } = await bed.model(person.id)
    const cart = await person.client.addLine({ body: { kind: 'made', modelId, options } })
    const { lineId } = cart.lines[0]!
    await bed.settled()
    bed.mes.pricing = { kind: 'price', unitPrice: 500 }
    await person.client.changeLine({ params: { lineId }, body: { quantity: 3 } })
    await bed.settled()
    expect(await person.client.getCart()).toMatchObject({ total: 1500, lines: [{ quantity: 3 }] })
    bed.mes.pricing = { kind: 'price', unitPrice: 600 }
    const model = {
      modelId,
      version: 2,
      ownerId: person.id,
      name: 'bracket 2',
      fileId,
      sha256: '',
      triangles: 1,
    }
    const measures = {
      volumeMm3: 1,
      areaMm2: 1,
      sizeMm: { x: 1, y: 1, z: 1 },
      shells: 1,
      repaired: false,
      warnings: [],
    }
    await bed.announce(editor, 'model.ready', { ...model, ...measures })
    expect(await person.client.getCart()).toMatchObject({
      total: 1800,
      lines: [{ version: 2, name: 'bracket 2' }],
    })
    bed.mes.pricing = { kind: 'price', unitPrice: 700 }
    await bed.publish(2)
    expect(await person.client.getCart()).toMatchObject({ total: 2100, ready: true })
    await bed.announce(editor, 'model.deleted', { modelId, ownerId: person.id })
    expect((await person.client.getCart()).lines).toEqual([])
    await expect(person.client.addLine({ body: { kind: 'made', modelId, options } })).rejects.toMatchObject({
      code: 'modelNotReady',
    })
  })

  test('somebody else’s model, and options that are not offered, are refused', async () => {
    const { modelId } = await bed.model(uuidv7())
    const { client } = bed.person()
    await expect(client.addLine({ body: { kind: 'made', modelId, options } })).rejects.toMatchObject({
      code: 'modelNotReady',
    })
    const gold = { ...options, material: 'gold' }
    await expect(client.addLine({ body: { kind: 'made', modelId, options: gold } })).rejects.toMatchObject({
      code: 'optionsNotOffered',
      problem: { errors: [{ path: '/body/options/material' }] },
    })
    await expect(client.removeLine({ params: { lineId: uuidv7() } })).rejects.toMatchObject({ status: 404 })
  })
})

describe('checkout', () => {
  test('the whole road: cart, order, office, production, delivery, with a timeline that says who did what', async () => {
    const { person, orderId, number, fileId, modelId } = await order(bed)
    expect(number).toMatch(/^F-\d{4}-\d{6}$/)
    expect(await person.client.getOrder({ params: { orderId } })).toMatchObject({
      state: 'created',
      total: 900,
      may: ['cancel', 'pay'],
      lines: [{ machineSeconds: 7200, materialG: 22 }],
    })
    const created = await bed.eventsOf(orderId, 'order.created')
    expect(created).toHaveLength(1)
    expect(created[0]!.data).toMatchObject({ number, total: 900, customer: { email: 'ada@example.com' } })
    await produce(bed, orderId, 'delivered')
    const { items } = await person.client.getTimeline({ params: { orderId }, query: { limit: 100 } })
    expect(items.filter(({ code }) => code === 'state').map(({ state }) => state)).toEqual([
      'quoted',
      'created',
      'confirmed',
      'inProduction',
      'qualityCheck',
      'packed',
      'shipped',
      'delivered',
    ])
    expect(items.find(({ state }) => state === 'created')!.by).toEqual({ kind: 'customer', id: person.id })
    expect(items.find(({ state }) => state === 'confirmed')!.by.kind).toBe('staff')
    expect(await person.client.getOrder({ params: { orderId } })).toMatchObject({
      state: 'delivered',
      tracking: { carrier: 'DHL', number: '0034' },
    })
    expect((await bed.eventsOf(orderId, 'order.closed')).map(({ data }) => data)).toMatchObject([
      { outcome: 'delivered', files: [{ fileId, modelId }] },
    ])
    expect(await bed.eventsOf(orderId, 'order.confirmation.refused')).toEqual([])
  })

  test('fifty at once of one cart, with and without keys: one order', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    await person.client.addLine({ body: { kind: 'made', modelId, options } })
    const box = await bed.staff.client.createItem({ body: item({ stock: 60 }) })
    await person.client.addLine({ body: { kind: 'ready', sku: box.sku, quantity: 1 } })
    await bed.settled()
    const { cartId } = await person.client.getCart()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        person.client.checkout({
          body: { cartId, ...placing },
          ...(n % 2 === 0 ? { idempotencyKey: `checkout-${n % 10}` } : {}),
        }),
      ),
    ).catch((error: unknown) => {
      // Two at once under one key: the second is told to come back.
      expect(error).toMatchObject({ code: 'idempotencyInFlight' })
      return []
    })
    await bed.settled()
    const orders = await person.client.listOrders({ query: {} })
    expect(orders.items).toHaveLength(1)
    expect(new Set(answers.map(({ orderId }) => orderId)).size).toBeLessThanOrEqual(1)
    const again = await person.client.checkout({ body: { cartId, ...placing } })
    expect(again.orderId).toBe(orders.items[0]!.orderId)
    expect(await bed.eventsOf(again.orderId, 'order.created')).toHaveLength(1)
    expect((await person.client.getItem({ params: { sku: box.sku } })).stock).toBe(59)
    expect((await person.client.getCart()).lines).toEqual([])
  })

  test('fifty at once, each with a key of its own, are all answered with the one order', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    await person.client.addLine({ body: { kind: 'made', modelId, options } })
    await bed.settled()
    const { cartId } = await person.client.getCart()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        person.client.checkout({ body: { cartId, ...placing }, idempotencyKey: uuidv7() }),
      ),
    )
    expect(new Set(answers.map(({ orderId }) => orderId)).size).toBe(1)
    expect(await bed.eventsOf(answers[0]!.orderId, 'order.created')).toHaveLength(1)
  })

  test('before the prices have come: within the estimate it goes on by itself', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    bed.mes.pricing = { kind: 'keep' }
    const cart = await person.client.addLine({
      body: { kind: 'made', modelId, options, estimate: { low: 800, high: 1000 } },
    })
    const draft = await person.client.checkout({ body: { cartId: cart.cartId, ...placing } })
    expect(draft).toMatchObject({ state: 'draft', ordered: true })
    expect(draft.total).toBeUndefined()
    await bed.settled()
    expect(await bed.eventsOf(draft.orderId, 'order.created')).toEqual([])
    await bed.announce(mes, 'order.price.calculated', bed.price(bed.mes.asked.at(-1)!, 480))
    expect(await person.client.getOrder({ params: { orderId: draft.orderId } })).toMatchObject({
      state: 'created',
      total: 960,
    })
    expect(await bed.eventsOf(draft.orderId, 'order.created')).toHaveLength(1)
  })

  test('outside of the estimate it asks; acceptPrice accepts exactly what is asked', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    bed.mes.pricing = { kind: 'price', unitPrice: 700 }
    const cart = await person.client.addLine({
      body: { kind: 'made', modelId, options, estimate: { low: 800, high: 1000 } },
    })
    // Before the price has come, the customer has seen the estimate alone.
    bed.mes.pricing = { kind: 'keep' }
    const { orderId } = await person.client.checkout({ body: { cartId: cart.cartId, ...placing } })
    await bed.settled()
    const asked = bed.mes.asked.findLast((each) => each.modelId === modelId)!
    await bed.announce(mes, 'order.price.calculated', bed.price(asked, 700))
    const params = { orderId }
    const asks = await person.client.getOrder({ params })
    expect(asks).toMatchObject({ state: 'quoted', needsAcceptance: true, total: 1400 })
    expect(asks.may).toContain('acceptPrice')
    expect((await bed.eventsOf(orderId, 'order.changed')).at(-1)!.data).toMatchObject({
      needsAcceptance: true,
    })
    const accept = (total: number) => person.client.acceptPrice({ params, body: { total } })
    await expect(accept(1300)).rejects.toMatchObject({ code: 'priceChanged', problem: { total: 1400 } })
    expect(await accept(1400)).toMatchObject({ state: 'created', needsAcceptance: false })
    expect(await accept(1400)).toMatchObject({ state: 'created' })
    expect(await bed.eventsOf(orderId, 'order.created')).toHaveLength(1)
  })

  test('a part that cannot be made ends the order, with the reason; a delay is told and waited for', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    bed.mes.pricing = { kind: 'delay', detail: 'It is wider than any machine.' }
    const cart = await person.client.addLine({
      body: { kind: 'made', modelId, options, estimate: { low: 1, high: 2 } },
    })
    await bed.settled()
    const { orderId } = await person.client.checkout({ body: { cartId: cart.cartId, ...placing } })
    expect(await person.client.getOrder({ params: { orderId } })).toMatchObject({
      state: 'draft',
      lines: [{ priceState: 'delayed', problem: { detail: 'It is wider than any machine.' } }],
    })
    const asked = bed.mes.asked.findLast((each) => each.modelId === modelId)!
    const { requestId, source, version, ownerId } = asked
    const reason = { code: 'declined', detail: 'It would break.' }
    const data = { requestId, source, modelId, version, ownerId, options, reason }
    await bed.announce(mes, 'order.price.refused', data)
    expect(await person.client.getOrder({ params: { orderId } })).toMatchObject({
      state: 'rejected',
      reason: 'It would break.',
    })
    const next = bed.person()
    const other = await bed.model(next.id)
    bed.mes.pricing = { kind: 'refuse', detail: 'Too thin.' }
    await next.client.addLine({ body: { kind: 'made', modelId: other.modelId, options } })
    await bed.settled()
    const refused = await next.client.getCart()
    await expect(
      next.client.checkout({ body: { cartId: refused.cartId, ...placing } }),
    ).rejects.toMatchObject({ code: 'cartNotReady', problem: { lines: [{ reason: 'refused' }] } })
  })

  test('stock is never below nothing, and comes back when the order is cancelled', async () => {
    const box = await bed.staff.client.createItem({ body: item({ stock: 5 }) })
    const people = Array.from({ length: 12 }, () => bed.person())
    const done = await Promise.all(
      people.map(async (person) => {
        const cart = await person.client.addLine({ body: { kind: 'ready', sku: box.sku, quantity: 1 } })
        return person.client.checkout({ body: { cartId: cart.cartId, ...placing } }).catch((error) => {
          expect(error).toMatchObject({ code: 'outOfStock', problem: { lines: [{ sku: box.sku, left: 0 }] } })
          return undefined
        })
      }),
    )
    expect(done.filter((each) => each !== undefined)).toHaveLength(5)
    const stock = async () => (await people[0]!.client.getItem({ params: { sku: box.sku } })).stock
    expect(await stock()).toBe(0)
    const winner = done.findIndex((each) => each !== undefined)
    const params = { orderId: done[winner]!.orderId }
    await Promise.all([1, 2, 3].map(() => people[winner]!.client.cancelOrder({ params, body: {} })))
    expect(await stock()).toBe(1)
  })

  test('what cannot be ordered says why', async () => {
    const { client } = bed.person()
    const { cartId } = await client.getCart()
    await expect(client.checkout({ body: { cartId, ...placing } })).rejects.toMatchObject({
      code: 'cartEmpty',
    })
    await expect(
      client.checkout({ body: { cartId, ...placing, delivery: { method: 'post' } } }),
    ).rejects.toMatchObject({ code: 'addressMissing' })
    await expect(client.checkout({ body: { cartId, ...placing, payment: 'stripe' } })).rejects.toMatchObject({
      code: 'paymentNotOffered',
    })
    await expect(bed.person().client.checkout({ body: { cartId, ...placing } })).rejects.toMatchObject({
      status: 404,
    })
  })
})

describe('quotes', () => {
  test('freeze prices until their day, and are ordered once, with their cart', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    await person.client.addLine({ body: { kind: 'made', modelId, options } })
    await bed.settled()
    const { cartId } = await person.client.getCart()
    const quote = await person.client.requestQuote({ body: { cartId } })
    expect(quote).toMatchObject({ state: 'quoted', total: 900, ordered: false })
    bed.mes.pricing = { kind: 'price', unitPrice: 999 }
    await bed.publish(bed.mes.bookVersion + 1)
    const body = { quoteId: quote.orderId, ...placing }
    const answers = await Promise.all(Array.from({ length: 10 }, () => person.client.checkout({ body })))
    expect(new Set(answers.map(({ orderId }) => orderId))).toEqual(new Set([quote.orderId]))
    expect(answers[0]).toMatchObject({ state: 'created', total: 900 })
    expect(await bed.eventsOf(quote.orderId, 'order.created')).toHaveLength(1)
  })

  test('a quote whose time is over is not ordered, and ends as abandoned', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    await person.client.addLine({ body: { kind: 'made', modelId, options } })
    await bed.settled()
    const { cartId } = await person.client.getCart()
    const { orderId } = await person.client.requestQuote({ body: { cartId } })
    await bed.tools
      .sql`update orders set valid_until = now() - interval '1 minute' where order_id = ${orderId}`
    await expect(person.client.checkout({ body: { quoteId: orderId, ...placing } })).rejects.toMatchObject({
      code: 'quoteExpired',
    })
    await bed.runJob('expire')
    expect(await person.client.getOrder({ params: { orderId } })).toMatchObject({ state: 'cancelled' })
    expect((await bed.eventsOf(orderId, 'order.closed')).map(({ data }) => data)).toMatchObject([
      { outcome: 'abandoned' },
    ])
    expect(await bed.eventsOf(orderId, 'order.cancelled')).toEqual([])
  })
})
