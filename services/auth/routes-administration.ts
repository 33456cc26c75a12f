/** What administrators do: roles, accounts, the audit log, signing keys. */
import { normalizeEmail } from '@pleiad/platform/emails'
import { emit } from '@pleiad/platform/service'
import { auth } from './contract.ts'
import type { administrationOperations } from './contract-administration.ts'
import { changedRoles, missing } from './roles.ts'
import type { Part } from './routes-part.ts'
import {
  accountOf,
  announcePermissions,
  grantsWithin,
  lackingOver,
  overAccount,
  reload,
  roleOf,
} from './service-administration.ts'
import { KEYS_CHANGED, rotate } from './service-keyring.ts'
import { record, tell } from './service-notices.ts'
import { requireRecentProof } from './service-proofs.ts'
import { importAccount } from './service-registration.ts'
import { revoke, revokeAll } from './service-revocation.ts'
import { setLock } from './store-accounts.ts'
import { listAuditRows } from './store-audit.ts'
import { lockSetup } from './store-keys.ts'
import {
  assignRoleRows,
  countAdministrators,
  deleteRoleRow,
  findRoles,
  holdersOf,
  insertRole,
  listAccountRows,
  listAdministrators,
  listRoleRows,
  loadGrants,
  lockRole,
  updateRoleRow,
} from './store-roles.ts'

