/** SQL of what goes: by its date, with its owner, and what the object store and the rows do not agree on. */
import type { Sql, Tx } from '@pleiad/platform/store'

export interface DueRow {
  readonly id: string
  readonly owner_id: string
  readonly purpose: string
  readonly name: string
  readonly size: number
  readonly reason: 'expired' | 'due' | 'lost'
  readonly due_at: Date
}

/** Files that go until `until`, those due first; a lost one goes when it was missed since before `lostBefore`. */
export async function listDue(sql: Sql, until: Date, lostBefore: Date, limit: number): Promise<DueRow[]> {
  return sql<DueRow[]>`
    select id, owner_id, purpose, name, size, reason, due_at from (${due(sql, until, lostBefore, limit)}) d
    order by due_at, id limit ${limit}`
}

export async function countDue(
  sql: Sql,
  until: Date,
  lostBefore: Date,
): Promise<{ files: number; bytes: number }> {
  const [row] = await sql<{ files: number; bytes: number }[]>`
    select count(*)::int as files, coalesce(sum(size), 0)::bigint as bytes from (
      select distinct on (id) id, size from (${due(sql, until, lostBefore)}) d
    ) each`
  return row!
}

/** With `limit` the first of each reason, along its index: of those that are due there may be very many. */
function due(sql: Sql, until: Date, lostBefore: Date, limit?: number) {
  const first = (column: string) =>
    limit === undefined ? sql`` : sql`order by ${sql(column)}, id limit ${limit}`
  // Looked up file by file: an anti-join would read all keepers there are.
  const unkept = sql`(select true from keepers where keepers.file_id = files.id limit 1) is null`
  return sql`
    (select id, owner_id, purpose, name, size, 'expired' as reason, expires_at as due_at from files
    where state = 'uploading' and expires_at <= ${until} ${first('expires_at')})
    union all
    (select id, owner_id, purpose, name, size, 'due', delete_after from files
    where delete_after <= ${until} and state = 'ready'
      and ${unkept} ${first('delete_after')})
    union all
    (select id, owner_id, purpose, name, size, 'lost', missing_since from files
    where missing_since <= ${lostBefore} and (delete_after is null or delete_after > ${until})
      and ${unkept} ${first('missing_since')})`
}

export interface RemovalRow {
  readonly file_id: string
  readonly at: Date
  readonly owner_id: string | null
  readonly purpose: string
  readonly size: number
  readonly reason: 'deleted' | 'expired' | 'due' | 'erased' | 'lost'
}

/** What went, newest first, one more than the page has if there are more. */
export async function listRemovals(
  sql: Sql,
  limit: number,
  after: { readonly at: Date; readonly fileId: string } | undefined,
): Promise<RemovalRow[]> {
  return sql<RemovalRow[]>`
    select * from removals ${after ? sql`where (at, file_id) < (${after.at}, ${after.fileId})` : sql``}
    order by at desc, file_id desc limit ${limit + 1}`
}

export async function purgeRecords(tx: Tx, before: Date): Promise<void> {
  await tx`delete from removals where at < ${before}`
  await tx`delete from erased where at < ${before}`
}

export interface Doomed {
  readonly key: string
  readonly store_ref: string
}

/** Objects that must go, oldest first. */
export async function listDoomed(sql: Sql, limit: number): Promise<Doomed[]> {
  return sql<Doomed[]>`select key, store_ref from doomed order by since limit ${limit}`
}

export async function forgetDoomed(sql: Sql, { key, store_ref }: Doomed): Promise<void> {
  await sql`delete from doomed where key = ${key} and store_ref = ${store_ref}`
}

/** Notes that a person is erased; their files, and what others were given of them, are listed for removal. */
export async function noteErased(tx: Tx, ownerId: string, now: Date): Promise<string[]> {
  await tx`insert into erased (owner_id, at) values (${ownerId}, ${now}) on conflict do nothing`
  await tx`delete from grants where subject = ${`user:${ownerId}`}`
  await tx`update removals set owner_id = null where owner_id = ${ownerId}`
  const rows = await tx<{ id: string }[]>`select id from files where owner_id = ${ownerId} for update`
  return rows.map(({ id }) => id)
}

export async function forgetUsage(tx: Tx, ownerId: string): Promise<void> {
  await tx`delete from usage where owner_id = ${ownerId}`
}

export async function isErased(sql: Sql, ownerId: string): Promise<boolean> {
  return (await sql`select 1 from erased where owner_id = ${ownerId}`).length > 0
}

export interface Listed {
  readonly key: string
  readonly ref: string
  readonly old: boolean
}

/** Writes down a page of what the store has. */
export async function noteListed(tx: Tx, page: readonly Listed[]): Promise<void> {
  await tx`
    insert into listed (key, store_ref, old)
    select * from unnest(${page.map(({ key }) => key)}::uuid[], ${page.map(({ ref }) => ref)}::text[],
      ${page.map(({ old }) => String(old))}::text[]::boolean[])
    on conflict do nothing`
}

/**
 * Compares what was listed with the rows: objects that are old and belong to no row are doomed, files without an object
 * are marked. Only files that were ready before `before` are judged: the listing may have passed younger ones by.
 */
export async function compareListed(
  tx: Tx,
  before: Date,
  now: Date,
): Promise<{ orphans: number; lost: number }> {
  // Rows that the planner knows nothing of yet.
  await tx`analyze listed`
  const orphans = await tx`
    insert into doomed (key, store_ref, since)
    select l.key, l.store_ref, ${now} from listed l left join files f on f.id = l.key
    where l.old and (f.id is null or (l.store_ref <> '' and l.store_ref is distinct from f.store_ref))
    on conflict do nothing returning 1`
  await tx`
    update files set missing_since = null from listed l
    where files.missing_since is not null and l.key = files.id and l.store_ref = ''`
  const lost = await tx`
    update files set missing_since = ${now}
    where state = 'ready' and ready_at < ${before} and missing_since is null
      and not exists (select 1 from listed l where l.key = files.id and l.store_ref = '')
    returning 1`
  await tx`delete from listed`
  return { orphans: orphans.length, lost: lost.length }
}
