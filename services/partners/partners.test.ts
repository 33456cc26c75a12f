/** The partners' API through the typed client; files, editor and shop are played by services that answer as theirs do. */
import { Code, ConnectError } from '@connectrpc/connect'
import { editor } from '@pleiad/editor/contract'
import { Models } from '@pleiad/editor/rpc'
import { files } from '@pleiad/files/contract'
import { Files } from '@pleiad/files/rpc'
import { type Contract, defineContract } from '@pleiad/platform/contract'
import { defineService, emit, type Service } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { projects } from '@pleiad/projects/contract'
import { shop } from '@pleiad/shop/contract'
import { Orders } from '@pleiad/shop/rpc'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { partners } from './contract.ts'
import service from './service.ts'

function standIn(source: Contract, rpc?: Service['rpc']): Service {
  return defineService({
    contract: defineContract({
      name: source.name,
      version: '1.0.0',
      summary: 'Stands in, in tests.',
      operations: {},
      ...(source.events ? { events: source.events } : {}),
    }),
    url: new URL(`./no-migrations-${source.name}/service.ts`, import.meta.url).href,
    routes: () => ({}),
    ...(rpc ? { rpc } : {}),
  })
}

/** What was asked of the services behind, and what the shop is to refuse next. */
const asked: { operation: string; request: Record<string, unknown> }[] = []
const known = new Map<string, { ownerId: string; state: string }>()
let refusal: ConnectError | undefined

const order = (orderId: string, state: string) => ({
  orderId,
  number: 'F-2026-000001',
  state,
  lines: [
    {
      lineId: uuidv7(),
      part: { modelId: uuidv7(), quantity: 2 },
      name: 'bracket.stl',
      priceState: state === 'draft' ? 'asked' : 'calculated',
      unitPrice: 450n,
      total: 900n,
    },
  ],
  currency: 'EUR',
  total: 900n,
  priced: state !== 'draft',
  createdAt: 1_790_000_000n,
  updatedAt: 1_790_000_000n,
  paymentMethod: 'invoice',
  paymentState: 'open',
})
function answer(operation: string, request: object, state: string, orderId: string = uuidv7()) {
  asked.push({ operation, request: request as Record<string, unknown> })
  if (refusal) throw refusal
  return { order: order(orderId, state) }
}

const behind = [
  standIn(files, (router) => {
    router.service(Files, {
      beginUpload: async (request) => {
        asked.push({ operation: 'beginUpload', request: request as unknown as Record<string, unknown> })
        if (refusal) throw refusal
        return { fileId: uuidv7(), uploadUrl: 'https://pleiad.example/uploads/x' }
      },
    })
  }),
  standIn(editor, (router) => {
    router.service(Models, {
      createModel: async ({ modelId, ownerId, name }) => {
        known.set(modelId, { ownerId, state: 'processing' })
        return { model: { modelId, name, version: 1, state: 'processing' } }
      },
      getModel: async ({ modelId, ownerId }) => {
        const model = known.get(modelId)
        if (model?.ownerId !== ownerId) throw new ConnectError('none', Code.NotFound)
        const measures =
          model.state === 'ready'
            ? { volumeMm3: 1000, areaMm2: 600, sizeXMm: 10, sizeYMm: 10, sizeZMm: 10 }
            : {}
        return { model: { modelId, name: 'bracket.stl', version: 1, state: model.state, ...measures } }
      },
    })
  }),
  standIn(shop, (router) => {
    router.service(Orders, {
      requestQuote: async (request) => answer('requestQuote', request, 'draft'),
      placeOrder: async (request) => answer('placeOrder', request, 'created', request.quoteId),
      getOrder: async (request) => answer('getOrder', request, 'created', request.orderId),
      listOrders: async (request) => ({
        orders: [answer('listOrders', request, 'created').order],
        next: 'more',
      }),
      cancelOrder: async (request) => answer('cancelOrder', request, 'cancelled', request.orderId),
    })
  }),
  standIn(projects),
]

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform({ services: [service, ...behind] })
})
afterAll(() => platform?.stop())
beforeEach(() => {
  asked.length = 0
  refusal = undefined
})

const SCOPES = ['quotes:write', 'orders:write', 'orders:read']
function newProgram(environment = 'production', scopes = SCOPES, projectId: string = uuidv7()) {
  const id = uuidv7()
  return {
    id,
    projectId,
    environment,
    client: platform.client(partners, platform.programFor({ projectId, environment, scopes, id })),
  }
}
async function announce(source: Contract, type: string, data: object) {
  const { tools } = platform.host.running.find((one) => one.service.contract.name === source.name)!
  await tools.transact(async (tx) => emit(tx, source as never, type as never, data as never))
  await platform.settled()
}
const sql = () => platform.host.running.find((one) => one.service.contract.name === 'partners')!.tools.sql
const emitted = (id: string) => sql()<{ type: string; data: Record<string, unknown> }[]>`
  select type, data from outbox_log where data ->> 'modelId' = ${id} or data ->> 'orderId' = ${id} order by id`

