import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { oauth } from '@pleiad/oauth/contract'
import { oidc } from '@pleiad/oidc/contract'
import { ProblemError } from '@pleiad/platform/client'
import { defineContract } from '@pleiad/platform/contract'
import { defineService, emit } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { projects } from '@pleiad/projects/contract'
import { Webhook } from 'standardwebhooks'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { webhooks } from './contract.ts'
import service from './service.ts'

/** Only announces what the real service would announce. */
function announcer(contract: typeof projects | typeof oauth | typeof oidc) {
  return defineService({
    contract: defineContract({
      name: contract.name,
      version: '1.0.0',
      summary: 'Announces, in tests.',
      operations: {},
      events: contract.events,
    }),
    url: new URL('./announcer/service.ts', import.meta.url).href,
    routes: () => ({}),
  })
}

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let platform: TestPlatform
const received: Received[] = []
/** What the receiver answers, by path; 200 where nothing is set. */
const answers = new Map<string, { status: number; body?: string; location?: string }>()
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  received.push({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() })
  const { status, body, location } = answers.get(request.url!) ?? { status: 200 }
  response.writeHead(status, location ? { location } : {}).end(body ?? 'ok')
})
let base: string

beforeAll(async () => {
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  platform = await startTestPlatform({
    services: [service, announcer(projects), announcer(oauth), announcer(oidc)],
    env: { OUTBOUND_ALLOW: '127.0.0.1/32' },
  })
})
afterAll(async () => {
  await platform?.stop()
  receiver.close()
})
beforeEach(() => {
  received.length = 0
  answers.clear()
})

async function announce(source: typeof projects | typeof oauth, type: string, data: object): Promise<void> {
  const { tools } = platform.host.running.find((one) => one.service.contract.name === source.name)!
  await tools.transact(async (tx) => emit(tx, source as typeof oauth, type as never, data as never))
  await platform.settled()
}

/** A project with one member, known here. */
async function newProject(role: 'viewer' | 'developer' | 'admin' | 'owner' = 'admin') {
  const projectId = uuidv7()
  const member = { id: uuidv7() }
  platform.setRole(projectId, member.id, role)
  await announce(projects, 'project.created', {
    projectId,
    slug: `p${projectId.slice(-8)}`,
    name: 'Acme',
    accent: '#4263eb',
    environments: ['production', 'development'],
    createdBy: member.id,
  })
  const params = { projectId, environment: 'production' }
  const client = platform.client(webhooks, member)
  const create = (path: string, more: object = {}) =>
    client.createEndpoint({
      params,
      body: { url: `${base}${path}`, description: 'Test', events: [], enabled: true, ...more },
    })
  const connection = (more: object = {}) => ({
    connectionId: uuidv7(),
    ...params,
    provider: 'google',
    endUserId: uuidv7(),
    reason: 'refused',
    ...more,
  })
  return { projectId, member, params, client, create, connection }
}

/** The attempts run beside the events: waits until the log says what it should. */
async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  return vi.waitUntil(
    async () => {
      const value = await read()
      return holds(value) ? value : undefined
    },
    { timeout: 10_000, interval: 20 },
  ) as Promise<T>
}

/** Lets time pass for a delivery that waits: `hours` since it was first sent, and its next attempt is due. */
async function pass(deliveryId: string, hours = 0): Promise<void> {
  const { tools } = platform.host.running.find((one) => one.service.contract === webhooks)!
  await tools.transact(async (tx) => {
    await tx`
      update deliveries set next_attempt_at = now(), begun_at = begun_at - make_interval(hours => ${hours})
      where delivery_id = ${deliveryId} and state = 'waiting'`
    emit(tx, webhooks, 'delivery.due', { deliveryId })
  })
  await platform.settled()
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no problem',
    (error) => (error instanceof ProblemError ? error.problem.code : Promise.reject(error)),
  )

