/**
 * The whole road of an order with all services as they are, in one process: from a broken STL to a delivered parcel and
 * the deletion of the model; by a person through the shop, and by a program through the partners' API.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { auth } from '@pleiad/auth/contract'
import { oidc } from '@pleiad/oidc/contract'
import { partners } from '@pleiad/partners/contract'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { projects } from '@pleiad/projects/contract'
import { webhooks } from '@pleiad/webhooks/contract'
import { bracket, gear } from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { uuidv7 } from 'uuidv7'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { discoverServices } from '../../platform/service/discover.ts'
import { handsAt, looked, options, orderIn, placing, pricedCart, sendBytes, until, upload } from './hands.ts'

const DAY_MS = 86_400_000
const office = ['orders:confirm', 'customers:read', 'customers:manage', 'orders:manage', 'shop:manage']
const head = ['production:work', 'production:assign', 'production:configure']

interface Heard {
  readonly type: string
  readonly data: Record<string, unknown>
}

let platform: TestPlatform
let people: Awaited<ReturnType<typeof gather>>
/** How far the services' clock is ahead. PostgreSQL's is not, and what falls due there would wait for as long. */
let ahead = 0
function skip(milliseconds: number): void {
  ahead += milliseconds
  platform.advance(milliseconds)
}
const heard: Heard[] = []
const listener = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  heard.push(JSON.parse(Buffer.concat(chunks).toString()))
  response.writeHead(204).end()
})

beforeAll(async () => {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  platform = await startTestPlatform({
    services: await discoverServices(fileURLToPath(new URL('../../services/', import.meta.url)), 'all'),
    env: {
      AUTH_SIGN_UP: 'immediate',
      OUTBOUND_ALLOW: '127.0.0.1',
      MES_WORKER_THREADS: '1',
      EDITOR_WORKERS: '1',
      SHOP_REHEARSAL_SECONDS: '0',
    },
  })
  people = await gather()
}, 120_000)
afterEach(() => skip(-ahead))
afterAll(async () => {
  await platform?.stop()
  listener.close()
})

const running = (name: string) => platform.host.running.find(({ service }) => service.contract.name === name)!

/** Runs a job as the clock would. */
async function runJob(service: string, name: string): Promise<void> {
  const { tools, own, service: found } = running(service)
  await tools.transact((tx) => found.jobs![name]!.run(Object.assign(Object.create(tools), { tx }), own))
  await platform.settled()
}

/** Registers somebody, and gives them hands whose token is always fresh: the test moves the clock. */
async function join(name: string, permissions: readonly string[], setupCode?: string) {
  const username = name.toLowerCase().replaceAll(' ', '-')
  const email = `${username}@example.com`
  const joined = await platform.client(auth).register({
    body: {
      email,
      username,
      displayName: name,
      password: 'a rather long phrase 7',
      ...(setupCode ? { setupCode } : {}),
    },
  })
  if (joined.status !== 'signedIn' || !joined.accessToken) throw new Error('not signed in')
  const { userId: id } = await platform.client(auth, joined.accessToken).getMe()
  const hands = handsAt({ url: () => platform.url, token: () => platform.tokenFor({ id, permissions }) })
  /** Kinds and what they say of the order, oldest first. */
  const told = async (about: string) => {
    await platform.settled()
    const { items } = await hands.notifications.listNotifications({ query: { limit: 100 } })
    return items.filter((item) => JSON.stringify(item).includes(about)).reverse()
  }
  return { id, email, told, ...hands }
}

async function gather() {
  const code = /setup\?code=([\w-]+)/.exec((await platform.host.greeting()).join('\n'))![1]!
  const admin = await join('Demo Office', office, code)
  const customer = await join('Demo Customer', [])
  const maker = await join('Demo Operator', ['production:work'])
  const checker = await join('Demo Checker', ['production:work'])
  const chief = await join('Demo Head', head)
  await platform.settled()
  for (const { id } of [maker, checker])
    await chief.operators.setOperator({
      params: { operatorId: id },
      body: { skills: ['fdm', 'pick'], active: true },
    })
  const { machineId } = await chief.operators.createMachine({
    body: { name: 'Demo Printer', technique: 'fdm', materials: [], sizeMm: { x: 250, y: 210, z: 210 } },
  })
  return { admin, customer, maker, checker, chief, machineId }
}

/** A mesh without its last triangles: it does not close. */
function broken() {
  const mesh = bracket()
  return writeStl({ ...mesh, indices: mesh.indices.subarray(0, mesh.indices.length - 6) })
}

