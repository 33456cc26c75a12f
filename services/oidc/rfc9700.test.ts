/** RFC 9700 (Best Current Practice for OAuth 2.0 Security), one test for each thing it asks of an authorization server. */
import { createHash, randomBytes } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, type Project, startBed } from './testing-bed.ts'
import { signInPage } from './testing-browser.ts'

const CALLBACK = 'https://shop.example.com/callback'
const PASSWORD = 'a rather long phrase 7'
const insecure = { [oauth.allowInsecureRequests]: true }
let bed: Bed
let project: Project
let server: oauth.AuthorizationServer
let email: string

beforeAll(async () => {
  bed = await startBed({ OIDC_REFRESH_GRACE_SECONDS: '0' })
  project = await bed.createProject('bank')
  const issuer = new URL(project.issuer)
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  email = 'eve@example.com'
  const { endUserId } = await project.my.createEndUser({
    params: project.params,
    body: { email, emailVerified: true },
  })
  await bed.own.tools.sql`
    update end_users set password_hash = ${await bed.own.hashing.hash(PASSWORD)} where end_user_id = ${endUserId}`
})
afterAll(() => bed?.stop())

async function makeApp(body: Record<string, unknown> = {}) {
  const { app, clientSecret } = await project.my.createApp({
    params: project.params,
    body: { name: 'Bank', kind: 'browser', redirectUris: [CALLBACK], ...body } as never,
  })
  return { client: { client_id: app.appId } as oauth.Client, clientSecret, appId: app.appId }
}

const challenge = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

function address(parameters: Record<string, string | undefined>): string {
  const url = new URL(server.authorization_endpoint!)
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

function request(appId: string, more: Record<string, string | undefined> = {}): string {
  return address({
    client_id: appId,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 's1',
    code_challenge: challenge('v'.repeat(43)),
    code_challenge_method: 'S256',
    ...more,
  })
}

/** Signs in and comes back to the app. */
async function comeBack(url: string): Promise<URL> {
  const browser = bed.browser()
  const step = await browser.page.signInWithPassword({
    params: signInPage(await browser.go(url)),
    body: { email, password: PASSWORD },
  })
  return new URL((await browser.go((step as { url: string }).url)).url)
}

async function redeem(client: oauth.Client, back: URL, verifier = 'v'.repeat(43)) {
  const parameters = oauth.validateAuthResponse(server, client, back, 's1')
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    CALLBACK,
    verifier,
    insecure,
  )
  return oauth.processAuthorizationCodeResponse(server, client, response)
}

