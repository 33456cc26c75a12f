/** SQL of connections that end. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { ConnectionRow } from './store-connections.ts'

/** Which connections to end: all of a provider's configurations, or all of an end user's. */
type Which =
  | { readonly configurationIds: readonly string[] }
  | { readonly projectId: string; readonly environment: string; readonly endUserId: string }
  | { readonly id: string }

/**
 * Ends connections: they are of no use from now on, and their tokens wait to be revoked at the provider. With `erase`
 * nothing of the person stays but the tokens, and the row goes with them. Returns those that were in use.
 */
export async function revokeConnections(
  tx: Tx,
  which: Which,
  erase: boolean,
  now: Date,
): Promise<ConnectionRow[]> {
  const where =
    'id' in which
      ? tx`c.id = ${which.id}`
      : 'endUserId' in which
        ? tx`c.project_id = ${which.projectId} and c.environment = ${which.environment} and c.end_user_id = ${which.endUserId}`
        : tx`c.configuration_id = any(${which.configurationIds as string[]})`
  const rows = await tx<(ConnectionRow & { was: ConnectionRow['state'] })[]>`
    with found as (
      select id, state as was from connections c where ${where} and (c.state <> 'revoked' or ${erase}) for update)
    update connections c set state = 'revoked', revoked_at = coalesce(c.revoked_at, ${now}), erase = c.erase or ${erase},
      end_user_id = coalesce(c.end_user_id, ''), lease = null, lease_until = null, retry_at = null, failures = 0,
      broken_reason = null, email = case when ${erase} then null else c.email end,
      name = case when ${erase} then null else c.name end, picture = case when ${erase} then null else c.picture end
    from found where c.id = found.id
    returning c.*, found.was`
  return rows.filter(({ was }) => was === 'active' || was === 'broken')
}

/** Revoked connections whose tokens are still here, each given to one process for a minute. */
export async function claimRevocations(
  sql: Sql,
  lease: string,
  now: Date,
  limit: number,
): Promise<ConnectionRow[]> {
  return sql<ConnectionRow[]>`
    update connections set lease = ${lease}, lease_until = clock_timestamp() + interval '60 seconds'
    where id in (
      select id from connections where state = 'revoked' and (access is not null or refresh is not null or erase)
        and (lease_until is null or lease_until < clock_timestamp()) and (retry_at is null or retry_at <= ${now})
      order by revoked_at limit ${limit} for update skip locked)
    returning *`
}

/** Erases the tokens of a revoked connection, and the row where nothing of it may stay. */
export async function finishRevocation(sql: Sql, id: string): Promise<void> {
  await sql`delete from connections where id = ${id} and state = 'revoked' and erase`
  await sql`
    update connections set access = null, refresh = null, extra = '{}', lease = null, lease_until = null, retry_at = null
    where id = ${id} and state = 'revoked'`
}

export async function postponeRevocation(sql: Sql, id: string, until: Date): Promise<void> {
  await sql`
    update connections set failures = failures + 1, retry_at = ${until}, lease = null, lease_until = null
    where id = ${id} and state = 'revoked'`
}

/** Sign-ins that nobody claimed are ended; revoked connections are forgotten after a while. */
export async function purgeConnections(
  tx: Tx,
  pendingBefore: Date,
  revokedBefore: Date,
  now: Date,
): Promise<void> {
  const pending = await tx<{ id: string }[]>`
    select id from connections where state = 'pending' and created_at < ${pendingBefore} order by created_at limit 500`
  for (const { id } of pending) await revokeConnections(tx, { id }, true, now)
  await tx`delete from connections where state = 'revoked' and revoked_at < ${revokedBefore} and access is null`
}

/** Whether somebody still uses the same account of the provider: most providers end all tokens of an account at once. */
export async function isSharedAccount(sql: Sql, row: ConnectionRow): Promise<boolean> {
  const rows = await sql`
    select 1 from connections where configuration_id = ${row.configuration_id} and subject = ${row.subject}
      and state in ('active', 'broken') and id <> ${row.id} limit 1`
  return rows.length > 0
}
