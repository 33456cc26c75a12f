/** SQL of accounts, registrations and mailed links. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { LinkPurpose } from './links.ts'

export interface AccountRow {
  readonly id: string
  readonly email: string
  readonly email_verified: boolean
  readonly locale: 'en' | 'ru'
  readonly password_hash: string | null
  readonly locked_at: Date | null
  readonly lock_reason: string | null
  readonly tokens_refused_until: number
  readonly created_at: Date
  readonly last_sign_in_at: Date | null
}

export async function findAccountByEmail(
  sql: Sql,
  email: string,
): Promise<(AccountRow & { totp: boolean }) | undefined> {
  const [row] = await sql<(AccountRow & { totp: boolean })[]>`
    select a.*, exists (select from totp t where t.account_id = a.id and t.confirmed_at is not null) as totp
    from accounts a where a.email = ${email}`
  return row
}

export async function findAccount(sql: Sql, id: string): Promise<AccountRow | undefined> {
  const [row] = await sql<AccountRow[]>`select * from accounts where id = ${id}`
  return row
}

/** The account, with nobody else changing it until the transaction ends. */
export async function lockAccountRow(tx: Tx, id: string): Promise<AccountRow | undefined> {
  const [row] = await tx<AccountRow[]>`select * from accounts where id = ${id} for update`
  return row
}

export interface NewAccount {
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly locale: string
  readonly passwordHash: string
  /** Of an imported hash. */
  readonly hashProfile: string | undefined
}

/** False if the address has an account already. */
export async function insertAccount(tx: Tx, account: NewAccount, now: Date): Promise<boolean> {
  const rows = await tx`
    insert into accounts (id, email, email_verified, locale, password_hash, hash_profile, created_at)
    values (${account.id}, ${account.email}, ${account.emailVerified}, ${account.locale}, ${account.passwordHash},
      ${account.hashProfile ?? null}, ${now})
    on conflict do nothing returning id`
  return rows.length === 1
}

export async function setPassword(tx: Sql, id: string, hash: string): Promise<void> {
  await tx`update accounts set password_hash = ${hash}, hash_profile = null where id = ${id}`
}

/** The kinds of imported hashes that are left: one look into the index for each. */
export async function listHashProfiles(sql: Sql): Promise<string[]> {
  const rows = await sql<{ profile: string }[]>`
    with recursive profiles as (
      (select min(hash_profile) as profile from accounts where hash_profile is not null)
      union all
      select (select min(a.hash_profile) from accounts a where a.hash_profile > p.profile)
      from profiles p where p.profile is not null
    )
    select profile from profiles where profile is not null`
  return rows.map((row) => row.profile)
}

export async function setLocale(tx: Sql, id: string, locale: string): Promise<void> {
  await tx`update accounts set locale = ${locale} where id = ${id} and locale <> ${locale}`
}

export async function confirmEmail(tx: Tx, id: string): Promise<void> {
  await tx`update accounts set email_verified = true where id = ${id}`
}

/** False if the address has another account. */
export async function changeEmail(tx: Tx, id: string, email: string): Promise<boolean> {
  const rows = await tx`
    update accounts set email = ${email}, email_verified = true
    where id = ${id} and not exists (select from accounts other where other.email = ${email} and other.id <> ${id}) returning id`
  return rows.length === 1
}

export async function setLock(
  tx: Tx,
  id: string,
  lock: { at: Date; reason: string } | undefined,
): Promise<boolean> {
  const rows = await tx`
    update accounts set locked_at = ${lock?.at ?? null}, lock_reason = ${lock?.reason ?? null}
    where id = ${id} and (locked_at is null) = ${lock !== undefined} returning id`
  return rows.length === 1
}

/** Everything that hangs on the account goes with it. False if it is gone already. */
export async function deleteAccountRow(tx: Tx, id: string): Promise<{ email: string } | undefined> {
  await tx`delete from links where subject_id = ${id}`
  const [row] = await tx<{ email: string }[]>`delete from accounts where id = ${id} returning email`
  if (row) await tx`delete from registrations where email = ${row.email}`
  return row
}

export interface Registration {
  readonly id: string
  readonly email: string
  readonly username: string
  readonly display_name: string
  readonly locale: 'en' | 'ru'
  readonly password_hash: string
}

export async function insertRegistration(
  tx: Tx,
  registration: Registration,
  now: Date,
  expiresAt: Date,
): Promise<void> {
  await tx`
    insert into registrations (id, email, username, display_name, locale, password_hash, created_at, expires_at)
    values (${registration.id}, ${registration.email}, ${registration.username}, ${registration.display_name},
      ${registration.locale}, ${registration.password_hash}, ${now}, ${expiresAt})`
}

/** The newest registration of an address that still waits. */
export async function findRegistration(
  sql: Sql,
  email: string,
  now: Date,
): Promise<Registration | undefined> {
  const [row] = await sql<Registration[]>`
    select id, email, username, display_name, locale, password_hash from registrations
    where email = ${email} and expires_at > ${now} order by created_at desc limit 1`
  return row
}

export async function takeRegistration(tx: Tx, id: string): Promise<Registration | undefined> {
  const [row] = await tx<Registration[]>`
    delete from registrations where id = ${id} returning id, email, username, display_name, locale, password_hash`
  return row
}

export interface Link {
  readonly hash: Buffer
  readonly purpose: LinkPurpose
  readonly subjectId: string
  readonly email: string
  readonly expiresAt: Date
}

/** The link replaces older ones of the same purpose. */
export async function putLink(tx: Tx, link: Link, now: Date): Promise<void> {
  await dropLinks(tx, link.subjectId, [link.purpose])
  await tx`
    insert into links (token_hash, purpose, subject_id, email, created_at, expires_at)
    values (${link.hash}, ${link.purpose}, ${link.subjectId}, ${link.email}, ${now}, ${link.expiresAt})`
}

export async function lastLinkAt(
  sql: Sql,
  subjectId: string,
  purpose: LinkPurpose,
): Promise<Date | undefined> {
  const [row] = await sql<{ created_at: Date }[]>`
    select created_at from links where subject_id = ${subjectId} and purpose = ${purpose} order by created_at desc limit 1`
  return row?.created_at
}

export async function pendingEmail(sql: Sql, accountId: string, now: Date): Promise<string | undefined> {
  const [row] = await sql<{ email: string }[]>`
    select email from links where subject_id = ${accountId} and purpose = 'changeEmail' and expires_at > ${now}`
  return row?.email
}

/** Spends a link: whoever comes second finds nothing. */
export async function takeLink(
  tx: Tx,
  hash: Buffer,
  purposes: readonly LinkPurpose[],
  now: Date,
): Promise<{ purpose: LinkPurpose; subjectId: string; email: string } | undefined> {
  const [row] = await tx<{ purpose: LinkPurpose; subject_id: string; email: string }[]>`
    delete from links where token_hash = ${hash} and purpose = any(${purposes as LinkPurpose[]}) and expires_at > ${now}
    returning purpose, subject_id, email`
  return row && { purpose: row.purpose, subjectId: row.subject_id, email: row.email }
}

export async function dropLinks(tx: Tx, subjectId: string, purposes: readonly LinkPurpose[]): Promise<void> {
  await tx`delete from links where subject_id = ${subjectId} and purpose = any(${purposes as LinkPurpose[]})`
}