async function post(
  url: string,
  body: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(body) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('2.1: redirect addresses are compared character by character', async () => {
  const { appId } = await makeApp()
  const tricks = [
    `${CALLBACK}/`,
    `${CALLBACK}?x=1`,
    `${CALLBACK}#f`,
    `${CALLBACK}/../evil`,
    'https://SHOP.example.com/callback',
    'https://shop.example.com./callback',
    'https://shop.example.com:443/callback',
    'https://shop.example.com%2fcallback',
    'https://shop.example.com/%63allback',
    'https://user@shop.example.com/callback',
    'https://shop.example.com@evil.example/callback',
    'https://shop.example.com\\@evil.example/callback',
    'http://shop.example.com/callback',
    'https://evil.example/callback',
    'javascript:alert(1)',
    '//shop.example.com/callback',
  ]
  for (const redirect_uri of tricks) {
    const landed = await bed.browser().go(request(appId, { redirect_uri }))
    expect({ redirect_uri, status: landed.status, at: new URL(landed.url).pathname }).toEqual({
      redirect_uri,
      status: 400,
      at: '/oidc/bank/auth',
    })
    expect(landed.text).not.toContain('evil.example/callback"')
  }
})

test('2.1: redirect addresses with tricks cannot even be registered', async () => {
  const tricks: [string, string][] = [
    ['https://shop.example.com/callback#f', 'fragment'],
    ['https://user@shop.example.com/callback', 'user name'],
    ['https://@shop.example.com/callback', 'user name'],
    ['https://SHOP.example.com/callback', 'browsers write'],
    ['HTTPS://shop.example.com/callback', 'browsers write'],
    ['https://shop.example.com/a%2Fb', 'encoded'],
    ['https://shop.example.com/a/../b', 'browsers write'],
    ['https://shop.example.com./callback', 'dot after'],
    ['https://*.example.com/callback', 'wildcard'],
    ['http://shop.example.com/callback', 'not https'],
    ['http://127.0.0.1.evil.example/callback', 'not https'],
    ['http://2130706433/callback', 'browsers write'],
    ['https://shop.example.com\\@evil.example/', 'backslash'],
    ['javascript:alert(1)', 'not https'],
    ['data:text/html,x', 'not https'],
    ['/callback', 'not an absolute'],
  ]
  for (const [uri, reason] of tricks)
    await expect(makeApp({ redirectUris: [uri] })).rejects.toMatchObject({
      problem: { code: 'redirectUriRefused', reason: expect.stringContaining(reason) },
    })
})

test('2.1: no open redirect: an unknown app or address is answered with a page of ours', async () => {
  const { appId } = await makeApp()
  for (const more of [
    { client_id: 'app_nobodynobodynobody' },
    { redirect_uri: 'https://evil.example/' },
    { redirect_uri: undefined },
  ]) {
    const landed = await bed.browser().go(request(appId, more))
    expect(landed.url).toContain(project.issuer)
    expect(landed.status).toBe(400)
    expect(landed.text).toContain('Signing in did not work')
  }
  // After signing out neither.
  const out = await bed
    .browser()
    .go(`${server.end_session_endpoint}?client_id=${appId}&post_logout_redirect_uri=https://evil.example/`)
  expect(out.status).toBe(400)
})

test('2.1.1: PKCE is required of every app', async () => {
  const { appId } = await makeApp()
  const web = await makeApp({ kind: 'web' })
  for (const id of [appId, web.appId]) {
    const landed = await bed
      .browser()
      .go(request(id, { code_challenge: undefined, code_challenge_method: undefined }))
    expect(new URL(landed.url).searchParams.get('error')).toBe('invalid_request')
  }
})

test('2.1.1: only S256; no downgrade at the token endpoint', async () => {
  expect(server.code_challenge_methods_supported).toEqual(['S256'])
  const { client, appId } = await makeApp()
  for (const method of ['plain', undefined]) {
    const landed = await bed
      .browser()
      .go(request(appId, { code_challenge_method: method, code_challenge: 'v'.repeat(43) }))
    expect(new URL(landed.url).searchParams.get('error')).toBe('invalid_request')
  }
  const back = await comeBack(request(appId))
  const code = back.searchParams.get('code')!
  const without = await post(server.token_endpoint!, {
    grant_type: 'authorization_code',
    client_id: appId,
    code,
    redirect_uri: CALLBACK,
  })
  expect(without).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  await expect(redeem(client, await comeBack(request(appId)), 'w'.repeat(43))).rejects.toThrow()
})

test('2.1.2: no implicit grant: neither announced nor answered', async () => {
  expect(server.response_types_supported).toEqual(['code'])
  expect(server.grant_types_supported).not.toContain('implicit')
  const { appId } = await makeApp()
  for (const response_type of ['token', 'id_token', 'code token', 'code id_token', 'id_token token']) {
    const landed = await bed.browser().go(request(appId, { response_type, nonce: 'n' }))
    expect(landed.url).not.toContain('access_token=')
    expect(landed.url + landed.text).toMatch(/unsupported_response_type|unauthorized_client|invalid_request/)
  }
})

test('2.4: no resource owner password credentials', async () => {
  expect(server.grant_types_supported).not.toContain('password')
  const { appId } = await makeApp()
  const answer = await post(server.token_endpoint!, {
    grant_type: 'password',
    client_id: appId,
    username: email,
    password: PASSWORD,
  })
  expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } })
})

