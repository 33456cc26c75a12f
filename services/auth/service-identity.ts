/** What gateways ask (whose token this is, which are revoked, which keys verify), and other services. */
import type { ConnectRouter } from '@connectrpc/connect'
import type { IdentitySource, Revocation, TokenHolder, Tools } from '@pleiad/platform/service'
import { AuthInternal } from './internal_pb.ts'
import { permissionsOf, rolesOf } from './roles.ts'
import type { Own } from './service-own.ts'
import { messageOf } from './service-revocation.ts'
import { listAdministrators, loadGrants } from './store-roles.ts'
import { listRevocationRows, useToken } from './store-sessions.ts'
import { hashToken } from './tokens.ts'

export function identity(tools: Tools, own: Own): IdentitySource {
  return {
    loadKeys: async () => ({ keys: (await own.keyring.publicKeys()).map((key) => ({ ...key })) }),
    resolveToken: (token) => resolve(tools, own, token),
    loadRevocations: () => revocations(tools),
  }
}

/** The internal RPC, wherever the caller runs. */
export function rpc(router: ConnectRouter, tools: Tools, own: Own): void {
  router.service(AuthInternal, {
    async getStanding({ userId }) {
      const grants = await loadGrants(tools.sql, userId)
      if (!grants) return {}
      const all = own.permissions.map(({ name }) => name)
      const administrators = await listAdministrators(tools.sql)
      const administrator = administrators.includes(userId)
      return {
        permissions: permissionsOf(grants.assigned, [], all),
        administrator,
        otherAdministrators: administrator ? administrators.filter((id) => id !== userId) : [],
      }
    },
  })
}

/** The holder of a personal access token, with those of its scopes that its owner still has. `sid` is the token's id. */
async function resolve(tools: Tools, own: Own, token: string): Promise<TokenHolder | undefined> {
  if (!token.startsWith('plt_') || token.length > 100) return undefined
  const row = await useToken(tools.sql, hashToken(token), tools.now())
  const grants = row && (await loadGrants(tools.sql, row.account_id))
  if (!row || !grants) return undefined
  const held = permissionsOf(
    grants.assigned,
    grants.member,
    own.permissions.map(({ name }) => name),
  )
  const permissions = held.filter((name) => row.scopes.includes(name))
  return {
    id: row.account_id,
    sid: row.id,
    kind: 'token',
    roles: rolesOf(grants.assigned),
    permissions,
    ...(row.expires_at ? { expires: row.expires_at.getTime() } : {}),
  }
}

async function revocations(tools: Tools): Promise<Revocation[]> {
  const rows = await listRevocationRows(tools.sql, tools.now())
  return rows.map((row) =>
    messageOf(
      {
        userId: row.account_id,
        ...(row.sid ? { sid: row.sid } : {}),
        ...(row.token_id ? { tokenId: row.token_id } : {}),
      },
      row,
    ),
  )
}
