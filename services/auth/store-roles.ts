/** SQL of roles and of accounts as administrators see them. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { RoleGrant } from './roles.ts'

export interface RoleRow {
  readonly name: string
  readonly description: string
  readonly permissions: string[]
  readonly built_in: boolean
  readonly holders: number
}

export async function listRoleRows(sql: Sql): Promise<RoleRow[]> {
  return sql<RoleRow[]>`
    select r.*, (select count(*)::int from account_roles h where h.role = r.name) as holders
    from roles r order by r.built_in desc, r.name`
}

export async function findRoles(sql: Sql, names: readonly string[]): Promise<RoleGrant[]> {
  return sql<RoleGrant[]>`select name, permissions from roles where name = any(${names as string[]})`
}

export async function lockRole(tx: Tx, name: string): Promise<RoleRow | undefined> {
  const [row] = await tx<RoleRow[]>`select *, 0 as holders from roles where name = ${name} for update`
  return row
}

/** False if the name is taken. */
export async function insertRole(
  tx: Tx,
  role: { name: string; description: string; permissions: readonly string[] },
): Promise<boolean> {
  const rows = await tx`
    insert into roles (name, description, permissions) values (${role.name}, ${role.description}, ${role.permissions as string[]})
    on conflict do nothing returning name`
  return rows.length === 1
}

export async function updateRoleRow(
  tx: Tx,
  role: { name: string; description: string; permissions: readonly string[] },
): Promise<void> {
  await tx`update roles set description = ${role.description}, permissions = ${role.permissions as string[]} where name = ${role.name}`
}

export async function deleteRoleRow(tx: Tx, name: string): Promise<void> {
  await tx`delete from roles where name = ${name}`
}

export async function holdersOf(sql: Sql, role: string): Promise<string[]> {
  const rows = await sql<{ account_id: string }[]>`select account_id from account_roles where role = ${role}`
  return rows.map((row) => row.account_id)
}

/** Nobody changes a role until the transaction ends. */
export async function lockRoles(tx: Tx): Promise<void> {
  await tx`select from roles for share`
}

/** Everybody who was given a role, but for the role admin. */
export async function listHolders(sql: Sql): Promise<string[]> {
  const rows = await sql<{ account_id: string }[]>`
    select distinct account_id from account_roles where role <> 'admin'`
  return rows.map((row) => row.account_id)
}

/** True once for all processes: at the first start after a migration has set it back. */
export async function claimTelling(tx: Tx): Promise<boolean> {
  const rows = await tx`update setup set holders_told = true where not holders_told returning 1`
  return rows.length === 1
}

/** What the roles of these people let them do, but for the role admin. */
export async function listGranted(
  sql: Sql,
  userIds: readonly string[],
): Promise<{ userId: string; permissions: string[] }[]> {
  return sql<{ userId: string; permissions: string[] }[]>`
    select a.id as "userId", coalesce(array_agg(distinct p.name order by p.name) filter (where p.name is not null), '{}')
      as permissions
    from unnest(${userIds as string[]}::uuid[]) a (id)
      left join account_roles h on h.account_id = a.id and h.role <> 'admin'
      left join roles r on r.name = h.role
      left join lateral unnest(r.permissions) p (name) on true
    group by a.id`
}

/** What a token says about its holder: assigned roles, what everybody may, and the date before which tokens are refused. */
export async function loadGrants(
  sql: Sql,
  accountId: string,
): Promise<{ assigned: RoleGrant[]; member: string[]; refusedUntil: number; locked: boolean } | undefined> {
  const [row] = await sql<
    { assigned: RoleGrant[]; member: string[]; tokens_refused_until: number; locked: boolean }[]
  >`
    select a.tokens_refused_until, a.locked_at is not null as locked,
      (select r.permissions from roles r where r.name = 'member') as member,
      coalesce((
        select jsonb_agg(jsonb_build_object('name', r.name, 'permissions', r.permissions))
        from account_roles h join roles r on r.name = h.role where h.account_id = a.id
      ), '[]') as assigned
    from accounts a where a.id = ${accountId}`
  return (
    row && {
      assigned: row.assigned,
      member: row.member,
      refusedUntil: row.tokens_refused_until,
      locked: row.locked,
    }
  )
}

export async function assignRoleRows(tx: Tx, accountId: string, roles: readonly string[]): Promise<void> {
  await tx`delete from account_roles where account_id = ${accountId} and role <> all(${roles as string[]})`
  await tx`
    insert into account_roles (account_id, role) select ${accountId}, r.name from unnest(${roles as string[]}::text[]) as r(name)
    on conflict do nothing`
}

/** Accounts that have the role admin and can sign in. */
export async function listAdministrators(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select a.id from account_roles h join accounts a on a.id = h.account_id
    where h.role = 'admin' and a.locked_at is null`
  return rows.map((row) => row.id)
}

/** How many accounts have the role admin and can sign in. */
export async function countAdministrators(sql: Sql): Promise<number> {
  return (await listAdministrators(sql)).length
}

export interface ListedAccount {
  readonly id: string
  readonly email: string
  readonly email_verified: boolean
  readonly locked_at: Date | null
  readonly lock_reason: string | null
  readonly created_at: Date
  readonly last_sign_in_at: Date | null
  readonly totp: boolean
  readonly passkeys: number
  readonly roles: string[]
}

export interface AccountFilter {
  readonly email?: string | undefined
  readonly userId?: string | undefined
  readonly before?: string | undefined
  readonly limit: number
}

/** Newest first: ids are UUIDv7 and grow with time. */
export async function listAccountRows(sql: Sql, filter: AccountFilter): Promise<ListedAccount[]> {
  // Prefix search as a range the index understands; the pattern's own signs are taken literally.
  const pattern = filter.email && `${filter.email.replace(/[\\%_]/g, '\\$&')}%`
  return sql<ListedAccount[]>`
    select a.id, a.email, a.email_verified, a.locked_at, a.lock_reason, a.created_at, a.last_sign_in_at,
      exists (select from totp t where t.account_id = a.id and t.confirmed_at is not null) as totp,
      (select count(*)::int from passkeys p where p.account_id = a.id) as passkeys,
      array(select h.role from account_roles h where h.account_id = a.id order by h.role) as roles
    from accounts a
    where true
      ${filter.userId ? sql`and a.id = ${filter.userId}` : sql``}
      ${pattern ? sql`and a.email like ${pattern}` : sql``}
      ${filter.before ? sql`and a.id < ${filter.before}` : sql``}
    order by a.id desc limit ${filter.limit}`
}