test('4.2: a code works once; the second use revokes what the first was given', async () => {
  const { client, appId } = await makeApp()
  const back = await comeBack(request(appId))
  const tokens = await redeem(client, back)
  await expect(redeem(client, back)).rejects.toMatchObject({ error: 'invalid_grant' })
  const response = await oauth.userInfoRequest(server, client, tokens.access_token, insecure)
  expect(response.status).toBe(401)
  const refreshed = await post(server.token_endpoint!, {
    grant_type: 'refresh_token',
    client_id: appId,
    refresh_token: tokens.refresh_token!,
  })
  expect(refreshed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
})

test('4.2: of twenty uses of a code at once none leaves two families of tokens', async () => {
  const { appId } = await makeApp()
  const code = (await comeBack(request(appId))).searchParams.get('code')!
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      post(server.token_endpoint!, {
        grant_type: 'authorization_code',
        client_id: appId,
        code,
        redirect_uri: CALLBACK,
        code_verifier: 'v'.repeat(43),
      }),
    ),
  )
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
  const [{ count }] = (await bed.own.tools.sql`
    select count(*) from tokens where app_id = ${appId} and consumed_at is null`) as unknown as [
    { count: number },
  ]
  expect(count).toBe(0)
})

test('4.5: a code of one app is worthless to another', async () => {
  const mine = await makeApp()
  const other = await makeApp()
  const back = await comeBack(request(mine.appId))
  const answer = await post(server.token_endpoint!, {
    grant_type: 'authorization_code',
    client_id: other.appId,
    code: back.searchParams.get('code')!,
    redirect_uri: CALLBACK,
    code_verifier: 'v'.repeat(43),
  })
  expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
})

test('4.4: iss is in every answer, errors too, so that servers cannot be mixed up', async () => {
  expect(server.authorization_response_iss_parameter_supported).toBe(true)
  const { client, appId } = await makeApp()
  const back = await comeBack(request(appId))
  expect(back.searchParams.get('iss')).toBe(project.issuer)
  back.searchParams.set('iss', 'https://evil.example')
  expect(() => oauth.validateAuthResponse(server, client, back, 's1')).toThrow()
  const failed = await bed.browser().go(request(appId, { prompt: 'none' }))
  expect(new URL(failed.url).searchParams.get('error')).toBe('login_required')
  expect(new URL(failed.url).searchParams.get('iss')).toBe(project.issuer)
})

test('4.3: no token in an address: not sent there, not taken from there', async () => {
  const { client, appId } = await makeApp()
  const back = await comeBack(request(appId))
  expect([...back.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state'])
  expect(back.hash).toBe('')
  const { access_token } = await redeem(client, back)
  const response = await fetch(`${server.userinfo_endpoint}?access_token=${access_token}`)
  expect(response.status).toBeGreaterThanOrEqual(400)
})

test('4.2.4: pages with codes tell nobody where they came from', async () => {
  const response = await fetch(`${project.issuer}/sign-in/V1StGXR8_Z5jdHi6B-myT`, {
    headers: { accept: 'text/html' },
  })
  expect(response.headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin')
})

test('4.10: an access token is for one audience', async () => {
  const { version } = await project.my.getSettings({ params: project.params })
  await project.my.changeSettings({
    params: project.params,
    ifMatch: version,
    body: {
      apis: ['https://a.example.com', 'https://b.example.com'].map((audience, n) => ({
        audience,
        name: `API ${n}`,
        scopes: [{ name: `read${n}:all`, description: 'Read' }],
      })),
    },
  })
  const { appId, clientSecret } = await makeApp({
    kind: 'machine',
    redirectUris: [],
    scopes: ['read0:all', 'read1:all'],
  })
  const form = { grant_type: 'client_credentials', client_id: appId, client_secret: clientSecret! }
  const token = await post(server.token_endpoint!, {
    ...form,
    resource: 'https://a.example.com',
    scope: 'read0:all read1:all',
  })
  const claims = JSON.parse(
    Buffer.from(String(token.body['access_token']).split('.')[1]!, 'base64url').toString(),
  )
  expect(claims).toMatchObject({ aud: 'https://a.example.com', scope: 'read0:all', client_id: appId })
  // The gateway takes only tokens that are for it.
  const response = await fetch(
    `${bed.platform.url}/api/v1/oidc/projects/${project.projectId}/environments/production/apps`,
    {
      headers: { authorization: `Bearer ${token.body['access_token']}` },
    },
  )
  expect(response.status).toBe(401)
  const unknown = await post(server.token_endpoint!, { ...form, resource: 'https://c.example.com' })
  expect(unknown.body['error']).toBe('invalid_target')
})

test('4.14: a refresh token that comes again ends the family', async () => {
  const { client, appId } = await makeApp()
  const tokens = await redeem(client, await comeBack(request(appId)))
  const refresh = (refresh_token: unknown) =>
    post(server.token_endpoint!, {
      grant_type: 'refresh_token',
      client_id: appId,
      refresh_token: String(refresh_token),
    })
  const second = await refresh(tokens.refresh_token)
  expect(second.status).toBe(200)
  expect(await refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  expect(await refresh(second.body['refresh_token'])).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  })
  const info = await oauth.userInfoRequest(server, client, String(second.body['access_token']), insecure)
  expect(info.status).toBe(401)
})

test('4.14: a refresh token is bound to its app and cannot grow', async () => {
  const mine = await makeApp()
  const other = await makeApp()
  const tokens = await redeem(mine.client, await comeBack(request(mine.appId)))
  const refresh = (client_id: string, scope?: string) =>
    post(server.token_endpoint!, {
      grant_type: 'refresh_token',
      client_id,
      refresh_token: tokens.refresh_token!,
      ...(scope ? { scope } : {}),
    })
  expect(await refresh(other.appId)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  expect(await refresh(mine.appId, 'openid email')).toMatchObject({
    status: 400,
    body: { error: 'invalid_scope' },
  })
})

test('4.11: what sends people away with a form uses 303, so that credentials are not sent on', async () => {
  const { appId } = await makeApp()
  const response = await fetch(request(appId), { redirect: 'manual' })
  expect(response.status).toBe(303)
})

test('4.15: what a machine does is no person: sub is the app', async () => {
  const { appId, clientSecret } = await makeApp({ kind: 'machine', redirectUris: [] })
  const basic = Buffer.from(`${appId}:${clientSecret}`).toString('base64')
  const token = await post(server.token_endpoint!, {
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: clientSecret!,
  })
  const told = await fetch(server.introspection_endpoint!, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ token: String(token.body['access_token']) }),
  })
  expect(await told.json()).toMatchObject({ active: true, sub: appId, client_id: appId })
})

