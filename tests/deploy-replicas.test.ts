/**
 * Two replicas of the whole installation on one database, behind a round robin: started at once on an empty database,
 * and replaced one after the other under load. With TEST_NATS_URL and TEST_REDIS_URL they also share a broker and Redis,
 * as a cluster does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { auth } from '@pleiad/auth/contract'
import { createClient } from '@pleiad/platform/client'
import { projects } from '@pleiad/projects/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../platform/store/connect.ts'
import { type TestDatabase, testDatabase } from '../platform/testing/postgres.ts'

const PASSWORD = 'a rather long phrase 7'
const DRAIN_SECONDS = 4
const program = fileURLToPath(new URL('../server/main.ts', import.meta.url))
const services = fileURLToPath(new URL('../services/', import.meta.url))
const ends: (() => unknown)[] = []
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
let database: TestDatabase
let env: Record<string, string>
let first: Replica
let second: Replica
let token: string

interface Replica {
  readonly child: ChildProcess
  readonly url: string
  readonly ended: Promise<number | null>
  readonly said: () => string
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-replica-'))
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

/** A broker of this test's own, so that nothing of another installation arrives. */
async function startBroker(): Promise<string> {
  const port = await freePort()
  const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', temporary()], {
    stdio: 'ignore',
  })
  ends.push(() => child.kill())
  return `nats://127.0.0.1:${port}`
}

/** Another process of the installation; resolves when it is ready. */
async function startReplica(): Promise<Replica> {
  const port = await freePort()
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [program], {
    env: { PATH, HOME, ...env, PORT: String(port), PLEIAD_DATA: temporary() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  ends.push(() => {
    child.kill('SIGKILL')
    return ended
  })
  while (!output.includes('Pleiad is ready')) {
    if (child.exitCode !== null) throw new Error(`it did not start: ${output}`)
    await pause(20)
  }
  return { child, url: `http://127.0.0.1:${port}`, ended, said: () => output }
}

const at = (replica: Replica, bearer?: string) =>
  createClient(auth, {
    baseUrl: replica.url,
    headers: (): Record<string, string> => (bearer ? { authorization: `Bearer ${bearer}` } : {}),
  })

beforeAll(async () => {
  database = await testDatabase()
  env = {
    HOST: '127.0.0.1',
    PUBLIC_URL: 'http://localhost:8080',
    PLEIAD_SECRET: randomBytes(32).toString('base64url'),
    DATABASE_URL: database.adminUrl,
    DATABASE_POOL: '4',
    DRAIN_SECONDS: String(DRAIN_SECONDS),
    LOG_LEVEL: 'error',
    AUTH_SIGN_UP: 'immediate',
    AUTH_RATE_LIMIT: '0',
    RATE_LIMIT: '0',
    PROJECTS_PER_ACCOUNT: '0',
    ...(process.env['TEST_NATS_URL'] ? { BUS_URL: await startBroker() } : {}),
    ...(process.env['TEST_REDIS_URL'] ? { REDIS_URL: `${process.env['TEST_REDIS_URL']}/11` } : {}),
  }
})
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await database?.drop()
})

test('two that start at once on an empty database both become ready; each migration ran once', async () => {
  ;[first, second] = await Promise.all([startReplica(), startReplica()])
  for (const { url } of [first, second]) expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  const sql = connect(database.adminUrl, { max: 1 })
  for (const service of await readdir(services)) {
    const files = (await readdir(join(services, service, 'migrations')).catch(() => [])).sort()
    // A service that keeps nothing has no schema.
    if (files.length === 0) continue
    const ran = await sql`
      select file from ${sql(service)}.migrations where part = 'service' order by applied_at, number`
    expect(ran.map(({ file }) => file)).toEqual(files)
  }
  await sql.end()
}, 120_000)

test('a sign-in that one replica began is finished at the other', async () => {
  const account = { email: 'ada@example.com', password: PASSWORD, username: 'ada', displayName: 'Ada' }
  const joined = await at(first).register({ body: account })
  if (joined.status !== 'signedIn' || !joined.accessToken) throw new Error('not signed in')
  const { secret } = await at(second, joined.accessToken).startTotp()
  const { recoveryCodes } = await at(first, joined.accessToken).confirmTotp({ body: { code: totp(secret) } })
  const { email, password } = account
  const begun = await at(first).login({ body: { email, password } })
  if (begun.status !== 'secondFactorRequired')
    throw new Error(`not asked for the second factor: ${begun.status}`)
  const proof = { method: 'recoveryCode' as const, code: recoveryCodes[0]! }
  const done = await at(second).loginSecondFactor({ body: { challenge: begun.challenge, proof } })
  token = done.accessToken!
  for (const replica of [first, second])
    expect(await at(replica, token).getMe()).toMatchObject({ email, totp: true })
  // Used up at one, the code opens nothing at the other either.
  const again = await at(second).login({ body: { email, password } })
  if (again.status !== 'secondFactorRequired') throw new Error('not asked for the second factor')
  await expect(
    at(first).loginSecondFactor({ body: { challenge: again.challenge, proof } }),
  ).rejects.toMatchObject({ code: 'proofRefused' })
}, 60_000)

