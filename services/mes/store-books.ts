/** SQL of the price book: versions, when they are in force, their history. */

import type { Sql, Tx } from '@pleiad/platform/store'
import type { PriceBook } from '@pleiad/workshop/price/book'
import type { Period, StoredBook } from './books.ts'
import type { BookInfo } from './contract.ts'

interface BookRow {
  version: number
  note: string
  revision: number
  created_at: Date
  created_by: string | null
  published_at: Date | null
  published_by: string | null
}

/** Without its content. */
const columns = ['version', 'note', 'revision', 'created_at', 'created_by', 'published_at', 'published_by']

async function withPeriods(sql: Sql, rows: readonly BookRow[]): Promise<StoredBook[]> {
  const versions = rows.map(({ version }) => version)
  const found = await sql<{ version: number; from: Date; until: Date | null }[]>`
    select version, valid_from as from,
      (select min(next.valid_from) from periods next where next.valid_from > periods.valid_from) as until
    from periods where version = any(${versions}::int[]) order by valid_from`
  const of = new Map<number, Period[]>()
  for (const { version, from, until } of found) of.set(version, [...(of.get(version) ?? []), { from, until }])
  return rows.map((row) => ({
    version: row.version,
    note: row.note,
    revision: row.revision,
    createdAt: row.created_at,
    createdBy: row.created_by,
    publishedAt: row.published_at,
    publishedBy: row.published_by,
    periods: of.get(row.version) ?? [],
  }))
}

/** Holds the whole timeline: publishing and making versions follow one another. */
export async function lockBooks(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('mes:books'))`
}

export async function insertBook(
  tx: Tx,
  draft: { readonly note: string; readonly book: PriceBook; readonly by: string | null; readonly at: Date },
): Promise<StoredBook> {
  const rows = await tx<BookRow[]>`
    insert into books (version, note, book, created_at, created_by)
    select coalesce(max(version), 0) + 1, ${draft.note}, ${tx.json(draft.book as never)}, ${draft.at}, ${draft.by}
    from books returning ${tx(columns)}`
  return (await withPeriods(tx, rows))[0]!
}

export async function countDrafts(sql: Sql): Promise<number> {
  const rows = await sql<
    { count: number }[]
  >`select count(*)::int as count from books where published_at is null`
  return rows[0]!.count
}

export async function findBook(sql: Sql, version: number): Promise<StoredBook | undefined> {
  const rows = await sql<BookRow[]>`select ${sql(columns)} from books where version = ${version}`
  return (await withPeriods(sql, rows))[0]
}

export async function lockBook(tx: Tx, version: number): Promise<StoredBook | undefined> {
  const rows = await tx<BookRow[]>`select ${tx(columns)} from books where version = ${version} for update`
  return (await withPeriods(tx, rows))[0]
}

export async function findContent(sql: Sql, version: number): Promise<PriceBook | undefined> {
  const rows = await sql<{ book: PriceBook }[]>`select book from books where version = ${version}`
  return rows[0]?.book
}

/** Newest first; one more than `limit` when there is a next page. */
export async function listBooks(
  sql: Sql,
  page: {
    readonly before?: number
    readonly limit: number
    readonly state?: BookInfo['state']
    readonly now: Date
  },
): Promise<StoredBook[]> {
  const alive = sql`exists (
    select from periods where periods.version = books.version and coalesce(
      (select min(next.valid_from) from periods next where next.valid_from > periods.valid_from), 'infinity') > ${page.now})`
  const rows = await sql<BookRow[]>`
    select ${sql(columns)} from books where version < ${page.before ?? 2_147_483_647}
      ${page.state === undefined ? sql`` : page.state === 'draft' ? sql`and published_at is null` : sql`and published_at is not null and ${page.state === 'published' ? alive : sql`not ${alive}`}`}
    order by version desc limit ${page.limit + 1}`
  return withPeriods(sql, rows)
}

export async function saveBook(tx: Tx, version: number, note: string, book: PriceBook): Promise<void> {
  await tx`
    update books set note = ${note}, book = ${tx.json(book as never)}, revision = revision + 1
    where version = ${version}`
}

export async function removeBook(tx: Tx, version: number): Promise<void> {
  await tx`delete from books where version = ${version}`
}

export async function notePublished(tx: Tx, version: number, by: string | null, at: Date): Promise<void> {
  await tx`
    update books set published_at = ${at}, published_by = ${by}, revision = revision + 1 where version = ${version}`
}

export interface InForce {
  readonly version: number
  readonly from: Date
  readonly until: Date | null
}

/** The period that holds at a time; undefined only before the first book. */
export async function findInForce(sql: Sql, at: Date): Promise<InForce | undefined> {
  const rows = await sql<InForce[]>`
    select version, valid_from as from,
      (select min(next.valid_from) from periods next where next.valid_from > periods.valid_from) as until
    from periods where valid_from <= ${at} order by valid_from desc limit 1`
  return rows[0]
}

/** Lays a book over the timeline: what began within is gone, what was in force at the end goes on after it. */
export async function layPeriod(
  tx: Tx,
  version: number,
  from: Date,
  until: Date | null,
): Promise<{ readonly resumed: number | undefined }> {
  const after = until ? await findInForce(tx, until) : undefined
  await tx`
    delete from periods where valid_from >= ${from} ${until ? tx`and valid_from < ${until}` : tx``}`
  await tx`insert into periods (valid_from, version) values (${from}, ${version})`
  if (!until || !after) return { resumed: undefined }
  const rows = await tx`
    insert into periods (valid_from, version) values (${until}, ${after.version}) on conflict do nothing returning 1`
  return { resumed: rows.length > 0 ? after.version : undefined }
}

export async function noteChange(
  tx: Tx,
  change: {
    readonly version: number
    readonly at: Date
    readonly by: string | null
    readonly change: 'created' | 'edited' | 'published'
    readonly paths: readonly string[]
  },
): Promise<void> {
  await tx`
    insert into book_changes (version, at, by, change, paths)
    values (${change.version}, ${change.at}, ${change.by}, ${change.change}, ${change.paths as string[]}::text[])`
}

/** Newest first, at most two hundred. */
export async function listChanges(
  sql: Sql,
  version: number,
): Promise<{ at: Date; by: string | null; change: 'created' | 'edited' | 'published'; paths: string[] }[]> {
  return sql`
    select at, by, change, paths from book_changes where version = ${version} order by change_id desc limit 200`
}