export const administrationRoutes: Part<typeof administrationOperations> = (own) => ({
  async listPermissions() {
    return { items: [...own.permissions] }
  },

  async listRoles(call) {
    return { items: (await listRoleRows(call.sql)).map((row) => roleOf(row, own)) }
  },

  async createRole(call) {
    const { name, description, permissions } = call.body
    grantsWithin(call, own, permissions)
    const made = await call.transact(async (tx) => {
      if (!(await insertRole(tx, call.body))) return false
      await record(tx, call, 'role.created', { details: { role: name, permissions } })
      return true
    })
    return made ? { name, description, permissions, builtIn: false, holders: 0 } : call.fail('roleExists')
  },

  async updateRole(call) {
    const { role: name } = call.params
    const result = await call.transact(async (tx) => {
      const before = await lockRole(tx, name)
      if (!before) return 'notFound'
      if (before.built_in) return 'roleBuiltIn'
      const after = {
        name,
        description: call.body.description ?? before.description,
        permissions: call.body.permissions ?? before.permissions,
      }
      // Taking away counts as well: who may not give a permission may not take it either.
      grantsWithin(call, own, changedRoles(before.permissions, after.permissions), before.permissions)
      await updateRoleRow(tx, after)
      const holders = await holdersOf(tx, name)
      await revoke(
        tx,
        call,
        holders.map((userId) => ({ userId })),
      )
      await announcePermissions(tx, holders)
      await record(tx, call, 'role.changed', {
        details: { role: name, before: before.permissions, after: after.permissions },
      })
      return { ...after, permissions: [...after.permissions], builtIn: false, holders: holders.length }
    })
    return typeof result === 'string' ? call.fail(result) : result
  },

  async deleteRole(call) {
    const { role: name } = call.params
    const refused = await call.transact(async (tx) => {
      const before = await lockRole(tx, name)
      if (!before) return 'notFound'
      if (before.built_in) return 'roleBuiltIn'
      const lacking = lackingOver(call.caller, own, [before])
      if (lacking.length > 0) return call.fail('beyondOwnPermissions', undefined, { permissions: lacking })
      const holders = await holdersOf(tx, name)
      await deleteRoleRow(tx, name)
      await revoke(
        tx,
        call,
        holders.map((userId) => ({ userId })),
      )
      await announcePermissions(tx, holders)
      await record(tx, call, 'role.deleted', { details: { role: name, permissions: before.permissions } })
      return undefined
    })
    if (refused) call.fail(refused)
  },

  async listAccounts(call) {
    const { limit = 25, cursor, email, userId } = call.query
    if (cursor !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(cursor))
      return call.fail('cursorInvalid')
    const search = email && normalizeEmail(email)
    const rows = await listAccountRows(call.sql, { email: search, userId, before: cursor, limit: limit + 1 })
    const items = rows.slice(0, limit).map(accountOf)
    return rows.length > limit ? { items, next: items.at(-1)!.userId } : { items }
  },

  async importAccount(call) {
    const userId = await importAccount(call)
    return reload(call.sql, userId)
  },

  async assignRoles(call) {
    const { userId } = call.params
    const { roles } = call.body
    const wanted = roles.filter((name) => name !== 'member')
    const outcome = await call.transact(async (tx) => {
      await lockSetup(tx)
      const grants = await loadGrants(tx, userId)
      if (!grants) return 'notFound'
      const before = grants.assigned.map((role) => role.name)
      const found = await findRoles(tx, wanted)
      const unknown = missing(
        wanted,
        found.map((role) => role.name),
      )
      if (unknown.length > 0) return call.fail('roleUnknown', undefined, { roles: unknown })
      const changed = changedRoles(before, wanted)
      const touched = [...found, ...grants.assigned].filter((role) => changed.includes(role.name))
      const lacking = lackingOver(call.caller, own, touched)
      if (lacking.length > 0) return call.fail('beyondOwnPermissions', undefined, { permissions: lacking })
      const steppingDown = before.includes('admin') && !wanted.includes('admin')
      if (steppingDown && !grants.locked && (await countAdministrators(tx)) === 1) return 'lastAdministrator'
      if (changed.length === 0) return undefined
      await assignRoleRows(tx, userId, wanted)
      await revoke(tx, call, [{ userId }])
      emit(tx, auth, 'roles.changed', { userId, roles: wanted })
      await announcePermissions(tx, [userId])
      await record(tx, call, 'roles.assigned', { subjectId: userId, details: { before, after: wanted } })
      return undefined
    })
    return outcome ? call.fail(outcome) : reload(call.sql, userId)
  },

  async lockAccount(call) {
    const { userId } = call.params
    if (userId === call.caller.id) return call.fail('ownAccount')
    return overAccount(call, own, userId, async (tx, account) => {
      const { reason } = call.body
      const administrators = await listAdministrators(tx)
      if (administrators.length === 1 && administrators[0] === userId) call.fail('lastAdministrator')
      if (!(await setLock(tx, userId, { at: call.now(), reason }))) return
      await revokeAll(tx, call, userId, 'locked')
      emit(tx, auth, 'account.locked', { userId, locked: true, reason })
      await record(tx, call, 'account.locked', { subjectId: userId, details: { reason } })
      tell(tx, call, account, 'accountLocked')
    })
  },

  async unlockAccount(call) {
    const { userId } = call.params
    return overAccount(call, own, userId, async (tx, account) => {
      if (!(await setLock(tx, userId, undefined))) return
      emit(tx, auth, 'account.locked', { userId, locked: false })
      await record(tx, call, 'account.unlocked', { subjectId: userId })
      tell(tx, call, account, 'accountUnlocked')
    })
  },

  async revokeAccountSessions(call) {
    const { userId } = call.params
    let revoked = 0
    await overAccount(call, own, userId, async (tx) => {
      revoked = await revokeAll(tx, call, userId, 'administrator')
      await record(tx, call, 'session.revokedAll', { subjectId: userId, details: { revoked } })
    })
    return { revoked }
  },

  async listAudit(call) {
    const { limit = 25, cursor, ...filter } = call.query
    if (cursor !== undefined && !/^[1-9]\d{0,14}$/.test(cursor)) return call.fail('cursorInvalid')
    const rows = await listAuditRows(call.sql, {
      ...filter,
      before: cursor ? Number(cursor) : undefined,
      limit: limit + 1,
    })
    const items = rows.slice(0, limit).map((row) => ({
      id: String(row.id),
      at: row.at.toISOString(),
      event: row.event,
      ...(row.actor_id ? { actorId: row.actor_id } : {}),
      ...(row.subject_id ? { subjectId: row.subject_id } : {}),
      ...(row.ip ? { ip: row.ip } : {}),
      ...(row.user_agent ? { userAgent: row.user_agent } : {}),
      details: row.details,
    }))
    return rows.length > limit ? { items, next: items.at(-1)!.id } : { items }
  },

  async rotateSigningKey(call) {
    await requireRecentProof(call)
    const compromised = call.body.compromised ?? false
    return call.transact(async (tx) => {
      const rotated = (await rotate(tx, own.sealing, call.now(), { compromised }))!
      await record(tx, call, 'signingKey.rotated', { details: { kid: rotated.kid, compromised } })
      tx.afterCommit(() => call.broadcast(KEYS_CHANGED, { compromised }))
      return { kid: rotated.kid }
    })
  },
})