async function readyModel({ client, projectId }: ReturnType<typeof newProgram>): Promise<string> {
  const { model } = await client.createModel({ body: { name: 'bracket.stl', size: 684 } })
  const [row] = await sql()<
    { file_id: string }[]
  >`select file_id from models where model_id = ${model.modelId}`
  const uploaded = files.events['file.uploaded'].example
  await announce(files, 'file.uploaded', { ...uploaded, fileId: row!.file_id, ownerId: projectId })
  known.get(model.modelId)!.state = 'ready'
  return model.modelId
}
const line = (modelId: string) => ({
  modelId,
  technology: 'fdm' as const,
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  finish: 'none',
  quantity: 2,
})
const placement = (quoteId: string) => ({
  quoteId,
  customer: { name: 'Ada', email: 'ada@example.com' },
  delivery: { method: 'pickup' as const },
})

describe('models', () => {
  test('are uploaded in the name of the project, read by the editor, and announced', async () => {
    const program = newProgram('development')
    const { model, uploadUrl } = await program.client.createModel({
      body: { name: 'bracket.stl', size: 684, unit: 'in' },
    })
    expect(uploadUrl).toMatch(/^https:/)
    expect(model).toMatchObject({ state: 'uploading', name: 'bracket.stl' })
    expect(asked[0]).toMatchObject({
      request: { file: { ownerId: program.projectId, purpose: 'model' }, size: 684n },
    })
    const params = { modelId: await readyModel(program) }
    expect(await program.client.getModel({ params })).toMatchObject({
      state: 'ready',
      volumeMm3: 1000,
      sizeMm: { x: 10, y: 10, z: 10 },
    })
    const ready = editor.events['model.ready'].example
    await announce(editor, 'model.ready', { ...ready, modelId: params.modelId, ownerId: program.projectId })
    expect(await emitted(params.modelId)).toMatchObject([
      {
        type: 'partner.model.changed',
        data: { projectId: program.projectId, environment: 'development', state: 'ready' },
      },
    ])
    await announce(editor, 'model.deleted', { modelId: params.modelId, ownerId: program.projectId })
    expect(await program.client.getModel({ params })).toMatchObject({ state: 'gone' })
  })

  test('may be asked for again under the same Idempotency-Key after files was not there, and are one then', async () => {
    const { client } = newProgram()
    const ask = () =>
      client.createModel({ body: { name: 'bracket.stl', size: 684 }, idempotencyKey: 'bracket-7' })
    refusal = new ConnectError('files does not answer', Code.Unavailable)
    await expect(ask()).rejects.toMatchObject({ status: 500 })
    refusal = undefined
    const first = await ask()
    expect(first.uploadUrl).toMatch(/^https:/)
    expect(await ask()).toEqual(first)
    // What the transaction kept is the whole answer: a crash before it was sent loses nothing.
    expect(asked).toHaveLength(2)
  })

  test('that cannot be made, or that ask for something, are announced with what there is to do', async () => {
    const program = newProgram()
    const modelId = await readyModel(program)
    const of = { modelId, version: 1, ownerId: program.projectId }
    const { rejected, needed } = {
      rejected: editor.events['model.rejected'].example,
      needed: editor.events['model.decision.needed'].example,
    }
    await announce(editor, 'model.rejected', {
      ...rejected,
      ...of,
      reasons: [{ code: 'noVolume', detail: 'The part has no volume.' }],
    })
    await announce(editor, 'model.decision.needed', { ...needed, ...of, needs: 'units' })
    await announce(editor, 'model.decision.needed', { ...needed, ...of, needs: 'repair' })
    // Models of people are nobody's business here.
    const other = uuidv7()
    await announce(editor, 'model.rejected', { ...rejected, modelId: other })
    await announce(editor, 'model.decision.needed', { ...needed, modelId: other })
    expect(await emitted(other)).toEqual([])
    expect((await emitted(modelId)).map(({ data }) => [data['state'], data['reasons']])).toEqual([
      ['rejected', [{ code: 'noVolume', detail: 'The part has no volume.' }]],
      ['needsUnits', []],
      ['needsRepair', []],
    ])
  })

  test('of another project or environment are not there', async () => {
    const program = newProgram()
    const params = { modelId: await readyModel(program) }
    for (const stranger of [newProgram(), newProgram('development', SCOPES, program.projectId)])
      await expect(stranger.client.getModel({ params })).rejects.toMatchObject({ status: 404 })
  })

  test('that have no room are refused in words', async () => {
    refusal = new ConnectError('You have no room left for this file.', Code.ResourceExhausted)
    await expect(newProgram().client.createModel({ body: { name: 'a.stl', size: 1 } })).rejects.toMatchObject(
      { code: 'uploadRefused', message: 'You have no room left for this file.' },
    )
  })
})

