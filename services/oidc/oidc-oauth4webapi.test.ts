/** oauth4webapi, the lower library, unmodified: each of its flows by hand against a running issuer. */
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
let endUserId: string

beforeAll(async () => {
  bed = await startBed()
  project = await bed.createProject('lower')
  const issuer = new URL(project.issuer)
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  const made = await project.my.createEndUser({
    params: project.params,
    body: { email: 'ada@example.com', emailVerified: true },
  })
  endUserId = made.endUserId
  await bed.own.tools.sql`
    update end_users set password_hash = ${await bed.own.hashing.hash(PASSWORD)} where end_user_id = ${endUserId}`
})
afterAll(() => bed?.stop())

async function makeApp(body: Record<string, unknown> = {}) {
  const { app, clientSecret } = await project.my.createApp({
    params: project.params,
    body: { name: 'Lower', kind: 'web', redirectUris: [CALLBACK], ...body } as never,
  })
  const auth = clientSecret ? oauth.ClientSecretBasic(clientSecret) : oauth.None()
  return { client: { client_id: app.appId } as oauth.Client, auth }
}

async function signIn(start: string): Promise<URL> {
  const browser = bed.browser()
  const step = await browser.page.signInWithPassword({
    params: signInPage(await browser.go(start)),
    body: { email: 'ada@example.com', password: PASSWORD },
  })
  return new URL((await browser.go((step as { url: string }).url)).url)
}

test('discovery says what the issuer can do, and the key set has what verifies its tokens', async () => {
  expect(server).toMatchObject({
    issuer: project.issuer,
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
    pushed_authorization_request_endpoint: `${project.issuer}/request`,
  })
  expect(server.grant_types_supported).toEqual(
    expect.arrayContaining([
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ]),
  )
})

test('code, ID token with nonce, userinfo, refresh, introspection, revocation', async () => {
  const { client, auth } = await makeApp()
  const verifier = oauth.generateRandomCodeVerifier()
  const nonce = oauth.generateRandomNonce()
  const state = oauth.generateRandomState()
  const url = new URL(server.authorization_endpoint!)
  url.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid email',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    state,
  }).toString()
  const parameters = oauth.validateAuthResponse(server, client, await signIn(url.href), state)
  const granted = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    auth,
    parameters,
    CALLBACK,
    verifier,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, granted, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  await oauth.validateApplicationLevelSignature(server, granted, insecure)
  expect(oauth.getValidatedIdTokenClaims(tokens)!.sub).toBe(endUserId)
  const info = await oauth.userInfoRequest(server, client, tokens.access_token, insecure)
  expect((await oauth.processUserInfoResponse(server, client, endUserId, info)).email).toBe('ada@example.com')
  const again = await oauth.processRefreshTokenResponse(
    server,
    client,
    await oauth.refreshTokenGrantRequest(server, client, auth, tokens.refresh_token!, insecure),
  )
  const introspect = async (token: string) =>
    oauth.processIntrospectionResponse(
      server,
      client,
      await oauth.introspectionRequest(server, client, auth, token, insecure),
    )
  expect(await introspect(again.access_token)).toMatchObject({
    active: true,
    sub: endUserId,
    scope: 'openid email',
  })
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, auth, again.refresh_token!, insecure),
  )
  expect(await introspect(again.access_token)).toEqual({ active: false })
})

test('pushed request with DPoP, and the proof is not taken twice', async () => {
  const { client, auth } = await makeApp({ kind: 'browser', requirePar: true, requireDpop: true })
  const verifier = oauth.generateRandomCodeVerifier()
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const pushed = await oauth.processPushedAuthorizationResponse(
    server,
    client,
    await oauth.pushedAuthorizationRequest(
      server,
      client,
      auth,
      {
        redirect_uri: CALLBACK,
        response_type: 'code',
        scope: 'openid',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      },
      { ...insecure, DPoP },
    ),
  )
  const url = new URL(server.authorization_endpoint!)
  url.search = new URLSearchParams({
    client_id: client.client_id,
    request_uri: pushed.request_uri,
  }).toString()
  const parameters = oauth.validateAuthResponse(server, client, await signIn(url.href), oauth.expectNoState)
  let proof = ''
  const granted = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    auth,
    parameters,
    CALLBACK,
    verifier,
    {
      ...insecure,
      DPoP,
      [oauth.customFetch]: (address: string, init: RequestInit) => {
        proof = new Headers(init.headers).get('dpop')!
        return fetch(address, init)
      },
    } as never,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, granted)
  expect(tokens.token_type).toBe('dpop')
  const replayed = await fetch(server.token_endpoint!, {
    method: 'POST',
    headers: { dpop: proof },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: client.client_id,
      refresh_token: tokens.refresh_token!,
    }),
  })
  expect(replayed.status).toBe(400)
})

