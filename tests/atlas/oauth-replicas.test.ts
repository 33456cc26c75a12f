/**
 * The vault on two server processes that share a database (and, where TEST_NATS_URL says that there is a broker on this
 * machine, a bus): however many ask, one refresh reaches the provider; and a process may die in the middle of it.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oauth } from '@pleiad/oauth/contract'
import { createClient } from '@pleiad/platform/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Bed, startBed } from '../../services/oauth/testing-bed.ts'

const CALLERS = 200
const secret = randomBytes(32).toString('base64url')
const broker = process.env['TEST_NATS_URL'] !== undefined
const ends: (() => unknown)[] = []

interface Server {
  readonly child: ChildProcess
  readonly url: string
}

let bed: Bed
let project: Awaited<ReturnType<Bed['createProject']>>
let busUrl: string | undefined
let servers: Server[] = []
let counter = 0

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-replica-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A broker of this test's own, so that nothing of another installation arrives. */
async function startBroker(): Promise<string> {
  const port = await freePort()
  const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', temporary()], {
    stdio: 'ignore',
  })
  ends.push(() => child.kill())
  return `nats://127.0.0.1:${port}`
}

async function startServer(): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./oauth-process.ts', import.meta.url)), {
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://localhost:8080',
      LOG_LEVEL: 'error',
      RATE_LIMIT: '0',
      AUTH_RATE_LIMIT: '0',
      OUTBOUND_ALLOW: '127.0.0.1',
      OAUTH_PROVIDER_TIMEOUT_SECONDS: '1',
      DATABASE_POOL: '4',
      DATABASE_URL: bed.platform.host.config.DATABASE_URL,
      PLEIAD_DATA: temporary(),
      PLEIAD_SECRET: secret,
      TEST_PROJECT: project.projectId,
      TEST_TOKEN: 'test_replica',
      ...(busUrl ? { BUS_URL: busUrl } : {}),
    },
  })
  ends.push(() => child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url))
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  return { child, url }
}

beforeAll(async () => {
  bed = await startBed({ PLEIAD_SECRET: secret, OAUTH_PROVIDER_TIMEOUT_SECONDS: '1' })
  project = await bed.createProject()
  await bed.configure(project)
  if (broker) busUrl = await startBroker()
  servers = await Promise.all([startServer(), startServer()])
})
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await bed?.stop()
})
afterEach(() => {
  Object.assign(bed.provider.behaviour, { beforeRotation: undefined, afterRotation: undefined })
})

const clientOf = ({ url }: Server) =>
  createClient(oauth, { baseUrl: url, headers: () => ({ authorization: 'Bearer test_replica' }) })

/** A connection whose token has `seconds` left. */
async function connected(seconds: number) {
  bed.provider.behaviour.subject = `person-${++counter}`
  const { connectionId } = await bed.connect(project, `user-${counter}`)
  await bed.tools().sql`
    update connections set expires_at = now() + make_interval(secs => ${seconds}) where id = ${connectionId}`
  return connectionId
}

const read = (server: Server, connectionId: string, minValidity = 60) =>
  clientOf(server).getToken({ params: { connectionId }, query: { minValidity } })

test(`${CALLERS} callers on two processes: one refresh reaches the provider`, async () => {
  const connectionId = await connected(-60)
  const before = bed.provider.refreshes().length
  bed.provider.behaviour.beforeRotation = () => new Promise((resolve) => setTimeout(resolve, 300))
  const tokens = await Promise.all(
    Array.from({ length: CALLERS }, (_, n) => read(servers[n % 2]!, connectionId)),
  )
  expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1)
  expect(bed.provider.refreshes().length - before).toBe(1)
  expect(bed.provider.revokedFamilies.size).toBe(0)
})

test('a provider that was changed at one process is the changed one at all, and one that was switched off is gone', async () => {
  const params = { ...project.place, provider: 'corporate' }
  const body = { provider: 'corporate', endUserId: 'user-moving', returnUrl: bed.returnUrl, state: 'x' }
  /** Where each process sends somebody who begins to connect there. */
  const begun = () =>
    Promise.all(
      servers.map(async (server) => {
        const { url } = await clientOf(server).openConnectSession({ body })
        const answer = await fetch(`${server.url}${new URL(url).pathname}`, { redirect: 'manual' })
        return new URL(answer.headers.get('location')!)
      }),
    )
  const clients = async () => (await begun()).map(({ searchParams }) => searchParams.get('client_id'))
  expect(await clients()).toEqual([bed.provider.clientId, bed.provider.clientId])
  const change = async (changes: object) => {
    const { version } = await project.console.getProvider({ params })
    await project.console.updateProvider({ params, ifMatch: version, body: changes })
  }
  await change({ clientId: 'another-client' })
  expect(await clients()).toEqual(['another-client', 'another-client'])
  await change({ clientId: bed.provider.clientId, enabled: false })
  const refusals = await Promise.all(
    servers.map((server) =>
      clientOf(server)
        .openConnectSession({ body })
        .then(
          () => 'open',
          ({ code }) => code,
        ),
    ),
  )
  expect(refusals).toEqual(['providerDisabled', 'providerDisabled'])
  await change({ enabled: true })
  expect(await clients()).toEqual([bed.provider.clientId, bed.provider.clientId])
})