describe('quotes and orders', () => {
  test('go to the shop in the name of the project and environment', async () => {
    const program = newProgram()
    const modelId = await readyModel(program)
    const quote = await program.client.requestQuote({ body: { reference: 'PO-1', lines: [line(modelId)] } })
    expect(quote).toMatchObject({ state: 'draft', lines: [{ priceState: 'asked', quantity: 2 }] })
    expect(quote.total).toBeUndefined()
    expect(asked.at(-1)).toMatchObject({
      operation: 'requestQuote',
      request: {
        key: 'PO-1',
        partner: { projectId: program.projectId, environment: 'production', programId: program.id },
        lines: [{ modelId, version: 0, infillPercent: 20, supports: 'auto' }],
      },
    })
    const placed = await program.client.placeOrder({ body: placement(quote.orderId) })
    expect(placed).toMatchObject({
      orderId: quote.orderId,
      state: 'created',
      total: 900,
      payment: { method: 'invoice' },
    })
    const params = { orderId: quote.orderId }
    expect(await program.client.getOrder({ params })).toMatchObject({ number: 'F-2026-000001' })
    expect(await program.client.listOrders({ query: {} })).toMatchObject({ next: 'more' })
    expect(await program.client.cancelOrder({ params, body: { reason: 'No' } })).toMatchObject({
      state: 'cancelled',
    })
  })

  test('what the shop refuses is said in words, and not counted', async () => {
    const program = newProgram()
    const modelId = await readyModel(program)
    const ask = () => program.client.requestQuote({ body: { reference: 'PO-2', lines: [line(modelId)] } })
    refusal = new ConnectError('color is not an id of the catalogue', Code.InvalidArgument)
    await expect(ask()).rejects.toMatchObject({
      code: 'requestNotRight',
      message: 'color is not an id of the catalogue',
    })
    refusal = new ConnectError('the quote is not valid any more', Code.FailedPrecondition)
    await expect(program.client.placeOrder({ body: placement(uuidv7()) })).rejects.toMatchObject({
      code: 'orderRefused',
      status: 409,
    })
    refusal = new ConnectError('there is no such order', Code.NotFound)
    await expect(program.client.getOrder({ params: { orderId: uuidv7() } })).rejects.toMatchObject({
      status: 404,
    })
    refusal = undefined
    known.get(modelId)!.state = 'needsRepair'
    await expect(ask()).rejects.toMatchObject({ code: 'modelNotUsable' })
    const member = platform.client(partners, { id: uuidv7() })
    await expect(
      member.getUsage({ params: { projectId: program.projectId, environment: 'production' } }),
    ).rejects.toMatchObject({ status: 404 })
    const { today, days } = await program.client.getUsage({
      params: { projectId: program.projectId, environment: 'production' },
    })
    expect(today).toEqual({ quotes: 0, orders: 0 })
    expect(days[0]).toMatchObject({ failed: 4 })
  })

  test('take a scope each; people and other scopes do not pass', async () => {
    const reader = newProgram('production', ['orders:read'])
    await expect(reader.client.placeOrder({ body: placement(uuidv7()) })).rejects.toMatchObject({
      status: 403,
    })
    await expect(platform.client(partners, { id: uuidv7() }).listOrders({ query: {} })).rejects.toMatchObject(
      { status: 403 },
    )
  })

  test('that change are announced for webhooks, with project and environment', async () => {
    const program = newProgram('development')
    const example = shop.events['order.changed'].example
    const orderId = uuidv7()
    await announce(shop, 'order.changed', { ...example, orderId })
    await announce(shop, 'order.changed', {
      ...example,
      orderId,
      channel: 'partner',
      projectId: program.projectId,
      environment: 'development',
      test: true,
    })
    expect(await emitted(orderId)).toMatchObject([
      {
        type: 'partner.order.changed',
        data: { projectId: program.projectId, environment: 'development', test: true },
      },
    ])
  })
})

