/**
 * Introspection (RFC 7662), answered before oidc-provider from what this process knows: a token is looked up once and
 * remembered until it ends, is revoked (every process is told), or half a minute has passed.
 */
import { createHash, verify } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Issuer, issuerUrl } from './issuers.ts'
import { publicKeyOf } from './keys.ts'
import { modelId } from './secrets.ts'
import { secretMatches } from './service-clients.ts'
import { credentialsOf, formOf, sendJson } from './service-forms.ts'
import type { Own } from './service-own.ts'
import { grantName } from './service-revocation.ts'
import { reader } from './service-unit.ts'
import { introspect, standing } from './store-models.ts'

export interface Token {
  readonly kind: 'access' | 'machine' | 'refresh'
  readonly jwt: boolean
  readonly appId: string
  readonly endUserId: string | undefined
  readonly scope: string
  readonly audience: string | undefined
  /** Seconds since 1970. */
  readonly expiresAt: number
  /** Thumbprint of the key of the app that it is bound to (DPoP). */
  readonly boundTo: string | undefined
  /** Names the grant it stands on; the token itself where there is none. */
  readonly name: string
  /** The answer of introspection. */
  readonly body: string
}

interface Entry {
  readonly token: Token
  readonly ids: readonly string[]
  readonly at: number
}

const FRESH_MS = 30_000
const MOST = 20_000
const MAX_TOKEN = 4096
const cached = new WeakMap<Own, Map<string, Entry>>()

/** What a token of this issuer stands for, if it holds. */
export async function readToken(own: Own, issuer: Issuer, value: string): Promise<Token | undefined> {
  if (value.length > MAX_TOKEN) return undefined
  const entries = cached.get(own) ?? new Map<string, Entry>()
  cached.set(own, entries)
  const key = `${issuer.issuerId} ${value.length <= 100 ? value : createHash('sha256').update(value).digest('base64url')}`
  const known = entries.get(key)
  const now = performance.now()
  if (known && now - known.at < FRESH_MS && !own.revoked.since(known.ids, known.at)) {
    if (known.token.expiresAt * 1000 > own.tools.now().getTime()) return known.token
  }
  entries.delete(key)
  const read = await (value.split('.').length === 3
    ? readJwt(own, issuer, value)
    : readOpaque(own, issuer, value))
  if (!read) return undefined
  entries.set(key, { ...read, at: now })
  if (entries.size > MOST) entries.delete(entries.keys().next().value!)
  return read.token
}

const kinds = { AccessToken: 'access', ClientCredentials: 'machine', RefreshToken: 'refresh' } as const

async function readOpaque(own: Own, issuer: Issuer, value: string) {
  const models = Object.keys(kinds).map((model) => modelId(issuer.issuerId, model, value))
  const found = await introspect(await reader(own), models, own.tools.now())
  if (!found) return undefined
  const { payload, appId, endUserId, grantId, sessionUid } = found
  const kind = kinds[found.model as keyof typeof kinds]
  const field = (name: string) => payload[name] as string | undefined
  const expiresAt = payload['exp'] as number
  const id = modelId(issuer.issuerId, found.model, value).toString('base64url')
  const jkt = field('jkt')
  const token: Token = {
    kind,
    jwt: false,
    appId,
    endUserId: endUserId ?? undefined,
    scope: field('scope') ?? '',
    audience: field('aud'),
    expiresAt,
    boundTo: jkt,
    name: grantId ? grantName(grantId) : id,
    body: JSON.stringify({
      active: true,
      ...(payload['extra'] as object | undefined),
      client_id: appId,
      sub: endUserId ?? appId,
      scope: field('scope'),
      aud: field('aud'),
      sid: field('sid'),
      iss: issuerUrl(own.tools.publicUrl, issuer.handle),
      iat: payload['iat'],
      exp: expiresAt,
      ...(kind === 'refresh' ? {} : { token_type: jkt ? 'DPoP' : 'Bearer' }),
      ...(jkt ? { cnf: { jkt } } : {}),
    }),
  }
  return { token, ids: idsOf(issuer, token, id, sessionUid) }
}

