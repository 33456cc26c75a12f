/** SQL of what oidc-provider keeps: grants, tokens, sessions and short flows. Writes come in one transaction a request. */
import type { Sql, Tx } from '@pleiad/platform/store'

export type Table = 'grants' | 'tokens' | 'sessions' | 'flows'

export interface Found {
  readonly payload: Record<string, unknown>
  readonly consumedAt: Date | null
  readonly successor: Buffer | null
  readonly successorUsed: boolean
}

export type Write =
  | { readonly kind: 'put'; readonly table: Table; readonly id: Buffer; readonly row: Row }
  | { readonly kind: 'delete'; readonly table: Table; readonly id: Buffer }
  | { readonly kind: 'consume'; readonly table: 'tokens' | 'flows'; readonly id: Buffer; readonly at: Date }
  | {
      readonly kind: 'succeed'
      readonly id: Buffer
      readonly successor: Buffer
      readonly successorId: Buffer
    }
  | { readonly kind: 'revoke'; readonly grantId: Buffer }

export interface Row {
  readonly issuerId: string
  readonly model: string
  readonly appId: string | null
  readonly grantId: Buffer | null
  readonly endUserId: string | null
  readonly uid: string | null
  readonly userCode: Buffer | null
  readonly ip: string
  readonly userAgent: string
  readonly payload: Record<string, unknown>
  readonly expiresAt: Date
  readonly now: Date
}

interface Selected {
  payload: Record<string, unknown>
  consumed_at?: Date | null
  successor?: Buffer | null
  successor_used?: boolean
}

const foundOf = (row: Selected | undefined): Found | undefined =>
  row && {
    payload: row.payload,
    consumedAt: row.consumed_at ?? null,
    successor: row.successor ?? null,
    successorUsed: row.successor_used ?? false,
  }

/** What is kept under an id; locked until the transaction ends when `lock` is given. */
export async function findModel(
  sql: Sql,
  table: Table,
  id: Buffer,
  lock: boolean,
): Promise<Found | undefined> {
  const locking = lock ? sql`for update` : sql``
  if (table === 'grants')
    return foundOf((await sql<Selected[]>`select payload from grants where id = ${id} ${locking}`)[0])
  if (table === 'sessions')
    return foundOf((await sql<Selected[]>`select payload from sessions where id = ${id} ${locking}`)[0])
  if (table === 'flows')
    return foundOf(
      (await sql<Selected[]>`select payload, consumed_at from flows where id = ${id} ${locking}`)[0],
    )
  const [row] = await sql<(Selected & { successor_id: Buffer | null })[]>`
    select payload, consumed_at, successor, successor_id from tokens where id = ${id} ${locking}`
  if (!row?.successor_id) return foundOf(row)
  // Read after the lock: whoever held it may have used the successor.
  const [next] = await sql<{ used: boolean }[]>`
    select consumed_at is not null as used from tokens where id = ${row.successor_id}`
  return foundOf({ ...row, successor_used: next?.used ?? true })
}

export async function findSessionByUid(sql: Sql, issuerId: string, uid: string): Promise<Found | undefined> {
  const [row] = await sql<Selected[]>`
    select payload from sessions where issuer_id = ${issuerId} and uid = ${uid} and expires_at > now()`
  return foundOf(row)
}

export async function findByUserCode(sql: Sql, userCode: Buffer): Promise<Found | undefined> {
  const [row] = await sql<Selected[]>`select payload, consumed_at from flows where user_code = ${userCode}`
  return foundOf(row)
}

/** True for the first who brings this proof. */
export async function seeOnce(sql: Sql, id: Buffer, issuerId: string, until: Date): Promise<boolean> {
  const rows = await sql`
    insert into flows (id, issuer_id, model, payload, expires_at) values (${id}, ${issuerId}, 'ReplayDetection', '{}', ${until})
    on conflict do nothing returning 1`
  return rows.length === 1
}

/** Performs writes in their order. False when something that can be used once was used by somebody else meanwhile. */
export async function write(tx: Tx, writes: readonly Write[]): Promise<boolean> {
  let won = true
  for (const change of writes) {
    if (change.kind === 'put') await put(tx, change.table, change.id, change.row)
    else if (change.kind === 'delete') await tx`delete from ${tx(change.table)} where id = ${change.id}`
    else if (change.kind === 'succeed')
      await tx`
        update tokens set successor = ${change.successor}, successor_id = ${change.successorId} where id = ${change.id}`
    else if (change.kind === 'revoke') {
      await tx`delete from tokens where grant_id = ${change.grantId}`
      await tx`delete from flows where grant_id = ${change.grantId}`
    } else {
      const rows = await tx`
        update ${tx(change.table)} set consumed_at = ${change.at}
        where id = ${change.id} and consumed_at is null returning 1`
      won &&= rows.length === 1
    }
  }
  return won
}

