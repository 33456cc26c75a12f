/** SQL of signing in: what waits for a proof, links, challenges, throttles, statistics. */

import { type Attempt, attempt, type Policy, type Throttle } from '@pleiad/platform/lockout'
import type { Sql, Tx } from '@pleiad/platform/store'

export type Purpose = 'confirmEmail' | 'resetPassword' | 'link'

export interface Pending {
  readonly endUserId: string | null
  readonly codeHash: Buffer | null
  readonly tries: number
  readonly data: Record<string, unknown>
}

/** One per sign-in and purpose: a new one replaces the one before. */
export async function putPending(
  tx: Sql,
  id: Buffer,
  purpose: Purpose,
  row: { endUserId: string | null; codeHash: Buffer | null; data: Record<string, unknown>; expiresAt: Date },
): Promise<void> {
  await tx`
    insert into pending (id, purpose, end_user_id, code_hash, data, expires_at)
    values (${id}, ${purpose}, ${row.endUserId}, ${row.codeHash}, ${tx.json(row.data as never)}, ${row.expiresAt})
    on conflict (id, purpose) do update set end_user_id = excluded.end_user_id, code_hash = excluded.code_hash, tries = 0,
      data = excluded.data, expires_at = excluded.expires_at`
}

/** Counts a try of the code; nothing when there is none, it expired or was tried five times. */
export async function tryPending(
  sql: Sql,
  id: Buffer,
  purpose: Purpose,
  now: Date,
): Promise<Pending | undefined> {
  const [row] = await sql<PendingRow[]>`
    update pending set tries = tries + 1
    where id = ${id} and purpose = ${purpose} and expires_at > ${now} and tries < 5 returning *`
  return row && pendingOf(row)
}

export async function findPending(
  sql: Sql,
  id: Buffer,
  purpose: Purpose,
  now: Date,
): Promise<Pending | undefined> {
  const [row] = await sql<PendingRow[]>`
    select * from pending where id = ${id} and purpose = ${purpose} and expires_at > ${now}`
  return row && pendingOf(row)
}

/** Spends it: whoever comes second finds nothing. */
export async function takePending(tx: Sql, id: Buffer, purpose: Purpose): Promise<boolean> {
  return (await tx`delete from pending where id = ${id} and purpose = ${purpose} returning 1`).length === 1
}

interface PendingRow {
  end_user_id: string | null
  code_hash: Buffer | null
  tries: number
  data: Record<string, unknown>
}

const pendingOf = (row: PendingRow): Pending => ({
  endUserId: row.end_user_id,
  codeHash: row.code_hash,
  tries: row.tries,
  data: row.data,
})

/** A newer link replaces the older ones of the same person. */
export async function putLink(tx: Tx, hash: Buffer, endUserId: string, expiresAt: Date): Promise<void> {
  await tx`delete from links where end_user_id = ${endUserId}`
  await tx`insert into links (token_hash, end_user_id, expires_at) values (${hash}, ${endUserId}, ${expiresAt})`
}

/** Spends a link of this issuer. */
export async function takeLink(
  tx: Tx,
  hash: Buffer,
  issuerId: string,
  now: Date,
): Promise<string | undefined> {
  const [row] = await tx<{ end_user_id: string }[]>`
    delete from links l using end_users e
    where l.token_hash = ${hash} and l.expires_at > ${now} and e.end_user_id = l.end_user_id and e.issuer_id = ${issuerId}
    returning l.end_user_id`
  return row?.end_user_id
}

export async function putChallenge(
  sql: Sql,
  row: { hash: Buffer; issuerId: string; endUserId: string | null; challenge: string; expiresAt: Date },
): Promise<void> {
  await sql`
    insert into challenges (id_hash, issuer_id, end_user_id, challenge, expires_at)
    values (${row.hash}, ${row.issuerId}, ${row.endUserId}, ${row.challenge}, ${row.expiresAt})`
}

export async function takeChallenge(
  sql: Sql,
  hash: Buffer,
  issuerId: string,
  endUserId: string | null,
  now: Date,
): Promise<string | undefined> {
  const [row] = await sql<{ challenge: string }[]>`
    delete from challenges where id_hash = ${hash} and issuer_id = ${issuerId}
      and end_user_id is not distinct from ${endUserId} and expires_at > ${now} returning challenge`
  return row?.challenge
}

/** Counts an attempt under a key, or says how long to wait. */
export async function countAttempt(tx: Tx, key: Buffer, policy: Policy, now: Date): Promise<Attempt> {
  // The empty row is there to be locked: two first attempts at once must not count as one.
  await tx`
    insert into throttles (key, failures, last_at, blocked_until) values (${key}, 0, ${now}, ${now}) on conflict do nothing`
  const [row] = await tx<{ failures: number; last_at: Date; blocked_until: Date }[]>`
    select failures, last_at, blocked_until from throttles where key = ${key} for update`
  const before: Throttle = { failures: row!.failures, lastAt: row!.last_at, blockedUntil: row!.blocked_until }
  const result = attempt(policy, before, now)
  if (result.kind === 'counted') {
    const { failures, lastAt, blockedUntil } = result.throttle
    await tx`
      update throttles set failures = ${failures}, last_at = ${lastAt}, blocked_until = ${blockedUntil} where key = ${key}`
  }
  return result
}

export async function forgetAttempts(tx: Sql, keys: readonly Buffer[]): Promise<void> {
  if (keys.length > 0) await tx`delete from throttles where key in ${tx(keys as Buffer[])}`
}

/** Takes one attempt back, with the delay it brought; those before it stay counted. */
export async function giveBackAttempts(sql: Sql, keys: readonly Buffer[], now: Date): Promise<void> {
  await sql`
    update throttles set failures = greatest(failures - 1, 0), blocked_until = least(blocked_until, ${now})
    where key in ${sql(keys as Buffer[])}`
}

export interface Ended {
  readonly issuerId: string
  readonly outcome: 'success' | 'failure'
  readonly method: string
  readonly reason: string
}

export async function countSignIn(tx: Sql, ended: Ended, now: Date): Promise<void> {
  await tx`
    insert into sign_ins (issuer_id, hour, outcome, method, reason, count)
    values (${ended.issuerId}, date_trunc('hour', ${now}::timestamptz, 'UTC'), ${ended.outcome}, ${ended.method},
      ${ended.reason}, 1)
    on conflict (issuer_id, hour, outcome, method, reason) do update set count = sign_ins.count + 1`
}

export interface Bucket {
  at: Date
  outcome: 'success' | 'failure'
  method: string
  reason: string
  count: number
}

export async function listSignIns(
  sql: Sql,
  issuerId: string,
  from: Date,
  to: Date,
  bucket: 'hour' | 'day',
): Promise<Bucket[]> {
  return sql<Bucket[]>`
    select date_trunc(${bucket}, hour, 'UTC') as at, outcome, method, reason, sum(count)::int8 as count
    from sign_ins where issuer_id = ${issuerId} and hour >= ${from} and hour < ${to}
    group by 1, 2, 3, 4 order by 1, 2, 3, 4`
}

/** Deletes what has expired. */
export async function sweepSignIn(tx: Tx, now: Date): Promise<void> {
  await tx`delete from pending where expires_at < ${now}`
  await tx`delete from links where expires_at < ${now}`
  await tx`delete from challenges where expires_at < ${now}`
  await tx`delete from throttles where last_at < ${new Date(now.getTime() - 86_400_000)}`
}