test('4.16: the sign-in page cannot be framed', async () => {
  const response = await fetch(`${project.issuer}/sign-in/V1StGXR8_Z5jdHi6B-myT`, {
    headers: { accept: 'text/html' },
  })
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
})

test('2.5: apps are told by their secrets; a wrong one, none, or a stranger’s is refused', async () => {
  const { appId, clientSecret } = await makeApp({ kind: 'machine', redirectUris: [] })
  const other = await makeApp({ kind: 'machine', redirectUris: [] })
  const attempt = (secret?: string) =>
    post(server.token_endpoint!, {
      grant_type: 'client_credentials',
      client_id: appId,
      ...(secret ? { client_secret: secret } : {}),
    })
  expect((await attempt(clientSecret)).status).toBe(200)
  for (const wrong of [
    undefined,
    `${clientSecret}x`,
    other.clientSecret,
    randomBytes(32).toString('base64url'),
  ])
    expect((await attempt(wrong)).body).toMatchObject({ error: 'invalid_client' })
})

test('4.7: state comes back unchanged, and cookies of the sign-in go nowhere else', async () => {
  const { appId } = await makeApp()
  const state = `${randomBytes(20).toString('base64url')}&x=<y>`
  const back = await comeBack(request(appId, { state }))
  expect(back.searchParams.get('state')).toBe(state)
  const browser = bed.browser()
  await browser.go(request(appId))
  for (const cookie of browser.cookies()) {
    expect(cookie.path.startsWith('/oidc/bank/')).toBe(true)
    expect(cookie.attributes).toMatch(/httponly/i)
    expect(cookie.attributes).toMatch(/samesite=lax/i)
  }
})

test('a sign-in belongs to the browser that began it', async () => {
  const { appId } = await makeApp()
  const params = signInPage(await bed.browser().go(request(appId)))
  const thief = bed.browser()
  await thief.go(request(appId))
  await expect(
    thief.page.signInWithPassword({ params, body: { email, password: PASSWORD } }),
  ).rejects.toMatchObject({
    problem: { code: 'signInGone' },
  })
})
