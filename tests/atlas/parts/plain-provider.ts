/**
 * A plain OAuth 2 provider, no OpenID: a login form, a token endpoint and a profile. Access tokens end after seconds,
 * refresh tokens rotate, and a refresh token that comes twice is counted as a theft.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answering } from './process.ts'

const seconds = Number(process.env['TOKEN_SECONDS'] ?? 4)
const clientId = 'atlas-at-plain'
const clientSecret = randomUUID()
let redirectUri = ''
const seen = { codes: 0, refreshes: 0, refused: 0, reused: 0 }
const codes = new Map<string, { login: string; challenge: string }>()
const refreshTokens = new Map<string, { login: string; used: boolean }>()
const accessTokens = new Map<string, { login: string; until: number }>()

const json = (response: ServerResponse, status: number, body: unknown) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

function tokensFor(login: string) {
  const [accessToken, refreshToken] = [randomUUID(), randomUUID()]
  accessTokens.set(accessToken, { login, until: Date.now() + seconds * 1000 })
  refreshTokens.set(refreshToken, { login, used: false })
  return { access_token: accessToken, token_type: 'bearer', expires_in: seconds, refresh_token: refreshToken }
}

function token(form: URLSearchParams, authorization: string | undefined): { status: number; body: object } {
  const known = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const refuse = (status: number, error: string) => {
    seen.refused++
    return { status, body: { error } }
  }
  if (authorization !== known) return refuse(401, 'invalid_client')
  if (form.get('grant_type') === 'refresh_token') {
    const kept = refreshTokens.get(form.get('refresh_token') ?? '')
    if (!kept) return refuse(400, 'invalid_grant')
    if (kept.used) {
      seen.reused++
      return refuse(400, 'invalid_grant')
    }
    kept.used = true
    seen.refreshes++
    return { status: 200, body: tokensFor(kept.login) }
  }
  const code = codes.get(form.get('code') ?? '')
  codes.delete(form.get('code') ?? '')
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  if (!code || code.challenge !== challenge || form.get('redirect_uri') !== redirectUri)
    return refuse(400, 'invalid_grant')
  seen.codes++
  return { status: 200, body: tokensFor(code.login) }
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://here')
  let text = ''
  for await (const chunk of request) text += chunk
  const form = new URLSearchParams(text)
  const { searchParams: asked } = url
  if (url.pathname === '/token') {
    const { status, body } = token(form, request.headers.authorization)
    return json(response, status, body)
  }
  if (url.pathname === '/me') {
    const kept = accessTokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (!kept || kept.until < Date.now()) return json(response, 401, { error: 'invalid_token' })
    const { login } = kept
    return json(response, 200, {
      user: { number: 4711, mail: `${login}@example.org`, checked: true, called: login },
    })
  }
  if (url.pathname !== '/authorize') return json(response, 404, {})
  if (asked.get('client_id') !== clientId || asked.get('redirect_uri') !== redirectUri)
    return void response.writeHead(400).end('This app is not registered here.')
  if (request.method === 'GET')
    return void response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(
        '<!doctype html><html lang="en"><title>Plain</title><h1>Plain</h1><form method="post"><label>Login <input name="login"></label><button>Enter</button></form></html>',
      )
  const code = randomUUID()
  codes.set(code, { login: form.get('login') ?? 'nobody', challenge: asked.get('code_challenge') ?? '' })
  const back = new URL(redirectUri)
  back.search = new URLSearchParams({ code, state: asked.get('state') ?? '' }).toString()
  response.writeHead(302, { location: back.href }).end()
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

answering(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
  register: (uri: string) => {
    redirectUri = uri
    return { clientId, clientSecret }
  },
  seen: () => ({ ...seen }),
})
