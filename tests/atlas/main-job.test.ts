/**
 * The main job with real parts: a team configures Atlas in the console, an app of somebody else signs a person in
 * through a provider that is a process of its own, uses the person's token at the installation's API, and gets the
 * provider's token from the vault after it has expired. Chromium is the browser of both.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useApp } from '../browser/app.ts'
import { say } from '../browser/words.ts'
import { addApp, addProvider, type ConsoleProject, createProject } from './parts/console.ts'
import { freePort, type Part, type PartName, startPart } from './parts/process.ts'
import { words } from './parts/words.ts'

const { hosted } = words.en
const API_SCOPES = ['connections:read', 'vault:read']
const app = useApp(async () => ({
  // The providers of this test live on this machine.
  OUTBOUND_ALLOW: '127.0.0.1',
  // Nothing is refreshed ahead: the token has to have expired when it is asked for.
  OAUTH_REFRESH_AHEAD_SECONDS: '0',
}))
let project: ConsoleProject
const parts: Part[] = []

async function part(name: PartName, env: Record<string, string> = {}): Promise<Part> {
  const started = await startPart(name, env)
  parts.push(started)
  return started
}

beforeAll(async () => {
  project = await createProject(app.admin.page, 'Corner Shop', 'corner-shop')
})
afterAll(() => Promise.all(parts.map((one) => one.kill())))

/** Registers an app in the console and starts its server with what the console gave. */
async function startOutsider(name: string): Promise<Part> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { appId, secret } = await addApp(app.admin.page, project.slug, {
    kind: 'web',
    name,
    redirectUri: `${url}/callback`,
    signedOutUri: `${url}/bye`,
    scopes: API_SCOPES,
  })
  return part('outsider-app', {
    APP_PORT: String(port),
    ISSUER: `${app.platform.url}/oidc/${project.slug}`,
    CLIENT_ID: appId,
    CLIENT_SECRET: secret,
    API: app.platform.url,
    SCOPE: API_SCOPES.join(' '),
  })
}

/** A page of the app that answers with JSON. */
async function answerOf(page: Page, url: string) {
  await page.goto(url)
  return JSON.parse((await page.locator('body').textContent()) ?? '')
}

interface Stranger {
  readonly name: string
  readonly login: string
  /** Whether the provider takes this token. */
  readonly takes: (token: string) => Promise<boolean>
  readonly refreshes: () => Promise<number>
}

/** From the app's first page to signing out, through the hosted page and the provider. */
async function theMainJob(outsider: Part, stranger: Stranger, shown: string): Promise<void> {
  const { page, context, complaints } = await app.visit()
  await page.goto(outsider.url)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: hosted.signIn.title, exact: true }).waitFor()
  await page.getByText('Corner Shop', { exact: true }).waitFor()
  await page.getByRole('button', { name: say(hosted.provider.with, { name: stranger.name }) }).click()
  await page.getByLabel('Login').fill(stranger.login)
  await page.getByRole('button', { name: 'Enter' }).click()
  await page.getByRole('heading', { name: `Hello ${shown}` }).waitFor()
  await page.getByText(`${stranger.login}@example.org`).waitFor()

  // The gateway verifies the person's token: it opens what its scopes say, for this person, and nothing of the console.
  const listed = await answerOf(page, `${outsider.url}/connections`)
  expect(listed).toMatchObject({ status: 200, body: { items: [{ state: 'active', refreshable: true }] } })
  expect((await answerOf(page, `${outsider.url}/apps?project=${project.projectId}`)).status).toBe(403)
  const [{ connectionId }] = listed.body.items
  const vault = `${outsider.url}/provider-token?connection=${connectionId}`

  const { accessToken: first, expiresAt } = (await answerOf(page, vault)).body
  expect(await stranger.takes(first)).toBe(true)
  const before = await stranger.refreshes()
  // It is over when the provider says so itself, and the vault's clock as well.
  const isOver = async () => !(await stranger.takes(first)) && Date.now() > Date.parse(expiresAt)
  await expect.poll(isOver, { timeout: 30_000, interval: 200 }).toBe(true)
  // The job of each minute may have come first and refreshed it once.
  const atOnce = await stranger.refreshes()
  const cookie = (await context.cookies(outsider.url)).map(({ name, value }) => `${name}=${value}`).join('; ')
  const answers = await Promise.all(
    Array.from({ length: 10 }, async () => (await fetch(vault, { headers: { cookie } })).json()),
  )
  const tokens = new Set(answers.map(({ body }) => body.accessToken))
  expect(tokens.size).toBe(1)
  const [second] = [...tokens]
  expect(second).not.toBe(first)
  expect(await stranger.takes(second)).toBe(true)
  const after = await stranger.refreshes()
  expect(after).toBeGreaterThan(before)
  expect(after - atOnce).toBeLessThanOrEqual(1)

  // The app's own tokens are refreshed, and work on.
  await answerOf(page, `${outsider.url}/refresh`)
  expect((await answerOf(page, `${outsider.url}/connections`)).status).toBe(200)

  // Single sign-on until signing out; then the page asks again.
  await page.goto(`${outsider.url}/sign-in`)
  await page.getByRole('heading', { name: `Hello ${shown}` }).waitFor()
  await page.getByRole('link', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Bye' }).waitFor()
  await page.goto(`${outsider.url}/sign-in`)
  await page.getByRole('heading', { name: hosted.signIn.title, exact: true }).waitFor()
  await page.getByRole('button', { name: hosted.cancel }).click()
  await page.getByText('access_denied').waitFor()
  expect(complaints).toEqual([])
  await context.close()
}

