/** What browsers ask of this service: to be led to a provider, and to be let back in. Raw requests, no API. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Mount, Tools } from '@pleiad/platform/service'
import type { ProblemCode } from './contract-problems.ts'
import { browserCookie, type Flow, isSameBrowser, readToken, tokenOf } from './flows.ts'
import { ProviderTrouble } from './problems.ts'
import type { CallbackParameters } from './provider.ts'
import { finishFlow, leadToProvider, tellFailure } from './service-flows.ts'
import type { Own } from './service-own.ts'
import { readyById } from './service-providers.ts'
import { projectState } from './store-configurations.ts'
import { advanceFlow, findFlow, notePostedUser } from './store-flows.ts'
import { withQuery } from './urls.ts'

const MAX_FORM = 16 * 1024

/** Telegram puts its answer behind a #, which servers do not see: this moves it into the query. */
const fragmentScript = `const m=/[#&]tgAuthResult=([^&]+)/.exec(location.hash);const u=new URL(location.href);u.hash='';u.searchParams.set(...(m?['tgAuthResult',m[1]]:['error','access_denied']));location.replace(u)`
const fragmentHash = createHash('sha256').update(fragmentScript).digest('base64')

/** The mounts of the service. */
export function createMounts(tools: Tools, own: Own): Readonly<Record<string, Mount>> {
  return {
    '/oauth/callback/': (request, response, { id }) => callback(tools, own, request, response, id),
    '/oauth/connect/': (request, response, { id }) => connect(tools, own, request, response, id),
  }
}

function redirect(response: ServerResponse, location: string, cookie?: string): void {
  response.writeHead(303, {
    location,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    ...(cookie ? { 'set-cookie': cookie } : {}),
  })
  response.end()
}

/** Ends on the page of the web app that says what happened: there is nowhere safe to go back to. */
function problem(tools: Tools, response: ServerResponse, code: ProblemCode, requestId: string): void {
  tools.count('flows', { purpose: 'unknown', outcome: code })
  tools.log.info({ code, requestId }, 'a flow ended on the problem page')
  redirect(response, `/oauth/problem?${new URLSearchParams({ code, request: requestId })}`)
}

/** Leads a flow's browser back to where it began. */
function goBack(
  tools: Tools,
  own: Own,
  response: ServerResponse,
  flow: Flow,
  outcome: { readonly connectionId: string } | { readonly code: ProblemCode },
): void {
  const code = 'code' in outcome ? outcome.code : undefined
  tools.count('flows', { purpose: flow.purpose, outcome: code ?? 'ok' })
  const session = flow.purpose === 'connect' ? { connectSession: flow.id, state: flow.appState } : {}
  const result = code
    ? { error: code }
    : flow.purpose === 'connect'
      ? { connection: (outcome as { connectionId: string }).connectionId }
      : { ticket: tokenOf(own.flowKey, 'ticket', flow.id) }
  // The cookie of a sign-in is still needed to redeem its ticket.
  const over = code !== undefined || flow.purpose === 'connect'
  const cookie = over ? browserCookie(own.flowKey, flow.id, tools.publicUrl, 0) : undefined
  redirect(response, withQuery(flow.returnTo, { ...session, ...result }), cookie)
}

