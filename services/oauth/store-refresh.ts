/**
 * SQL of refreshing. A row lease decides who asks the provider; no transaction is open meanwhile. Leases go by the clock
 * of the database, the ends of tokens by that of the service.
 */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { BrokenReason, ConnectionRow, SealedTokens } from './store-connections.ts'

export interface Claim {
  readonly id: string
  /** The generation whose refresh token is to be used. */
  readonly generation: number
  readonly lease: string
  readonly seconds: number
  /** A refresh whose answer was lost is repeated at once; otherwise only after the old access token ends at `protect`. */
  readonly repeatable: boolean
  readonly now: Date
  readonly protect: Date
}

/**
 * Takes the right to refresh. Nobody else has it then until the lease ends; a lease that ended without an answer marks
 * the connection as interrupted. Undefined when somebody else is at it, has done it, or it is not due.
 */
export async function claimRefresh(sql: Sql, claim: Claim): Promise<ConnectionRow | undefined> {
  const rows = await sql<ConnectionRow[]>`
    update connections set lease = ${claim.lease},
      lease_until = clock_timestamp() + make_interval(secs => ${claim.seconds}),
      interrupted = interrupted or lease is not null
    where id = ${claim.id} and generation = ${claim.generation} and state = 'active' and refresh is not null
      and (lease is null or lease_until < clock_timestamp())
      and (retry_at is null or retry_at <= ${claim.now})
      and (${claim.repeatable} or not (interrupted or lease is not null) or expires_at is null or expires_at <= ${claim.protect})
    returning *`
  return rows[0]
}

/** Stores what the provider gave. By generation, not by lease: an answer that came late is still the newest. */
export async function saveRefreshed(
  tx: Tx,
  id: string,
  generation: number,
  tokens: SealedTokens,
  now: Date,
): Promise<boolean> {
  const rows = await tx`
    update connections set access = ${tokens.access}, refresh = coalesce(${tokens.refresh}, refresh),
      token_type = ${tokens.tokenType}, extra = extra || ${tx.json(tokens.extra as never)},
      expires_at = ${tokens.expiresAt ?? null}, lifetime = ${tokens.lifetime ?? null}, generation = generation + 1,
      lease = null, lease_until = null, interrupted = false, failures = 0, retry_at = null, refreshed_at = ${now},
      scopes = case when cardinality(${tokens.scopes as string[]}::text[]) > 0 then ${tokens.scopes as string[]}::text[] else scopes end
    where id = ${id} and generation = ${generation} and state = 'active' returning 1`
  return rows.length > 0
}

/** Gives the lease back after a failure, and says when to try again. */
export async function postponeRefresh(
  sql: Sql,
  id: string,
  lease: string,
  retryAt: Date,
  interrupted: boolean,
): Promise<void> {
  await sql`
    update connections set lease = null, lease_until = null, failures = failures + 1, retry_at = ${retryAt},
      interrupted = interrupted or ${interrupted}
    where id = ${id} and lease = ${lease}`
}

/** Marks a connection as broken; false when it is not active any more or has a newer token. */
export async function breakConnection(
  tx: Tx,
  id: string,
  generation: number,
  reason: BrokenReason,
): Promise<boolean> {
  const rows = await tx`
    update connections set state = 'broken', broken_reason = ${reason}, refresh = null, access = null, lease = null,
      lease_until = null, retry_at = null
    where id = ${id} and generation = ${generation} and state = 'active' returning 1`
  return rows.length > 0
}

/** The same for some whose tokens are of an address that the provider has left. */
export async function breakLeftBehind(
  tx: Tx,
  configurationId: string,
  limit: number,
): Promise<ConnectionRow[]> {
  return tx<ConnectionRow[]>`
    update connections set state = 'broken', broken_reason = 'moved', refresh = null, access = null, lease = null,
      lease_until = null, retry_at = null
    where id in (
      select c.id from connections c join configurations k on k.id = c.configuration_id
      where c.configuration_id = ${configurationId} and c.state = 'active' and c.epoch < k.epoch
      limit ${limit} for update of c skip locked)
    returning *`
}

/** Connections whose token ends before `before` and was used after `usedAfter`, the most urgent first. */
export async function listDue(
  sql: Sql,
  bounds: {
    readonly before: Date
    readonly after: Date
    readonly usedAfter: Date
    readonly now: Date
    readonly limit: number
  },
): Promise<ConnectionRow[]> {
  return sql<ConnectionRow[]>`
    select * from connections
    where state = 'active' and refresh is not null and expires_at <= ${bounds.before} and expires_at > ${bounds.after}
      and used_at > ${bounds.usedAfter} and (retry_at is null or retry_at <= ${bounds.now})
      and (lease_until is null or lease_until < clock_timestamp())
    order by expires_at limit ${bounds.limit}`
}

/** Lets what waits for a provider try again at once: its configuration was changed. */
export async function retryNow(tx: Tx, configurationId: string): Promise<void> {
  await tx`
    update connections set retry_at = null
    where configuration_id = ${configurationId} and state = 'active' and retry_at is not null`
}

/** How a refresh stands that somebody else may be at: the connection, and whether the lease still holds. */
export async function refreshState(
  sql: Sql,
  id: string,
): Promise<(ConnectionRow & { readonly leased: boolean }) | undefined> {
  const rows = await sql<(ConnectionRow & { leased: boolean })[]>`
    select *, coalesce(lease is not null and lease_until >= clock_timestamp(), false) as leased
    from connections where id = ${id} and not erase`
  return rows[0]
}