test('client credentials with the secret in the header and in the body; device flow', async () => {
  const machine = await makeApp({ kind: 'machine', redirectUris: [] })
  const granted = await oauth.clientCredentialsGrantRequest(
    server,
    machine.client,
    machine.auth,
    {},
    insecure,
  )
  expect((await oauth.processClientCredentialsResponse(server, machine.client, granted)).token_type).toBe(
    'bearer',
  )
  const { client, auth } = await makeApp({ kind: 'device', redirectUris: [] })
  const started = await oauth.processDeviceAuthorizationResponse(
    server,
    client,
    await oauth.deviceAuthorizationRequest(server, client, auth, { scope: 'openid' }, insecure),
  )
  const waiting = await oauth.deviceCodeGrantRequest(server, client, auth, started.device_code, insecure)
  await expect(oauth.processDeviceCodeResponse(server, client, waiting)).rejects.toMatchObject({
    error: 'authorization_pending',
  })
})

test('a token bound to a key opens the platform’s own API with a proof, and with nothing less', async () => {
  const resource = bed.platform.host.publicUrl
  const made = await project.my.createApp({
    params: project.params,
    body: { name: 'Bound', kind: 'machine', scopes: ['apps:read'], requireDpop: true },
  })
  const client = { client_id: made.app.appId } as oauth.Client
  const keys = await oauth.generateKeyPair('ES256')
  const DPoP = oauth.DPoP(client, keys)
  const granted = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    oauth.ClientSecretBasic(made.clientSecret!),
    { resource, scope: 'apps:read' },
    { ...insecure, DPoP },
  )
  const tokens = await oauth.processClientCredentialsResponse(server, client, granted)
  expect(tokens.token_type).toBe('dpop')
  const { projectId } = project
  const url = new URL(`${resource}/api/v1/oidc/projects/${projectId}/environments/production/apps?limit=2`)
  let proof = ''
  const ask = (bound: oauth.DPoPHandle | undefined, more: object = {}) =>
    oauth.protectedResourceRequest(tokens.access_token, 'GET', url, new Headers(), null, {
      ...insecure,
      ...(bound ? { DPoP: bound } : {}),
      ...more,
    } as never)
  const opened = await ask(DPoP, {
    [oauth.customFetch]: (address: string, init: RequestInit) => {
      proof = new Headers(init.headers).get('dpop')!
      return fetch(address, init)
    },
  })
  expect(opened.status).toBe(200)
  expect(((await opened.json()) as { items: unknown[] }).items.length).toBeGreaterThan(0)
  // Again and again, each time with a proof of its own.
  expect((await ask(DPoP)).status).toBe(200)

  const raw = async (headers: Record<string, string>) => {
    const answer = await fetch(url, { headers })
    return [answer.status, answer.headers.get('www-authenticate') ?? '']
  }
  const stolen = await raw({ authorization: `Bearer ${tokens.access_token}` })
  expect(stolen).toEqual([401, expect.stringMatching(/^DPoP .*error="invalid_token", algs="ES256/)])
  const replayed = await raw({ authorization: `DPoP ${tokens.access_token}`, dpop: proof })
  expect(replayed).toEqual([401, expect.stringContaining('error="invalid_dpop_proof"')])
  const bare = await raw({ authorization: `DPoP ${tokens.access_token}` })
  expect(bare).toEqual([401, expect.stringContaining('error="invalid_dpop_proof"')])
  const thief = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  await expect(ask(thief)).rejects.toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
})
