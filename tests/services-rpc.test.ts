/**
 * One installation in processes of their own: auth alone, users alone, the rest in a third, over a broker of this test's
 * own (where TEST_NATS_URL says that there is one on this machine) and one database. This process is the fourth: it
 * calls the others by RPC, as a service would.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { auth } from '@pleiad/auth/contract'
import { AuthInternal } from '@pleiad/auth/rpc'
import { Files } from '@pleiad/files/rpc'
import { notifications } from '@pleiad/notifications/contract'
import { operations } from '@pleiad/operations/contract'
import { createClient } from '@pleiad/platform/client'
import { defineContract } from '@pleiad/platform/contract'
import { defineService, type Service } from '@pleiad/platform/service'
import { users } from '@pleiad/users/contract'
import { Profiles } from '@pleiad/users/rpc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALL_PURPOSE, signCall } from '../platform/rpc/token.ts'
import { discoverServices } from '../platform/service/discover.ts'
import { type Host, startHost } from '../platform/service/host.ts'
import { readDataFolder } from '../platform/service/secrets.ts'
import { connect } from '../platform/store/connect.ts'
import { type TestDatabase, testDatabase } from '../platform/testing/postgres.ts'

const PASSWORD = 'a rather long phrase 7'
const REST = 'files,notifications,operations,projects'
const MEGABYTE = 1024 * 1024
const folder = fileURLToPath(new URL('../services/', import.meta.url))
const program = fileURLToPath(new URL('../server/main.ts', import.meta.url))
const secret = randomBytes(32).toString('base64url')
const ends: (() => unknown)[] = []
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
let database: TestDatabase
let env: Record<string, string>

interface Server {
  readonly child: ChildProcess
  readonly url: string
  readonly ended: Promise<unknown>
  readonly said: () => string
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-rpc-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function startServer(services: string): Promise<Server> {
  const port = await freePort()
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [program], {
    env: { PATH, HOME, ...env, SERVICES: services, PORT: String(port), PLEIAD_DATA: temporary() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const ended = new Promise((resolve) => child.once('close', resolve))
  ends.push(() => {
    child.kill('SIGKILL')
    return ended
  })
  while (child.exitCode === null && !output.includes('Pleiad is ready')) await pause(20)
  if (child.exitCode !== null) throw new Error(`it did not start: ${output}`)
  return { child, url: `http://127.0.0.1:${port}`, ended, said: () => output }
}

const clientOf = <C extends Parameters<typeof createClient>[0]>(
  contract: C,
  { url }: Server,
  token?: string,
) =>
  createClient(contract, {
    baseUrl: url,
    headers: (): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {}),
  })

const health = async ({ url }: Server) => {
  const answer = await fetch(`${url}/health`)
  return {
    status: answer.status,
    ...((await answer.json()) as { state: string; services: Record<string, unknown> }),
  }
}

/** A service that only calls others. */
const probe: Service = defineService({
  contract: defineContract({ name: 'probe', version: '1.0.0', summary: 'Calls others.', operations: {} }),
  url: import.meta.url,
  routes: () => ({}),
  calls: [Files, Profiles, AuthInternal],
})

