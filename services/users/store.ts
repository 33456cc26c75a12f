/** All SQL of users. */
import { createHash } from 'node:crypto'
import { searchable, searchFor } from '@pleiad/platform/search'
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Link, Profile } from './profiles.ts'

interface Row {
  user_id: string
  username: string
  display_name: string
  bio: string
  locale: 'en' | 'ru'
  time_zone: string
  links: Link[]
  state: Profile['state']
  email: string | null
  version: number
  created_at: Date
  updated_at: Date
  username_changed_at: Date | null
}

function profileOf(row: Row): Profile {
  return {
    userId: row.user_id,
    username: row.username,
    displayName: row.display_name,
    bio: row.bio,
    locale: row.locale,
    timeZone: row.time_zone,
    links: row.links,
    state: row.state,
    email: row.email,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    usernameChangedAt: row.username_changed_at,
  }
}

function first(rows: readonly Row[]): Profile | undefined {
  return rows[0] && profileOf(rows[0])
}

/** The profile, whatever its state. */
export async function findProfile(sql: Sql, userId: string): Promise<Profile | undefined> {
  return first(await sql<Row[]>`select * from profiles where user_id = ${userId}`)
}

/** The profile, locked until the transaction ends. */
export async function lockProfile(tx: Tx, userId: string): Promise<Profile | undefined> {
  return first(await tx<Row[]>`select * from profiles where user_id = ${userId} for update`)
}

export async function findProfiles(sql: Sql, userIds: readonly string[]): Promise<Profile[]> {
  const rows = await sql<Row[]>`
    select * from profiles where user_id = any(${userIds as string[]}) and state <> 'reserved'`
  return rows.map(profileOf)
}

/** The person who has this name, or had it and still has it held for them. */
export async function findByUsername(sql: Sql, username: string, now: Date): Promise<Profile | undefined> {
  return first(
    await sql<Row[]>`
    select p.* from usernames u join profiles p using (user_id)
    where u.username = ${username} and p.state <> 'reserved' and (u.held_until is null or u.held_until > ${now})`,
  )
}

export interface Listing {
  readonly cursor?: string
  readonly limit: number
  readonly search?: string
  readonly state?: 'active' | 'deactivated'
}

/** People, newest first (their ids grow with time); one more than `limit` when there is a next page. */
export async function listProfiles(sql: Sql, listing: Listing): Promise<Profile[]> {
  const search = listing.search === undefined ? undefined : searchFor(listing.search)
  const rows = await sql<Row[]>`
    select * from profiles
    where state <> 'reserved'
      ${listing.state ? sql`and state = ${listing.state}` : sql``}
      ${listing.cursor ? sql`and user_id < ${listing.cursor}` : sql``}
      ${
        search
          ? sql`and search_grams @> ${search.grams}::text[]
              and search_text like all (${search.words.map((word) => `%${word}%`)}::text[])`
          : sql``
      }
    order by user_id desc
    limit ${listing.limit + 1}`
  return rows.map(profileOf)
}

function searchColumns(profile: Profile): { text: string; grams: string[] } {
  const parts = [profile.username, profile.displayName, profile.email ?? ''] as const
  return searchable(...parts)
}

/** Inserts a profile or replaces it whole. `reservedUntil` is set exactly while it is reserved. */
export async function saveProfile(tx: Tx, profile: Profile, reservedUntil?: Date): Promise<void> {
  const search = searchColumns(profile)
  await tx`
    insert into profiles (user_id, username, display_name, bio, locale, time_zone, links, state, email, version,
      created_at, updated_at, username_changed_at, reserved_until, search_text, search_grams)
    values (${profile.userId}, ${profile.username}, ${profile.displayName}, ${profile.bio}, ${profile.locale},
      ${profile.timeZone}, ${tx.json(profile.links as never)}, ${profile.state}, ${profile.email}, ${profile.version},
      ${profile.createdAt}, ${profile.updatedAt}, ${profile.usernameChangedAt}, ${reservedUntil ?? null},
      ${search.text}, ${search.grams})
    on conflict (user_id) do update set
      created_at = excluded.created_at, username = excluded.username, display_name = excluded.display_name, bio = excluded.bio,
      locale = excluded.locale, time_zone = excluded.time_zone, links = excluded.links, state = excluded.state,
      email = excluded.email, version = excluded.version, updated_at = excluded.updated_at,
      username_changed_at = excluded.username_changed_at, reserved_until = excluded.reserved_until,
      search_text = excluded.search_text, search_grams = excluded.search_grams`
}

