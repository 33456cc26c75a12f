/** A person's way through a provider: what binds it to one browser, one provider and one time. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { CallbackParameters, Client, Identity, Provider, Purpose } from './provider.ts'
import { usesPkce } from './provider.ts'

/** From the begin to the answer of the provider. */
export const FLOW_MS = 10 * 60_000
/** From the answer of the provider to the redemption of the ticket. */
export const TICKET_MS = 2 * 60_000

export interface Flow {
  readonly id: string
  readonly configurationId: string
  readonly projectId: string
  readonly environment: string
  readonly purpose: Purpose
  readonly stage: 'opened' | 'sent' | 'answered' | 'redeemed'
  readonly returnTo: string
  readonly appState: string | undefined
  readonly endUserId: string | undefined
  readonly scopes: readonly string[]
  readonly loginHint: string | undefined
  readonly postedUser: string | undefined
  readonly identity: Identity | undefined
  readonly connectionId: string | undefined
  readonly expiresAt: Date
}

/** What a flow's secrets are for. Each follows from the flow's id and a key, so none is ever stored. */
type Use = 'state' | 'nonce' | 'verifier' | 'browser' | 'open' | 'ticket'

function secretOf(key: Buffer, use: Use, id: string): string {
  return createHmac('sha256', key).update(`${use}:${id}`).digest('base64url')
}

/** A value that names the flow and cannot be made without the key. */
export function tokenOf(key: Buffer, use: 'state' | 'open' | 'ticket', id: string): string {
  return `${id}.${secretOf(key, use, id)}`
}

/** The id of the flow that a token names; undefined when it is not genuine. */
export function readToken(
  key: Buffer,
  use: 'state' | 'open' | 'ticket',
  token: string | undefined,
): string | undefined {
  const [id = '', mac = ''] = (token ?? '').split('.')
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  return isSame(mac, secretOf(key, use, id)) ? id : undefined
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

export function nonceOf(key: Buffer, id: string): string {
  return secretOf(key, 'nonce', id)
}

export function verifierOf(key: Buffer, id: string): string {
  return secretOf(key, 'verifier', id)
}

/**
 * One cookie per flow, so that two tabs do not disturb each other. With https it is one that no other host of the same
 * domain can plant (https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes).
 */
function cookieName(id: string, publicUrl: string): string {
  return `${publicUrl.startsWith('https:') ? '__Host-' : ''}pleiad_flow_${id.slice(-12)}`
}

/** The cookie that binds a flow to a browser, as a whole Set-Cookie value. */
export function browserCookie(key: Buffer, id: string, publicUrl: string, seconds = FLOW_MS / 1000): string {
  const value = seconds > 0 ? secretOf(key, 'browser', id) : ''
  // Lax: the way back from the provider is a navigation from another site.
  const flags = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax`
  return `${cookieName(id, publicUrl)}=${value}; ${flags}${publicUrl.startsWith('https:') ? '; Secure' : ''}`
}

/** Whether the browser that sends these cookies is the one in which the flow began. */
export function isSameBrowser(
  key: Buffer,
  id: string,
  cookieHeader: string | undefined,
  publicUrl: string,
): boolean {
  const name = `${cookieName(id, publicUrl)}=`
  const pair = (cookieHeader ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(name))
  return pair !== undefined && isSame(pair.slice(name.length), secretOf(key, 'browser', id))
}

/** The address at the provider to which the browser is sent. */
export function authorizationUrl(
  provider: Provider,
  client: Client,
  flow: Pick<Flow, 'id' | 'purpose' | 'scopes' | 'loginHint'>,
  where: { readonly authorization: string; readonly redirectUri: string; readonly key: Buffer },
): string {
  const state = tokenOf(where.key, 'state', flow.id)
  if (provider.authorizationUrl) return provider.authorizationUrl(client, where.redirectUri, state)
  const url = new URL(where.authorization)
  const set = (parameters: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  }
  set(provider.parameters?.(flow.purpose) ?? {})
  set(client.parameters)
  if (flow.loginHint) set({ login_hint: flow.loginHint })
  const separator = (provider.scopeSeparator ?? client.settings['scopeSeparator'] === 'comma') ? ',' : ' '
  if (flow.scopes.length > 0) set({ [provider.scopeParameter ?? 'scope']: flow.scopes.join(separator) })
  set({ response_type: 'code', client_id: client.clientId, redirect_uri: where.redirectUri, state })
  if (provider.kind === 'openid' && !provider.withoutNonce) set({ nonce: nonceOf(where.key, flow.id) })
  if (usesPkce(provider, client.settings))
    set({
      code_challenge: createHash('sha256').update(verifierOf(where.key, flow.id)).digest('base64url'),
      code_challenge_method: 'S256',
    })
  return url.href
}

/** What the provider's refusal means, as it came with the browser. RFC 6749, section 4.1.2.1. */
export function refusalOf({
  error,
}: CallbackParameters): 'denied' | 'providerFailed' | 'providerRefused' | undefined {
  if (error === undefined) return undefined
  if (
    /^(access_denied|user_cancelled_\w+|user_denied|consent_required|login_required|interaction_required)$/.test(
      error,
    )
  )
    return 'denied'
  if (/^(server_error|temporarily_unavailable)$/.test(error)) return 'providerFailed'
  return 'providerRefused'
}

/** RFC 9207: an answer that names its issuer must name the right one, and must name one where that is promised. */
export function isMixUp(
  iss: string | undefined,
  expected: { readonly issuer: string | undefined; readonly promised: boolean },
  fits: (issuer: string) => boolean,
): boolean {
  if (iss === undefined) return expected.promised
  return expected.issuer !== undefined && iss !== expected.issuer && !fits(iss)
}