/** From the office's confirmation until the customer has it. */
async function produce(orderId: string): Promise<void> {
  const { admin, maker, checker, machineId } = people
  const params = { orderId }
  await until(() => admin.crm.getOrder({ params }), 'the office sees the order')
  await admin.crm.confirmOrder({ params, body: { note: 'Gladly' } })
  await orderIn(admin, orderId, 'confirmed')
  const work = await until(
    async () =>
      (await maker.operators.listWork({ query: { limit: 100 } })).items.filter(
        (each) => each.orderId === orderId,
      ),
    'operators see the work',
  )
  for (const { workId } of work) {
    await maker.operators.claimWork({ params: { workId }, body: {} })
    await maker.operators.startWork({ params: { workId }, body: { machineId } })
    await orderIn(admin, orderId, 'inProduction')
    await maker.operators.finishWork({ params: { workId }, body: {} })
  }
  await orderIn(admin, orderId, 'qualityCheck')
  await checker.operators.checkQuality({ params, body: { passed: true, note: 'As drawn' } })
  await maker.operators.packOrder({ params, body: {} })
  await orderIn(admin, orderId, 'packed')
  await maker.operators.shipOrder({ params, body: { carrier: 'Post', tracking: '0042' } })
  await orderIn(admin, orderId, 'shipped')
  await maker.operators.deliverOrder({ params, body: {} })
  await orderIn(admin, orderId, 'delivered')
  await platform.settled()
}

const parked = async () => {
  const { sql } = running('shop').tools
  const schemas = platform.host.running.map(({ service }) => service.contract.name)
  const found = await Promise.all(
    schemas.map((schema) =>
      running(schema).tools
        .sql`select ${schema} as service, consumer, error from inbox where state = 'dead'`.catch(() => []),
    ),
  )
  expect(sql).toBeDefined()
  return found.flat()
}

describe('a person', () => {
  test('uploads, accepts the repair, sees the price, orders, is told of every step, and the model goes in the end', {
    timeout: 180_000,
  }, async () => {
    const { customer, admin } = people
    const fileId = await upload(customer, broken(), 'bracket.stl')
    const { modelId } = await customer.editor.createModel({ body: { fileId } })
    const asks = await looked(customer, modelId)
    expect(asks.latest).toMatchObject({ state: 'needsRepair', report: { watertight: false } })
    expect(asks.latest.repair).toMatchObject({ report: { watertight: true } })
    expect(asks.latest.repair!.changes.filledHoles).toBeGreaterThan(0)
    await customer.editor.acceptRepair({ params: { modelId, version: 1 } })
    const { latest } = await looked(customer, modelId)
    expect(latest).toMatchObject({ state: 'ready', version: 2 })
    expect(await customer.told(modelId)).toMatchObject([{ kind: 'order-model' }])

    // The interval that is shown at once, and the price that binds.
    const estimate = await customer.mes.estimate({ body: { options, modelId } })
    await platform.settled()
    await customer.shop.addLine({ body: { kind: 'made', modelId, options } })
    const cart = await pricedCart(customer)
    expect(cart.total).toBeGreaterThan(0)
    expect(cart.lines[0]!.breakdown!.reduce((sum, { amount }) => sum + amount, 0)).toBe(cart.total)
    expect(estimate.total.low).toBeLessThanOrEqual(cart.total!)
    expect(estimate.total.high).toBeGreaterThanOrEqual(cart.total!)
    const placed = await customer.shop.checkout({ body: { cartId: cart.cartId, ...placing } })
    const { orderId } = placed
    const created = await orderIn(customer, orderId, 'created')
    expect(created).toMatchObject({ total: cart.total! + created.delivery!.price })
    expect(await admin.told(orderId)).toMatchObject([{ kind: 'office-order' }])

    const mesh = latest.fileId!
    const keepers = async () =>
      (await running('files').tools.sql`select keeper from keepers where file_id = ${mesh}`).map(
        ({ keeper }) => keeper,
      )
    await platform.settled()
    expect(await keepers()).toEqual([`shop:order:${orderId}`])
    await expect(customer.editor.deleteModel({ params: { modelId } })).rejects.toMatchObject({
      code: 'modelKept',
    })

    await produce(orderId)
    const steps = (await customer.told(orderId)).map(({ kind, title }) => `${kind}: ${title}`)
    expect(steps).toHaveLength(7)
    for (const word of ['confirmed', 'way', 'arrived at its address'])
      expect(steps.join('\n').toLowerCase()).toContain(word)
    const mails = await running('notifications').tools
      .sql`select kind, count(*)::int as n from mails where user_id = ${customer.id} and data::text like ${`%${orderId}%`} group by kind`
    expect([...mails]).toEqual([{ kind: 'order-progress', n: 7 }])
    const { items } = await customer.shop.getTimeline({ params: { orderId }, query: { limit: 100 } })
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
    await admin.shop.markPaid({ params: { orderId }, body: { reference: 'Statement 1' } })
    expect((await customer.told(orderId)).at(-1)).toMatchObject({ kind: 'order-payment' })

    // Kept as long as the order lives, then ninety days; nothing of the model is left after that.
    expect(await keepers()).toEqual([])
    skip(80 * DAY_MS)
    await runJob('files', 'removeDue')
    expect((await customer.editor.getModel({ params: { modelId } })).latest.fileId).toBe(mesh)
    skip(20 * DAY_MS)
    const preview = await admin.shop.previewRetention({ query: {} })
    expect(preview.first.map((each) => each.fileId)).toContain(mesh)
    await runJob('files', 'removeDue')
    const left = await running('files').tools.sql`
      select purpose, delete_after from files where owner_id = ${customer.id}`
    expect([...left]).toEqual([])
    await expect(customer.editor.getModel({ params: { modelId } })).rejects.toMatchObject({ status: 404 })
    const removed = (await admin.shop.listRemovedModels({ query: {} })).items
    expect(removed.find((each) => each.fileId === mesh)).toMatchObject({ orderId, outcome: 'delivered' })
    const last = await customer.shop.getTimeline({ params: { orderId }, query: { limit: 100 } })
    expect(last.items.at(-1)).toMatchObject({ code: 'file.gone' })
    // The order itself stays, with its price and its parts.
    expect(await customer.shop.getOrder({ params: { orderId } })).toMatchObject({ state: 'delivered' })
    expect(await parked()).toEqual([])
  })

  test('who cancels while the office confirms: everybody sees the same end, and no work is left', async () => {
    const { customer, admin, chief } = people
    const { sku } = await admin.shop.createItem({
      body: {
        sku: 'DEMO-1',
        names: { en: 'Demo box', ru: 'Коробка' },
        about: { en: '', ru: '' },
        price: 1200,
        currency: 'EUR',
        stock: 5,
        pictures: [],
        active: true,
      },
    })
    await customer.shop.addLine({ body: { kind: 'ready', sku, quantity: 2 } })
    const { cartId } = await customer.shop.getCart()
    const { orderId } = await customer.shop.checkout({ body: { cartId, ...placing } })
    const params = { orderId }
    await until(() => admin.crm.getOrder({ params }), 'the office sees the order')
    await Promise.allSettled([
      customer.shop.cancelOrder({ params, body: {} }),
      admin.crm.confirmOrder({ params, body: {} }),
    ])
    await platform.settled()
    expect(await customer.shop.getOrder({ params })).toMatchObject({ state: 'cancelled' })
    expect(await admin.crm.getOrder({ params })).toMatchObject({ state: 'cancelled' })
    const works = (await chief.operators.listWork({ query: { limit: 100 } })).items
    expect(works.filter((work) => work.orderId === orderId && work.state !== 'withdrawn')).toEqual([])
    expect(await customer.shop.getItem({ params: { sku } })).toMatchObject({ stock: 5 })
    expect(await parked()).toEqual([])
  })
})

