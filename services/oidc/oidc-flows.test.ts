/** openid-client as an outsider uses it, unmodified, against a running issuer. */
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, type Project, startBed } from './testing-bed.ts'
import { type Browser, signInPage } from './testing-browser.ts'

const CALLBACK = 'https://shop.example.com/callback'
const PASSWORD = 'a rather long phrase 7'
let bed: Bed
let project: Project

beforeAll(async () => {
  bed = await startBed({ OUTBOUND_ALLOW: '127.0.0.1' })
  project = await bed.createProject('shop')
})
afterAll(() => bed?.stop())

/** An app of the project, as the console makes it, configured in openid-client by discovery. */
async function app(body: Record<string, unknown>, auth?: client.ClientAuth) {
  const made = await project.my.createApp({
    params: project.params,
    body: { name: 'Shop', kind: 'web', redirectUris: [CALLBACK], ...body } as never,
  })
  const config = await client.discovery(
    new URL(project.issuer),
    made.app.appId,
    made.clientSecret,
    auth ?? (made.clientSecret ? undefined : client.None()),
    { execute: [client.allowInsecureRequests] },
  )
  return { config, ...made }
}

let people = 0
async function endUser(): Promise<{ email: string; endUserId: string }> {
  const email = `ada${++people}@example.com`
  const made = await project.my.createEndUser({
    params: project.params,
    body: { email, name: 'Ada', emailVerified: true },
  })
  await bed.own.tools.sql`
    update end_users set password_hash = ${await bed.own.hashing.hash(PASSWORD)} where end_user_id = ${made.endUserId}`
  return { email, endUserId: made.endUserId }
}

/** Signs in on the page and returns where the browser was sent: to the app. */
async function signIn(browser: Browser, start: string, email: string): Promise<URL> {
  const landed = await browser.go(start)
  const params = signInPage(landed)
  const step = await browser.page.signInWithPassword({ params, body: { email, password: PASSWORD } })
  expect(step.step).toBe('continue')
  return new URL((await browser.go((step as { url: string }).url)).url)
}

async function codeFlow(config: client.Configuration, email: string, extra: Record<string, string> = {}) {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const nonce = client.randomNonce()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...extra,
  })
  const browser = bed.browser()
  const back = await signIn(browser, url.href, email)
  const tokens = await client.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  })
  return { tokens, back, browser, verifier }
}

test('code with PKCE: ID token, userinfo, iss in the answer', async () => {
  const { config } = await app({})
  const { email, endUserId } = await endUser()
  const { tokens, back } = await codeFlow(config, email)
  expect(back.searchParams.get('iss')).toBe(project.issuer)
  expect(tokens.claims()).toMatchObject({
    sub: endUserId,
    iss: project.issuer,
    email,
    email_verified: true,
    name: 'Ada',
  })
  const info = await client.fetchUserInfo(config, tokens.access_token, endUserId)
  expect(info).toMatchObject({ sub: endUserId, email })
})

test('refresh rotates; a lost answer is repeated; a used successor makes the old one a theft', async () => {
  const { config } = await app({})
  const { email } = await endUser()
  const { tokens } = await codeFlow(config, email)
  const first = tokens.refresh_token!
  const second = await client.refreshTokenGrant(config, first)
  expect(second.refresh_token).not.toBe(first)
  // The answer got lost: the same successor comes again, the family stays one line.
  const repeated = await client.refreshTokenGrant(config, first)
  expect(repeated.refresh_token).toBe(second.refresh_token)
  const third = await client.refreshTokenGrant(config, second.refresh_token!)
  await expect(client.refreshTokenGrant(config, first)).rejects.toMatchObject({ error: 'invalid_grant' })
  await expect(client.refreshTokenGrant(config, third.refresh_token!)).rejects.toMatchObject({
    error: 'invalid_grant',
  })
  expect(await client.tokenIntrospection(config, third.access_token)).toEqual({ active: false })
})

test('twenty refreshes at once leave one line of tokens', async () => {
  const { config } = await app({ kind: 'browser' })
  const { email } = await endUser()
  const { tokens } = await codeFlow(config, email)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.refreshTokenGrant(config, tokens.refresh_token!)),
  )
  expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(1)
  expect((await client.refreshTokenGrant(config, answers[0]!.refresh_token!)).access_token).toBeTruthy()
})