// Without a bus processes cannot tell each other, and serve from memory for half a minute more.
if (broker)
  test('what one process ends, the other does not serve from its memory', async () => {
    const connectionId = await connected(3000)
    await Promise.all(servers.map((server) => read(server, connectionId)))
    await clientOf(servers[0]!).revokeOwnConnection({ params: { connectionId } })
    await expect
      .poll(() => read(servers[1]!, connectionId).catch((error) => error.code))
      .toBe('reconnectRequired')
  })

describe('kill -9 in the middle of a refresh', () => {
  /** Reads on the first process and kills it when the provider has got its request. */
  async function killIn(
    moment: 'beforeRotation' | 'afterRotation',
    connectionId: string,
    minValidity: number,
    meanwhile: () => void = () => {},
  ) {
    const [victim] = servers
    const reached = new Promise<void>((resolve) => {
      bed.provider.behaviour[moment] = async () => {
        bed.provider.behaviour[moment] = undefined
        meanwhile()
        victim!.child.kill('SIGKILL')
        await new Promise((gone) => victim!.child.once('exit', gone))
        resolve()
        // The connection breaks a moment after the process is gone.
        await new Promise((later) => setTimeout(later, 100))
      }
    })
    const reading = read(victim!, connectionId, minValidity).catch(() => 'died')
    await reached
    expect(await reading).toBe('died')
    servers = [await startServer(), servers[1]!]
  }

  test('before the provider acted: the other takes over, and nothing is lost', async () => {
    const connectionId = await connected(-60)
    const before = bed.provider.refreshes().length
    // Callers of the other process wait meanwhile.
    let waiting: Promise<Awaited<ReturnType<typeof read>>[]> | undefined
    await killIn('beforeRotation', connectionId, 60, () => {
      waiting = Promise.all(Array.from({ length: 20 }, () => read(servers[1]!, connectionId)))
    })
    const tokens = (await waiting)!
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1)
    // The one that died with its process, and the one that counted.
    expect(bed.provider.refreshes().length - before).toBe(2)
    expect(bed.provider.revokedFamilies.size).toBe(0)
    expect((await read(servers[0]!, connectionId)).accessToken).toBe(tokens[0]!.accessToken)
  })

  test('after the provider has rotated: the old token is served on, and the used refresh token is not used again', async () => {
    const connectionId = await connected(200)
    const before = bed.provider.refreshes().length
    await killIn('afterRotation', connectionId, 600)
    expect(bed.provider.refreshes().length - before).toBe(1)
    for (const server of servers) expect((await read(server, connectionId)).accessToken).toMatch(/^a-/)
    // Somebody who needs more waits in vain, honestly, and still no second refresh is sent that would revoke the family.
    await expect(read(servers[1]!, connectionId, 600)).rejects.toMatchObject({ code: 'tokenUnavailable' })
    expect(bed.provider.refreshes().length - before).toBe(1)
    expect(bed.provider.revokedFamilies.size).toBe(0)
    // When the old token is over there is nothing to lose: one try, and then the truth.
    await bed.tools()
      .sql`update connections set expires_at = now() - interval '1 second' where id = ${connectionId}`
    // More than what is in its memory is good for.
    await expect(read(servers[0]!, connectionId, 300)).rejects.toMatchObject({
      code: 'reconnectRequired',
      problem: { reason: 'interrupted' },
    })
    expect(bed.provider.refreshes().length - before).toBe(2)
  })
})

test('kill -9 between leaving for the provider and coming back: the flow goes on at the other process', async () => {
  bed.provider.behaviour.subject = `person-${++counter}`
  const [first] = servers
  const session = await clientOf(first!).openConnectSession({
    body: { provider: 'corporate', endUserId: 'user-of-a-killed-process', returnUrl: bed.returnUrl },
  })
  const visit = (server: Server, address: string, cookie = '') =>
    fetch(`${server.url}${new URL(address).pathname}${new URL(address).search}`, {
      redirect: 'manual',
      headers: { cookie },
    })
  const opened = await visit(first!, session.url)
  const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
  const back = bed.provider.consent(opened.headers.get('location')!)
  first!.child.kill('SIGKILL')
  await new Promise((gone) => first!.child.once('exit', gone))
  const landed = new URL((await visit(servers[1]!, back, cookie)).headers.get('location')!)
  const connectionId = landed.searchParams.get('connection')!
  expect((await read(servers[1]!, connectionId)).accessToken).toMatch(/^a-/)
  servers = [await startServer(), servers[1]!]
})
