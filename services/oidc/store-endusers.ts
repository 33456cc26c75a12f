/** SQL of end users, their passkeys and identities. */
import type { Sql, Tx } from '@pleiad/platform/store'
import { searchRange, wordsOf } from './search.ts'

export interface EndUserRow {
  end_user_id: string
  issuer_id: string
  email: string | null
  email_verified: boolean
  name: string
  state: 'active' | 'blocked'
  blocked_reason: string | null
  password_hash: string | null
  created_at: Date
  changed_at: Date
  last_sign_in_at: Date | null
}

export async function findEndUser(sql: Sql, issuerId: string, id: string): Promise<EndUserRow | undefined> {
  const [row] = await sql<EndUserRow[]>`
    select * from end_users where end_user_id = ${id} and issuer_id = ${issuerId}`
  return row
}

export async function lockEndUser(tx: Tx, issuerId: string, id: string): Promise<EndUserRow | undefined> {
  const [row] = await tx<EndUserRow[]>`
    select * from end_users where end_user_id = ${id} and issuer_id = ${issuerId} for update`
  return row
}

export async function findEndUserByEmail(
  sql: Sql,
  issuerId: string,
  email: string,
): Promise<EndUserRow | undefined> {
  const [row] = await sql<EndUserRow[]>`
    select * from end_users where issuer_id = ${issuerId} and email = ${email}`
  return row
}

export interface Listing {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly search?: string | undefined
  readonly state?: 'active' | 'blocked' | undefined
}

/** End users of an issuer, newest first (their ids grow with time); one more than `limit` when there is a next page. */
export async function listEndUsers(sql: Sql, issuerId: string, listing: Listing): Promise<EndUserRow[]> {
  const range = listing.search === undefined ? undefined : searchRange(listing.search)
  return sql<EndUserRow[]>`
    select * from end_users
    where issuer_id = ${issuerId}
      ${listing.state ? sql`and state = ${listing.state}` : sql``}
      ${listing.cursor ? sql`and end_user_id < ${listing.cursor}` : sql``}
      ${
        range
          ? sql`and end_user_id in (
              select end_user_id from end_user_words
              where issuer_id = ${issuerId} and word >= ${range.from} and word < ${range.to})`
          : sql``
      }
    order by end_user_id desc limit ${listing.limit + 1}`
}

/** False when somebody has the address. */
export async function insertEndUser(
  tx: Tx,
  person: {
    id: string
    issuerId: string
    email: string | null
    emailVerified: boolean
    name: string
    passwordHash: string | null
    foreignProfile?: string | undefined
  },
  now: Date,
): Promise<EndUserRow | undefined> {
  const [row] = await tx<EndUserRow[]>`
    insert into end_users (end_user_id, issuer_id, email, email_verified, name, password_hash, foreign_profile,
      created_at, changed_at)
    values (${person.id}, ${person.issuerId}, ${person.email}, ${person.emailVerified}, ${person.name},
      ${person.passwordHash}, ${person.foreignProfile ?? null}, ${now}, ${now})
    on conflict (issuer_id, email) where email is not null do nothing returning *`
  if (!row) return undefined
  await saveWords(tx, row)
  await tx`
    insert into end_user_counts (issuer_id, hour, count)
    values (${person.issuerId}, '-infinity', 1), (${person.issuerId}, date_trunc('hour', ${now}::timestamptz, 'UTC'), 1)
    on conflict (issuer_id, hour) do update set count = end_user_counts.count + 1`
  return row
}

async function saveWords(tx: Tx, row: EndUserRow): Promise<void> {
  await tx`delete from end_user_words where end_user_id = ${row.end_user_id}`
  await tx`
    insert into end_user_words (issuer_id, word, end_user_id)
    select ${row.issuer_id}, word, ${row.end_user_id} from unnest(${wordsOf(row.email, row.name)}::text[]) word`
}

export async function renameEndUser(tx: Tx, id: string, name: string, now: Date): Promise<EndUserRow> {
  const [row] = await tx<EndUserRow[]>`
    update end_users set name = ${name}, changed_at = ${now} where end_user_id = ${id} returning *`
  await saveWords(tx, row!)
  return row!
}

export async function verifyAddress(tx: Tx, id: string, now: Date): Promise<void> {
  await tx`update end_users set email_verified = true, changed_at = ${now} where end_user_id = ${id}`
}

export async function setPasswordHash(tx: Tx, id: string, hash: string): Promise<void> {
  await tx`update end_users set password_hash = ${hash}, foreign_profile = null where end_user_id = ${id}`
}

/** The kinds of imported hashes that people of an issuer still have; each is found with one step in the index. */
export async function listForeignProfiles(sql: Sql, issuerId: string): Promise<string[]> {
  const rows = await sql<{ profile: string }[]>`
    with recursive kinds as (
      select min(foreign_profile) as profile from end_users where issuer_id = ${issuerId} and foreign_profile is not null
      union all
      select (select min(foreign_profile) from end_users where issuer_id = ${issuerId} and foreign_profile > kinds.profile)
      from kinds where kinds.profile is not null)
    select profile from kinds where profile is not null`
  return rows.map(({ profile }) => profile)
}

