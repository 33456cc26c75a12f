/** Everything below /oidc/: finds the issuer, serves its pages, and hands the rest to oidc-provider. */

import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '@pleiad/platform/problem'
import type { Mount } from '@pleiad/platform/service'
import { errors } from 'oidc-provider'
import type { Issuer } from './issuers.ts'
import { issuerUrl } from './issuers.ts'
import { ACCOUNT_APP } from './service-account-app.ts'
import { readBody, replay } from './service-forms.ts'
import { answerIntrospection } from './service-introspection.ts'
import { answerMachine } from './service-machines.ts'
import type { Own } from './service-own.ts'
import { sendErrorPage, wantsPage } from './service-pages.ts'

const place = /^\/oidc\/([a-z0-9.-]{3,80})(\/[^?]*)?(\?.*)?$/
/** What the web app shows. Everything else below an issuer is protocol. */
const page = /^\/(sign-in\/[A-Za-z0-9_-]+|account|device|device\/done|set-password)$/

/** Makes the raw handler of `/oidc/`. */
export function mountIssuers(own: Own): Mount {
  return async (request, response, info) => {
    const [, handle, path = '/', query = ''] = place.exec(request.url ?? '') ?? []
    let issuer: Issuer | undefined
    try {
      const body = request.method === 'POST' ? await readBody(request) : undefined
      if (body === 'gone') return
      if (body === 'tooLarge') throw new Refusal('payloadTooLarge')
      issuer = handle === undefined ? undefined : await own.issuerByHandle(handle)
      if (issuer && !issuer.archived)
        return await answer(own, issuer, { path, query, body }, request, response, info)
      if (request.method === 'GET' && wantsPage(request)) return info.serveApp()
      throw new Refusal('issuerUnknown')
    } catch (error) {
      if (!wantsPage(request) || response.headersSent || error instanceof Refusal) throw error
      // A person sees what happened and what to do; a program gets the gateway's problem.
      own.tools.log.error({ err: error, path, requestId: info.id }, 'an issuer could not answer')
      own.tools.count('oidc_errors_total', { error: 'temporarily_unavailable' })
      sendErrorPage(request, response, issuer, {
        status: 503,
        error: 'temporarily_unavailable',
        retryAfter: 1,
      })
    }
  }
}

async function answer(
  own: Own,
  issuer: Issuer,
  { path, query, body }: { path: string; query: string; body: Buffer | undefined },
  request: IncomingMessage,
  response: ServerResponse,
  info: Parameters<Mount>[2],
): Promise<void> {
  if (request.method === 'GET' && page.test(path)) {
    const on = path.startsWith('/sign-in/') ? await finished(own, issuer, request, response) : undefined
    return on
      ? void response.writeHead(303, { location: on, 'cache-control': 'no-store' }).end()
      : info.serveApp()
  }
  const { defaultRedirectUri } = issuer.places
  if (request.method === 'GET' && path === '/' && defaultRedirectUri)
    return void response.writeHead(303, { location: defaultRedirectUri, 'cache-control': 'no-store' }).end()
  if (request.method === 'GET' && path === '/account/sign-in') return toOwnAccount(own, issuer, response)
  if (body && path === '/token/introspection')
    return answerIntrospection(own, issuer, request, response, body)
  if (body && path === '/token' && (await answerMachine(own, issuer, request, response, body))) return
  if (body) replay(request, body)
  const live = await own.issuers.live(issuer)
  // oidc-provider believes these headers; whoever sent some of them is not believed.
  const { host, protocol } = new URL(own.tools.publicUrl)
  request.headers.host = host
  delete request.headers['x-forwarded-host']
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1)
  request.headers['x-forwarded-for'] = info.ip
  const raw = request as IncomingMessage & { originalUrl?: string }
  raw.originalUrl = request.url!
  request.url = path + query
  await live.handle(request, response)
}

/**
 * Where a sign-in goes on that was finished, but whose page never heard of it: the process died with the answer, or the
 * window was closed. Undefined for any other.
 */
async function finished(
  own: Own,
  issuer: Issuer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string | undefined> {
  const { provider } = await own.issuers.live(issuer)
  const interaction = await provider.interactionDetails(request, response).catch((error) => {
    if (error instanceof errors.SessionNotFound) return undefined
    throw error
  })
  return interaction?.result ? interaction.returnTo : undefined
}

/** Signs in to the account page: as an app of its own, whose code nobody redeems, because the session is what counts. */
function toOwnAccount(own: Own, issuer: Issuer, response: ServerResponse): void {
  const url = issuerUrl(own.tools.publicUrl, issuer.handle)
  const asked = new URL(`${url}/auth`)
  asked.search = new URLSearchParams({
    client_id: ACCOUNT_APP,
    response_type: 'code',
    redirect_uri: `${url}/account`,
    scope: 'openid',
    prompt: 'login',
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  response.writeHead(303, { location: asked.href, 'cache-control': 'no-store' }).end()
}