describe('an event', () => {
  test('reaches each endpoint that wants it, once, signed so that the reference library accepts it', async () => {
    const { params, client, create, connection } = await newProject()
    const wanting = await create('/wanting', { events: ['oauth.connection.broken'] })
    await create('/other', { events: ['oauth.connection.created'] })
    await create('/off', { enabled: false })
    const data = connection()
    await announce(oauth, 'oauth.connection.broken', data)
    const log = await until(
      () => client.listDeliveries({ params, query: {} }),
      ({ items }) => items.length > 0 && items.every(({ state }) => state === 'delivered'),
    )
    expect(received.map(({ path }) => path)).toEqual(['/wanting'])
    const [{ headers, body }] = received as [Received]
    expect(new Webhook(wanting.secret).verify(body, headers as Record<string, string>)).toMatchObject({
      id: headers['webhook-id'],
      type: 'oauth.connection.broken',
      ...params,
      data,
    })
    expect(log.items).toMatchObject([
      { endpointId: wanting.endpointId, attempts: 1, lastStatus: 200, messageId: headers['webhook-id'] },
    ])
    const opened = await client.getDelivery({ params: { ...params, deliveryId: log.items[0]!.deliveryId } })
    expect(opened).toMatchObject({ payload: body, history: [{ status: 200, answer: 'ok' }] })
  })

  test('of another environment or project goes nowhere', async () => {
    const { create, connection } = await newProject()
    const stranger = await newProject()
    await create('/here')
    await announce(oauth, 'oauth.connection.broken', connection({ environment: 'development' }))
    await announce(oauth, 'oauth.connection.broken', stranger.connection())
    expect(received).toEqual([])
  })
})

describe('an endpoint that fails', () => {
  test('gets the same message again, and the log shows every attempt', async () => {
    const { params, client, create, connection } = await newProject()
    await create('/flaky')
    answers.set('/flaky', { status: 503, body: 'later' })
    await announce(oauth, 'oauth.connection.broken', connection())
    const list = () => client.listDeliveries({ params, query: {} })
    const failed = await until(list, ({ items }) => items[0]?.attempts === 1)
    expect(failed.items[0]).toMatchObject({
      state: 'waiting',
      lastStatus: 503,
      lastError: 'The endpoint answered 503.',
      nextAttemptAt: expect.any(String),
    })
    answers.delete('/flaky')
    // An event that comes too early, as that of a lease does, sends nothing.
    const { tools } = platform.host.running.find((one) => one.service.contract === webhooks)!
    const { deliveryId } = failed.items[0]!
    await tools.transact(async (tx) => emit(tx, webhooks, 'delivery.due', { deliveryId }))
    await platform.settled()
    expect(received).toHaveLength(1)
    await pass(failed.items[0]!.deliveryId)
    await until(list, ({ items }) => items[0]?.state === 'delivered')
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(
      Array(2).fill(failed.items[0]!.messageId),
    )
    const opened = await client.getDelivery({
      params: { ...params, deliveryId: failed.items[0]!.deliveryId },
    })
    expect(opened.history.map(({ status }) => status)).toEqual([200, 503])
  })

  test('is given up after a day, and can be sent to again by hand', async () => {
    const { params, client, create, connection } = await newProject()
    const { endpointId } = await create('/dead')
    answers.set('/dead', { status: 500 })
    await announce(oauth, 'oauth.connection.broken', connection())
    const list = () => client.listDeliveries({ params, query: { endpointId } })
    const first = await until(list, ({ items }) => items[0]?.attempts === 1)
    const { deliveryId } = first.items[0]!
    await pass(deliveryId, 20)
    await until(list, ({ items }) => items[0]?.attempts === 2 && items[0].state === 'waiting')
    await pass(deliveryId, 4)
    const now = await until(list, ({ items }) => items[0]?.attempts === 3)
    expect(now.items[0]).toMatchObject({ state: 'failed', lastStatus: 500 })
    expect((await client.listDeliveries({ params, query: { state: 'failed' } })).items).toHaveLength(1)
    answers.delete('/dead')
    expect(await client.sendAgain({ params: { ...params, deliveryId } })).toMatchObject({
      state: 'waiting',
    })
    await until(list, ({ items }) => items[0]?.state === 'delivered')
  })

  test('that says it is gone is switched off', async () => {
    const { params, client, create, connection } = await newProject()
    await create('/gone')
    answers.set('/gone', { status: 410 })
    await announce(oauth, 'oauth.connection.broken', connection())
    const { items } = await until(
      () => client.listEndpoints({ params }),
      ({ items }) => items[0]?.enabled === false,
    )
    expect(items[0]).toMatchObject({ disabledReason: 'gone' })
  })

  test('that redirects is not followed, least of all to a private address', async () => {
    const { params, client, create, connection } = await newProject()
    await create('/redirect')
    answers.set('/redirect', { status: 302, location: `${base}/elsewhere` })
    await announce(oauth, 'oauth.connection.broken', connection())
    const { items } = await until(
      () => client.listDeliveries({ params, query: {} }),
      ({ items }) => items[0]?.attempts === 1,
    )
    expect(items[0]!.lastError).toContain('redirects (302)')
    expect(received.map(({ path }) => path)).toEqual(['/redirect'])
  })

  test('in a network that the installation does not reach out to is told so', async () => {
    const { params, client } = await newProject()
    await client.createEndpoint({
      params: { ...params, environment: 'development' },
      body: { url: 'http://169.254.169.254/latest', description: '', events: [], enabled: true },
    })
    const { items } = await client.listEndpoints({ params: { ...params, environment: 'development' } })
    await client.sendTest({
      params: { ...params, environment: 'development', endpointId: items[0]!.endpointId },
    })
    const log = await until(
      () => client.listDeliveries({ params: { ...params, environment: 'development' }, query: {} }),
      ({ items }) => items[0]?.attempts === 1,
    )
    expect(log.items[0]!.lastError).toMatch(/network/)
  })
})

