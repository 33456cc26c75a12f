/** Who takes part in the choreography, and what they need before it begins; the same people knock until they are heard. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { auth } from '@pleiad/auth/contract'
import { crm } from '@pleiad/crm/contract'
import { editor } from '@pleiad/editor/contract'
import { files } from '@pleiad/files/contract'
import { operators } from '@pleiad/operators/contract'
import { partners } from '@pleiad/partners/contract'
import { createClient } from '@pleiad/platform/client'
import { projects } from '@pleiad/projects/contract'
import { shop } from '@pleiad/shop/contract'
import { webhooks } from '@pleiad/webhooks/contract'
import { SECRET_KEY, startStripe, WEBHOOK_SECRET } from '../../../services/shop/testing-stripe.ts'
import { until } from '../hands.ts'
import type { Fire } from './processes.ts'

const GIVE_UP_MS = 120_000
/** Whoever does not answer for so long is asked again, at another door. */
const PATIENCE_MS = 15_000
/** Nobody was there, or whoever was there broke off: another door may open, or this one later. */
const KNOCK_AGAIN = new Set([429, 502, 503, 504])

/** What went wrong beyond that, by answer: it must be nothing. */
export type Troubles = Map<string, number>

/** Sends a request to one door after the other until one answers; what it did then may have happened twice. */
function knocking(doors: readonly string[], troubles: Troubles) {
  let turn = 0
  return async (path: string, init: RequestInit): Promise<Response> => {
    const end = Date.now() + GIVE_UP_MS
    for (;;) {
      const door = doors[turn++ % doors.length]!
      const signal = AbortSignal.timeout(PATIENCE_MS)
      const answer = await fetch(door + path, { ...init, signal }).catch((error: unknown) => {
        if (Date.now() > end) throw error
        return undefined
      })
      if (answer && answer.status >= 500 && !KNOCK_AGAIN.has(answer.status)) {
        const name = `${init.method} ${path.replace(/[0-9a-f-]{36}/g, ':id')} ${answer.status}`
        troubles.set(name, (troubles.get(name) ?? 0) + 1)
      }
      const inFlight = answer?.status === 409 && (await answer.clone().text()).includes('idempotencyInFlight')
      if (answer && !KNOCK_AGAIN.has(answer.status) && !inFlight) return answer
      if (Date.now() > end) return answer!
      await pause(50 + Math.random() * 150)
    }
  }
}

export type Person = ReturnType<typeof personAt>

function personAt(id: string, email: string, token: () => string, send: ReturnType<typeof knocking>) {
  const reach = { fetch: send, headers: () => ({ authorization: `Bearer ${token()}` }) }
  return {
    id,
    email,
    crm: createClient(crm, reach),
    editor: createClient(editor, reach),
    files: createClient(files, reach),
    operators: createClient(operators, reach),
    projects: createClient(projects, reach),
    shop: createClient(shop, reach),
    webhooks: createClient(webhooks, reach),
  }
}

/** An item of which there is always enough. */
export const STOCK = 100_000
export const SKU = 'DEMO-1'

export interface Heard {
  readonly id: string
  readonly type: string
  readonly data: Record<string, unknown>
}

async function startListener() {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { type, data } = JSON.parse(Buffer.concat(chunks).toString())
    heard.push({ id: String(request.headers['webhook-id']), type, data })
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { heard, url: `http://127.0.0.1:${port}/`, stop: () => void server.close() }
}

export type Outside = Awaited<ReturnType<typeof startOutside>>

/** What lies outside of the installation: the provider of payments, and a partner's server. */
export async function startOutside() {
  const [stripe, listener] = await Promise.all([startStripe(), startListener()])
  const env = {
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_API_URL: stripe.url,
  }
  return {
    stripe,
    listener,
    env,
    stop: () => {
      stripe.stop()
      listener.stop()
    },
  }
}

export type World = Awaited<ReturnType<typeof gather>>

