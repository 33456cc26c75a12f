/** SQL of project keys and the hashes of their secrets. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Found, Key } from './keys.ts'

const columns = (sql: Sql) => sql`
  k.key_id as "keyId", k.project_id as "projectId", k.environment, k.name, k.hint, k.scopes,
  k.created_by as "createdBy", k.created_at as "createdAt", k.expires_at as "expiresAt",
  k.last_used_at as "lastUsedAt", k.rotated_at as "rotatedAt",
  (select max(o.until) from key_secrets o where o.key_id = k.key_id) as "previousUntil"`

/** What a hash leads to. */
export async function findByHash(sql: Sql, hash: Buffer): Promise<Found | undefined> {
  const [row] = await sql<(Key & Omit<Found, 'key'>)[]>`
    select s.hash, s.until, p.state as "projectState", ${columns(sql)}
    from key_secrets s
      join project_keys k on k.key_id = s.key_id
      join projects p on p.project_id = k.project_id
    where s.hash = ${hash}`
  return row && { hash: row.hash, until: row.until, projectState: row.projectState, key: row }
}

export async function findKey(sql: Sql, projectId: string, keyId: string): Promise<Key | undefined> {
  const [row] = await sql<Key[]>`
    select ${columns(sql)} from project_keys k where k.key_id = ${keyId} and k.project_id = ${projectId}`
  return row
}

/** Keys, newest first; one more than `limit` when there is a next page. */
export async function listKeys(
  sql: Sql,
  projectId: string,
  listing: { readonly environment?: string; readonly limit: number; readonly cursor?: string },
): Promise<Key[]> {
  return sql<Key[]>`
    select ${columns(sql)} from project_keys k
    where k.project_id = ${projectId}
      ${listing.environment ? sql`and k.environment = ${listing.environment}` : sql``}
      ${listing.cursor ? sql`and k.key_id < ${listing.cursor}` : sql``}
    order by k.key_id desc
    limit ${listing.limit + 1}`
}

export async function countKeys(sql: Sql, projectId: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from project_keys where project_id = ${projectId}`
  return row!.count
}

export async function insertKey(tx: Tx, key: Key, hash: Buffer): Promise<void> {
  await tx`
    insert into project_keys (key_id, project_id, environment, name, hint, scopes, created_by, created_at, expires_at)
    values (${key.keyId}, ${key.projectId}, ${key.environment}, ${key.name}, ${key.hint}, ${key.scopes as string[]},
      ${key.createdBy}, ${key.createdAt}, ${key.expiresAt})`
  await tx`insert into key_secrets (hash, key_id) values (${hash}, ${key.keyId})`
}

/** Gives a key another secret; the one until now works until `until`, those before it no more. */
export async function rotateSecret(
  tx: Tx,
  keyId: string,
  secret: { readonly hash: Buffer; readonly hint: string },
  now: Date,
  until: Date,
): Promise<void> {
  await tx`delete from key_secrets where key_id = ${keyId} and until is not null`
  await tx`update key_secrets set until = ${until} where key_id = ${keyId}`
  await tx`insert into key_secrets (hash, key_id) values (${secret.hash}, ${keyId})`
  await tx`update project_keys set hint = ${secret.hint}, rotated_at = ${now} where key_id = ${keyId}`
}

export async function deleteKey(tx: Tx, keyId: string): Promise<void> {
  await tx`delete from project_keys where key_id = ${keyId}`
}

/** Writes down that a key was used; two processes at once write it once. */
export async function touchKey(sql: Sql, keyId: string, now: Date, unlessSince: Date): Promise<void> {
  await sql`
    update project_keys set last_used_at = ${now}
    where key_id = ${keyId} and (last_used_at is null or last_used_at <= ${unlessSince})`
}

/** Deletes keys that expired before `expiredBefore` and secrets that ended before `now`. */
export async function purgeKeys(tx: Tx, expiredBefore: Date, now: Date): Promise<void> {
  await tx`delete from project_keys where expires_at < ${expiredBefore}`
  await tx`delete from key_secrets where until < ${now}`
}

/** Keys that a person made in projects they are a member of. */
export async function keysMadeBy(
  sql: Sql,
  projectIds: readonly string[],
  userId: string,
): Promise<{ keyId: string; projectId: string; name: string; createdAt: Date }[]> {
  return sql<{ keyId: string; projectId: string; name: string; createdAt: Date }[]>`
    select key_id as "keyId", project_id as "projectId", name, created_at as "createdAt" from project_keys
    where project_id = any(${projectIds as string[]}) and created_by = ${userId} order by key_id`
}
