/** SQL of connections, but for their refresh. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Connection as View } from './contract-schemas.ts'
import type { Identity, Purpose, Settings } from './provider.ts'

export type BrokenReason = 'refused' | 'expired' | 'interrupted' | 'moved'

export interface ConnectionRow {
  readonly id: string
  readonly configuration_id: string
  readonly project_id: string
  readonly environment: string
  readonly provider: string
  readonly purpose: Purpose
  readonly end_user_id: string | null
  readonly subject: string
  readonly email: string | null
  readonly name: string | null
  readonly picture: string | null
  readonly scopes: string[]
  readonly state: 'pending' | 'active' | 'broken' | 'revoked'
  readonly broken_reason: BrokenReason | null
  readonly erase: boolean
  readonly access: Buffer | null
  readonly refresh: Buffer | null
  readonly token_type: string
  readonly extra: Settings
  readonly expires_at: Date | null
  readonly lifetime: number | null
  readonly generation: number
  /** Of the configuration when the tokens came. */
  readonly epoch: number
  /** Its provider has another address by now; known where one connection is read. */
  readonly behind?: boolean
  readonly lease: string | null
  readonly interrupted: boolean
  readonly failures: number
  readonly retry_at: Date | null
  readonly created_at: Date
  readonly refreshed_at: Date | null
  readonly used_at: Date | null
}

