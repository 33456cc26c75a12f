/**
 * Providers that misbehave, seen from the outside of a whole server: the person’s page has words that say what happened
 * and what to do, in both languages; it is logged and counted, members of the project see it, and nothing secret gets
 * out. What each misbehaviour is called is tested beside the code (oauth-flows.test.ts, oauth-providers.test.ts).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { makeCertificate, type Stranger, serve } from '../../platform/outbound/strangers.ts'
import { startTestProvider, type TestProvider } from '../../services/oauth/testing-provider.ts'
import { words as appWords } from '../browser/words.ts'
import { type Installation, startInstallation } from './parts/installation.ts'
import { words } from './parts/words.ts'

const LONG_MS = 120_000
const folder = mkdtempSync(join(tmpdir(), 'pleiad-bad-input-'))
let at: Installation
let odd: TestProvider
let expired: Stranger
let log = ''

beforeAll(async () => {
  const certificate = await makeCertificate('localhost', -10, -1)
  writeFileSync(join(folder, 'expired.pem'), certificate.cert)
  expired = await serve((_request, response) => response.end('{}'), certificate)
  odd = await startTestProvider()
  at = await startInstallation({
    tokenSeconds: 60,
    env: {
      LOG_LEVEL: 'info',
      OAUTH_PROVIDER_TIMEOUT_SECONDS: '1',
      OUTBOUND_ALLOW: '127.0.0.1,::1,localhost',
      // Whoever issued it is trusted: what is wrong with it is its date.
      NODE_EXTRA_CA_CERTS: join(folder, 'expired.pem'),
    },
    hear: (text) => {
      log += text
    },
  })
  const configure = (provider: string, issuer: string) =>
    at.console.oauth.configureProvider({
      params: at.place,
      body: {
        catalogue: 'oidc',
        provider,
        name: provider,
        clientId: odd.clientId,
        secret: odd.clientSecret,
        settings: { issuer },
      },
    })
  await configure('odd', odd.url)
  await configure('expired', `https://localhost:${expired.port}`)
}, LONG_MS)
afterEach(() => {
  Object.assign(odd.behaviour, {
    instead: undefined,
    issuer: undefined,
    expiresIn: 3600,
    withRefreshToken: true,
  })
})
afterAll(async () => {
  await at?.stop()
  await odd?.stop()
  await expired?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Through the odd provider and back; resolves with the page that the browser lands on. */
async function through(meanwhile: () => Promise<unknown> = async () => {}) {
  const person = at.person('anna')
  const page = await person.open()
  const { url } = await person.here.page.beginProviderSignIn({ params: { ...page, provider: 'odd' } })
  await meanwhile()
  const back = odd.consent(url)
  return { person, page, back, landed: new URL(await person.comeBack(back)) }
}