export async function setState(
  tx: Tx,
  id: string,
  state: 'active' | 'blocked',
  reason: string | null,
): Promise<EndUserRow> {
  const [row] = await tx<EndUserRow[]>`
    update end_users set state = ${state}, blocked_reason = ${reason} where end_user_id = ${id} returning *`
  return row!
}

export async function touchSignIn(tx: Tx, id: string, now: Date): Promise<void> {
  await tx`update end_users set last_sign_in_at = ${now} where end_user_id = ${id}`
}

export async function deleteEndUser(tx: Tx, id: string): Promise<void> {
  await tx`delete from grants where end_user_id = ${id}`
  await tx`delete from sessions where end_user_id = ${id}`
  await tx`
    with gone as (delete from end_users where end_user_id = ${id} returning issuer_id)
    update end_user_counts c set count = count - 1 from gone where c.issuer_id = gone.issuer_id and c.hour = '-infinity'`
}

/** How many end users an issuer has, and how many were made in the hours from `from` to `to`; from counters, not by counting. */
export async function countEndUsers(
  sql: Sql,
  issuerId: string,
  from: Date,
  to: Date,
): Promise<{ all: number; fresh: number }> {
  const [row] = await sql<{ all: number; fresh: number }[]>`
    select coalesce(sum(count) filter (where hour = '-infinity'), 0)::int8 as all,
      coalesce(sum(count) filter (where hour <> '-infinity'), 0)::int8 as fresh
    from end_user_counts
    where issuer_id = ${issuerId} and (hour = '-infinity' or (hour >= ${from} and hour < ${to}))`
  return row!
}

export interface PasskeyRow {
  id: string
  end_user_id: string
  issuer_id: string
  credential_id: Buffer
  public_key: Buffer
  counter: number
  transports: string[]
  name: string
  created_at: Date
  last_used_at: Date | null
}

export async function listPasskeys(sql: Sql, endUserId: string): Promise<PasskeyRow[]> {
  return sql<PasskeyRow[]>`select * from passkeys where end_user_id = ${endUserId} order by created_at`
}

export async function lockPasskey(
  tx: Tx,
  issuerId: string,
  credentialId: Buffer,
): Promise<PasskeyRow | undefined> {
  const [row] = await tx<PasskeyRow[]>`
    select * from passkeys where issuer_id = ${issuerId} and credential_id = ${credentialId} for update`
  return row
}

/** Nothing when the passkey is known. */
export async function insertPasskey(
  tx: Tx,
  row: Omit<PasskeyRow, 'created_at' | 'last_used_at'>,
  now: Date,
): Promise<PasskeyRow | undefined> {
  const [inserted] = await tx<PasskeyRow[]>`
    insert into passkeys (id, end_user_id, issuer_id, credential_id, public_key, counter, transports, name, created_at)
    values (${row.id}, ${row.end_user_id}, ${row.issuer_id}, ${row.credential_id}, ${row.public_key}, ${row.counter},
      ${row.transports}, ${row.name}, ${now})
    on conflict do nothing returning *`
  return inserted
}

export async function usePasskey(tx: Tx, id: string, counter: number, now: Date): Promise<void> {
  await tx`update passkeys set counter = ${counter}, last_used_at = ${now} where id = ${id}`
}

export async function deletePasskey(tx: Tx, endUserId: string, id: string): Promise<void> {
  await tx`delete from passkeys where id = ${id} and end_user_id = ${endUserId}`
}

export interface IdentityRow {
  id: string
  end_user_id: string
  issuer_id: string
  provider: string
  subject: string
  email: string | null
  name: string | null
  connection_id: string | null
  linked_at: Date
}

export async function listIdentities(sql: Sql, endUserId: string): Promise<IdentityRow[]> {
  return sql<IdentityRow[]>`select * from identities where end_user_id = ${endUserId} order by linked_at`
}

export async function findIdentity(
  sql: Sql,
  issuerId: string,
  provider: string,
  subject: string,
): Promise<IdentityRow | undefined> {
  const [row] = await sql<IdentityRow[]>`
    select * from identities where issuer_id = ${issuerId} and provider = ${provider} and subject = ${subject}`
  return row
}

/** Nothing when the account at the provider is linked to somebody already. */
export async function insertIdentity(tx: Tx, row: IdentityRow): Promise<IdentityRow | undefined> {
  const [inserted] = await tx<IdentityRow[]>`
    insert into identities (id, end_user_id, issuer_id, provider, subject, email, name, connection_id, linked_at)
    values (${row.id}, ${row.end_user_id}, ${row.issuer_id}, ${row.provider}, ${row.subject}, ${row.email}, ${row.name},
      ${row.connection_id}, ${row.linked_at})
    on conflict do nothing returning *`
  return inserted
}

export async function deleteIdentity(
  tx: Tx,
  endUserId: string,
  id: string,
): Promise<IdentityRow | undefined> {
  const [row] = await tx<IdentityRow[]>`
    delete from identities where id = ${id} and end_user_id = ${endUserId} returning *`
  return row
}