/** A connection as it is listed: without what is sealed. */
export function viewOf(row: ConnectionRow): View {
  const at = (date: Date | null) => date?.toISOString()
  return defined({
    connectionId: row.id,
    provider: row.provider,
    endUserId: row.end_user_id ?? '',
    subject: row.subject,
    email: row.email ?? undefined,
    name: row.name ?? undefined,
    picture: row.picture ?? undefined,
    scopes: row.scopes,
    state: row.state as View['state'],
    brokenReason: row.broken_reason ?? undefined,
    refreshable: row.refresh !== null,
    expiresAt: at(row.expires_at),
    failures: row.failures,
    nextAttemptAt: at(row.retry_at),
    createdAt: row.created_at.toISOString(),
    refreshedAt: at(row.refreshed_at),
    usedAt: at(row.used_at),
  }) as View
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

export async function findConnection(sql: Sql, id: string): Promise<ConnectionRow | undefined> {
  const rows = await sql<ConnectionRow[]>`
    select c.*, c.epoch < k.epoch as behind
    from connections c join configurations k on k.id = c.configuration_id where c.id = ${id} and not c.erase`
  return rows[0]
}

export async function lockConnection(tx: Tx, id: string): Promise<ConnectionRow | undefined> {
  return (await tx<ConnectionRow[]>`select * from connections where id = ${id} and not erase for update`)[0]
}

/** The end user's connection to this account, if there is one already. */
export async function findAccount(
  sql: Sql,
  configurationId: string,
  subject: string,
  endUserId: string,
): Promise<ConnectionRow | undefined> {
  const rows = await sql<ConnectionRow[]>`
    select * from connections where configuration_id = ${configurationId} and subject = ${subject}
      and end_user_id = ${endUserId} and state in ('active', 'broken')`
  return rows[0]
}

export interface Listing {
  readonly projectId: string
  readonly environment: string
  readonly limit: number
  readonly cursor?: string | undefined
  readonly endUserId?: string | undefined
  readonly provider?: string | undefined
  readonly state?: string | undefined
}

/** Connections, newest first; one more than `limit` when there is a next page. */
export async function listConnections(sql: Sql, listing: Listing): Promise<ConnectionRow[]> {
  const { projectId, environment, limit, cursor, endUserId, provider, state } = listing
  return sql<ConnectionRow[]>`
    select * from connections
    where project_id = ${projectId} and environment = ${environment} and end_user_id is not null and not erase
      ${endUserId === undefined ? sql`` : sql`and end_user_id = ${endUserId}`}
      ${provider === undefined ? sql`` : sql`and provider = ${provider}`}
      ${state === undefined ? sql`and state <> 'pending'` : sql`and state = ${state}`}
      ${cursor === undefined ? sql`` : sql`and id < ${cursor}`}
    order by id desc limit ${limit + 1}`
}

/** Tokens as they are stored. */
export interface SealedTokens {
  readonly access: Buffer | null
  readonly refresh: Buffer | null
  readonly tokenType: string
  readonly extra: Settings
  readonly scopes: readonly string[]
  readonly expiresAt: Date | undefined
  readonly lifetime: number | undefined
}

export interface NewConnection {
  readonly id: string
  readonly configurationId: string
  readonly projectId: string
  readonly environment: string
  readonly provider: string
  readonly purpose: Purpose
  readonly endUserId: string | undefined
  readonly identity: Identity
  readonly tokens: SealedTokens
  readonly epoch: number
}

export async function insertConnection(tx: Tx, connection: NewConnection, now: Date): Promise<void> {
  const { identity, tokens } = connection
  await tx`
    insert into connections (id, configuration_id, project_id, environment, provider, purpose, end_user_id, subject, email,
      name, picture, scopes, state, access, refresh, token_type, extra, expires_at, lifetime, epoch, created_at, used_at)
    values (${connection.id}, ${connection.configurationId}, ${connection.projectId}, ${connection.environment},
      ${connection.provider}, ${connection.purpose}, ${connection.endUserId ?? null}, ${identity.subject},
      ${identity.email ?? null}, ${identity.name ?? null}, ${identity.picture ?? null}, ${tokens.scopes as string[]},
      ${connection.endUserId === undefined ? 'pending' : 'active'}, ${tokens.access}, ${tokens.refresh}, ${tokens.tokenType},
      ${tx.json(tokens.extra as never)}, ${tokens.expiresAt ?? null}, ${tokens.lifetime ?? null},
      ${connection.epoch}, ${now}, ${now})`
}

/** Gives a connection new tokens after the person has been at the provider again. A refresh token that is there stays when none came. */
export async function renewConnection(
  tx: Tx,
  id: string,
  identity: Identity,
  tokens: SealedTokens,
  epoch: number,
  now: Date,
): Promise<void> {
  await tx`
    update connections set state = 'active', broken_reason = null, email = ${identity.email ?? null},
      name = coalesce(${identity.name ?? null}, name), picture = coalesce(${identity.picture ?? null}, picture),
      scopes = ${tokens.scopes as string[]}, access = ${tokens.access},
      refresh = coalesce(${tokens.refresh}, case when state = 'active' and epoch = ${epoch} then refresh end), epoch = ${epoch},
      token_type = ${tokens.tokenType}, extra = extra || ${tx.json(tokens.extra as never)}, expires_at = ${tokens.expiresAt ?? null},
      lifetime = ${tokens.lifetime ?? null}, generation = generation + 1, lease = null, lease_until = null,
      interrupted = false, failures = 0, retry_at = null, refreshed_at = ${now}
    where id = ${id}`
}

/** Makes a connection of a sign-in the end user's. */
export async function claimConnection(tx: Tx, id: string, endUserId: string): Promise<boolean> {
  const rows = await tx`
    update connections set end_user_id = ${endUserId}, state = 'active' where id = ${id} and state = 'pending' returning 1`
  return rows.length > 0
}

export async function deleteConnection(tx: Tx, id: string): Promise<void> {
  await tx`delete from connections where id = ${id}`
}

/** Notes when tokens were asked for. */
export async function noteUses(sql: Sql, uses: ReadonlyMap<string, Date>): Promise<void> {
  const times = [...uses.values()].map((at) => at.toISOString())
  await sql`
    update connections c set used_at = u.at
    from unnest(${[...uses.keys()]}::uuid[], ${times}::timestamptz[]) as u(id, at)
    where c.id = u.id and (c.used_at is null or c.used_at < u.at)`
}
