/**
 * Issuers on two server processes that share a database (and, where TEST_NATS_URL says that there is a broker on this
 * machine, a bus): a process may die in the middle of a sign-in or a refresh, and nobody loses their session.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CALLBACK, type TestApp, testApp } from '../../services/oidc/testing-app.ts'
import { type Bed, freePort, type Project, startBed } from '../../services/oidc/testing-bed.ts'
import { type Browser, signInPage } from '../../services/oidc/testing-browser.ts'

const PASSWORD = 'a rather long phrase 7'
const secret = randomBytes(32).toString('base64url')
const broker = process.env['TEST_NATS_URL'] !== undefined
const ends: (() => unknown)[] = []
const servers: { readonly child: ChildProcess; readonly url: string }[] = []
let bed: Bed
let project: Project
let app: TestApp
let busUrl: string | undefined
let people = 0

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-replica-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
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

interface Server {
  readonly child: ChildProcess
  readonly url: string
}

/** Another process of the same installation. */
async function startServer(): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./oidc-process.ts', import.meta.url)), {
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL: bed.platform.host.publicUrl,
      LOG_LEVEL: 'error',
      RATE_LIMIT: '0',
      AUTH_RATE_LIMIT: '0',
      AUTH_HASH_CONCURRENCY: '2',
      OIDC_REFRESH_GRACE_SECONDS: '120',
      DATABASE_POOL: '4',
      DATABASE_URL: bed.platform.host.config.DATABASE_URL,
      PLEIAD_SECRET: secret,
      PLEIAD_DATA: temporary(),
      ...(busUrl ? { BUS_URL: busUrl } : {}),
    },
  })
  const { url } = await new Promise<{ url: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url: string }))
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)))
  })
  servers.push({ child, url })
  return { child, url }
}

async function kill({ child }: Server): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

beforeAll(async () => {
  if (broker) busUrl = await startBroker()
  bed = await startBed({
    PLEIAD_SECRET: secret,
    OIDC_REFRESH_GRACE_SECONDS: '120',
    ...(busUrl ? { BUS_URL: busUrl } : {}),
  })
  project = await bed.createProject()
  app = await testApp(project)
})
afterAll(async () => {
  for (const { child } of servers) child.kill('SIGKILL')
  await bed?.stop()
  for (const end of ends.reverse()) await end()
})

async function endUser(): Promise<{ email: string; endUserId: string }> {
  const email = `somebody${++people}@example.com`
  const { endUserId } = await project.my.createEndUser({
    params: project.params,
    body: { email, emailVerified: true },
  })
  await bed.own.tools.sql`
    update end_users set password_hash = ${await bed.own.hashing.hash(PASSWORD)} where end_user_id = ${endUserId}`
  return { email, endUserId }
}

async function signIn(browser: Browser, email: string): Promise<string> {
  const params = signInPage(await browser.go(app.address()))
  const step = await browser.page.signInWithPassword({ params, body: { email, password: PASSWORD } })
  return (await browser.go((step as { url: string }).url)).url
}

async function refresh(at: string, token: string): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`${at}/oidc/${project.slug}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: app.appId, refresh_token: token }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

test('killed in the middle of a sign-in: the page goes on at another process', async () => {
  const { email } = await endUser()
  for (const delay of [0, 10, 30, 60]) {
    const server = await startServer()
    const browser = bed.browser()
    const landed = await browser.go(app.address().replace(bed.platform.host.publicUrl, server.url))
    const params = signInPage(landed)
    // The other process gets the password, and dies somewhere on the way.
    const lost = browser
      .post(`${server.url}/oidc/${params.handle}/sign-in/${params.uid}/password`, {
        email,
        password: PASSWORD,
      })
      .catch(() => undefined)
    await pause(delay)
    await kill(server)
    await lost
    const reloaded = await browser.go(landed.url.replace(server.url, bed.platform.host.publicUrl))
    if (!reloaded.url.startsWith(CALLBACK)) {
      const step = await browser.page.signInWithPassword({ params, body: { email, password: PASSWORD } })
      expect((await browser.go((step as { url: string }).url)).url.startsWith(CALLBACK)).toBe(true)
    }
    // The session is there: nobody is asked again.
    const back = await browser.go(app.address())
    expect(back.url.startsWith(CALLBACK)).toBe(true)
    expect((await app.redeem(back.url)).status).toBe(200)
  }
}, 120_000)

test('killed in the middle of a refresh: the same token works at another process', async () => {
  const { email } = await endUser()
  const browser = bed.browser()
  let { body } = await app.redeem(await signIn(browser, email))
  let retried = 0
  for (const delay of [0, 3, 6, 10, 20, 40]) {
    const server = await startServer()
    const token = body['refresh_token']!
    const asked = refresh(server.url, token).catch(() => undefined)
    await pause(delay)
    await kill(server)
    const answer = await asked
    if (answer?.status !== 200) retried++
    const again = await refresh(bed.platform.url, token)
    expect(again.status).toBe(200)
    // Whoever of the two was answered first, there is one line of tokens.
    if (answer?.status === 200) expect(again.body['refresh_token']).toBe(answer.body['refresh_token'])
    body = again.body
  }
  expect(retried).toBeGreaterThan(0)
  const info = await fetch(`${project.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${body['access_token']}` },
  })
  expect(info.status).toBe(200)
}, 120_000)

test('refreshes at two processes at once leave one line of tokens', async () => {
  const { email } = await endUser()
  const { body } = await app.redeem(await signIn(bed.browser(), email))
  const server = await startServer()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      refresh(n % 2 ? server.url : bed.platform.url, body['refresh_token']!),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(new Set(answers.map((answer) => answer.body['refresh_token'])).size).toBe(1)
}, 60_000)

/** Well below the half minute for which a process remembers an answer that it hears nothing about. */
const TOLD = { timeout: 15_000 }
if (broker)
  test('what is revoked at one process ends at the other, though it was remembered there', async () => {
    const { email, endUserId } = await endUser()
    const { body } = await app.redeem(await signIn(bed.browser(), email))
    const { app: machine, clientSecret } = await project.my.createApp({
      params: project.params,
      body: { name: 'API', kind: 'machine' },
    })
    const server = await startServer()
    const introspect = async () => {
      const response = await fetch(`${server.url}/oidc/${project.slug}/token/introspection`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${machine.appId}:${clientSecret}`).toString('base64')}`,
        },
        body: new URLSearchParams({ token: body['access_token']! }),
      })
      return ((await response.json()) as { active?: boolean }).active
    }
    expect(await introspect()).toBe(true)
    await project.my.blockEndUser({ params: { ...project.params, endUserId }, body: {} })
    await expect.poll(introspect, TOLD).toBe(false)
    await project.my.deleteApp({ params: { ...project.params, appId: machine.appId } })
    await expect.poll(introspect, TOLD).toBe(undefined)
  }, 60_000)