describe.runIf(process.env['TEST_NATS_URL'])('services in processes of their own', () => {
  let first: Server
  let people: Server
  let rest: Server
  let host: Host
  let token: string
  let userId: string
  let setup: string

  beforeAll(async () => {
    database = await testDatabase()
    const port = await freePort()
    const broker = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', temporary()], {
      stdio: 'ignore',
    })
    ends.push(() => broker.kill())
    env = {
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://localhost:8080',
      INTERNAL_PORT: '0',
      PLEIAD_SECRET: secret,
      DATABASE_URL: database.adminUrl,
      DATABASE_POOL: '3',
      BUS_URL: `nats://127.0.0.1:${port}`,
      LOG_LEVEL: 'fatal',
      AUTH_SIGN_UP: 'immediate',
      AUTH_RATE_LIMIT: '0',
      RATE_LIMIT: '0',
    }
    // Whatever it answers to HTTP, it is there.
    while (
      !(await fetch(`http://127.0.0.1:${port}`).then(
        () => true,
        ({ cause }) => cause?.code !== 'ECONNREFUSED',
      ))
    )
      await pause(20)
    ;[first, people, rest] = await Promise.all([startServer('auth'), startServer('users'), startServer(REST)])
    host = await startHost({
      services: [probe],
      installation: [probe, ...(await discoverServices(folder, `auth,users,${REST}`))],
      env: { ...env, PORT: '0', PLEIAD_DATA: temporary() },
    })
    ends.push(() => host.stop())
    setup = /setup\?code=([\w-]+)/.exec(first.said())![1]!
  }, 120_000)
  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    await database?.drop()
  })
  const rpc = () => host.running[0]!.tools.rpc

  test('somebody signs up at one and has a profile at another, through whichever door', async () => {
    for (const server of [first, people, rest])
      expect(await health(server)).toMatchObject({ status: 200, state: 'up' })
    // auth reserves the name at users; the request itself came in where neither runs.
    const joined = await clientOf(auth, rest).register({
      body: {
        email: 'ada@example.com',
        password: PASSWORD,
        username: 'ada',
        displayName: 'Ada',
        setupCode: setup,
      },
    })
    if (joined.status !== 'signedIn' || !joined.accessToken) throw new Error('not signed in')
    token = joined.accessToken
    // users learns who calls from auth's keys, over RPC.
    await expect
      .poll(
        () =>
          clientOf(users, people, token)
            .getMe()
            .then(
              ({ state }) => state,
              () => undefined,
            ),
        {
          timeout: 20_000,
        },
      )
      .toBe('active')
    const me = await clientOf(users, first, token).getMe()
    userId = me.userId
    expect(me).toMatchObject({ username: 'ada', displayName: 'Ada' })
    const { profiles } = await rpc()(Profiles).getProfiles({ userIds: [userId] })
    expect(profiles).toMatchObject([{ username: 'ada', active: true }])
    // Validation, refusals and unknown addresses are those of the process that answers.
    await expect(clientOf(users, first).getMe()).rejects.toMatchObject({
      status: 401,
      code: 'unauthenticated',
    })
    const bad = await fetch(`${people.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"email":',
    })
    expect([bad.status, ((await bad.json()) as { code: string }).code]).toEqual([400, 'malformedRequest'])
    expect((await fetch(`${people.url}/api/v1/auth/nothing`)).status).toBe(404)
    expect((await fetch(`${people.url}/.well-known/jwks.json`)).status).toBe(200)
    const large = await fetch(`${people.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'x'.repeat(2 * MEGABYTE) }),
    })
    expect(large.status).toBe(413)
  }, 60_000)

  test('an internal refusal keeps its Connect code on the way', async () => {
    await expect(rpc()(Profiles).getProfiles({ userIds: ['nobody'] })).rejects.toMatchObject({
      rawMessage: 'user_id is not a UUID',
      code: 3,
    })
    await expect(rpc()(Profiles).findByUsername({ username: 'unknown' })).rejects.toMatchObject({ code: 5 })
    await expect(
      rpc()(Profiles).reserveProfile({
        userId: crypto.randomUUID(),
        username: 'ada',
        displayName: 'A',
        locale: 'en',
      }),
    ).rejects.toMatchObject({ code: 6 })
  })

  test('the export of a person is collected from all processes, and the map shows all of them', async () => {
    const exported = (await clientOf(users, people, token).exportUser({ params: { userId } })) as {
      services: Record<string, unknown>
    }
    expect(Object.keys(exported.services)).toEqual(expect.arrayContaining(['auth', 'notifications', 'users']))
    expect(JSON.stringify(exported.services['auth'])).toContain('ada@example.com')
    // A new token has the permissions of the administrator that she became.
    const map = await clientOf(operations, first, token).getMap()
    const up = map.services.filter(({ health: { status } }) => status === 'up').map(({ facts }) => facts.name)
    expect(up).toEqual(expect.arrayContaining(['auth', 'users', ...REST.split(',')]))
    // What nobody ever started is no part of it.
    expect(up).toHaveLength(map.services.length)
    expect(
      (await clientOf(operations, people, token).listDeadLetters({ query: { service: 'auth' } })).items,
    ).toEqual([])
  }, 60_000)

  test('fifty megabytes stream in and out, no faster than they are read', async () => {
    const piece = randomBytes(MEGABYTE / 4)
    const hash = createHash('sha256')
    const { file } = await rpc()(Files).put(
      (async function* () {
        yield {
          part: { case: 'file' as const, value: { ownerId: userId, purpose: 'probe', name: 'large.bin' } },
        }
        for (let n = 0; n < 200; n++) {
          hash.update(piece)
          yield { part: { case: 'bytes' as const, value: piece } }
        }
      })(),
    )
    expect(file).toMatchObject({ size: BigInt(50 * MEGABYTE), sha256: hash.digest('hex') })
    const memory = () => [
      process.memoryUsage.rss(),
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(rest.child.pid)])) * 1024,
    ]
    const before = memory()
    const back = createHash('sha256')
    let size = 0
    for await (const { bytes } of rpc()(Files).open({ fileId: file!.fileId })) {
      if (size === 0) {
        // A reader that takes its time: nobody collects the rest in memory meanwhile.
        await pause(1_500)
        for (const [at, rss] of memory().entries()) expect(rss - before[at]!).toBeLessThan(25 * MEGABYTE)
      }
      size += bytes.length
      back.update(bytes)
    }
    expect([size, back.digest('hex')]).toEqual([50 * MEGABYTE, file!.sha256])
    // A reader that goes away ends the stream there; the connection is no loss.
    const gone = new AbortController()
    await expect(async () => {
      for await (const _ of rpc()(Files).open({ fileId: file!.fileId }, { signal: gone.signal })) gone.abort()
    }).rejects.toMatchObject({ code: 1 })
    expect((await rpc()(Files).getFiles({ fileIds: [file!.fileId] })).files).toHaveLength(1)
  }, 60_000)

  test('only who can prove it for this very call is heard; nothing of it is on the public door', async () => {
    const sql = connect(database.adminUrl, { max: 1 })
    const peers = await sql<{ address: string; about: { services: string[] } }[]>`
      select address, about from platform.peers where expires_at > now()`
    await sql.end()
    const addressOf = (service: string) =>
      peers.find(({ about }) => about.services.includes(service))!.address
    expect(new URL(addressOf('users')).hostname).toBe('127.0.0.1')
    const call = '/rpc/pleiad.users.v1.Profiles/GetProfiles'
    const standing = '/rpc/pleiad.auth.v1.AuthInternal/GetStanding'
    const ask = (base: string, url: string, proof?: string) =>
      fetch(base + url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'connect-protocol-version': '1',
          ...(proof ? { 'x-pleiad-call': proof } : {}),
        },
        body: '{}',
      }).then(({ status }) => status)
    const key = readDataFolder(temporary(), secret).deriveKey(CALL_PURPOSE)
    expect(await ask(addressOf('users'), call, signCall(key, 'POST', call))).toBe(200)
    expect(await ask(addressOf('users'), call)).toBe(401)
    expect(await ask(addressOf('users'), call, signCall(randomBytes(32), 'POST', call))).toBe(401)
    const minute = 60_000
    expect(await ask(addressOf('users'), call, signCall(key, 'POST', call, Date.now() - minute))).toBe(401)
    expect(await ask(addressOf('users'), call, signCall(key, 'POST', call, Date.now() + 2 * minute))).toBe(
      401,
    )
    // Caught on the way to users, it opens neither auth nor another method.
    const caught = signCall(key, 'POST', call)
    expect(await ask(addressOf('auth'), standing, caught)).toBe(401)
    expect(await ask(addressOf('users'), call.replace('GetProfiles', 'ReleaseProfile'), caught)).toBe(401)
    // A service that does not run there does not answer there.
    expect(await ask(addressOf('users'), standing, signCall(key, 'POST', standing))).toBe(404)
    for (const url of [call, '/ask/auth/loadKeys', '/forward/auth/health'])
      expect(await ask(people.url, url, signCall(key, 'POST', url))).toBe(404)
  })

  test('who answers is killed: a clear error that names it; back again, all goes on', async () => {
    people.child.kill('SIGKILL')
    await people.ended
    const body = { email: 'bo@example.com', password: PASSWORD, username: 'bobby', displayName: 'Bo' }
    const refusal = { status: 503, code: 'serviceUnavailable', problem: { service: 'users' } }
    await expect(clientOf(auth, first).register({ body })).rejects.toMatchObject(refusal)
    await expect(clientOf(users, first, token).getMe()).rejects.toMatchObject(refusal)
    await expect(rpc()(Profiles).getProfiles({ userIds: [userId] })).rejects.toMatchObject({
      code: 14,
      rawMessage: 'The service users does not answer in any process.',
    })
    const map = await clientOf(operations, first, token).getMap()
    expect(map.services.find(({ facts }) => facts.name === 'users')?.health).toMatchObject({
      status: 'down',
      detail: 'The service users does not answer in any process.',
    })
    // An export that lacks a part is none.
    await expect(host.running[0]!.tools.personalData(userId)).rejects.toMatchObject({
      code: 'serviceUnavailable',
    })
    const troubled = await health(first)
    expect(troubled).toMatchObject({ status: 200, state: 'degraded' })
    expect(troubled.services['auth']).toMatchObject({
      troubles: [expect.stringContaining('It calls users, which runs in no process.')],
    })
    expect((await fetch(`${first.url}/health/ready`)).status).toBe(200)

    people = await startServer('users')
    const joined = await clientOf(auth, first).register({ body })
    expect(joined.status).toBe('signedIn')
    expect(await clientOf(users, first, token).getMe()).toMatchObject({ username: 'ada' })
    await expect.poll(async () => (await health(first)).state).toBe('up')
  }, 60_000)

  test('what is told at one reaches whoever is signed in, wherever it is asked for', async () => {
    const { items } = await clientOf(notifications, people, token).listNotifications()
    expect(Array.isArray(items)).toBe(true)
    // Signed out at auth, the token opens nothing at users.
    await clientOf(auth, first, token).logout({ body: {} })
    await expect
      .poll(
        () =>
          clientOf(users, people, token)
            .getMe()
            .then(
              () => 200,
              ({ status }) => status,
            ),
        { timeout: 10_000 },
      )
      .toBe(401)
  }, 30_000)
})