/** A browser comes back from a provider. */
async function callback(
  tools: Tools,
  own: Own,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const url = new URL(request.url ?? '/', tools.publicUrl)
  if (request.method === 'POST') return posted(tools, own, request, response, url, requestId)
  if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET, POST' }).end()
  const parameters = Object.fromEntries(url.searchParams) as CallbackParameters
  const id = readToken(own.flowKey, 'state', parameters['state'])
  const flow = id === undefined ? undefined : await findFlow(tools.sql, id)
  if (!flow) return problem(tools, response, 'flowUnknown', requestId)
  if (!isSameBrowser(own.flowKey, flow.id, request.headers.cookie, tools.publicUrl))
    return problem(tools, response, 'wrongBrowser', requestId)
  const ready = await readyById(tools, flow.configurationId)
  // Each provider has a redirect URI of its own, so an answer of another one cannot pass for this one's.
  if (url.pathname !== `/oauth/callback/${ready.configuration.handle}`)
    return problem(tools, response, 'mixUp', requestId)
  const { provider } = ready
  if (
    provider.kind === 'signed' &&
    !parameters['hash'] &&
    !parameters['tgAuthResult'] &&
    !parameters['error']
  )
    return fragmentPage(response)

  const sent = await advanceFlow(tools.sql, flow.id, 'sent', 'answered', tools.now())
  if (!sent) {
    const expired = flow.stage === 'sent' || flow.stage === 'opened'
    return problem(tools, response, expired ? 'flowExpired' : 'flowUsed', requestId)
  }
  try {
    if ((await projectState(tools.sql, flow.projectId)) !== 'active')
      throw new ProviderTrouble('projectArchived')
    if (!ready.configuration.enabled) throw new ProviderTrouble('providerDisabled')
    goBack(tools, own, response, sent, await finishFlow(tools, own, ready, sent, parameters))
  } catch (error) {
    const code = error instanceof ProviderTrouble ? error.code : 'internal'
    const about = { code, requestId, provider: provider.catalogue, purpose: flow.purpose }
    if (code === 'internal') tools.log.error({ ...about, err: error }, 'a flow failed')
    else tools.log.info(about, (error as Error).message)
    await tellFailure(tools, ready, sent, code)
    goBack(tools, own, response, sent, { code })
  }
}

/**
 * Apple posts its answer. A post from another site comes without the cookie, so the browser is sent on with a GET, which
 * brings it; the name, which has no business in an address, is kept meanwhile.
 */
async function posted(
  tools: Tools,
  own: Own,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  requestId: string,
): Promise<void> {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > MAX_FORM) return problem(tools, response, 'answerTooLarge', requestId)
  }
  const form = new URLSearchParams(text)
  const id = readToken(own.flowKey, 'state', form.get('state') ?? undefined)
  if (id === undefined) return problem(tools, response, 'flowUnknown', requestId)
  const user = form.get('user')
  if (user && user.length <= 2000) await notePostedUser(tools.sql, id, user)
  const query = new URLSearchParams()
  for (const name of ['code', 'state', 'iss', 'error', 'error_description']) {
    const value = form.get(name)
    if (value !== null) query.set(name, value.slice(0, 4000))
  }
  redirect(response, `${url.pathname}?${query}`)
}

/** The end user follows the link of a connect session: once, and from then on in this browser. */
async function connect(
  tools: Tools,
  own: Own,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end()
  // A browser that only looks ahead must not use the link up.
  if (/prefetch|prerender/.test(String(request.headers['sec-purpose'] ?? request.headers['purpose'] ?? '')))
    return void response.writeHead(503, { 'cache-control': 'no-store' }).end()
  const { pathname } = new URL(request.url ?? '/', tools.publicUrl)
  const id = readToken(own.flowKey, 'open', pathname.slice('/oauth/connect/'.length))
  const flow = id === undefined ? undefined : await findFlow(tools.sql, id)
  if (!flow) return problem(tools, response, 'connectLinkExpired', requestId)
  const opened = await advanceFlow(tools.sql, flow.id, 'opened', 'sent', tools.now())
  if (!opened)
    return problem(
      tools,
      response,
      flow.stage === 'opened' ? 'connectLinkExpired' : 'connectLinkUsed',
      requestId,
    )
  const ready = await readyById(tools, flow.configurationId)
  try {
    if ((await projectState(tools.sql, flow.projectId)) !== 'active')
      throw new ProviderTrouble('projectArchived')
    if (!ready.configuration.enabled) throw new ProviderTrouble('providerDisabled')
    const location = await leadToProvider(tools, own, ready, opened)
    redirect(response, location, browserCookie(own.flowKey, flow.id, tools.publicUrl))
  } catch (error) {
    if (!(error instanceof ProviderTrouble))
      tools.log.error({ err: error, requestId }, 'a connect session failed')
    const code = error instanceof ProviderTrouble ? error.code : 'internal'
    goBack(tools, own, response, opened, { code })
  }
}

function fragmentPage(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': `default-src 'none'; script-src 'sha256-${fragmentHash}'; frame-ancestors 'none'; base-uri 'none'`,
  })
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>One moment</title><script>${fragmentScript}</script><noscript>This step needs JavaScript.</noscript></html>`,
  )
}
