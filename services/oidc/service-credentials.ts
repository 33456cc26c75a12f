/** Access tokens of the issuers, for the gateway: which program of which project is it, and what may it do. */
import type { CredentialSource } from '@pleiad/platform/service'
import { readToken } from './service-introspection.ts'
import type { Own } from './service-own.ts'

/** Takes tokens whose audience is the installation. The gateway asks for the proof of those that are bound to a key. */
export function credentials(own: Own): readonly CredentialSource[] {
  const prefix = `${own.tools.publicUrl}/oidc/`
  return [
    {
      issuer: prefix,
      resolve: async (value) => {
        const handle = issuerIn(value)?.slice(prefix.length)
        const issuer = handle === undefined ? undefined : await own.issuerByHandle(handle)
        if (!issuer || issuer.archived) return undefined
        const token = await readToken(own, issuer, value)
        if (!token?.jwt || token.audience !== own.tools.publicUrl) return undefined
        return {
          caller: {
            id: token.appId,
            sid: token.name,
            kind: 'program',
            roles: [],
            permissions: [],
            project: {
              id: issuer.projectId,
              environment: issuer.environment,
              scopes: token.scope.split(' ').filter(Boolean),
              ...(token.boundTo ? { boundTo: token.boundTo } : {}),
              ...(token.endUserId ? { endUser: token.endUserId } : {}),
            },
          },
          expires: new Date(token.expiresAt * 1000),
        }
      },
    },
  ]
}

function issuerIn(token: string): string | undefined {
  try {
    const { iss } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
    return typeof iss === 'string' ? iss : undefined
  } catch {
    return undefined
  }
}
