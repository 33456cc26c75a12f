/**
 * A web app as somebody outside would write it after reading the quick start: openid-client and a server of its own. It
 * knows the issuer, its client id and secret, and nothing else of the installation.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import * as client from 'openid-client'
import { answering } from './process.ts'

const { APP_PORT, ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '', API = '', SCOPE = '' } = process.env
const url = `http://127.0.0.1:${APP_PORT}`
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [client.allowInsecureRequests],
})

interface Session {
  pending?: { verifier: string; state: string; nonce: string }
  tokens?: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers
}
const sessions = new Map<string, Session>()
const html = (text: unknown) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Asks the installation's API with the person's token. */
const call = async (session: Session, path: string) => {
  const answer = await fetch(`${API}${path}`, {
    headers: { authorization: `Bearer ${session.tokens?.access_token}` },
  })
  return { status: answer.status, body: await answer.json() }
}

const server = createServer(async (request, response) => {
  const here = new URL(request.url ?? '/', url)
  let id = /app_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]
  if (!id || !sessions.has(id)) {
    id = randomUUID()
    sessions.set(id, {})
    response.setHeader('set-cookie', `app_session=${id}; HttpOnly; SameSite=Lax; Path=/`)
  }
  const session = sessions.get(id)!
  const go = (to: string) => void response.writeHead(302, { location: to }).end()
  const page = (body: string) =>
    void response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>${body}</html>`)
  const json = (body: unknown) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  try {
    switch (here.pathname) {
      case '/': {
        const claims = session.tokens?.claims()
        if (!claims) return page('<h1>Nobody is signed in</h1><a href="/sign-in">Sign in</a>')
        return page(
          `<h1>Hello ${html(claims['name'])}</h1><p>${html(claims['email'])}</p><a href="/sign-out">Sign out</a>`,
        )
      }
      case '/sign-in': {
        const verifier = client.randomPKCECodeVerifier()
        const pending = { verifier, state: client.randomState(), nonce: client.randomNonce() }
        session.pending = pending
        return go(
          client.buildAuthorizationUrl(config, {
            redirect_uri: `${url}/callback`,
            scope: `openid profile email ${SCOPE}`.trim(),
            code_challenge: await client.calculatePKCECodeChallenge(verifier),
            code_challenge_method: 'S256',
            state: pending.state,
            nonce: pending.nonce,
            ...(SCOPE ? { resource: API } : {}),
          }).href,
        )
      }
      case '/callback': {
        const { pending } = session
        session.pending = undefined
        session.tokens = await client.authorizationCodeGrant(
          config,
          here,
          {
            pkceCodeVerifier: pending!.verifier,
            expectedState: pending!.state,
            expectedNonce: pending!.nonce,
            idTokenExpected: true,
          },
          SCOPE ? { resource: API } : {},
        )
        return go('/')
      }
      case '/refresh':
        session.tokens = await client.refreshTokenGrant(config, session.tokens!.refresh_token!, {
          ...(SCOPE ? { resource: API } : {}),
        })
        return json({ refreshed: true })
      case '/connections':
        return json(await call(session, '/api/v1/oauth/connections'))
      case '/provider-token': {
        const connection = here.searchParams.get('connection')
        return json(await call(session, `/api/v1/oauth/connections/${connection}/token?minValidity=0`))
      }
      case '/apps':
        // Of the console; no person's token may do it.
        return json(
          await call(
            session,
            `/api/v1/oidc/projects/${here.searchParams.get('project')}/environments/production/apps`,
          ),
        )
      case '/sign-out': {
        const hint = session.tokens!.id_token!
        session.tokens = undefined
        return go(
          client.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: `${url}/bye` })
            .href,
        )
      }
      case '/bye':
        return page('<h1>Bye</h1>')
      default:
        return void response.writeHead(404).end()
    }
  } catch (error) {
    const { message, error: code } = error as Error & { error?: string }
    response
      .writeHead(400, { 'content-type': 'text/html' })
      .end(`<h1>Failed</h1><p>${html(code ?? message)}</p>`)
  }
})
await new Promise<void>((resolve) => server.listen(Number(APP_PORT), '127.0.0.1', resolve))
answering(url, {})
