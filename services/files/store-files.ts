/** SQL of files and of the room they take. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Reason } from './contract-schemas.ts'
import type { FileRow } from './views.ts'

export interface NewFile {
  readonly id: string
  readonly ownerId: string
  readonly purpose: string
  readonly name: string
  readonly size: number
  readonly declaredType: string
  readonly deleteAfter: Date | undefined
}

/** Reserves room for one file more. False when there is not enough of it: two at once cannot share the last of it. */
export async function reserve(tx: Tx, ownerId: string, bytes: number, quota: number): Promise<boolean> {
  if (bytes > quota) return false
  const rows = await tx`
    insert into usage (owner_id, bytes, files) values (${ownerId}, ${bytes}, 1)
    on conflict (owner_id) do update set bytes = usage.bytes + excluded.bytes, files = usage.files + 1
      where usage.bytes + excluded.bytes <= ${quota}
    returning 1`
  return rows.length === 1
}

export async function findUsage(sql: Sql, ownerId: string): Promise<{ bytes: number; files: number }> {
  const rows = await sql<{ bytes: number; files: number }[]>`
    select bytes, files from usage where owner_id = ${ownerId}`
  return rows[0] ?? { bytes: 0, files: 0 }
}

/** Unfinished uploads of a person, no further than `limit`. */
export async function countUploads(sql: Sql, ownerId: string, limit: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from (
      select 1 from files where owner_id = ${ownerId} and state = 'uploading' limit ${limit}
    ) some_of_them`
  return row!.n
}

export async function insertUpload(
  tx: Tx,
  file: NewFile,
  ref: string,
  now: Date,
  expiresAt: Date,
): Promise<void> {
  await tx`
    insert into files (id, owner_id, purpose, name, size, declared_type, state, created_at, store_ref, expires_at,
      delete_after)
    values (${file.id}, ${file.ownerId}, ${file.purpose}, ${file.name}, ${file.size}, ${file.declaredType},
      'uploading', ${now}, ${ref}, ${expiresAt}, ${file.deleteAfter ?? null})`
}

export interface Content {
  readonly type: string
  readonly sha256: Buffer
}

/** A file that a service brought whole. */
export async function insertReady(tx: Tx, file: NewFile, content: Content, now: Date): Promise<void> {
  await tx`
    insert into files (id, owner_id, purpose, name, size, declared_type, state, created_at, type, sha256, ready_at,
      delete_after)
    values (${file.id}, ${file.ownerId}, ${file.purpose}, ${file.name}, ${file.size}, ${file.declaredType},
      'ready', ${now}, ${content.type}, ${content.sha256}, ${now}, ${file.deleteAfter ?? null})`
}

export async function findFile(sql: Sql, id: string): Promise<FileRow | undefined> {
  const rows = await sql<FileRow[]>`select * from files where id = ${id}`
  return rows[0]
}

/** Those of them that are ready. */
export async function findReady(sql: Sql, ids: readonly string[]): Promise<FileRow[]> {
  return sql<FileRow[]>`select * from files where id = any(${ids as string[]}::uuid[]) and state = 'ready'`
}

export async function lockFile(tx: Tx, id: string): Promise<FileRow | undefined> {
  const rows = await tx<FileRow[]>`select * from files where id = ${id} for update`
  return rows[0]
}

export interface Page {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Files of a person, newest first, one more than the page has if there are more. */
export async function listFiles(
  sql: Sql,
  ownerId: string,
  { limit, cursor, purpose, state }: Page & { purpose?: string | undefined; state?: string | undefined },
): Promise<FileRow[]> {
  return sql<FileRow[]>`
    select * from files where owner_id = ${ownerId}
      ${cursor ? sql`and id < ${cursor}` : sql``}
      ${purpose ? sql`and purpose = ${purpose}` : sql``}
      ${state === 'uploading' ? sql`and state = 'uploading'` : state ? sql`and state = ${state}` : sql``}
    order by id desc limit ${limit + 1}`
}

/**
 * Makes `writer` the only one who writes to an upload; undefined when another one does, or it is not uploading. A
 * lease that nobody renewed is free: its process was killed.
 */
export async function claimUpload(
  sql: Sql,
  id: string,
  writer: string,
  times: { readonly now: Date; readonly leaseUntil: Date; readonly expiresAt: Date },
): Promise<FileRow | undefined> {
  const rows = await sql<FileRow[]>`
    update files set writer = ${writer}, lease_until = ${times.leaseUntil}, epoch = epoch + 1,
      expires_at = ${times.expiresAt}
    where id = ${id} and state = 'uploading' and expires_at > ${times.now}
      and (writer is null or lease_until < ${times.now})
    returning *`
  return rows[0]
}

/** False when the lease was lost: somebody else writes, or the upload is gone. */
export async function renewLease(sql: Sql, id: string, writer: string, leaseUntil: Date): Promise<boolean> {
  const rows = await sql`
    update files set lease_until = ${leaseUntil} where id = ${id} and writer = ${writer} returning 1`
  return rows.length === 1
}

export async function releaseUpload(
  sql: Sql,
  id: string,
  writer: string,
  received: number | undefined,
  expiresAt: Date,
): Promise<void> {
  await sql`
    update files set writer = null, lease_until = null, expires_at = ${expiresAt},
      received = ${received === undefined ? sql`received` : received}
    where id = ${id} and writer = ${writer}`
}

/** Makes an upload a file. Undefined when `writer` is not its writer any more, or it is gone. */
export async function completeUpload(
  tx: Tx,
  id: string,
  writer: string,
  content: Content,
  now: Date,
): Promise<FileRow | undefined> {
  const rows = await tx<FileRow[]>`
    update files set state = 'ready', received = size, type = ${content.type}, sha256 = ${content.sha256},
      ready_at = ${now}, expires_at = null, store_ref = null, writer = null, lease_until = null
    where id = ${id} and state = 'uploading' and writer = ${writer}
    returning *`
  return rows[0]
}

export interface Removed {
  readonly id: string
  readonly owner_id: string
  readonly purpose: string
  readonly size: number
  readonly state: 'uploading' | 'ready'
}

/** Deletes rows, gives their room back, and writes down what went and which objects must go after it. */
export async function removeFiles(
  tx: Tx,
  ids: readonly string[],
  reason: Reason,
  now: Date,
): Promise<Removed[]> {
  return tx<Removed[]>`
    with gone as (
      delete from files where id = any(${ids as string[]}::uuid[]) returning *
    ), freed as (
      update usage set bytes = usage.bytes - sums.bytes, files = usage.files - sums.n
      from (select owner_id, sum(size)::bigint as bytes, count(*)::int as n from gone group by owner_id) sums
      where usage.owner_id = sums.owner_id
    ), to_go as (
      insert into doomed (key, store_ref, since)
      select id, coalesce(store_ref, ''), ${now} from gone
      on conflict do nothing
    ), recorded as (
      insert into removals (file_id, at, owner_id, purpose, size, reason)
      select id, ${now}, ${reason === 'erased' ? null : tx`owner_id`}, purpose, size, ${reason} from gone
      on conflict do nothing
    )
    select id, owner_id, purpose, size, state from gone`
}

/** Whether one of the subjects was given the file. */
export async function isGranted(sql: Sql, fileId: string, subjects: readonly string[]): Promise<boolean> {
  const rows = await sql`
    select 1 from grants where file_id = ${fileId} and subject = any(${subjects as string[]}) limit 1`
  return rows.length > 0
}

export async function addGrant(tx: Tx, fileId: string, subject: string): Promise<void> {
  await tx`insert into grants (file_id, subject) values (${fileId}, ${subject}) on conflict do nothing`
}

export async function removeGrant(tx: Tx, fileId: string, subject: string): Promise<void> {
  await tx`delete from grants where file_id = ${fileId} and subject = ${subject}`
}

export async function addKeeper(tx: Tx, fileId: string, keeper: string, now: Date): Promise<void> {
  await tx`
    insert into keepers (file_id, keeper, since) values (${fileId}, ${keeper}, ${now}) on conflict do nothing`
}

export async function removeKeeper(tx: Tx, fileId: string, keeper: string): Promise<void> {
  await tx`delete from keepers where file_id = ${fileId} and keeper = ${keeper}`
}

/** Who keeps a file, the first twenty. */
export async function listKeepers(sql: Sql, fileId: string): Promise<string[]> {
  return (await listKeepersOf(sql, [fileId])).get(fileId) ?? []
}

/** Who keeps each of these files, the first twenty; files that nobody keeps are left out. */
export async function listKeepersOf(sql: Sql, fileIds: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await sql<{ file_id: string; keepers: string[] }[]>`
    select file_id, keepers from unnest(${fileIds as string[]}::uuid[]) file_id cross join lateral (
      select array_agg(keeper order by since) as keepers from (
        select keeper, since from keepers where keepers.file_id = file_id.file_id order by since limit 20
      ) first
    ) kept
    where keepers is not null`
  return new Map(rows.map(({ file_id, keepers }) => [file_id, keepers]))
}

/** When the file goes by itself; null: never. */
export async function setDeleteAfter(tx: Tx, fileId: string, at: Date | null): Promise<void> {
  await tx`update files set delete_after = ${at} where id = ${fileId}`
}