describe('a secret', () => {
  test('is shown once, sealed at rest, and signs beside the next one until the overlap ends', async () => {
    const { params, client, create } = await newProject()
    const { endpointId, secret } = await create('/rotating')
    const listed = await client.listEndpoints({ params })
    expect(JSON.stringify(listed)).not.toContain(secret)
    const { store } = platform.host.running.find((one) => one.service.contract === webhooks)!
    const [row] = await store.sql<{ secret: Buffer }[]>`
      select secret from endpoints where endpoint_id = ${endpointId}`
    expect(row!.secret.toString('latin1')).not.toContain(secret.slice(6))

    const place = { params: { ...params, endpointId } }
    const next = await client.rotateSecret({ ...place, body: { overlapSeconds: 3600 } })
    const verify = ({ headers, body }: Received, known: string) =>
      new Webhook(known).verify(body, headers as Record<string, string>)
    const sent = async (count: number) => {
      await client.sendTest(place)
      await until(
        async () => received.length,
        (length) => length === count,
      )
      return received.at(-1)!
    }
    const both = await sent(1)
    expect(verify(both, secret)).toMatchObject({ type: 'webhook.test' })
    expect(verify(both, next.secret)).toMatchObject({ type: 'webhook.test' })
    await client.rotateSecret({ ...place, body: { overlapSeconds: 0 } })
    const one = await sent(2)
    expect((one.headers['webhook-signature'] as string).split(' ')).toHaveLength(1)
  })
})

describe('who may not', () => {
  test('a stranger sees nothing, a viewer changes nothing, a developer changes nothing in production', async () => {
    const { params, create } = await newProject()
    const { endpointId } = await create('/x')
    const stranger = platform.client(webhooks, { id: uuidv7() })
    expect(await code(stranger.listEndpoints({ params }))).toBe('notFound')
    const viewer = { id: uuidv7() }
    platform.setRole(params.projectId, viewer.id, 'viewer')
    expect(
      await code(platform.client(webhooks, viewer).removeEndpoint({ params: { ...params, endpointId } })),
    ).toBe('forbidden')
    const developer = { id: uuidv7() }
    platform.setRole(params.projectId, developer.id, 'developer')
    const client = platform.client(webhooks, developer)
    const body = { url: 'https://app.example/', description: '', events: [], enabled: true }
    expect(await code(client.createEndpoint({ params, body }))).toBe('forbidden')
    expect(
      await client.createEndpoint({ params: { ...params, environment: 'development' }, body }),
    ).toMatchObject({ url: body.url })
  })

  test('a program manages its own environment only', async () => {
    const { params } = await newProject()
    const client = platform.client(
      webhooks,
      platform.programFor({ projectId: params.projectId, scopes: ['webhooks:manage'] }),
    )
    const body = { url: 'https://app.example/', description: '', events: [], enabled: true }
    expect(await client.createEndpoint({ params, body })).toMatchObject({ url: body.url })
    expect(
      await code(client.createEndpoint({ params: { ...params, environment: 'development' }, body })),
    ).toBe('notFound')
  })

  test('an endpoint of one project is not reached through another', async () => {
    const mine = await newProject()
    const theirs = await newProject()
    const { endpointId } = await theirs.create('/x')
    const params = { ...mine.params, endpointId }
    expect(await code(mine.client.removeEndpoint({ params }))).toBe('notFound')
    expect(await code(mine.client.sendTest({ params }))).toBe('notFound')
    expect(await code(mine.client.rotateSecret({ params, body: { overlapSeconds: 0 } }))).toBe('notFound')
  })
})