function hashOf(skeleton: string): string {
  return `sha256:${createHash('sha256').update(skeleton).digest('base64url')}`
}

export interface Name {
  readonly username: string
  readonly skeleton: string
}

/** Whether nobody but `userId` has or holds a name that looks like this one. */
export async function isFree(sql: Sql, skeleton: string, now: Date, userId?: string): Promise<boolean> {
  const rows = await sql`
    select 1 from usernames where skeleton in (${skeleton}, ${hashOf(skeleton)})
      and (held_until is null or held_until > ${now}) and user_id is distinct from ${userId ?? null}`
  return rows.length === 0
}

/**
 * Takes a name for a person: for good, or until `heldUntil`. False when somebody else has it; of two who ask at once
 * exactly one gets it, because the skeleton is the primary key.
 */
export async function takeName(
  tx: Tx,
  userId: string,
  name: Name,
  now: Date,
  heldUntil?: Date,
): Promise<boolean> {
  await tx`
    delete from usernames where skeleton in (${name.skeleton}, ${hashOf(name.skeleton)}) and held_until <= ${now}`
  if (!(await isFree(tx, name.skeleton, now, userId))) return false
  // Names no index: of two who ask at once, the later may meet the other unique index first.
  const taken = await tx`
    insert into usernames (skeleton, username, user_id, held_until)
    values (${name.skeleton}, ${name.username}, ${userId}, ${heldUntil ?? null})
    on conflict do nothing returning 1`
  if (taken.length === 1) return true
  const own = await tx`
    update usernames set username = ${name.username}, held_until = ${heldUntil ?? null}
    where skeleton = ${name.skeleton} and user_id = ${userId} returning 1`
  return own.length === 1
}

/** Keeps the former name for its owner, so that nobody can pass for them. */
export async function holdName(
  tx: Tx,
  userId: string,
  name: Name,
  now: Date,
  heldUntil: Date,
): Promise<void> {
  await tx`update usernames set held_until = ${heldUntil} where skeleton = ${name.skeleton} and user_id = ${userId}`
  await tx`
    insert into former_usernames (user_id, username, until) values (${userId}, ${name.username}, ${now})
    on conflict do nothing`
}

/** Former names, newest first. */
export async function listFormerUsernames(
  sql: Sql,
  userId: string,
): Promise<{ username: string; until: Date }[]> {
  return sql<{ username: string; until: Date }[]>`
    select username, until from former_usernames where user_id = ${userId} order by until desc limit 100`
}

/** Until the transaction ends nobody else acts on people as an administrator. */
export async function lockAdministration(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('users: administration', 0))`
}

/** Those of these people whose profile is active. */
export async function listActive(sql: Sql, userIds: readonly string[]): Promise<string[]> {
  const rows = await sql<{ user_id: string }[]>`
    select user_id from profiles where user_id = any(${userIds as string[]}) and state = 'active'`
  return rows.map((row) => row.user_id)
}

/** Frees a reservation and its name. */
export async function releaseReservation(tx: Tx, userId: string): Promise<void> {
  const rows = await tx`delete from profiles where user_id = ${userId} and state = 'reserved' returning 1`
  if (rows.length > 0) await tx`delete from usernames where user_id = ${userId}`
}

export async function isErased(sql: Sql, userId: string): Promise<boolean> {
  return (await sql`select 1 from erased where user_id = ${userId}`).length > 0
}

/** Erases a person; their names stay unavailable until `heldUntil`, without being kept. False when there was nobody. */
export async function eraseProfile(tx: Tx, userId: string, now: Date, heldUntil: Date): Promise<boolean> {
  const rows = await tx`delete from profiles where user_id = ${userId} returning 1`
  await tx`insert into erased (user_id, erased_at) values (${userId}, ${now}) on conflict do nothing`
  const names = await tx<
    { skeleton: string }[]
  >`delete from usernames where user_id = ${userId} returning skeleton`
  for (const { skeleton } of names)
    await tx`
      insert into usernames (skeleton, held_until) values (${hashOf(skeleton)}, ${heldUntil})
      on conflict (skeleton) do update set held_until = excluded.held_until`
  return rows.length > 0
}

/** Deletes what has had its time: reservations, held names, marks of erased people. Returns how many reservations. */
export async function purgeExpired(tx: Tx, now: Date, forgetErasedBefore: Date): Promise<number> {
  const gone = await tx<{ user_id: string }[]>`
    delete from profiles where state = 'reserved' and reserved_until <= ${now} returning user_id`
  await tx`delete from usernames where held_until <= ${now}`
  await tx`delete from erased where erased_at < ${forgetErasedBefore}`
  return gone.length
}