describe('a program', () => {
  /** A project of the customer with a key for an environment, and a webhook that hears of it. */
  async function project(environment: 'production' | 'development', scopes: string[]) {
    const { customer } = people
    const as = { id: customer.id }
    const slug = `maker-${environment}-${uuidv7().slice(-6)}`
    const { projectId } = await platform.client(projects, as).createProject({ body: { name: 'Maker', slug } })
    await platform.settled()
    const { secret } = await platform.client(projects, as).createKey({
      params: { projectId },
      body: { environment, name: 'Shop floor', scopes },
    })
    await platform.client(webhooks, as).createEndpoint({
      params: { projectId, environment },
      body: {
        url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/${environment}`,
        description: 'Maker',
        events: ['partner.model.changed', 'partner.order.changed'],
        enabled: true,
      },
    })
    await platform.settled()
    return { projectId, client: platform.client(partners, secret) }
  }
  const scopes = ['quotes:write', 'orders:write', 'orders:read']

  async function quote({ client }: Awaited<ReturnType<typeof project>>, reference: string) {
    const bytes = writeStl(gear(16, 1.5, 5, 6))
    const { model, uploadUrl } = await client.createModel({ body: { name: 'gear.stl', size: bytes.length } })
    await sendBytes(platform.url, uploadUrl, bytes)
    const params = { modelId: model.modelId }
    await until(async () => (await client.getModel({ params })).state === 'ready', 'the model is ready')
    const { supports, infillPercent, ...how } = options
    expect([supports, infillPercent]).toEqual(['auto', 15])
    await platform.settled()
    const asked = await client.requestQuote({ body: { reference, lines: [{ ...params, ...how }] } })
    const again = await client.requestQuote({ body: { reference, lines: [{ ...params, ...how }] } })
    expect(again.orderId).toBe(asked.orderId)
    return until(async () => {
      const order = await client.getOrder({ params: { orderId: asked.orderId } })
      return order.state === 'quoted' && order
    }, 'the quote is priced')
  }
  const heardOf = (id: string) =>
    heard.filter(({ data }) => data['orderId'] === id).map(({ data }) => data['state'])
  const placement = (quoteId: string) => ({
    quoteId,
    customer: { name: 'Maker', email: 'maker@example.com' },
    delivery: placing.delivery,
  })

  test('quotes, orders and follows in the priority lane; webhooks tell every step', {
    timeout: 180_000,
  }, async () => {
    const program = await project('production', scopes)
    const quoted = await quote(program, 'PO-1')
    const [job] = await running('mes').tools.sql`select lane, source from jobs where source = 'partner'`
    expect(job).toEqual({ lane: 'priority', source: 'partner' })
    const placed = await program.client.placeOrder({ body: placement(quoted.orderId) })
    expect(placed.total).toBe(quoted.lines[0]!.total! + placed.deliveryPrice!)
    expect((await program.client.placeOrder({ body: placement(quoted.orderId) })).orderId).toBe(
      placed.orderId,
    )
    await produce(placed.orderId)
    const params = { orderId: placed.orderId }
    expect(await program.client.getOrder({ params })).toMatchObject({
      state: 'delivered',
      test: false,
      tracking: { carrier: 'Post', number: '0042' },
    })
    const all = [
      'quoted',
      'created',
      'confirmed',
      'inProduction',
      'qualityCheck',
      'packed',
      'shipped',
      'delivered',
    ]
    await until(async () => heardOf(placed.orderId).length >= all.length, 'webhooks have told every step')
    expect(heardOf(placed.orderId).sort()).toEqual([...all].sort())
    expect(
      heard.some(({ type, data }) => type === 'partner.model.changed' && data['state'] === 'ready'),
    ).toBe(true)
    await expect(program.client.cancelOrder({ params, body: {} })).rejects.toMatchObject({
      code: 'orderRefused',
    })
    expect(await parked()).toEqual([])
  })

  test('without a scope it is refused; of another environment it sees nothing', async () => {
    const reader = await project('production', ['orders:read'])
    await expect(reader.client.placeOrder({ body: placement(uuidv7()) })).rejects.toMatchObject({
      status: 403,
    })
    expect((await reader.client.listOrders({ query: {} })).items).toEqual([])
  })

  test('calls as an OAuth client of Atlas as well, within the scopes of its token', async () => {
    const { projectId } = await project('production', scopes)
    const { app, clientSecret } = await platform.client(oidc, { id: people.customer.id }).createApp({
      params: { projectId, environment: 'production' },
      body: { name: 'Shop floor', kind: 'machine', scopes },
    })
    const { slug } = await platform
      .client(projects, { id: people.customer.id })
      .getProject({ params: { projectId } })
    const clientOf = async (scope: string) => {
      const answer = await fetch(`${platform.url}/oidc/${slug}/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${app.appId}:${clientSecret}`).toString('base64')}`,
        },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource: platform.host.publicUrl,
          scope,
        }),
      })
      const { access_token: token } = (await answer.json()) as { access_token: string }
      return platform.client(partners, token)
    }
    const reader = await clientOf('orders:read')
    expect((await reader.listOrders({ query: {} })).items).toEqual([])
    await expect(reader.placeOrder({ body: placement(uuidv7()) })).rejects.toMatchObject({ status: 403 })
    const client = await clientOf(scopes.join(' '))
    const quoted = await quote({ projectId, client }, 'PO-2')
    const { orderId } = await client.placeOrder({ body: placement(quoted.orderId) })
    expect((await client.cancelOrder({ params: { orderId }, body: {} })).state).toBe('cancelled')
  })

  test('rehearses in a sandbox: the whole way by itself, and nobody works on it', {
    timeout: 120_000,
  }, async () => {
    const { admin, chief } = people
    const program = await project('development', scopes)
    const quoted = await quote(program, 'PO-1')
    const { orderId } = await program.client.placeOrder({ body: placement(quoted.orderId) })
    const params = { orderId }
    await until(
      async () => (await program.client.getOrder({ params })).state === 'delivered',
      'it is rehearsed',
    )
    await until(async () => heardOf(orderId).includes('delivered'), 'the webhook has told the end')
    expect(await program.client.getOrder({ params })).toMatchObject({ test: true })
    await expect(admin.crm.getOrder({ params })).rejects.toMatchObject({ status: 404 })
    await expect(chief.operators.getOrder({ params })).rejects.toMatchObject({ status: 404 })
    expect(await admin.told(orderId)).toEqual([])
    expect(await parked()).toEqual([])
  })
})
