/** SQL of mails. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Facts, Locale } from './kinds.ts'
import type { Mail, MailState } from './mails.ts'

interface Row {
  mail_id: string
  user_id: string | null
  recipient: string
  kind: string
  locale: Locale
  name: string
  time_zone: string
  data: Facts
  sealed: Facts
  scrubbed: boolean
  subject: string
  state: MailState
  attempts: number
  error: string | null
  created_at: Date
  sent_at: Date | null
  lease_until: Date | null
}

function mailOf(row: Row): Mail {
  return {
    mailId: row.mail_id,
    userId: row.user_id,
    to: row.recipient,
    kind: row.kind,
    locale: row.locale,
    name: row.name,
    timeZone: row.time_zone,
    facts: row.data,
    sealed: row.sealed,
    scrubbed: row.scrubbed,
    subject: row.subject,
    state: row.state,
    attempts: row.attempts,
    error: row.error,
    createdAt: row.created_at,
    sentAt: row.sent_at,
  }
}

/** False when it is there already: one event makes one mail. */
export async function insertMail(tx: Tx, mail: Mail): Promise<boolean> {
  const rows = await tx`
    insert into mails (mail_id, user_id, recipient, kind, locale, name, time_zone, data, sealed, subject, state, created_at)
    values (${mail.mailId}, ${mail.userId}, ${mail.to}, ${mail.kind}, ${mail.locale}, ${mail.name}, ${mail.timeZone},
      ${tx.json(mail.facts as never)}, ${tx.json(mail.sealed as never)}, ${mail.subject}, ${mail.state}, ${mail.createdAt})
    on conflict do nothing returning 1`
  return rows.length === 1
}

export async function findMail(sql: Sql, mailId: string): Promise<Mail | undefined> {
  const rows = await sql<Row[]>`select * from mails where mail_id = ${mailId}`
  return rows[0] && mailOf(rows[0])
}

export async function lockMail(
  tx: Tx,
  mailId: string,
): Promise<(Mail & { leaseUntil: Date | null }) | undefined> {
  const rows = await tx<Row[]>`select * from mails where mail_id = ${mailId} for update`
  return rows[0] && { ...mailOf(rows[0]), leaseUntil: rows[0].lease_until }
}

/** Newest first (ids grow with time); one more than `limit` when there is a next page. */
export async function listMails(
  sql: Sql,
  page: { cursor?: string; limit: number; state?: MailState; to?: string },
): Promise<Mail[]> {
  const rows = await sql<Row[]>`
    select * from mails where true
      ${page.cursor ? sql`and mail_id < ${page.cursor}` : sql``}
      ${page.state ? sql`and state = ${page.state}` : sql``}
      ${page.to ? sql`and recipient like ${`${page.to.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`}` : sql``}
    order by mail_id desc limit ${page.limit + 1}`
  return rows.map(mailOf)
}

/** All mails to a person, newest first. */
export async function listMailsOf(sql: Sql, userId: string): Promise<Mail[]> {
  const rows = await sql<
    Row[]
  >`select * from mails where user_id = ${userId} order by mail_id desc limit 1000`
  return rows.map(mailOf)
}

/** Gives the mail to a sender: until `until` nobody else sends it. Counts the attempt. */
export async function claimMail(tx: Tx, mailId: string, lease: string, until: Date): Promise<void> {
  await tx`
    update mails set state = 'sending', lease = ${lease}, lease_until = ${until}, attempts = attempts + 1
    where mail_id = ${mailId}`
}

/** The mail, if `lease` still holds; holds it until `until` then. */
export async function renewLease(
  sql: Sql,
  mailId: string,
  lease: string,
  until: Date,
): Promise<Mail | undefined> {
  const rows = await sql<Row[]>`
    update mails set lease_until = ${until} where mail_id = ${mailId} and lease = ${lease} and state = 'sending'
    returning *`
  return rows[0] && mailOf(rows[0])
}

/** The mail server took it. False when the lease was lost meanwhile. */
export async function recordSent(
  tx: Tx,
  mailId: string,
  lease: string,
  now: Date,
  kept: { facts: Facts; scrubbed: boolean },
): Promise<boolean> {
  const rows = await tx`
    update mails set state = 'sent', sent_at = ${now}, error = null, lease = null, lease_until = null,
      data = ${tx.json(kept.facts as never)}, sealed = '{}', scrubbed = ${kept.scrubbed}
    where mail_id = ${mailId} and lease = ${lease} returning 1`
  return rows.length === 1
}

/** It was not sent: to be tried again, or given up. False when the lease was lost meanwhile. */
export async function recordFailure(
  tx: Tx,
  mailId: string,
  lease: string,
  state: 'queued' | 'failed',
  error: string,
): Promise<boolean> {
  const rows = await tx`
    update mails set state = ${state}, error = ${error}, lease = null, lease_until = null
    where mail_id = ${mailId} and lease = ${lease} returning 1`
  return rows.length === 1
}

export async function setMailState(tx: Tx, mailId: string, state: 'queued' | 'kept'): Promise<void> {
  await tx`
    update mails set state = ${state}, attempts = 0, error = null, lease = null, lease_until = null
    where mail_id = ${mailId}`
}

export async function purgeMails(tx: Tx, before: Date): Promise<void> {
  await tx`delete from mails where created_at < ${before} and state <> 'sending'`
}
