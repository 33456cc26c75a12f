/** An upstream provider for tests: OpenID Connect and OAuth 2 on a real port, as well-behaved or bad as a test wants. */
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly form: Readonly<Record<string, string>>
}

interface Grant {
  readonly subject: string
  readonly challenge: string | null
  readonly nonce: string | null
  readonly redirectUri: string | null
  readonly family: string
}

export interface TestProvider {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** Every request, in order. */
  readonly seen: Seen[]
  /** Requests that asked for a refresh. */
  readonly refreshes: () => Seen[]
  /** Families of refresh tokens that were revoked because one was used twice. */
  readonly revokedFamilies: Set<string>
  /** What the provider does; tests change it. */
  readonly behaviour: {
    subject: string
    expiresIn: number | undefined
    rotates: boolean
    withRefreshToken: boolean
    issuer: string | undefined
    nonce: string | undefined
    claims: Record<string, unknown>
    /** Milliseconds by which its clock is ahead. */
    ahead: number
    /** Answers a path instead of the provider; false goes on as usual. */
    instead:
      | ((path: string, request: Seen, response: ServerResponse) => boolean | Promise<boolean>)
      | undefined
    /** Runs in a refresh, before anything is rotated or after it. */
    beforeRotation: (() => Promise<void>) | undefined
    afterRotation: (() => Promise<void>) | undefined
  }
  /** Consents at the authorization address; resolves with where the browser is sent. */
  readonly consent: (authorizationUrl: string, more?: Record<string, string>) => string
  readonly stop: () => Promise<void>
}

/** Starts the provider on a free port of 127.0.0.1. */
export async function startTestProvider(): Promise<TestProvider> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const clientId = 'the-client'
  const clientSecret = 'a secret+with/odd:characters'.replaceAll(' ', '-')
  const codes = new Map<string, Grant>()
  const refreshTokens = new Map<string, Grant & { used: boolean }>()
  const revokedFamilies = new Set<string>()
  const seen: Seen[] = []
  const behaviour: TestProvider['behaviour'] = {
    subject: 'person-1',
    expiresIn: 3600,
    rotates: true,
    withRefreshToken: true,
    issuer: undefined,
    nonce: undefined,
    claims: {},
    ahead: 0,
    instead: undefined,
    beforeRotation: undefined,
    afterRotation: undefined,
  }
  let url = ''

  const answer = (response: ServerResponse, status: number, body: unknown) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

  async function tokensFor(grant: Grant, withIdToken: boolean) {
    const refreshToken = behaviour.withRefreshToken ? `r-${randomUUID()}` : undefined
    if (refreshToken) refreshTokens.set(refreshToken, { ...grant, used: false })
    const { expiresIn } = behaviour
    return {
      access_token: `a-${randomUUID()}`,
      token_type: 'bearer',
      scope: 'openid email',
      ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
      ...(refreshToken && (behaviour.rotates || withIdToken) ? { refresh_token: refreshToken } : {}),
      ...(withIdToken ? { id_token: await idToken(grant) } : {}),
    }
  }

  function idToken(grant: Grant): Promise<string> {
    return new SignJWT({
      email: 'anna@example.org',
      email_verified: true,
      name: 'Anna',
      nonce: behaviour.nonce ?? grant.nonce,
      ...behaviour.claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(behaviour.issuer ?? url)
      .setSubject(grant.subject)
      .setAudience(clientId)
      .setIssuedAt(Math.floor((Date.now() + behaviour.ahead) / 1000))
      .setExpirationTime(Math.floor((Date.now() + behaviour.ahead) / 1000) + 300)
      .sign(privateKey)
  }

  function isClient({ headers, form }: Seen): boolean {
    const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1]
    const [id, secret] = basic
      ? Buffer.from(basic, 'base64')
          .toString()
          .split(':')
          .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
      : [form['client_id'], form['client_secret']]
    return id === clientId && secret === clientSecret
  }

  async function token(request: Seen, response: ServerResponse): Promise<void> {
    if (!isClient(request)) return answer(response, 401, { error: 'invalid_client' })
    const { form } = request
    if (form['grant_type'] === 'refresh_token') return refresh(form['refresh_token'] ?? '', response)
    const grant = codes.get(form['code'] ?? '')
    codes.delete(form['code'] ?? '')
    const challenge = createHash('sha256')
      .update(form['code_verifier'] ?? '')
      .digest('base64url')
    if (!grant || grant.challenge !== challenge || grant.redirectUri !== form['redirect_uri'])
      return answer(response, 400, { error: 'invalid_grant', error_description: 'the code is not valid' })
    answer(response, 200, await tokensFor(grant, true))
  }

  async function refresh(refreshToken: string, response: ServerResponse): Promise<void> {
    const grant = refreshTokens.get(refreshToken)
    if (!grant || revokedFamilies.has(grant.family)) return answer(response, 400, { error: 'invalid_grant' })
    if (grant.used) {
      // Reuse: the whole family is revoked, as RFC 9700 wants it.
      revokedFamilies.add(grant.family)
      return answer(response, 400, { error: 'invalid_grant' })
    }
    await behaviour.beforeRotation?.()
    // A caller that is gone gets nothing, and nothing is used up.
    if (response.destroyed) return
    if (behaviour.rotates) grant.used = true
    const tokens = await tokensFor(grant, false)
    await behaviour.afterRotation?.()
    answer(response, 200, tokens)
  }

  const server = createServer(async (incoming, response) => {
    let text = ''
    for await (const chunk of incoming) text += chunk
    const path = (incoming.url ?? '/').split('?')[0]!
    const form = Object.fromEntries(new URLSearchParams(text))
    const request: Seen = { method: incoming.method ?? 'GET', path, headers: incoming.headers, form }
    seen.push(request)
    if (await behaviour.instead?.(path, request, response)) return
    switch (path) {
      case '/.well-known/openid-configuration':
        return answer(response, 200, {
          issuer: url,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          userinfo_endpoint: `${url}/userinfo`,
          revocation_endpoint: `${url}/revoke`,
          jwks_uri: `${url}/jwks`,
          authorization_response_iss_parameter_supported: true,
        })
      case '/jwks':
        return answer(response, 200, { keys: [jwk] })
      case '/authorize':
        return void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>')
      case '/token':
        return token(request, response)
      case '/userinfo':
        return answer(response, 200, {
          id: 4711,
          sub: behaviour.subject,
          email: 'anna@example.org',
          name: 'Anna',
        })
      case '/revoke':
        refreshTokens.delete(form['token'] ?? '')
        return answer(response, 200, {})
      default:
        return answer(response, 404, { error: 'not_found' })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    clientId,
    clientSecret,
    seen,
    refreshes: () => seen.filter(({ form }) => form['grant_type'] === 'refresh_token'),
    revokedFamilies,
    behaviour,
    consent: (authorizationUrl, more = {}) => {
      const asked = new URL(authorizationUrl).searchParams
      const code = `c-${randomUUID()}`
      codes.set(code, {
        subject: behaviour.subject,
        challenge: asked.get('code_challenge'),
        nonce: asked.get('nonce'),
        redirectUri: asked.get('redirect_uri'),
        family: randomUUID(),
      })
      const back = new URL(asked.get('redirect_uri')!)
      back.search = new URLSearchParams({ code, state: asked.get('state')!, iss: url, ...more }).toString()
      return back.href
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
