/** Personal access tokens: what programs sign in with. */
import type { factorOperations } from './contract-factors.ts'
import { missing } from './roles.ts'
import type { Part } from './routes-part.ts'
import { record, tell } from './service-notices.ts'
import { requireRecentProof, requireSession } from './service-proofs.ts'
import { revoke } from './service-revocation.ts'
import { lockAccountRow } from './store-accounts.ts'
import { deleteToken, insertToken, listTokenRows, type TokenRow } from './store-sessions.ts'
import { hashToken, newPersonalToken } from './tokens.ts'

const MAX_TOKENS = 50

export const tokenRoutes: Part<
  Pick<typeof factorOperations, 'createToken' | 'listTokens' | 'revokeToken'>
> = () => ({
  async createToken(call) {
    await requireRecentProof(call)
    const { id, permissions } = call.caller
    const { name, scopes, expiresInDays } = call.body
    const lacking = missing(scopes, permissions)
    if (lacking.length > 0) return call.fail('scopeNotHeld', undefined, { scopes: lacking })
    const { secret, hint } = newPersonalToken()
    const expiresAt = expiresInDays ? new Date(call.now().getTime() + expiresInDays * 86_400_000) : undefined
    const row = await call.transact(async (tx) => {
      const account = await lockAccountRow(tx, id)
      if (!account || (await listTokenRows(tx, id)).length >= MAX_TOKENS) return undefined
      const tokenId = call.newId()
      await record(tx, call, 'token.created', { subjectId: id, details: { tokenId, name, scopes } })
      tell(tx, call, account, 'tokenCreated')
      return insertToken(
        tx,
        { id: tokenId, accountId: id, name, hash: hashToken(secret), hint, scopes, expiresAt },
        call.now(),
      )
    })
    return row ? { token: tokenOf(row), secret } : call.fail('tooManyTokens')
  },

  async listTokens(call) {
    return { items: (await listTokenRows(call.sql, call.caller.id)).map(tokenOf) }
  },

  async revokeToken(call) {
    requireSession(call)
    const { id } = call.caller
    const { tokenId } = call.params
    const found = await call.transact(async (tx) => {
      if (!(await deleteToken(tx, id, tokenId))) return false
      await revoke(tx, call, [{ userId: id, tokenId }])
      await record(tx, call, 'token.revoked', { subjectId: id, details: { tokenId } })
      return true
    })
    if (!found) call.fail('notFound')
  },
})

function tokenOf(row: TokenRow) {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: [...row.scopes],
    createdAt: row.created_at.toISOString(),
    ...(row.expires_at ? { expiresAt: row.expires_at.toISOString() } : {}),
    ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
  }
}