/** Registers everybody: in each lane a customer, an operator and a machine; the office, a head and a partner for all. */
export async function gather(fire: Fire, outside: Outside, lanes: number) {
  const troubles: Troubles = new Map()
  const send = knocking(fire.doors, troubles)
  const code = /setup\?code=([\w-]+)/.exec(fire.greeting)?.[1]
  if (code === undefined) throw new Error(`There is no link for the first administrator in: ${fire.greeting}`)

  async function join(name: string, permissions: readonly string[], setupCode?: string): Promise<Person> {
    const username = name.toLowerCase().replaceAll(' ', '-')
    const email = `${username}@example.com`
    const password = 'a rather long phrase 7'
    const joined = await createClient(auth, { fetch: send }).register({
      body: { email, username, displayName: name, password, ...(setupCode ? { setupCode } : {}) },
    })
    if (joined.status !== 'signedIn' || !joined.accessToken) throw new Error('not signed in')
    const headers = () => ({ authorization: `Bearer ${joined.accessToken}` })
    const { userId } = await createClient(auth, { fetch: send, headers }).getMe()
    let token = { value: '', until: 0 }
    return personAt(
      userId,
      email,
      () => {
        if (token.until < Date.now())
          token = { value: fire.tokenFor(userId, permissions), until: Date.now() + 300_000 }
        return token.value
      },
      send,
    )
  }

  const office = await join(
    'Demo Office',
    ['orders:confirm', 'customers:read', 'customers:manage', 'orders:manage', 'shop:manage'],
    code,
  )
  const head = await join('Demo Head', ['production:work', 'production:assign', 'production:configure'])
  const ways: { customer: Person; operator: Person; machineId: string }[] = []
  for (let n = 1; n <= lanes; n++) {
    const customer = await join(`Demo Customer ${n}`, [])
    const operator = await join(`Demo Operator ${n}`, ['production:work'])
    const ready = () =>
      head.operators.setOperator({
        params: { operatorId: operator.id },
        body: { skills: ['fdm', 'pick'], active: true },
      })
    // Production learns of a new person a moment later.
    await until(ready, 'the operator is known')
    const { machineId } = await head.operators.createMachine({
      body: {
        name: `Demo Printer ${n}`,
        technique: 'fdm',
        materials: [],
        sizeMm: { x: 250, y: 210, z: 210 },
      },
    })
    ways.push({ customer, operator, machineId })
  }
  await office.shop.createItem({
    body: {
      ...{ sku: SKU, names: { en: 'Demo box', ru: 'Коробка' }, about: { en: '', ru: '' }, price: 1200 },
      ...{ currency: 'EUR', stock: STOCK, pictures: [], active: true },
    },
  })
  await until(
    async () => (await office.shop.getCatalogue()).bookVersion > 0,
    'the catalogue of the first price book is there',
  )
  const partner = await joinPartner(await join('Demo Partner', []), outside, send)
  return { send, troubles, outside, office, head, ways, partner }
}

/** A project with a key and an endpoint for webhooks. */
async function joinPartner(owner: Person, outside: Outside, send: ReturnType<typeof knocking>) {
  const { projectId } = await owner.projects.createProject({
    body: { name: 'Demo Partner', slug: 'demo-partner' },
  })
  const key = await owner.projects.createKey({
    params: { projectId },
    body: {
      environment: 'production',
      name: 'Shop floor',
      scopes: ['quotes:write', 'orders:write', 'orders:read'],
    },
  })
  const endpoint = () =>
    owner.webhooks.createEndpoint({
      params: { projectId, environment: 'production' },
      body: {
        url: outside.listener.url,
        description: 'Shop floor',
        events: ['partner.order.changed'],
        enabled: true,
      },
    })
  await until(endpoint, 'the webhook can be set')
  const headers = () => ({ authorization: `Bearer ${key.secret}` })
  return { projectId, client: createClient(partners, { fetch: send, headers }) }
}