test('device flow', async () => {
  const { config } = await app({ kind: 'device', redirectUris: [] })
  const { email, endUserId } = await endUser()
  const started = await client.initiateDeviceAuthorization(config, { scope: 'openid email' })
  expect(started.verification_uri).toBe(`${project.issuer}/device`)
  const browser = bed.browser()
  const params = { handle: project.slug }
  const device = await browser.page.checkDeviceCode({
    params,
    body: { userCode: started.user_code.toLowerCase() },
  })
  expect(device).toMatchObject({ appName: 'Shop', userCode: started.user_code })
  const landed = await browser.go(device.form.action, {
    method: 'POST',
    body: new URLSearchParams(device.form.fields),
  })
  const step = await browser.page.signInWithPassword({
    params: signInPage(landed),
    body: { email, password: PASSWORD },
  })
  const done = await browser.go((step as { url: string }).url)
  expect(done.url).toBe(`${project.issuer}/device/done`)
  const tokens = await client.pollDeviceAuthorizationGrant(config, { ...started, interval: 0 })
  expect(tokens.claims()?.sub).toBe(endUserId)
  await expect(
    browser.page.checkDeviceCode({ params, body: { userCode: started.user_code } }),
  ).rejects.toMatchObject({
    problem: { code: 'deviceCodeRefused' },
  })
})

test('client credentials, introspection, revocation', async () => {
  const { config } = await app({ kind: 'machine', redirectUris: [] })
  const tokens = await client.clientCredentialsGrant(config)
  const before = await client.tokenIntrospection(config, tokens.access_token)
  expect(before).toMatchObject({
    active: true,
    client_id: config.clientMetadata().client_id,
    iss: project.issuer,
  })
  await client.tokenRevocation(config, tokens.access_token)
  expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false })
})

test('a token for the installation opens it at the gateway, and not after its app is gone', async () => {
  const { config, app: made } = await app({ kind: 'machine', redirectUris: [], scopes: ['apps:read'] })
  const resource = bed.platform.host.publicUrl
  const { access_token } = await client.clientCredentialsGrant(config, { resource, scope: 'apps:read' })
  const program = bed.platform.client(await import('./contract.ts').then(({ oidc }) => oidc), access_token)
  const listed = await program.listApps({ params: project.params, query: {} })
  expect(listed.items.length).toBeGreaterThan(0)
  const elsewhere = await bed.createProject()
  await expect(program.listApps({ params: elsewhere.params, query: {} })).rejects.toMatchObject({
    problem: { status: 404 },
  })
  await expect(program.deleteApp({ params: { ...project.params, appId: made.appId } })).rejects.toMatchObject(
    { problem: { status: 403 } },
  )
  await project.my.deleteApp({ params: { ...project.params, appId: made.appId } })
  await expect(program.listApps({ params: project.params, query: {} })).rejects.toMatchObject({
    problem: { status: 401 },
  })
})

test('token exchange narrows a token for the next API', async () => {
  await changeApis()
  const { config } = await app({ scopes: ['orders:read', 'stock:read'], tokenExchange: true })
  const { email, endUserId } = await endUser()
  const { tokens } = await codeFlow(config, email, {
    scope: 'openid orders:read stock:read',
    resource: 'https://orders.example.com',
  })
  const subject = await client.refreshTokenGrant(config, tokens.refresh_token!, {
    resource: 'https://orders.example.com',
  })
  const exchange = (parameters: Record<string, string>) =>
    client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
      subject_token: subject.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      ...parameters,
    })
  const narrowed = await exchange({ resource: 'https://orders.example.com', scope: 'orders:read' })
  const told = await client.tokenIntrospection(config, narrowed.access_token)
  expect(told).toMatchObject({
    active: true,
    sub: endUserId,
    aud: 'https://orders.example.com',
    scope: 'orders:read',
  })
  expect(narrowed['issued_token_type']).toBe('urn:ietf:params:oauth:token-type:access_token')
  await expect(
    exchange({ resource: 'https://orders.example.com', scope: 'stock:read' }),
  ).rejects.toMatchObject({
    error: 'invalid_scope',
  })
  await expect(exchange({ resource: 'https://elsewhere.example' })).rejects.toMatchObject({
    error: 'invalid_target',
  })
})

