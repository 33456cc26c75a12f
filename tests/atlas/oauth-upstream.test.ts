/**
 * The flow and the vault against a real OpenID provider (oidc-provider, certified) instead of one made for tests: its
 * discovery, its checks of PKCE, redirect URI and client, its ID tokens, its rotation with detection of reuse. Only its
 * login page is left out: the consent of a person is noted directly.
 */
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, startBed } from '../../services/oauth/testing-bed.ts'

// A library of oidc, found from its folder.
const { default: OidcProvider } = await import(
  createRequire(new URL('../../services/oidc/package.json', import.meta.url)).resolve('oidc-provider')
)
const client = { clientId: 'pleiad', secret: 'a-secret-of-the-upstream-provider' }

let bed: Bed
let project: Awaited<ReturnType<Bed['createProject']>>
let issuer = ''
// biome-ignore lint/suspicious/noExplicitAny: the library is loaded by its address, without types.
let upstream: any
const server = createServer((request, response) => upstream.callback()(request, response))

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  bed = await startBed()
  project = await bed.createProject()
  const { redirectUri } = await bed.configure(project, {
    clientId: client.clientId,
    secret: client.secret,
    settings: { issuer },
    scopes: ['openid', 'email', 'offline_access'],
  })
  upstream = new OidcProvider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    features: { revocation: { enabled: true }, devInteractions: { enabled: false } },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@upstream.example`, email_verified: true }),
    }),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { AccessToken: 120, Grant: 3600, IdToken: 300, RefreshToken: 3600, AuthorizationCode: 60 },
  })
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await bed?.stop()
})

/** What the provider does when a person signs in and consents; resolves with where it sends the browser. */
async function consent(authorizationUrl: string, accountId: string): Promise<string> {
  const asked = new URL(authorizationUrl).searchParams
  const found = await upstream.Client.find(asked.get('client_id'))
  const grant = new upstream.Grant({ accountId, clientId: found.clientId })
  grant.addOIDCScope(asked.get('scope'))
  const grantId = await grant.save()
  const code = await new upstream.AuthorizationCode({
    accountId,
    client: found,
    grantId,
    codeChallenge: asked.get('code_challenge'),
    codeChallengeMethod: asked.get('code_challenge_method'),
    nonce: asked.get('nonce'),
    redirectUri: asked.get('redirect_uri'),
    scope: asked.get('scope'),
    gty: 'authorization_code',
  }).save()
  const back = new URL(asked.get('redirect_uri')!)
  back.search = new URLSearchParams({ code, state: asked.get('state')!, iss: issuer }).toString()
  return back.href
}

async function signIn(accountId: string) {
  const begun = await bed.begin(project)
  const back = await bed.browse(await consent(begun.url, accountId), begun.cookie)
  const ticket = new URL(back.location, 'http://here').searchParams.get('ticket')
  if (!ticket) throw new Error(back.location)
  return bed.signIn().redeem({ ticket, ...project.place, cookieHeader: begun.cookie })
}

test('its configuration passes the test, and a wrong secret does not', async () => {
  const params = { ...project.place, provider: 'corporate' }
  const { ok, checks } = await project.console.testProvider({ params })
  expect(Object.fromEntries(checks.map(({ check, state }) => [check, state]))).toMatchObject({
    discovery: 'passed',
    keys: 'passed',
    token: 'passed',
  })
  expect(ok).toBe(true)
  const { version } = await project.console.getProvider({ params })
  const wrong = await project.console.updateProvider({ params, body: { secret: 'wrong' }, ifMatch: version })
  const again = await project.console.testProvider({ params })
  expect(again.checks.at(-1)).toMatchObject({ check: 'token', code: 'secretWrong' })
  await project.console.updateProvider({ params, body: { secret: client.secret }, ifMatch: wrong.version })
})

test('a person signs in, and the vault keeps their token fresh over rotations', async () => {
  const identity = await signIn('anna')
  expect(identity).toMatchObject({ subject: 'anna', email: 'anna@upstream.example', emailVerified: true })
  const { connectionId } = await bed
    .signIn()
    .attach({ connectionId: identity.connectionId, endUserId: 'user-1' })
  const seen = new Set<string>()
  for (let n = 0; n < 3; n++) {
    const tokens = await Promise.all(
      Array.from({ length: 20 }, () => project.program.getToken({ params: { connectionId } })),
    )
    for (const { accessToken } of tokens) seen.add(accessToken)
    const answer = await fetch(`${issuer}/me`, {
      headers: { authorization: `Bearer ${tokens[0]!.accessToken}` },
    })
    expect(await answer.json()).toMatchObject({ sub: 'anna' })
    await bed.tools()
      .sql`update connections set expires_at = now() - interval '1 second' where id = ${connectionId}`
    bed.platform.host.running
      .map(({ own }) => own as { vault?: { forget: (id: string) => void } } | undefined)
      .find((own) => own?.vault)!
      .vault!.forget(connectionId)
  }
  // One token for each refresh: a second use of a refresh token would have ended the grant.
  expect(seen.size).toBe(3)
})

test('what is revoked here is over there', async () => {
  const identity = await signIn('boris')
  const { connectionId } = await bed
    .signIn()
    .attach({ connectionId: identity.connectionId, endUserId: 'user-2' })
  const { accessToken } = await project.program.getToken({ params: { connectionId } })
  const me = async () =>
    (await fetch(`${issuer}/me`, { headers: { authorization: `Bearer ${accessToken}` } })).status
  expect(await me()).toBe(200)
  await project.program.revokeOwnConnection({ params: { connectionId } })
  await expect.poll(me).toBe(401)
})