async function counted(code: string): Promise<number> {
  const metrics = await (await fetch(`${at.url}/metrics`)).text()
  const line = metrics
    .split('\n')
    .find((text) => text.startsWith('pleiad_oauth_flows_total{') && text.includes(`outcome="${code}"`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

/** What the sign-in page says of a code, in one language. */
const saidOf = (code: string, language: 'en' | 'ru') => {
  const { trouble } = words[language].hosted
  return (trouble as Record<string, string>)[code] ?? trouble.other
}

type Instead = NonNullable<TestProvider['behaviour']['instead']>
const tokens =
  (status: number, type: string, body: string): Instead =>
  (path, _request, response) => {
    if (path !== '/token') return false
    response.writeHead(status, { 'content-type': type }).end(body)
    return true
  }
const leak = 'access-token-that-must-not-be-seen'

const cases: readonly (readonly [string, string, Partial<TestProvider['behaviour']>])[] = [
  ['answers slowly', 'timeout', { instead: (path) => (path === '/token' ? new Promise(() => {}) : false) }],
  ['answers with HTML', 'answeredHtml', { instead: tokens(200, 'text/html', `<html>${leak}</html>`) }],
  [
    'answers with a huge body',
    'answerTooLarge',
    { instead: tokens(200, 'application/json', `{"access_token":"${leak}${'x'.repeat(3_000_000)}"}`) },
  ],
  ['is another issuer', 'issuerDiffers', { issuer: 'https://evil.example' }],
  [
    'does not know the secret',
    'secretWrong',
    { instead: tokens(401, 'application/json', `{"error":"invalid_client","error_description":"${leak}"}`) },
  ],
  ['fails', 'providerFailed', { instead: tokens(500, 'text/plain', leak) }],
]

test.for(cases)('a provider that %s', async ([, code, behaviour]) => {
  const before = await counted(code)
  log = ''
  Object.assign(odd.behaviour, behaviour)
  const { person, page, back, landed } = await through()
  // Back on the sign-in page, which is still there for another way in.
  expect(landed.pathname).toBe(`/oidc/${page.handle}/sign-in/${page.uid}`)
  expect(landed.searchParams.get('error')).toBe(code)
  for (const language of ['en', 'ru'] as const) expect(saidOf(code, language).length).toBeGreaterThan(20)
  expect((await person.here.page.getSignIn({ params: page })).methods.password).toBe(true)
  expect(await counted(code)).toBe(before + 1)
  expect(log).toContain(`"code":"${code}"`)
  const { items } = await at.console.oauth.listHealth({ params: at.place })
  const health = items.find(({ provider }) => provider === 'odd')!
  expect(health).toMatchObject({ state: 'failing', lastFailureCode: code })
  expect(health.lastFailureWords).toBeTruthy()
  const seen = `${landed.href} ${log} ${JSON.stringify(health)}`
  for (const secret of [odd.clientSecret, new URL(back).searchParams.get('code')!, leak])
    expect(seen).not.toContain(secret)
})

test('a provider whose certificate has expired: said on the page, before anybody leaves it, and in the test of the connection', async () => {
  const person = at.person('anna')
  const page = await person.open()
  const refused = await person.here.page
    .beginProviderSignIn({ params: { ...page, provider: 'expired' } })
    .catch((error) => error.problem)
  expect(refused).toMatchObject({ status: 503, code: 'providerUnavailable' })
  for (const language of ['en', 'ru'] as const)
    expect(appWords[language].errors.providerUnavailable.length).toBeGreaterThan(20)
  const params = { ...at.place, provider: 'expired' }
  const { ok, checks } = await at.console.oauth.testProvider({ params })
  expect(ok).toBe(false)
  expect(checks.find(({ state }) => state === 'failed')).toMatchObject({
    code: 'certificateExpired',
    words: expect.stringContaining('certificate has expired'),
  })
})

test('a provider whose token has no end: it signs in, and the vault says that there is no end', async () => {
  Object.assign(odd.behaviour, { expiresIn: undefined, withRefreshToken: false, subject: 'endless' })
  const { person, page, landed } = await through()
  const back = await person.finish(page, landed.href)
  const { body } = await at.redeem(back)
  const { items } = await at.api(body).listOwnConnections({ query: {} })
  expect(items).toMatchObject([{ provider: 'odd', refreshable: false }])
  const token = await at
    .api(body)
    .getToken({ params: { connectionId: items[0]!.connectionId }, query: { minValidity: 86_400 } })
  expect(token.expiresAt).toBeUndefined()
})

test('a provider that is switched off in the middle: the person is told, and may choose another way', async () => {
  const params = { ...at.place, provider: 'odd' }
  const { version } = await at.console.oauth.getProvider({ params })
  const enable = (enabled: boolean, ifMatch: number) =>
    at.console.oauth.updateProvider({ params, body: { enabled }, ifMatch: String(ifMatch) })
  const before = await counted('providerDisabled')
  const { person, page, landed } = await through(() => enable(false, version))
  expect(landed.searchParams.get('error')).toBe('providerDisabled')
  expect(await counted('providerDisabled')).toBe(before + 1)
  // It is not offered any more, and cannot be begun.
  const { methods } = await person.here.page.getSignIn({ params: page })
  expect(methods.providers.map(({ key }) => key)).not.toContain('odd')
  await expect(
    person.here.page.beginProviderSignIn({ params: { ...page, provider: 'odd' } }),
  ).rejects.toMatchObject({ code: 'providerUnavailable' })
  await enable(true, version + 1)
})

test('an unknown project: a page for people, a problem for programs, and no difference to one that never was', async () => {
  const browser = await fetch(`${at.url}/oidc/never-was/auth`, { headers: { accept: 'text/html' } })
  expect(browser.headers.get('content-type')).toContain('text/html')
  const program = await fetch(`${at.url}/oidc/never-was/.well-known/openid-configuration`)
  expect(program.status).toBe(404)
  expect(await program.json()).toMatchObject({ code: 'issuerUnknown' })
  await at.console.projects.archiveProject({ params: { projectId: at.place.projectId } })
  await at.settled()
  const archived = await fetch(`${at.url}/oidc/${at.slug}/.well-known/openid-configuration`)
  expect(archived.status).toBe(404)
  await at.console.projects.restoreProject({ params: { projectId: at.place.projectId } })
  await at.settled()
  expect((await fetch(`${at.url}/oidc/${at.slug}/.well-known/openid-configuration`)).status).toBe(200)
})