describe('bad input', () => {
  test('names every bad field', async () => {
    const { params, client } = await newProject()
    const problem = await client
      .createEndpoint({
        params,
        body: { url: 'http://app.example', description: '', events: ['no.such'], enabled: true },
      })
      .catch((error: ProblemError) => error.problem)
    expect(problem).toMatchObject({
      code: 'endpointNotRight',
      errors: [{ path: '/body/url' }, { path: '/body/events/0' }],
    })
  })

  test('an environment that does not exist, a stale version, too many endpoints', async () => {
    const { params, client, create } = await newProject()
    const body = { url: 'https://app.example/', description: '', events: [], enabled: true }
    expect(await code(client.createEndpoint({ params: { ...params, environment: 'nowhere' }, body }))).toBe(
      'notFound',
    )
    const { endpointId } = await create('/x')
    const place = { params: { ...params, endpointId }, body }
    expect(await client.updateEndpoint({ ...place, ifMatch: '1' })).toMatchObject({ version: 2 })
    expect(await code(client.updateEndpoint({ ...place, ifMatch: '1' }))).toBe('preconditionFailed')
    for (let count = 1; count < 20; count++) await create(`/${count}`)
    expect(await code(create('/one-too-many'))).toBe('endpointQuotaReached')
  })
})

test('an archived project sends nothing and takes no new endpoint, until it is restored', async () => {
  const { params, client, create } = await newProject()
  const { endpointId } = await create('/resting')
  await announce(projects, 'project.archived', { projectId: params.projectId })
  expect(await code(client.sendTest({ params: { ...params, endpointId } }))).toBe('forbidden')
  expect(await code(create('/another'))).toBe('forbidden')
  await announce(projects, 'project.restored', { projectId: params.projectId })
  await client.sendTest({ params: { ...params, endpointId } })
  await until(
    async () => received.length,
    (count) => count === 1,
  )
})

describe('when a place is gone', () => {
  test('its endpoints and log go with it, and a late event does not bring it back', async () => {
    const { params, client, create } = await newProject()
    await create('/x')
    const { projectId } = params
    await announce(projects, 'project.deleted', { projectId })
    expect(await code(client.listEndpoints({ params }))).toBe('notFound')
    await announce(projects, 'project.environment.added', { projectId, environment: 'production' })
    expect(await code(client.listEndpoints({ params }))).toBe('notFound')
  })
})

test('a delivery whose sender died is sent again when its lease ends', async () => {
  const { params, client, create, connection } = await newProject()
  const { endpointId } = await create('/orphan')
  await announce(oauth, 'oauth.connection.broken', connection())
  const list = () => client.listDeliveries({ params, query: { endpointId } })
  const { items } = await until(list, ({ items }) => items[0]?.state === 'delivered')
  const { store, tools } = platform.host.running.find((one) => one.service.contract === webhooks)!
  // As a process leaves it that is killed between sending and recording.
  const { deliveryId } = items[0]!
  await tools.transact(async (tx) => {
    await tx`update deliveries set state = 'sending', lease = gen_random_uuid(), lease_until = ${tools.now()}
      where delivery_id = ${deliveryId}`
    emit(tx, webhooks, 'delivery.due', { deliveryId })
  })
  await until(list, ({ items }) => items[0]?.state === 'delivered' && items[0].attempts === 2)
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(Array(2).fill(items[0]!.messageId))
  expect(await store.sql`select 1 from deliveries where lease is not null`).toEqual([])
})
