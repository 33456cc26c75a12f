/**
 * Token exchange (RFC 8693): an app that received an access token exchanges it for one of its own, with less or as much
 * power, for an API it calls in turn. Only tokens of this issuer, only apps that may.
 */
import type Provider from 'oidc-provider'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { ACCESS_SECONDS, SCOPES, TOKEN_EXCHANGE } from './apps.ts'
import type { Issuer } from './issuers.ts'
import { readToken } from './service-introspection.ts'
import type { Own } from './service-own.ts'
import { resourceOf } from './service-resources.ts'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const parameters = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'scope',
  'actor_token',
  'actor_token_type',
]

export function addTokenExchange(own: Own, issuer: Issuer, provider: Provider): void {
  provider.registerGrantType(TOKEN_EXCHANGE, (ctx) => exchange(own, issuer, provider, ctx), parameters)
}

async function exchange(
  own: Own,
  issuer: Issuer,
  provider: Provider,
  ctx: KoaContextWithOIDC,
): Promise<void> {
  const params = ctx.oidc.params as Record<string, string | undefined>
  const client = ctx.oidc.client!
  if (!params['subject_token']) throw new errors.InvalidRequest("missing required parameter 'subject_token'")
  if (params['subject_token_type'] !== ACCESS_TOKEN)
    throw new errors.InvalidRequest('subject_token_type must be an access token')
  if (params['requested_token_type'] && params['requested_token_type'] !== ACCESS_TOKEN)
    throw new errors.InvalidRequest('only access tokens can be requested')
  if (params['actor_token'])
    throw new errors.InvalidRequest('actor_token is not taken: the app itself is the actor')
  const subject = await readToken(own, issuer, params['subject_token'])
  if (!subject || subject.kind === 'refresh') throw new errors.InvalidGrant('subject_token is not valid')
  // A token bound to a key cannot be used, and so not be exchanged, by who holds only the token.
  if (subject.boundTo !== undefined) throw new errors.InvalidGrant('subject_token is bound to a key')
  // Who was not meant to receive the token must not gain by it (RFC 8693, section 5).
  const ofOwnApi = subject.audience !== undefined && subject.audience !== own.tools.publicUrl
  const forUs = subject.appId === client.clientId || ofOwnApi
  if (!forUs) throw new errors.InvalidGrant('subject_token was not issued to or for this app')

  const target = params['resource'] ?? params['audience']
  const held = new Set(subject.scope.split(' ').filter(Boolean))
  const allowed = (client as unknown as Record<string, string[]>)[SCOPES]!
  const server = target
    ? resourceOf(own, issuer, target, allowed, subject.endUserId ? undefined : 'client_credentials')
    : undefined
  const offered = server ? new Set(server.scope.split(' ').filter(Boolean)) : held
  const wanted = params['scope']
    ? params['scope'].split(' ')
    : [...held].filter((scope) => offered.has(scope))
  const beyond = wanted.filter((scope) => !held.has(scope) || !offered.has(scope))
  if (beyond.length > 0) throw new errors.InvalidScope('more than subject_token allows', beyond.join(' '))

  const scope = wanted.join(' ')
  const token = subject.endUserId
    ? await forPerson(provider, client, subject.endUserId, scope, target, server !== undefined)
    : new provider.ClientCredentials({ client, scope } as never)
  if (server)
    (token as { resourceServer?: unknown }).resourceServer = new provider.ResourceServer(target!, server)
  // Never longer than what it was exchanged for.
  const left = subject.expiresAt - Math.floor(Date.now() / 1000)
  const expiresIn = Math.max(
    1,
    Math.min((client as unknown as Record<string, number>)[ACCESS_SECONDS]!, left),
  )
  ;(token as { expiresIn?: number }).expiresIn = expiresIn
  const value = await token.save()
  ctx.body = {
    access_token: value,
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    expires_in: expiresIn,
    ...(scope ? { scope } : {}),
  }
}

/** A grant of its own: it ends with the person, and can be revoked apart from the one it came from. */
async function forPerson(
  provider: Provider,
  client: KoaContextWithOIDC['oidc']['client'],
  accountId: string,
  scope: string,
  target: string | undefined,
  forApi: boolean,
) {
  const grant = new provider.Grant({ accountId, clientId: client!.clientId })
  if (forApi) grant.addResourceScope(target!, scope)
  else grant.addOIDCScope(scope)
  const grantId = await grant.save()
  return new provider.AccessToken({
    accountId,
    client: client!,
    grantId,
    gty: 'token_exchange',
    scope,
  } as never)
}
