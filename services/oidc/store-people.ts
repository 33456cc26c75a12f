/** SQL of an end user's sessions and consents. */
import type { Sql, Tx } from '@pleiad/platform/store'

export interface SessionRow {
  id: Buffer
  uid: string
  issuer_id: string
  end_user_id: string | null
  payload: {
    readonly amr?: readonly string[]
    readonly loginTs?: number
    readonly authorizations?: Readonly<
      Record<string, { sid?: string; grantId?: string; persistsLogout?: boolean }>
    >
  }
  ip: string
  user_agent: string
  created_at: Date
  last_seen_at: Date
  expires_at: Date
}

/** Live sessions of a person, the one used last first. */
export async function listSessions(sql: Sql, endUserId: string, now: Date): Promise<SessionRow[]> {
  return sql<SessionRow[]>`
    select * from sessions where end_user_id = ${endUserId} and expires_at > ${now}
    order by last_seen_at desc limit 200`
}

export async function lockSessions(tx: Tx, endUserId: string): Promise<SessionRow[]> {
  return tx<SessionRow[]>`select * from sessions where end_user_id = ${endUserId} order by id for update`
}

export async function deleteSessions(tx: Tx, ids: readonly Buffer[]): Promise<void> {
  if (ids.length > 0) await tx`delete from sessions where id in ${tx(ids as Buffer[])}`
}

export interface GrantRow {
  id: Buffer
  app_id: string
  payload: { readonly openid?: { scope?: string }; readonly resources?: Readonly<Record<string, string>> }
  created_at: Date
  expires_at: Date
}

export async function listGrants(sql: Sql, endUserId: string, now: Date): Promise<GrantRow[]> {
  return sql<GrantRow[]>`
    select id, app_id, payload, created_at, expires_at from grants
    where end_user_id = ${endUserId} and expires_at > ${now} order by created_at desc limit 200`
}

/** Takes grants back with all tokens that stand on them. */
export async function deleteGrants(tx: Tx, endUserId: string, ids: readonly Buffer[]): Promise<Buffer[]> {
  if (ids.length === 0) return []
  const gone = await tx<{ id: Buffer }[]>`
    delete from grants where id in ${tx(ids as Buffer[])} and end_user_id = ${endUserId} returning id`
  const found = gone.map(({ id }) => id)
  if (found.length > 0) {
    await tx`delete from tokens where grant_id in ${tx(found)}`
    await tx`delete from flows where grant_id in ${tx(found)}`
  }
  return found
}

export async function listGrantIds(sql: Sql, endUserId: string): Promise<Buffer[]> {
  const rows = await sql<{ id: Buffer }[]>`select id from grants where end_user_id = ${endUserId}`
  return rows.map(({ id }) => id)
}

/** Removes a person's passkeys and accounts at providers; returns the connections that came with these. */
export async function deleteWays(tx: Tx, endUserId: string): Promise<string[]> {
  await tx`delete from passkeys where end_user_id = ${endUserId}`
  const gone = await tx<{ connection_id: string | null }[]>`
    delete from identities where end_user_id = ${endUserId} returning connection_id`
  return gone.flatMap(({ connection_id }) => connection_id ?? [])
}
