/** SQL of throttles and known networks, and of what is swept away when its time is over. */

import { type Attempt, attempt, type Policy, type Throttle } from '@pleiad/platform/lockout'
import type { Sql, Tx } from '@pleiad/platform/store'

interface Row {
  failures: number
  last_at: Date
  blocked_until: Date
}

/** Counts one attempt against `key`, or says how long to wait. */
export async function countAttempt(tx: Tx, key: Buffer, policy: Policy, now: Date): Promise<Attempt> {
  // One statement makes or finds the row and locks it: neither may two first attempts count as one, nor may a row vanish
  // between the two because another attempt succeeded.
  const [row] = await tx<Row[]>`
    insert into throttles (key, failures, last_at, blocked_until) values (${key}, 0, ${now}, ${now})
    on conflict (key) do update set failures = throttles.failures
    returning failures, last_at, blocked_until`
  const before: Throttle = { failures: row!.failures, lastAt: row!.last_at, blockedUntil: row!.blocked_until }
  const result = attempt(policy, before, now)
  if (result.kind === 'counted') {
    const { failures, lastAt, blockedUntil } = result.throttle
    await tx`update throttles set failures = ${failures}, last_at = ${lastAt}, blocked_until = ${blockedUntil} where key = ${key}`
  }
  return result
}

export async function forgetAttempts(tx: Sql, keys: readonly Buffer[]): Promise<void> {
  if (keys.length > 0) await tx`delete from throttles where key in ${tx(keys as Buffer[])}`
}

/** Whether the account that has this address, if any, signed in from this network before. */
export async function isKnownOrigin(sql: Sql, email: string, origin: Buffer): Promise<boolean> {
  const [row] = await sql<{ known: boolean }[]>`
    select exists (
      select from known_origins o join accounts a on a.id = o.account_id where a.email = ${email} and o.origin_hash = ${origin}
    ) as known`
  return row!.known
}

export async function rememberOrigin(tx: Tx, accountId: string, origin: Buffer, now: Date): Promise<void> {
  await tx`
    insert into known_origins (account_id, origin_hash, last_at) values (${accountId}, ${origin}, ${now})
    on conflict (account_id, origin_hash) do update set last_at = excluded.last_at`
}

/** Deletes what has expired. Sessions stay a while after their end: the list of known programs is made from them. */
export async function sweep(tx: Tx, now: Date): Promise<void> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)
  await tx`delete from links where expires_at < ${now}`
  await tx`delete from registrations where expires_at < ${now}`
  await tx`delete from challenges where expires_at < ${now}`
  await tx`delete from throttles where last_at < ${daysAgo(1)}`
  await tx`delete from known_origins where last_at < ${daysAgo(90)}`
  await tx`delete from sessions where expires_at < ${daysAgo(90)}`
  await tx`delete from revocations where until < ${Math.floor(now.getTime() / 1000)}`
}