async function put(tx: Sql, table: Table, id: Buffer, row: Row): Promise<void> {
  const payload = tx.json(row.payload as never)
  if (table === 'tokens') return insertTokens(tx, [{ id, row }])
  if (table === 'grants')
    await tx`
      insert into grants (id, issuer_id, app_id, end_user_id, payload, created_at, expires_at)
      values (${id}, ${row.issuerId}, ${row.appId}, ${row.endUserId}, ${payload}, ${row.now}, ${row.expiresAt})
      on conflict (id) do update set payload = excluded.payload, expires_at = excluded.expires_at`
  else if (table === 'sessions')
    await tx`
      insert into sessions (id, issuer_id, uid, end_user_id, payload, ip, user_agent, created_at, last_seen_at, expires_at)
      values (${id}, ${row.issuerId}, ${row.uid}, ${row.endUserId}, ${payload}, ${row.ip}, ${row.userAgent}, ${row.now},
        ${row.now}, ${row.expiresAt})
      on conflict (id) do update set payload = excluded.payload, end_user_id = excluded.end_user_id,
        last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at`
  else
    await tx`
      insert into flows (id, issuer_id, model, user_code, grant_id, payload, expires_at)
      values (${id}, ${row.issuerId}, ${row.model}, ${row.userCode}, ${row.grantId}, ${payload}, ${row.expiresAt})
      on conflict (id) do update set payload = excluded.payload, grant_id = excluded.grant_id,
        expires_at = excluded.expires_at`
}

/**
 * Inserts tokens in one statement; one that is there stays as it is. `soon`: the commit does not wait for the disk, so a
 * crash of PostgreSQL (not of this process) may lose what was inserted in the last half second.
 */
export async function insertTokens(
  sql: Sql,
  tokens: readonly { id: Buffer; row: Row }[],
  durable: 'now' | 'soon' = 'now',
): Promise<void> {
  const rows = tokens.map(({ id, row }) => ({
    id: id.toString('hex'),
    issuer_id: row.issuerId,
    model: row.model,
    app_id: row.appId,
    grant_id: row.grantId?.toString('hex') ?? null,
    payload: row.payload,
    expires_at: row.expiresAt.toISOString(),
  }))
  const relaxed = sql`, set_config('synchronous_commit', 'off', true)`
  await sql`
    insert into tokens (id, issuer_id, model, app_id, grant_id, payload, expires_at)
    select decode(t.id, 'hex'), t.issuer_id, t.model, t.app_id, decode(t.grant_id, 'hex'), t.payload, t.expires_at
    from jsonb_to_recordset(${sql.json(rows as never)})
      as t(id text, issuer_id uuid, model text, app_id text, grant_id text, payload jsonb, expires_at timestamptz)
      ${durable === 'soon' ? relaxed : sql``}
    on conflict do nothing`
}

export interface Introspected {
  readonly model: string
  readonly payload: Record<string, unknown>
  readonly appId: string
  readonly grantId: Buffer | null
  readonly endUserId: string | null
  readonly sessionUid: string | null
}

/** A token with all it stands on, if all of it still holds: app, grant, session, person. One query. */
export async function introspect(
  sql: Sql,
  ids: readonly Buffer[],
  now: Date,
): Promise<Introspected | undefined> {
  const [row] = await sql<
    {
      model: string
      payload: Record<string, unknown>
      app_id: string
      grant_id: Buffer | null
      end_user_id: string | null
    }[]
  >`
    select t.model, t.payload, t.app_id, t.grant_id, g.end_user_id
    from tokens t
      join apps a on a.app_id = t.app_id and a.issuer_id = t.issuer_id
      left join grants g on g.id = t.grant_id and g.expires_at > ${now} and g.app_id = t.app_id
      left join end_users e on e.end_user_id = g.end_user_id
    where t.id in ${sql(ids as Buffer[])} and t.expires_at > ${now} and t.consumed_at is null
      and t.model in ('AccessToken', 'ClientCredentials', 'RefreshToken')
      and (t.grant_id is null or g.id is not null)
      and (g.end_user_id is null or e.state = 'active')
      and (t.payload ->> 'expiresWithSession' is distinct from 'true' or exists (
        select from sessions s where s.issuer_id = t.issuer_id and s.uid = t.payload ->> 'sessionUid'
          and s.expires_at > ${now} and s.end_user_id = g.end_user_id
          and s.payload #>> array['authorizations', t.app_id, 'grantId'] = t.payload ->> 'grantId'))`
  return (
    row && {
      model: row.model,
      payload: row.payload,
      appId: row.app_id,
      grantId: row.grant_id,
      endUserId: row.end_user_id,
      sessionUid: (row.payload['sessionUid'] as string | undefined) ?? null,
    }
  )
}

/** Whether a grant, its app and its person still stand: for tokens that carry everything else themselves. */
export async function standing(
  sql: Sql,
  issuerId: string,
  appId: string,
  grantId: Buffer | undefined,
  now: Date,
): Promise<{ endUserId: string | null } | undefined> {
  if (grantId === undefined)
    return (await sql`select 1 from apps where app_id = ${appId} and issuer_id = ${issuerId}`).length === 1
      ? { endUserId: null }
      : undefined
  const [row] = await sql<{ end_user_id: string }[]>`
    select g.end_user_id from grants g
      join apps a on a.app_id = g.app_id and a.issuer_id = g.issuer_id
      join end_users e on e.end_user_id = g.end_user_id
    where g.id = ${grantId} and g.issuer_id = ${issuerId} and g.app_id = ${appId} and g.expires_at > ${now}
      and e.state = 'active'`
  return row && { endUserId: row.end_user_id }
}

/** Deletes what has expired, in steps; how many rows went. */
export async function sweepModels(tx: Tx, now: Date): Promise<number> {
  let gone = 0
  for (const table of ['tokens', 'flows', 'sessions', 'grants'] as const) {
    const rows = await tx`
      delete from ${tx(table)} where id in (
        select id from ${tx(table)} where expires_at < ${now} order by expires_at limit 20000 for update skip locked)`
    gone += rows.count
  }
  return gone
}
