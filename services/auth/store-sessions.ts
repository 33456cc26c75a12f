/** SQL of sessions, personal access tokens and revocations. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { SessionState } from './sessions.ts'

export interface SessionRow {
  readonly id: string
  readonly account_id: string
  readonly method: string
  readonly ip: string
  readonly user_agent: string
  readonly created_at: Date
  readonly last_seen_at: Date
  readonly proved_at: Date
  readonly expires_at: Date
  readonly token_hash: Buffer
  readonly previous_hash: Buffer | null
  readonly rotated_at: Date | null
  readonly successor: Buffer | null
  readonly ended_at: Date | null
}

/** The row as the domain sees it. */
export function stateOf(row: SessionRow): SessionState {
  if (row.ended_at) return { kind: 'ended' }
  const { token_hash: current, created_at: createdAt, expires_at: expiresAt } = row
  return row.previous_hash && row.rotated_at
    ? {
        kind: 'rotated',
        current,
        createdAt,
        expiresAt,
        previous: row.previous_hash,
        rotatedAt: row.rotated_at,
      }
    : { kind: 'fresh', current, createdAt, expiresAt }
}

export interface NewSession {
  readonly id: string
  readonly accountId: string
  readonly method: string
  readonly ip: string
  readonly userAgent: string
  readonly tokenHash: Buffer
  readonly expiresAt: Date
}

/** Adds the session and says whether the account has signed in with this program before, or at all. */
export async function insertSession(
  tx: Tx,
  session: NewSession,
  now: Date,
): Promise<{ firstEver: boolean; knownProgram: boolean }> {
  const [seen] = await tx<{ any: boolean; same: boolean }[]>`
    select count(*) > 0 as any, coalesce(bool_or(user_agent = ${session.userAgent}), false) as same
    from sessions where account_id = ${session.accountId}`
  await tx`
    insert into sessions (id, account_id, method, ip, user_agent, created_at, last_seen_at, proved_at, expires_at, token_hash)
    values (${session.id}, ${session.accountId}, ${session.method}, ${session.ip}, ${session.userAgent}, ${now}, ${now}, ${now},
      ${session.expiresAt}, ${session.tokenHash})`
  await tx`update accounts set last_sign_in_at = ${now} where id = ${session.accountId}`
  return { firstEver: !seen!.any, knownProgram: seen!.same }
}

/** The session, with nobody else refreshing it until the transaction ends. */
export async function lockSession(tx: Tx, id: string): Promise<SessionRow | undefined> {
  const [row] = await tx<SessionRow[]>`select * from sessions where id = ${id} for update`
  return row
}

export async function rotateSession(
  tx: Tx,
  row: SessionRow,
  next: { hash: Buffer; successor: Buffer; expiresAt: Date; ip: string; userAgent: string },
  now: Date,
): Promise<void> {
  await tx`
    update sessions set token_hash = ${next.hash}, previous_hash = ${row.token_hash}, rotated_at = ${now}, successor = ${next.successor},
      expires_at = ${next.expiresAt}, last_seen_at = ${now}, ip = ${next.ip}, user_agent = ${next.userAgent}
    where id = ${row.id}`
}

export async function findSession(sql: Sql, id: string): Promise<SessionRow | undefined> {
  const [row] = await sql<SessionRow[]>`select * from sessions where id = ${id} and ended_at is null`
  return row
}

export async function listLiveSessions(sql: Sql, accountId: string, now: Date): Promise<SessionRow[]> {
  return sql<SessionRow[]>`
    select * from sessions where account_id = ${accountId} and ended_at is null and expires_at > ${now}
    order by created_at desc limit 200`
}

/** Ends one session; false if it is not this account's or has ended. */
export async function endSession(
  tx: Tx,
  accountId: string,
  id: string,
  reason: string,
  now: Date,
): Promise<boolean> {
  const rows = await tx`
    update sessions set ended_at = ${now}, end_reason = ${reason}, successor = null
    where id = ${id} and account_id = ${accountId} and ended_at is null returning id`
  return rows.length === 1
}

