/** What auth keeps about a person, for their export. Secrets and hashes are not theirs to carry around. */
import type { Tools } from '@pleiad/platform/service'
import type { Own } from './service-own.ts'
import { findAccount } from './store-accounts.ts'
import { listAuditRows } from './store-audit.ts'
import { countRecoveryCodes, findTotp, listPasskeyRows } from './store-factors.ts'
import { loadGrants } from './store-roles.ts'
import { listLiveSessions, listTokenRows } from './store-sessions.ts'

export async function personalData(tools: Tools, _own: Own, userId: string): Promise<unknown> {
  const account = await findAccount(tools.sql, userId)
  if (!account) return undefined
  const [grants, totp, passkeys, codes, sessions, tokens, audit] = await Promise.all([
    loadGrants(tools.sql, userId),
    findTotp(tools.sql, userId),
    listPasskeyRows(tools.sql, userId),
    countRecoveryCodes(tools.sql, userId),
    listLiveSessions(tools.sql, userId, tools.now()),
    listTokenRows(tools.sql, userId),
    listAuditRows(tools.sql, { subjectId: userId, limit: 10_000 }),
  ])
  return {
    account: {
      email: account.email,
      emailVerified: account.email_verified,
      locale: account.locale,
      createdAt: account.created_at,
      lastSignInAt: account.last_sign_in_at,
      lockedAt: account.locked_at,
    },
    roles: grants?.assigned.map((role) => role.name),
    secondFactor: { on: Boolean(totp?.confirmed_at), recoveryCodesLeft: codes },
    passkeys: passkeys.map(({ name, created_at, last_used_at }) => ({
      name,
      createdAt: created_at,
      lastUsedAt: last_used_at,
    })),
    sessions: sessions.map((row) => ({
      method: row.method,
      ip: row.ip,
      userAgent: row.user_agent,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
    })),
    tokens: tokens.map(({ name, scopes, created_at, expires_at }) => ({
      name,
      scopes,
      createdAt: created_at,
      expiresAt: expires_at,
    })),
    // Where an administrator acted, the address is the administrator's.
    audit: audit.map(({ at, event, ip, user_agent, actor_id, details }) => ({
      at,
      event,
      details,
      ...(actor_id && actor_id !== userId ? {} : { ip, userAgent: user_agent }),
    })),
  }
}