describe('rate plans', () => {
  const manager = () => platform.client(partners, { permissions: ['partners:manage'] })
  const limits = { requestsPerMinute: 1000, quotesPerDay: 1000, ordersPerDay: 2 }

  test('bound orders by day, exactly, however many are sent at once; the answer says when there is room', async () => {
    const program = newProgram()
    const params = { projectId: program.projectId }
    await manager().setPlan({ params, body: { name: 'Small', limits } })
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => program.client.placeOrder({ body: placement(uuidv7()) })),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    for (const each of answers)
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({
          code: 'planExceeded',
          status: 429,
          problem: { limit: 'ordersPerDay', retryAfter: expect.any(Number) },
        })
    expect(asked.filter(({ operation }) => operation === 'placeOrder')).toHaveLength(2)
    // Another environment has no day of its own.
    const rehearsing = newProgram('development', SCOPES, program.projectId)
    await expect(rehearsing.client.placeOrder({ body: placement(uuidv7()) })).rejects.toMatchObject({
      status: 429,
    })
    platform.advance(86_400_000)
    await program.client.placeOrder({ body: placement(uuidv7()) })
  })

  test('bound calls by minute', async () => {
    const program = newProgram()
    await manager().setPlan({
      params: { projectId: program.projectId },
      body: { name: 'Slow', limits: { ...limits, requestsPerMinute: 3 } },
    })
    const list = () => program.client.listOrders({ query: {} })
    // A minute may end in between: then there is room for three more.
    const answers = []
    for (let i = 0; i < 7; i++) answers.push(await list().catch((error) => error.code as string))
    expect(answers).toContain('planExceeded')
    platform.advance(60_000)
    await list()
  })

  test('are listed with what was used of them, over all environments, and taken away again', async () => {
    const program = newProgram()
    const rehearsing = newProgram('development', SCOPES, program.projectId)
    const params = { projectId: program.projectId }
    await manager().setPlan({ params, body: { name: 'Listed', limits } })
    await program.client.placeOrder({ body: placement(uuidv7()) })
    await rehearsing.client.placeOrder({ body: placement(uuidv7()) })
    const listed = async () => {
      let page = await manager().listPlans({ query: { limit: 1 } })
      const items = [...page.items]
      while (page.next !== undefined) {
        page = await manager().listPlans({ query: { limit: 1, cursor: page.next } })
        items.push(...page.items)
      }
      return items.find(({ projectId }) => projectId === program.projectId)
    }
    expect(await listed()).toEqual({ ...params, name: 'Listed', limits, today: { quotes: 0, orders: 2 } })
    const usage = () => program.client.getUsage({ params: { ...params, environment: 'production' } })
    expect(await usage()).toMatchObject({
      plan: { name: 'Listed' },
      today: { orders: 1 },
      spent: { orders: 2, quotes: 0 },
    })
    await manager().removePlan({ params })
    expect(await listed()).toBeUndefined()
    const { standard } = await manager().listPlans({ query: {} })
    expect((await usage()).plan).toEqual(standard)
  })

  test('are set by whoever may manage partners alone', async () => {
    await expect(
      platform.client(partners, { id: uuidv7() }).setPlan({
        params: { projectId: uuidv7() },
        body: { name: 'Mine', limits },
      }),
    ).rejects.toMatchObject({ status: 403 })
  })
})

test('the log tells members of the project what was called and what became of it', async () => {
  const program = newProgram()
  await program.client.listOrders({ query: {} })
  await program.client.getOrder({ params: { orderId: uuidv7() } })
  refusal = new ConnectError('no', Code.NotFound)
  await program.client.getOrder({ params: { orderId: uuidv7() } }).catch(() => {})
  const userId = uuidv7()
  platform.setRole(program.projectId, userId, 'developer')
  const member = platform.client(partners, { id: userId })
  const params = { projectId: program.projectId, environment: 'production' }
  const { items, next } = await member.listLogs({ params, query: { limit: 2 } })
  expect(items.map(({ operation, outcome }) => [operation, outcome])).toEqual([
    ['getOrder', 'notFound'],
    ['getOrder', 'ok'],
  ])
  expect(items[0]).toMatchObject({ programId: program.id, requestId: expect.any(String) })
  const rest = await member.listLogs({ params, query: { cursor: next! } })
  expect(rest.items.map(({ operation }) => operation)).toEqual(['listOrders'])
  expect((await member.listLogs({ params, query: { failed: true } })).items).toHaveLength(1)
  const listings = await member.listLogs({ params, query: { operation: 'listOrders' } })
  expect(listings.items.map(({ operation }) => operation)).toEqual(['listOrders'])
  await announce(projects, 'project.deleted', { projectId: program.projectId })
  expect((await sql()`select 1 from logs where project_id = ${program.projectId}`).length).toBe(0)
})
