/** Administration within one's own permissions: nobody gives, takes or overrules what they do not have. */
import type { Static } from '@pleiad/platform/contract'
import { type Caller, emit } from '@pleiad/platform/service'
import type { Sql, Tx } from '@pleiad/platform/store'
import { auth } from './contract.ts'
import type { Account } from './contract-schemas.ts'
import { missing, permissionsOf, type RoleGrant } from './roles.ts'
import type { Person } from './service-notices.ts'
import type { AnyCall, Own } from './service-own.ts'
import { lockAccountRow } from './store-accounts.ts'
import { lockSetup } from './store-keys.ts'
import {
  holdersOf,
  type ListedAccount,
  listAccountRows,
  listGranted,
  listHolders,
  loadGrants,
  lockRoles,
  type RoleRow,
} from './store-roles.ts'

type Fail<Code extends string> = {
  readonly fail: (code: Code, detail?: string, extensions?: Record<string, unknown>) => never
}
type ByAdministrator<Code extends string> = AnyCall & { readonly caller: Caller } & Fail<Code>

const namesOf = (own: Own) => own.permissions.map(({ name }) => name)

/** Ends the call unless all `permissions` exist and the caller has them. Those in `past` may have ceased to exist. */
export function grantsWithin(
  call: { readonly caller: Caller } & Fail<'permissionUnknown' | 'beyondOwnPermissions'>,
  own: Own,
  permissions: readonly string[],
  past: readonly string[] = [],
): void {
  const unknown = missing(permissions, [...namesOf(own), ...past])
  if (unknown.length > 0) call.fail('permissionUnknown', undefined, { permissions: unknown })
  const lacking = missing(
    permissions.filter((name) => namesOf(own).includes(name)),
    call.caller.permissions,
  )
  if (lacking.length > 0) call.fail('beyondOwnPermissions', undefined, { permissions: lacking })
}

/** What holders of these roles may do and the caller may not. */
export function lackingOver(caller: Caller, own: Own, roles: readonly RoleGrant[]): string[] {
  return missing(permissionsOf(roles, [], namesOf(own)), caller.permissions)
}

/** Tells the services what these people may do from now on, for those that write to whoever holds a permission. */
export async function announcePermissions(tx: Tx, userIds: readonly string[]): Promise<void> {
  for (const { userId, permissions } of await listGranted(tx, userIds))
    emit(tx, auth, 'permissions.changed', { userId, permissions })
}

/** Says who is administrator and what roles let others do, one event each: whoever follows has heard of all after it. */
export async function tellHolders(tx: Tx): Promise<void> {
  // Nobody's roles change meanwhile, nor what they carry: what is said must not be overtaken by what is true.
  await lockSetup(tx)
  await lockRoles(tx)
  for (const userId of await holdersOf(tx, 'admin')) emit(tx, auth, 'administrator.named', { userId })
  await announcePermissions(tx, await listHolders(tx))
}

/** Works on somebody's account, unless it may do more than the caller. Answers with the account as it is afterwards. */
export async function overAccount(
  call: ByAdministrator<'beyondOwnPermissions' | 'notFound'>,
  own: Own,
  userId: string,
  work: (tx: Tx, account: Person) => Promise<void>,
): Promise<Static<typeof Account>> {
  await call.transact(async (tx) => {
    // One after another: two who shut each other out at once must not both succeed.
    await lockSetup(tx)
    const account = (await lockAccountRow(tx, userId)) ?? call.fail('notFound')
    const grants = await loadGrants(tx, userId)
    const lacking = lackingOver(call.caller, own, grants?.assigned ?? [])
    if (lacking.length > 0) call.fail('beyondOwnPermissions', undefined, { permissions: lacking })
    await work(tx, account)
  })
  return reload(call.sql, userId)
}

export async function reload(sql: Sql, userId: string): Promise<Static<typeof Account>> {
  const [row] = await listAccountRows(sql, { userId, limit: 1 })
  return accountOf(row!)
}

export function accountOf(row: ListedAccount): Static<typeof Account> {
  return {
    userId: row.id,
    email: row.email,
    emailVerified: row.email_verified,
    secondFactor: row.totp,
    passkeys: row.passkeys,
    roles: row.roles,
    state: row.locked_at ? 'locked' : 'active',
    ...(row.lock_reason ? { lockReason: row.lock_reason } : {}),
    createdAt: row.created_at.toISOString(),
    ...(row.last_sign_in_at ? { lastSignInAt: row.last_sign_in_at.toISOString() } : {}),
  }
}

export function roleOf(row: RoleRow, own: Own) {
  const permissions = row.name === 'admin' ? namesOf(own) : row.permissions
  return {
    name: row.name,
    description: row.description,
    permissions,
    builtIn: row.built_in,
    holders: row.holders,
  }
}
