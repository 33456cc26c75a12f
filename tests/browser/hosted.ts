/** A project with an app, a provider and a look of its own, and the ways of its people through the hosted pages. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Part, startPart } from '../atlas/parts/process.ts'
import { words as hostedWords } from '../atlas/parts/words.ts'
import { type App, useApp } from './app.ts'
import type { Language } from './browser.ts'
import { type Answer, call } from './call.ts'
import { overflow, settled, violations } from './scan.ts'
import { words } from './words.ts'

export const ACCENT = '#c2255c'
export const PASSWORD = 'a calm green evening sky'
const LOGO =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
/** Of every sign-in that `address` begins. */
export const VERIFIER = 'v'.repeat(43)

/** Every word of one language: the app's and the hosted pages'. */
export const saying = (language: Language) => ({ ...words[language], ...hostedWords[language] })

export interface Hosted extends App {
  readonly slug: string
  readonly projectId: string
  /** Client ids: of the project itself, of a partner who asks for consent, of a television, of the page that tries. */
  readonly apps: {
    readonly own: string
    readonly partner: string
    readonly device: string
    readonly try: string
  }
  /** The redirect URI of the apps; a page of one heading stands there. */
  readonly shop: string
  readonly upstream: Part
  /** Calls the platform as the owner of the project. */
  readonly owner: (method: string, path: string, data?: object, version?: number) => Promise<Answer>
}

/** Starts before the first test of the file and stops after the last. Read the fields inside of tests. */
export function useHosted(slug: string): Hosted {
  const app = useApp(async () => ({ OUTBOUND_ALLOW: '127.0.0.1' })) as {
    -readonly [K in keyof Hosted]: Hosted[K]
  }
  const shop = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<title>Shop</title><h1>Back at the shop</h1>')
  })
  beforeAll(async () => {
    app.owner = (...request) => call(app.admin.page, ...request)
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
    app.shop = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/callback`
    app.slug = slug
    const { projectId, version } = await app.owner('POST', '/projects', { name: 'Corner Shop', slug })
    app.projectId = projectId
    const look = { accent: ACCENT, homeUrl: 'https://shop.example.com/', supportEmail: 'help@example.com' }
    const branded = await app.owner('PATCH', `/projects/${projectId}`, look, version)
    await app.owner('PUT', `/projects/${projectId}/logo`, { data: LOGO }, branded['version'])
    await app.platform.host.settled()
    const place = `/projects/${projectId}/environments/production`
    const settings = await app.owner('GET', `/oidc${place}/settings`)
    await app.owner('PATCH', `/oidc${place}/settings`, { passkey: true }, settings['version'])
    const make = async (body: object): Promise<string> =>
      (await app.owner('POST', `/oidc${place}/apps`, body))['app'].appId
    const tryUri = `${app.platform.url}/try/${slug}`
    app.apps = {
      own: await make({ name: 'Shop', kind: 'browser', redirectUris: [app.shop] }),
      partner: await make({ name: 'Partner', kind: 'browser', redirectUris: [app.shop], consent: 'ask' }),
      device: await make({ name: 'Television', kind: 'device', consent: 'ask' }),
      try: await make({
        name: 'Try',
        kind: 'browser',
        redirectUris: [tryUri],
        postLogoutRedirectUris: [tryUri],
      }),
    }
    app.upstream = await startPart('upstream')
    const { redirectUri } = await app.owner('GET', `/oauth${place}/redirect-uris/upstream`)
    const { clientId, clientSecret: secret } = await app.upstream.ask<Record<string, string>>(
      'register',
      redirectUri,
    )
    await app.owner('POST', `/oauth${place}/providers`, {
      catalogue: 'oidc',
      provider: 'upstream',
      name: 'Upstream',
      clientId,
      secret,
      settings: { issuer: app.upstream.url },
    })
  })
  afterAll(async () => {
    shop.close()
    await app.upstream?.kill()
  })
  return app
}

/** Where an app sends the browser. */
export function address(app: Hosted, appId: string, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: appId,
    response_type: 'code',
    redirect_uri: app.shop,
    scope: 'openid profile email',
    state: 's1',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  })
  return `/oidc/${app.slug}/auth?${query}`
}

/** What came back to the app. */
export async function backAtShop(page: Page): Promise<URLSearchParams> {
  await page.getByRole('heading', { name: 'Back at the shop' }).waitFor()
  return new URL(page.url()).searchParams
}

/** The newest code that was mailed to `email`. */
export async function mailedCode(app: Hosted, email: string): Promise<string> {
  await app.platform.host.settled()
  const { request } = app.admin.page
  const { items } = await (
    await request.get(`/api/v1/notifications/mails?to=${encodeURIComponent(email)}`)
  ).json()
  for (const { mailId } of items) {
    const mail = await (await request.get(`/api/v1/notifications/mails/${mailId}`)).json()
    const code = /\b\d{8}\b/.exec(mail.text)?.[0]
    if (code) return code
  }
  throw new Error(`No mail with a code reached ${email}`)
}

/** Types the mailed code, digit by digit as one does. */
export async function enterCode(page: Page, language: Language, code: string): Promise<void> {
  await page
    .getByLabel(saying(language).factor.digit.replace('{{number}}', '1'), { exact: true })
    .pressSequentially(code)
}

/** Signs up with a mailed code and comes back to the app. */
export async function signUp(app: Hosted, page: Page, language: Language, email: string): Promise<void> {
  const w = saying(language)
  await page.goto(address(app, app.apps.own))
  await page.getByRole('button', { name: w.signIn.register, exact: true }).click()
  await page.getByLabel(w.field.displayName, { exact: true }).fill('Ada')
  await page.getByLabel(w.field.email, { exact: true }).fill(email)
  await page.getByLabel(w.field.password, { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: w.signUp.submit, exact: true }).click()
  await page.getByRole('heading', { name: w.hosted.code.title }).waitFor()
  await enterCode(page, language, await mailedCode(app, email))
  expect((await backAtShop(page)).get('code')).toBeTruthy()
}

/** Fills the sign-in page. */
export async function signInHere(
  page: Page,
  language: Language,
  email: string,
  password = PASSWORD,
): Promise<void> {
  const w = saying(language)
  await page.getByLabel(w.field.email, { exact: true }).fill(email)
  await page.getByLabel(w.field.password, { exact: true }).fill(password)
  await page.getByRole('button', { name: w.signIn.submit, exact: true }).click()
}

/** Collects what axe finds on each page, and what is wider than the screen. */
export function scanning(page: Page): {
  readonly found: string[]
  readonly scan: (name: string) => Promise<void>
} {
  const found: string[] = []
  return {
    found,
    scan: async (name) => {
      await settled(page)
      const wider = await overflow(page)
      if (wider > 0) found.push(`${name}: ${wider} px wider than the screen`)
      for (const line of await violations(page)) found.push(`${name}: ${line}`)
    },
  }
}
