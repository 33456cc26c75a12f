/** APIs that access tokens can be for: the installation's own, and those of the project. */
import { errors, type ResourceServer } from 'oidc-provider'
import type { Issuer } from './issuers.ts'
import type { Own } from './service-own.ts'

/** What a token for an API can allow this app. Refuses an API that is not known: tokens have exactly one audience. */
export function resourceOf(
  own: Own,
  issuer: Issuer,
  resource: string,
  allowed: readonly string[],
  grantType: unknown,
): ResourceServer {
  const wanted = resource.replace(/\/$/, '')
  const jwt = { sign: { alg: 'ES256' as const } }
  if (wanted === own.tools.publicUrl) {
    const scopes = allowed.filter((name) => {
      const scope = own.installationScopes.get(name)
      return scope && (scope.forPeople || grantType === 'client_credentials')
    })
    return { audience: own.tools.publicUrl, scope: scopes.join(' '), accessTokenFormat: 'jwt', jwt }
  }
  const api = issuer.settings.apis.find(({ audience }) => audience.replace(/\/$/, '') === wanted)
  if (!api) throw new errors.InvalidTarget('there is no such API')
  const scopes = api.scopes.map(({ name }) => name).filter((name) => allowed.includes(name))
  return { audience: api.audience, scope: scopes.join(' '), accessTokenFormat: 'jwt', jwt }
}

/** What a scope allows, in the words of whoever defined it. */
export function describeScope(own: Own, issuer: Issuer, name: string): string {
  for (const api of issuer.settings.apis)
    for (const scope of api.scopes) if (scope.name === name) return scope.description
  return own.installationScopes.get(name)?.description ?? ''
}
