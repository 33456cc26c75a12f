/** SQL of notifications, preferences and recipients. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Facts, Locale } from './kinds.ts'
import type { StoredNotification } from './notices.ts'
import { type Choice, type Digest, defaultPreferences, type Preferences } from './preferences.ts'
import type { Recipient } from './recipients.ts'

interface RecipientRow {
  user_id: string
  email: string | null
  name: string
  locale: Locale
  time_zone: string
  state: Recipient['state']
  locked: boolean
}

function recipientOf(row: RecipientRow): Recipient {
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    locale: row.locale,
    timeZone: row.time_zone,
    state: row.state,
    locked: row.locked,
  }
}

export async function findRecipient(sql: Sql, userId: string): Promise<Recipient | undefined> {
  const rows = await sql<RecipientRow[]>`select * from recipients where user_id = ${userId}`
  return rows[0] && recipientOf(rows[0])
}

/** The person whose account has this address. */
export async function findRecipientByEmail(sql: Sql, email: string): Promise<Recipient | undefined> {
  const rows = await sql<RecipientRow[]>`select * from recipients where email = ${email} limit 1`
  return rows[0] && recipientOf(rows[0])
}

/** Makes sure that there is a row, and locks it: what is decided about a person is decided one after another. */
export async function lockRecipient(tx: Tx, userId: string): Promise<Recipient> {
  const find = () => tx<RecipientRow[]>`select * from recipients where user_id = ${userId} for update`
  let [row] = await find()
  if (!row) {
    await tx`insert into recipients (user_id) values (${userId}) on conflict do nothing`
    ;[row] = await find()
  }
  return recipientOf(row!)
}

export async function setEmail(tx: Tx, userId: string, email: string): Promise<void> {
  await tx`update recipients set email = ${email} where user_id = ${userId} and state <> 'erased'`
}

/** Takes over name, language and time zone, unless a newer version of the profile came before (0: as registered). */
export async function setProfile(
  tx: Tx,
  userId: string,
  profile: { name: string; locale: Locale; timeZone: string; version: number },
): Promise<void> {
  await tx`
    update recipients set name = ${profile.name}, locale = ${profile.locale}, time_zone = ${profile.timeZone},
      version = ${profile.version}
    where user_id = ${userId} and version <= ${profile.version} and state <> 'erased'`
}

export async function setState(tx: Tx, userId: string, state: 'active' | 'deactivated'): Promise<void> {
  await tx`update recipients set state = ${state} where user_id = ${userId} and state <> 'erased'`
}

export async function setLocked(tx: Tx, userId: string, locked: boolean): Promise<void> {
  await tx`update recipients set locked = ${locked} where user_id = ${userId}`
}

export async function setAdministrator(tx: Tx, userId: string, administrator: boolean): Promise<void> {
  await tx`
    update recipients set administrator = ${administrator} where user_id = ${userId} and state <> 'erased'`
}

export async function setPermissions(tx: Tx, userId: string, permissions: readonly string[]): Promise<void> {
  await tx`
    update recipients set permissions = ${permissions as string[]} where user_id = ${userId} and state <> 'erased'`
}

/** Ids of those who hold a permission, as administrators hold all of them, always in the same order, so that two who lock them all do not wait for each other. */
export async function findHolders(sql: Sql, permission: string): Promise<string[]> {
  const rows = await sql<{ user_id: string }[]>`
    select user_id from recipients where administrator or permissions @> ${[permission]}
    order by user_id limit 100`
  return rows.map((row) => row.user_id)
}

export async function setDigestDue(tx: Tx, userId: string, due: Date | undefined): Promise<void> {
  await tx`update recipients set digest_due_at = ${due ?? null} where user_id = ${userId} and state <> 'erased'`
}

/** People whose digest is due, locked so that no other process takes them too. */
export async function takeDigestsDue(tx: Tx, now: Date, limit: number): Promise<Recipient[]> {
  const rows = await tx<RecipientRow[]>`
    select * from recipients where digest_due_at <= ${now} order by digest_due_at limit ${limit}
    for update skip locked`
  return rows.map(recipientOf)
}

/** Deletes everything about a person and remembers only that they are erased. */
export async function eraseRecipient(tx: Tx, userId: string, now: Date): Promise<void> {
  await lockRecipient(tx, userId)
  await tx`delete from notifications where user_id = ${userId}`
  await tx`delete from preferences where user_id = ${userId}`
  await tx`delete from mails where user_id = ${userId}`
  // Invitations that came to the address before there was an account.
  await tx`
    delete from mails where kind = 'project-invitation'
      and recipient = (select email from recipients where user_id = ${userId})`
  await tx`
    update recipients set state = 'erased', email = null, name = '', locale = 'en', time_zone = 'UTC',
      locked = false, administrator = false, permissions = '{}', digest_due_at = null, erased_at = ${now}
    where user_id = ${userId}`
}

