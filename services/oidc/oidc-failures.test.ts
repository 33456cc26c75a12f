/** What browsers and statistics are told when something fails: providers, the database, a client that goes away. */
import { request } from 'node:http'
import { oauth } from '@pleiad/oauth/contract'
import { emit } from '@pleiad/platform/service'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { onPage, type TestApp, testApp } from './testing-app.ts'
import { type Bed, type Project, startBed } from './testing-bed.ts'

let bed: Bed
let project: Project
let app: TestApp

beforeAll(async () => {
  bed = await startBed()
})
beforeEach(async () => {
  project = await bed.createProject()
  app = await testApp(project)
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => bed?.stop())

const browser = { accept: 'text/html,application/xhtml+xml', 'accept-language': 'en' }

async function fail(reason: string, returnPath: string): Promise<void> {
  const tools = bed.platform.host.running.find(({ service }) => service.contract.name === 'oauth')!.tools
  await tools.transact(async (tx) =>
    emit(tx, oauth, 'oauth.signin.failed', {
      projectId: project.projectId,
      environment: 'production',
      provider: 'google',
      reason,
      returnPath,
    }),
  )
  await bed.platform.settled()
}

test('a sign-in that fails at its provider is counted, by provider and reason, and told with its app', async () => {
  const { params } = await onPage(bed, app)
  const path = `/oidc/${params.handle}/sign-in/${params.uid}`
  await fail('timeout', path)
  await fail('secretWrong', path)
  await fail('denied', path)
  const { items } = await project.my.getSignInStatistics({
    params: project.params,
    query: { bucket: 'hour' },
  })
  expect(items.map(({ outcome, method, reason, count }) => [outcome, method, reason, count])).toEqual([
    ['failure', 'google', 'cancelled', 1],
    ['failure', 'google', 'providerFailed', 2],
  ])
  const told = await bed.own.tools.sql<{ data: Record<string, string> }[]>`
    select data from outbox_log where type = 'enduser.signin.failed' and key = ${project.projectId}`
  expect(told.map(({ data }) => [data['appId'], data['reason']])).toContainEqual([
    app.appId,
    'providerFailed',
  ])
})

test('a browser whose request could not be kept lands on a page that says what to do, a program gets JSON', async () => {
  // The issuer is ready: what fails is keeping the answer.
  expect((await fetch(`${project.issuer}/jwks`)).status).toBe(200)
  vi.spyOn(bed.own.tools, 'transact').mockRejectedValue(new Error('the database is away'))
  const shown = await fetch(app.address(), { headers: browser, redirect: 'manual' })
  expect(shown.status).toBe(503)
  expect(shown.headers.get('content-type')).toContain('text/html')
  expect(shown.headers.get('retry-after')).toBe('1')
  expect(shown.headers.get('location')).toBeNull()
  const page = await shown.text()
  expect(page).toContain('Nothing is lost: wait a few seconds and reload')
  expect(page).not.toContain('the database is away')
  const russian = await fetch(app.address(), {
    headers: { ...browser, 'accept-language': 'ru' },
    redirect: 'manual',
  })
  expect(await russian.text()).toContain('Ничего не потеряно')
  const json = await fetch(app.address(), { headers: { accept: '*/*' }, redirect: 'manual' })
  expect(json.status).toBe(503)
  expect(await json.json()).toMatchObject({ error: 'temporarily_unavailable' })
})

test('the same where not even the issuer can be read', async () => {
  const { handle } = { handle: project.slug }
  const { uid } = (await onPage(bed, app)).params
  vi.spyOn(bed.own.issuers, 'live').mockRejectedValue(new Error('the database is away'))
  for (const path of [`/oidc/${handle}/auth?x=1`, `/oidc/${handle}/sign-in/${uid}`]) {
    const shown = await fetch(`${bed.platform.url}${path}`, { headers: browser, redirect: 'manual' })
    expect([shown.status, shown.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8'])
    expect(shown.headers.get('content-security-policy')).toMatch(/style-src 'self' 'sha256-/)
    expect(await shown.text()).toContain('wait a few seconds')
  }
  const program = await fetch(`${bed.platform.url}/oidc/${handle}/jwks`)
  expect(program.headers.get('content-type')).toContain('application/problem+json')
})

test('a client that goes away in the middle of its form is no form that somebody has read', async () => {
  const warned = vi.spyOn(console, 'info')
  const answered = vi.fn()
  const live = bed.own.issuers.live
  let asked = 0
  vi.spyOn(bed.own.issuers, 'live').mockImplementation((issuer) => {
    asked++
    return live(issuer)
  })
  await new Promise<void>((closed) => {
    const sending = request(
      `${project.issuer}/token`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '500' },
      },
      answered,
    )
    sending.on('error', () => closed())
    sending.write('grant_type=refresh_token&', () => setTimeout(() => sending.destroy(), 50))
  })
  // Another one, whole and in pieces, is read as ever.
  const whole = await fetch(`${project.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: app.appId, refresh_token: 'x' }),
  })
  expect([whole.status, ((await whole.json()) as { error: string }).error]).toEqual([400, 'invalid_grant'])
  expect(asked).toBe(1)
  expect(answered).not.toHaveBeenCalled()
  expect(warned.mock.calls.flat().join(' ')).not.toContain('already parsed')
})

test('a form that is too large is refused before anything reads it', async () => {
  const answer = await fetch(`${project.issuer}/request`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: app.appId, state: 'x'.repeat(60_000) }),
  })
  expect(answer.status).toBe(413)
})