async function changeApis(): Promise<void> {
  const { version } = await project.my.getSettings({ params: project.params })
  await project.my.changeSettings({
    params: project.params,
    ifMatch: version,
    body: {
      apis: [
        {
          audience: 'https://orders.example.com',
          name: 'Orders',
          scopes: [{ name: 'orders:read', description: 'See orders' }],
        },
        {
          audience: 'https://stock.example.com',
          name: 'Stock',
          scopes: [{ name: 'stock:read', description: 'See stock' }],
        },
      ],
    },
  })
}

test('pushed authorization requests', async () => {
  const { config } = await app({ requirePar: true })
  const { email, endUserId } = await endUser()
  const verifier = client.randomPKCECodeVerifier()
  const parameters = {
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  const direct = await bed.browser().go(client.buildAuthorizationUrl(config, parameters).href)
  expect(new URL(direct.url).searchParams.get('error')).toBe('invalid_request')
  const url = await client.buildAuthorizationUrlWithPAR(config, parameters)
  expect(url.searchParams.get('code_challenge')).toBeNull()
  const back = await signIn(bed.browser(), url.href, email)
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier })
  expect(tokens.claims()?.sub).toBe(endUserId)
})

test('DPoP binds tokens to a key', async () => {
  const { config } = await app({ kind: 'browser', requireDpop: true })
  const { email, endUserId } = await endUser()
  const verifier = client.randomPKCECodeVerifier()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const back = await signIn(bed.browser(), url.href, email)
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
  const tokens = await client.authorizationCodeGrant(
    config,
    back,
    { pkceCodeVerifier: verifier },
    undefined,
    { DPoP },
  )
  expect(tokens.token_type).toBe('dpop')
  const info = await client.fetchUserInfo(config, tokens.access_token, endUserId, { DPoP })
  expect(info.sub).toBe(endUserId)
  await expect(client.fetchUserInfo(config, tokens.access_token, endUserId)).rejects.toThrow()
  const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
  await expect(
    client.refreshTokenGrant(config, tokens.refresh_token!, undefined, { DPoP: thief }),
  ).rejects.toMatchObject({ error: 'invalid_grant' })
})

test('signing out ends session and tokens, and tells the apps', async () => {
  const told: string[] = []
  const server = await import('node:http').then(({ createServer }) =>
    createServer((request, response) => {
      let body = ''
      request.on('data', (part) => (body += part))
      request.on('end', () => {
        told.push(new URLSearchParams(body).get('logout_token')!)
        response.writeHead(200).end()
      })
    }).listen(0, '127.0.0.1'),
  )
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as { port: number }
  const { config, app: made } = await app({
    backchannelLogoutUri: `http://127.0.0.1:${port}/logout`,
    postLogoutRedirectUris: ['https://shop.example.com/bye'],
  })
  const { email, endUserId } = await endUser()
  const { tokens, browser } = await codeFlow(config, email)
  const url = client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token!,
    post_logout_redirect_uri: 'https://shop.example.com/bye',
    state: 'x1',
  })
  const asked = await browser.go(url.href)
  expect(asked.text).toContain('Sign out of Shop?')
  const xsrf = /name="xsrf" value="(\w+)"/.exec(asked.text)![1]!
  const done = await browser.go(`${project.issuer}/session/end/confirm`, {
    method: 'POST',
    body: new URLSearchParams({ xsrf, logout: 'yes' }),
  })
  expect(done.url).toBe('https://shop.example.com/bye?state=x1')
  expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false })
  await expect(client.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject({
    error: 'invalid_grant',
  })
  expect(told).toHaveLength(1)
  const [, claims] = told[0]!.split('.')
  expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({
    iss: project.issuer,
    aud: made.appId,
    sub: endUserId,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    sid: expect.any(String),
  })
  server.close()
})