async function readJwt(own: Own, issuer: Issuer, value: string) {
  const { keys } = await own.issuers.live(issuer)
  const claims = verified(
    value,
    (kid) => keys.find((key) => key.kid === kid && key.algorithm === 'ES256')?.publicJwk,
  )
  const iss = issuerUrl(own.tools.publicUrl, issuer.handle)
  if (!claims || claims['iss'] !== iss) return undefined
  const {
    exp,
    sub,
    client_id: appId,
    aud,
    scope = '',
    gid,
    cnf,
  } = claims as Record<string, string> & { exp: number; cnf?: { jkt?: string } }
  if (typeof exp !== 'number' || exp * 1000 <= own.tools.now().getTime() || typeof appId !== 'string')
    return undefined
  // A token of a person always names its grant.
  if (sub !== appId && typeof gid !== 'string') return undefined
  const grantId = typeof gid === 'string' ? Buffer.from(gid, 'base64url') : undefined
  const stands = await standing(await reader(own), issuer.issuerId, appId, grantId, own.tools.now())
  if (!stands || (grantId && stands.endUserId !== sub)) return undefined
  const token: Token = {
    kind: grantId ? 'access' : 'machine',
    jwt: true,
    appId,
    endUserId: grantId ? sub! : undefined,
    scope,
    audience: aud!,
    expiresAt: exp,
    boundTo: cnf?.jkt,
    name: gid ?? appId,
    body: JSON.stringify({ active: true, ...claims, token_type: cnf ? 'DPoP' : 'Bearer' }),
  }
  return { token, ids: idsOf(issuer, token, '', null) }
}

function idsOf(issuer: Issuer, token: Token, id: string, session: string | null): string[] {
  return [token.name, id, token.appId, token.endUserId, session, issuer.issuerId].filter(
    (text) => !!text,
  ) as string[]
}

/** The claims of an access token that one of the keys signed. The algorithm is ours to choose, not the token's. */
function verified(
  token: string,
  find: (kid: string) => Record<string, string> | undefined,
): Record<string, unknown> | undefined {
  try {
    const [head, body, signature] = token.split('.') as [string, string, string]
    const header = JSON.parse(Buffer.from(head, 'base64url').toString())
    const jwk =
      header.alg === 'ES256' && header.typ === 'at+jwt' && header.crit === undefined && find(header.kid)
    if (!jwk) return undefined
    const key = { key: publicKeyOf(jwk), dsaEncoding: 'ieee-p1363' as const }
    if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url')))
      return undefined
    return JSON.parse(Buffer.from(body, 'base64url').toString())
  } catch {
    return undefined
  }
}

/** Answers the endpoint. */
export async function answerIntrospection(
  own: Own,
  issuer: Issuer,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): Promise<void> {
  const refuse = (
    status: number,
    error: string,
    description: string,
    headers?: Record<string, string>,
  ): void => {
    own.tools.count('oidc_errors_total', { error })
    sendJson(response, status, JSON.stringify({ error, error_description: description }), headers)
  }
  const form = formOf(request, body)
  if (!form) return refuse(400, 'invalid_request', 'a form of each parameter once is expected')
  const credentials = credentialsOf(request.headers.authorization, form)
  if (credentials === 'twice')
    return refuse(400, 'invalid_request', 'client authentication must only be provided using one mechanism')
  if (!credentials || !(await secretMatches(own, issuer, credentials.appId, credentials.secret)))
    return refuse(401, 'invalid_client', 'client authentication failed', {
      'www-authenticate': `Basic realm="${issuer.handle}"`,
    })
  const value = form.get('token')
  if (!value) return refuse(400, 'invalid_request', "missing required parameter 'token'")
  const token = await readToken(own, issuer, value)
  own.tools.count('oidc_introspections_total', { active: String(token !== undefined) })
  // A refresh token is nobody's business but its app's.
  if (!token || (token.kind === 'refresh' && token.appId !== credentials.appId))
    return sendJson(response, 200, '{"active":false}')
  sendJson(response, 200, token.body)
}