describe('a person signs in to somebody’s app', () => {
  test('through an OpenID provider', async () => {
    const upstream = await part('upstream', { TOKEN_SECONDS: '6' })
    await addProvider(app.admin.page, project.slug, {
      entry: 'OpenID Connect',
      key: 'upstream',
      name: 'Upstream',
      fields: { Issuer: upstream.url },
      register: (redirectUri) => upstream.ask('register', redirectUri),
    })
    await theMainJob(
      await startOutsider('Shop'),
      {
        name: 'Upstream',
        login: 'maria',
        takes: async (token) =>
          (await fetch(`${upstream.url}/me`, { headers: { authorization: `Bearer ${token}` } })).ok,
        refreshes: async () => (await upstream.ask<{ refreshes: number }>('seen')).refreshes,
      },
      'Maria Upstream',
    )
    expect(await upstream.ask('seen')).toMatchObject({ codes: 1, refused: 0, families: 0 })
  })

  test('through a plain OAuth 2 provider', async () => {
    const plain = await part('plain-provider', { TOKEN_SECONDS: '6' })
    await addProvider(app.admin.page, project.slug, {
      entry: 'OAuth 2',
      key: 'plain',
      name: 'Plain',
      fields: {
        'Authorization endpoint': `${plain.url}/authorize`,
        'Token endpoint': `${plain.url}/token`,
        'Profile endpoint': `${plain.url}/me`,
        'Field of the person’s id': 'user.number',
        'Field of the address': 'user.mail',
        'Field that says the address is verified': 'user.checked',
        'Field of the name': 'user.called',
      },
      register: (redirectUri) => plain.ask('register', redirectUri),
    })
    await theMainJob(
      await startOutsider('Market'),
      {
        name: 'Plain',
        login: 'peter',
        takes: async (token) =>
          (await fetch(`${plain.url}/me`, { headers: { authorization: `Bearer ${token}` } })).ok,
        refreshes: async () => (await plain.ask<{ refreshes: number }>('seen')).refreshes,
      },
      'peter',
    )
    expect(await plain.ask('seen')).toMatchObject({ codes: 1, refused: 0, reused: 0 })
  })

  test('on a device without a browser, with the browser of a phone', async () => {
    const { appId } = await addApp(app.admin.page, project.slug, { kind: 'device', name: 'Television' })
    const television = await part('device', {
      ISSUER: `${app.platform.url}/oidc/${project.slug}`,
      CLIENT_ID: appId,
    })
    const { userCode, address } = await television.ask<{ userCode: string; address: string }>('begin')
    const { page, context, complaints } = await app.visit()
    await page.goto(address)
    await page.getByLabel(hosted.device.code, { exact: true }).fill(userCode.toLowerCase())
    await page.getByRole('button', { name: hosted.device.next }).click()
    await page.getByRole('heading', { name: say(hosted.device.confirm, { app: 'Television' }) }).waitFor()
    await page.getByText(userCode, { exact: true }).waitFor()
    await page.getByRole('button', { name: hosted.device.go }).click()
    await page.getByRole('button', { name: say(hosted.provider.with, { name: 'Upstream' }) }).click()
    await page.getByLabel('Login').fill('nina')
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.getByText(hosted.device.doneTitle).waitFor()
    expect(await television.ask('wait')).toMatchObject({ email: 'nina@example.org', name: 'Nina Upstream' })

    // A code that the person refuses tells the device so.
    const again = await television.ask<{ userCode: string; address: string }>('begin')
    await page.goto(`${again.address}?user_code=${again.userCode}`)
    await page.getByRole('button', { name: hosted.device.next }).click()
    await page.getByRole('button', { name: hosted.device.abort }).click()
    expect(await television.ask('wait')).toEqual({ error: 'access_denied' })
    expect(complaints).toEqual([])
    await context.close()
  })
})

test('the console shows who came and how', async () => {
  const { page } = app.admin
  await page.goto(`/atlas/${project.slug}/users`)
  await page.getByText('maria@example.org').waitFor()
  const statistics = await page.request.get(
    `/api/v1/oidc/projects/${project.projectId}/environments/production/sign-in-statistics`,
  )
  const { items, totals } = await statistics.json()
  expect(totals).toMatchObject({ success: 3, endUsers: 3 })
  const methods = items.filter(({ outcome }: { outcome: string }) => outcome === 'success')
  expect(new Set(methods.map(({ method }: { method: string }) => method))).toEqual(
    new Set(['upstream', 'plain']),
  )
})
