/** A project whose providers, connections and end users the console shows, and the programs that make them. */
import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { openHashing } from '../../platform/identity/passwords.ts'
import { startTestProvider, type TestProvider } from '../../services/oauth/testing-provider.ts'
import atlasEn from '../../web/src/atlas/i18n/en.ts'
import atlasRu from '../../web/src/atlas/i18n/ru.ts'
import hostedEn from '../../web/src/hosted/i18n/en.ts'
import hostedRu from '../../web/src/hosted/i18n/ru.ts'
import { type App, administrator, useApp } from './app.ts'
import type { Language, Scheme, Visit } from './browser.ts'
import { type Answer, call } from './call.ts'
import { isHome, signIn } from './steps.ts'
import { words } from './words.ts'

/** The words of these pages; of the same names in the rest of the app they are the ones that count here. */
const pages = ({ atlas: { connections, health, providers, trouble, users } }: typeof atlasEn) => ({
  connections,
  health,
  providers,
  trouble,
  users,
})
export const saying = {
  en: { ...words.en, ...pages(atlasEn), hosted: hostedEn.hosted },
  ru: { ...words.ru, ...pages(atlasRu as unknown as typeof atlasEn), hosted: hostedRu.hosted },
}
const PASSWORD = 'a calm grey evening sky'
const VERIFIER = 'v'.repeat(43)

export interface Console extends App {
  /** The OpenID provider that projects configure. */
  readonly provider: TestProvider
  /** Calls the platform as the owner of the projects. */
  readonly call: (method: string, path: string, data?: object, version?: number) => Promise<Answer>
}

export interface Project {
  readonly slug: string
  readonly projectId: string
  /** Path of the production environment: `/projects/…/environments/production`. */
  readonly place: string
}

export function useConsole(): Console {
  const made = {} as { provider: TestProvider }
  const app = useApp(async () => {
    made.provider = await startTestProvider()
    return { OUTBOUND_ALLOW: '127.0.0.1' }
  }) as { -readonly [K in keyof Console]: Console[K] }
  beforeAll(() => {
    app.provider = made.provider
    app.call = (...request) => call(app.admin.page, ...request)
  })
  afterAll(() => made.provider?.stop())
  return app
}

export async function createProject(app: Console, slug: string): Promise<Project> {
  const { projectId } = await app.call('POST', '/projects', { name: `Project ${slug}`, slug })
  await app.platform.host.settled()
  return { slug, projectId, place: `/projects/${projectId}/environments/production` }
}

/** A window of the owner, who reads `language`. */
export async function enterConsole(
  app: Console,
  options: { language: Language; scheme?: Scheme; viewport?: { width: number; height: number } },
): Promise<Visit> {
  const visited = await app.visit(options)
  await signIn(visited.page, options.language, administrator)
  await isHome(visited.page)
  return visited
}

/** Configures the test provider under the key `corporate`. */
export async function configureCorporate(app: Console, { place }: Project, more: object = {}): Promise<void> {
  await app.call('POST', `/oauth${place}/providers`, {
    catalogue: 'oidc',
    provider: 'corporate',
    name: 'Corporate',
    clientId: app.provider.clientId,
    secret: app.provider.clientSecret,
    settings: { issuer: app.provider.url },
    returnUrls: [`${app.platform.url}/connected`],
    ...more,
  })
}

/** A program of the project: calls oauth with a key. */
export async function program(app: Console, { projectId }: Project) {
  const { secret } = await app.call('POST', `/projects/${projectId}/keys`, {
    environment: 'production',
    name: 'Backend',
    scopes: ['connections:write', 'vault:read'],
  })
  return async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${app.platform.url}/api/v1/oauth${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: answer.status, body: (await answer.json()) as Answer }
  }
}

/** Connects an account as a person does, in a browser of its own. Resolves with how the app got the person back. */
export async function connect(
  app: Console,
  ask: Awaited<ReturnType<typeof program>>,
  endUserId: string,
): Promise<URLSearchParams> {
  const session = await ask('POST', '/connect-sessions', {
    provider: 'corporate',
    endUserId,
    returnUrl: `${app.platform.url}/connected`,
  })
  expect(session.status, JSON.stringify(session.body)).toBe(201)
  const { page, context } = await app.visit()
  await page.goto(session.body['url'])
  await page.goto(app.provider.consent(page.url()))
  const back = new URL(page.url())
  expect(back.pathname).toBe('/connected')
  await context.close()
  return back.searchParams
}

/** Somebody with a password, who has signed in to an app and consented to what it asks for. */
export async function signedInUser(app: Console, project: Project, email: string, name: string) {
  const { call, platform } = app
  const passwordHash = await (await openHashing({ AUTH_HASH_QUEUE: 10 })).hash(PASSWORD)
  const body = { email, name, emailVerified: true, passwordHash }
  const { endUserId } = await call('POST', `/oidc${project.place}/end-users`, body)
  const redirectUri = `${platform.url}/connected`
  const made = await call('POST', `/oidc${project.place}/apps`, {
    name: 'Partner',
    kind: 'browser',
    redirectUris: [redirectUri],
    consent: 'ask',
  })
  const { page, context } = await app.visit()
  const w = saying.en
  const query = new URLSearchParams({
    client_id: made['app'].appId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid email',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
  })
  await page.goto(`/oidc/${project.slug}/auth?${query}`)
  await page.getByLabel(w.field.email, { exact: true }).fill(email)
  await page.getByLabel(w.field.password, { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: w.signIn.submit, exact: true }).click()
  await page.getByRole('button', { name: w.hosted.consent.allow, exact: true }).click()
  await page.waitForURL((url) => url.pathname === '/connected')
  expect(new URL(page.url()).searchParams.get('code')).toBeTruthy()
  await context.close()
  return { endUserId: endUserId as string, appId: made['app'].appId as string }
}

/** The newest mail to an address, as text. */
export async function mailTo(app: Console, email: string): Promise<string> {
  await app.platform.host.settled()
  const list = await app.call('GET', `/notifications/mails?to=${encodeURIComponent(email)}`)
  const mailId = list['items'][0]?.mailId
  expect(mailId, `a mail to ${email}`).toBeTruthy()
  return (await app.call('GET', `/notifications/mails/${mailId}`))['text']
}

/** Where the focus is: the name that a screen reader says, or the text. */
export async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null
    return (
      element?.getAttribute('aria-label') ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? ''
    )
  })
}

/** From now on the page draws what has changed only after the next frames, as on a busy machine. */
export async function renderLate(page: Page): Promise<void> {
  await page.evaluate(() => {
    // React, and what tells it that an answer came, give themselves their work by messages and timers.
    const { setTimeout: wait } = window
    const post = MessagePort.prototype.postMessage
    MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown) {
      wait(() => post.call(this, message), 600)
    }
    window.setTimeout = ((work: () => void, milliseconds = 0) =>
      wait(work, milliseconds + 600)) as typeof window.setTimeout
  })
}