test('replaced one after the other under load: no request fails, no event is lost', async () => {
  const balancer = startBalancer([first.url, second.url])
  const client = createClient(projects, {
    baseUrl: 'http://balancer',
    headers: () => ({ authorization: `Bearer ${token}` }),
    fetch: balancer.fetch,
  })
  const made: string[] = []
  let over = false
  const people = Array.from({ length: 4 }, async (_, person) => {
    for (let n = 0; !over; n++) {
      const { projectId } = await client.createProject({
        body: { name: `Project ${person} ${n}`, slug: `project-${person}-${n}` },
      })
      made.push(projectId)
      // Through whichever replica is next.
      expect((await client.getProject({ params: { projectId } })).projectId).toBe(projectId)
    }
  })
  // Whoever fails ends the test at once.
  const failing = Promise.all(people)
  const rolling = async () => {
    for (const old of [first, second]) {
      const next = await startReplica()
      balancer.add(next.url)
      await balancer.answered(next.url)
      old.child.kill('SIGTERM')
      expect(await old.ended).toBe(0)
      expect(old.said()).not.toMatch(/"level":"(error|fatal)"/)
      balancer.remove(old.url)
    }
  }
  await Promise.race([rolling(), failing])
  over = true
  await failing
  balancer.stop()
  expect(balancer.replicas.size).toBe(4)
  expect(made.length).toBeGreaterThan(20)

  const sql = connect(database.adminUrl, { max: 1 })
  const missing = async () => {
    const here = async (rows: PromiseLike<readonly unknown[]>) =>
      new Set(((await rows) as { project_id: string }[]).map((row) => row.project_id))
    const seen = await here(sql`select project_id from oauth.projects`)
    const heard = await here(sql`select project_id from webhooks.environments`)
    return made.filter((id) => !seen.has(id) || !heard.has(id))
  }
  // What the broker had handed to a process that was just ending it hands out again after half a minute.
  await expect.poll(missing, { timeout: 90_000, interval: 200 }).toEqual([])
  expect([...(await sql`select error from oauth.inbox where state = 'dead'`)]).toEqual([])
  await sql.end()
}, 240_000)

/** The smallest load balancer: sends to the ready ones in turn, and repeats only what was refused at the door. */
function startBalancer(urls: readonly string[]) {
  const ready = new Map(urls.map((url) => [url, true]))
  const replicas = new Set<string>()
  let turn = 0
  let stopped = false
  const probe = async (url: string) => {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (ready.has(url)) ready.set(url, answer?.status === 200)
  }
  const probing = async () => {
    while (!stopped) {
      await Promise.all([...ready.keys()].map(probe))
      await pause(200)
    }
  }
  void probing()
  return {
    replicas: replicas as ReadonlySet<string>,
    add: (url: string) => void ready.set(url, true),
    remove: (url: string) => void ready.delete(url),
    answered: async (url: string) => {
      while (!replicas.has(url)) await pause(20)
    },
    stop: () => {
      stopped = true
    },
    fetch: (async (input, init) => {
      for (;;) {
        const choice = [...ready].filter(([, isReady]) => isReady).map(([url]) => url)
        const url = choice[turn++ % choice.length]
        if (!url) throw new Error('no replica is ready')
        try {
          const answer = await fetch(String(input).replace('http://balancer', url), init)
          replicas.add(url)
          return answer
        } catch (error) {
          if ((error as { cause?: { code?: string } }).cause?.code !== 'ECONNREFUSED') throw error
          ready.set(url, false)
        }
      }
    }) as typeof fetch,
  }
}

/** The code of an authenticator (RFC 6238) for the step before this one, so that the next is not used up. */
function totp(secret: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) - 1))
  const digest = createHmac('sha1', key).update(step).digest()
  const number = digest.readUInt32BE(digest[19]! & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}