export async function findPreferences(sql: Sql, userId: string): Promise<Preferences> {
  const rows = await sql<{ digest: Digest; choices: Record<string, Choice>; version: number }[]>`
    select digest, choices, version from preferences where user_id = ${userId}`
  return rows[0] ?? defaultPreferences
}

export async function savePreferences(tx: Tx, userId: string, preferences: Preferences): Promise<void> {
  await tx`
    insert into preferences (user_id, digest, choices, version)
    values (${userId}, ${preferences.digest}, ${tx.json(preferences.choices as never)}, ${preferences.version})
    on conflict (user_id) do update set digest = excluded.digest, choices = excluded.choices, version = excluded.version`
}

interface NotificationRow {
  notification_id: string
  kind: string
  data: Facts
  created_at: Date
  read_at: Date | null
}

function notificationOf(row: NotificationRow): StoredNotification {
  return {
    notificationId: row.notification_id,
    kind: row.kind,
    facts: row.data,
    createdAt: row.created_at,
    readAt: row.read_at,
  }
}

/** False when it is there already. */
export async function insertNotification(
  tx: Tx,
  userId: string,
  notification: StoredNotification,
  mailed: boolean,
): Promise<boolean> {
  const rows = await tx`
    insert into notifications (user_id, notification_id, kind, data, created_at, mailed)
    values (${userId}, ${notification.notificationId}, ${notification.kind}, ${tx.json(notification.facts as never)},
      ${notification.createdAt}, ${mailed})
    on conflict do nothing returning 1`
  return rows.length === 1
}

/** Nobody reads the number beyond this; it is asked for with every notification. */
const MOST_UNREAD = 1_000

export async function countUnread(sql: Sql, userId: string): Promise<number> {
  const rows = await sql<{ count: number }[]>`
    select count(*) as count from (
      select 1 from notifications where user_id = ${userId} and read_at is null limit ${MOST_UNREAD}) unread`
  return rows[0]!.count
}

/** Newest first (ids grow with time); one more than `limit` when there is a next page. */
export async function listNotifications(
  sql: Sql,
  userId: string,
  page: { cursor?: string; limit: number; unread?: boolean },
): Promise<StoredNotification[]> {
  const rows = await sql<NotificationRow[]>`
    select * from notifications where user_id = ${userId}
      ${page.cursor ? sql`and notification_id < ${page.cursor}` : sql``}
      ${page.unread ? sql`and read_at is null` : sql``}
    order by notification_id desc limit ${page.limit + 1}`
  return rows.map(notificationOf)
}

/** False when the person has no such notification. Reading it twice keeps the first time. */
export async function markRead(tx: Tx, userId: string, notificationId: string, now: Date): Promise<boolean> {
  const rows = await tx`
    update notifications set read_at = coalesce(read_at, ${now})
    where user_id = ${userId} and notification_id = ${notificationId} returning 1`
  return rows.length === 1
}

export async function markAllRead(
  tx: Tx,
  userId: string,
  upTo: string | undefined,
  now: Date,
): Promise<void> {
  await tx`
    update notifications set read_at = ${now}
    where user_id = ${userId} and read_at is null ${upTo ? tx`and notification_id <= ${upTo}` : tx``}`
}

export async function deleteNotification(tx: Tx, userId: string, notificationId: string): Promise<boolean> {
  const rows = await tx`
    delete from notifications where user_id = ${userId} and notification_id = ${notificationId} returning 1`
  return rows.length === 1
}

/** Unread notifications that no mail has told of yet, newest first; they count as told from now on. */
export async function takeForDigest(tx: Tx, userId: string): Promise<StoredNotification[]> {
  const rows = await tx<NotificationRow[]>`
    update notifications set mailed = true where user_id = ${userId} and read_at is null and not mailed returning *`
  return rows.map(notificationOf).sort((a, b) => (a.notificationId < b.notificationId ? 1 : -1))
}

/** Deletes what is older than its time. */
export async function purgeNotifications(
  tx: Tx,
  before: { read: Date; any: Date; erased: Date },
): Promise<void> {
  await tx`
    delete from notifications where created_at < ${before.any} or (created_at < ${before.read} and read_at is not null)`
  await tx`delete from recipients where state = 'erased' and erased_at < ${before.erased}`
}