/** Ends all sessions of an account, but `except`; their ids. */
export async function endSessions(
  tx: Tx,
  accountId: string,
  except: string | undefined,
  reason: string,
  now: Date,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update sessions set ended_at = ${now}, end_reason = ${reason}, successor = null
    where account_id = ${accountId} and ended_at is null and expires_at > ${now} and id is distinct from ${except ?? null} returning id`
  return rows.map((row) => row.id)
}

export async function proveSession(tx: Tx, id: string, now: Date): Promise<void> {
  await tx`update sessions set proved_at = ${now} where id = ${id}`
}

export interface TokenRow {
  readonly id: string
  readonly account_id: string
  readonly name: string
  readonly hint: string
  readonly scopes: readonly string[]
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly last_used_at: Date | null
}

export interface NewTokenRow {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly hash: Buffer
  readonly hint: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date | undefined
}

export async function insertToken(tx: Tx, token: NewTokenRow, now: Date): Promise<TokenRow> {
  const [row] = await tx<TokenRow[]>`
    insert into access_tokens (id, account_id, name, token_hash, hint, scopes, created_at, expires_at)
    values (${token.id}, ${token.accountId}, ${token.name}, ${token.hash}, ${token.hint}, ${token.scopes as string[]}, ${now},
      ${token.expiresAt ?? null})
    returning id, account_id, name, hint, scopes, created_at, expires_at, last_used_at`
  return row!
}

export async function listTokenRows(sql: Sql, accountId: string): Promise<TokenRow[]> {
  return sql<TokenRow[]>`
    select id, account_id, name, hint, scopes, created_at, expires_at, last_used_at
    from access_tokens where account_id = ${accountId} order by created_at desc`
}

export async function deleteToken(tx: Tx, accountId: string, id: string): Promise<boolean> {
  const rows = await tx`delete from access_tokens where id = ${id} and account_id = ${accountId} returning id`
  return rows.length === 1
}

/** Deletes all tokens of an account; how many. */
export async function deleteTokens(tx: Tx, accountId: string): Promise<number> {
  const rows = await tx`delete from access_tokens where account_id = ${accountId} returning id`
  return rows.length
}

/** The token and, at most once a minute, a note that it was used. Locked accounts have none. */
export async function useToken(sql: Sql, hash: Buffer, now: Date): Promise<TokenRow | undefined> {
  const [row] = await sql<TokenRow[]>`
    select t.id, t.account_id, t.name, t.hint, t.scopes, t.created_at, t.expires_at, t.last_used_at
    from access_tokens t join accounts a on a.id = t.account_id
    where t.token_hash = ${hash} and (t.expires_at is null or t.expires_at > ${now}) and a.locked_at is null`
  if (row && (!row.last_used_at || now.getTime() - row.last_used_at.getTime() > 60_000))
    await sql`update access_tokens set last_used_at = ${now} where id = ${row.id}`
  return row
}

export interface RevocationRow {
  readonly account_id: string
  readonly sid: string | null
  readonly token_id: string | null
  readonly before: number
  readonly until: number
}

export async function insertRevocations(tx: Tx, rows: readonly RevocationRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx`
    insert into revocations (account_id, sid, token_id, before, until)
    select r.account_id, r.sid, r.token_id, r.before, r.until
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(account_id uuid, sid uuid, token_id uuid, before bigint, until bigint)`
}

/** Refuses all access tokens of these people so far, one dated ahead of the clock included; the dates, by id. Their next tokens are dated later. */
export async function refuseTokens(
  tx: Tx,
  accountIds: readonly string[],
  now: Date,
): Promise<Map<string, number>> {
  const rows = await tx<{ id: string; refused: number }[]>`
    update accounts set tokens_refused_until = greatest(${Math.floor(now.getTime() / 1000)}, tokens_refused_until + 1)
    where id = any(${accountIds as string[]}) returning id, tokens_refused_until as refused`
  return new Map(rows.map((row) => [row.id, row.refused]))
}

export async function listRevocationRows(sql: Sql, now: Date): Promise<RevocationRow[]> {
  return sql<RevocationRow[]>`
    select account_id, sid, token_id, before, until from revocations where until > ${Math.floor(now.getTime() / 1000)}`
}
