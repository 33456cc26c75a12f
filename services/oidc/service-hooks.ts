/** What is changed about an instance of oidc-provider once it is made, and what is heard from it. */
import type Provider from 'oidc-provider'
import type { Issuer } from './issuers.ts'
import { secretMatches } from './service-clients.ts'
import type { Own } from './service-own.ts'
import { currentUnit } from './service-unit.ts'

/** Secrets are compared by their hashes: the client's own copy is a stand-in. */
export function compareByHash(own: Own, issuer: Issuer, provider: Provider): void {
  const prototype = provider.Client.prototype as unknown as {
    clientId: string
    compareClientSecret: (actual: string) => Promise<boolean>
  }
  prototype.compareClientSecret = async function (actual) {
    return secretMatches(own, issuer, this.clientId, actual)
  }
}

/** A refresh token that is used again within its grace gets the successor it got before. */
export function repeatSuccessors(provider: Provider): void {
  const prototype = provider.RefreshToken.prototype as unknown as { generateTokenId: () => string }
  const fresh = prototype.generateTokenId
  prototype.generateTokenId = function () {
    return currentUnit()?.using?.successor ?? fresh.call(this)
  }
}

export function listen(own: Own, provider: Provider): void {
  const { count, log } = own.tools
  provider.on('server_error', (ctx, error) => {
    count('oidc_errors_total', { error: 'server_error' })
    log.error({ err: error, path: ctx.path }, 'an issuer failed')
  })
  for (const name of [
    'grant.error',
    'authorization.error',
    'introspection.error',
    'revocation.error',
    'userinfo.error',
  ])
    provider.on(name as 'grant.error', (_ctx, error) =>
      count('oidc_errors_total', { error: (error as { error?: string }).error ?? 'unknown' }),
    )
  provider.on('grant.success', (ctx) =>
    count('oidc_grants_total', {
      grant: String(ctx.oidc.params?.['grant_type'] ?? '')
        .split(':')
        .at(-1)!,
    }),
  )
  provider.on('backchannel.success', () => count('oidc_logouts_told_total', { outcome: 'told' }))
  provider.on('backchannel.error', (_ctx, error) => {
    count('oidc_logouts_told_total', { outcome: 'failed' })
    log.warn({ err: error }, 'an app could not be told of a logout')
  })
}
