/** SQL of the activity log. Nothing here changes an entry. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Details } from './activity.ts'

export interface Entry {
  readonly activityId: string
  readonly at: Date
  readonly kind: string
  readonly byKind: 'person' | 'program' | 'system'
  readonly byId: string | null
  readonly details: Details
}

/** Adds an entry. Does nothing when the project is gone. */
export async function addEntry(tx: Tx, projectId: string, entry: Entry): Promise<void> {
  await tx`
    insert into activity (activity_id, project_id, at, kind, by_kind, by_id, details)
    select ${entry.activityId}, project_id, ${entry.at}, ${entry.kind}, ${entry.byKind}, ${entry.byId},
      ${tx.json(entry.details as never)}
    from projects where project_id = ${projectId}`
}

const columns = (sql: Sql) => sql`
  activity_id as "activityId", at, kind, by_kind as "byKind", by_id as "byId", details`

/** Entries, newest first; `kind` is a whole kind or the first words of some. One more than `limit` for a next page. */
export async function listEntries(
  sql: Sql,
  projectId: string,
  listing: { readonly kind?: string; readonly limit: number; readonly cursor?: string },
): Promise<Entry[]> {
  const { kind } = listing
  return sql<Entry[]>`
    select ${columns(sql)} from activity
    where project_id = ${projectId}
      ${kind ? sql`and topic = ${kind.split('.')[0]!} and (kind = ${kind} or starts_with(kind, ${`${kind}.`}))` : sql``}
      ${listing.cursor ? sql`and activity_id < ${listing.cursor}` : sql``}
    order by activity_id desc
    limit ${listing.limit + 1}`
}

/** When the `nth` newest invitation left; undefined when there are fewer. */
export async function nthInvitationAt(sql: Sql, projectId: string, nth: number): Promise<Date | undefined> {
  const [row] = await sql<{ at: Date }[]>`
    select at from activity where project_id = ${projectId} and topic = 'member' and kind = 'member.invited'
    order by activity_id desc offset ${nth - 1} limit 1`
  return row?.at
}

/** What a person did, newest first, in all projects. */
export async function entriesBy(
  sql: Sql,
  userId: string,
  limit: number,
): Promise<(Entry & { projectId: string })[]> {
  return sql<(Entry & { projectId: string })[]>`
    select project_id as "projectId", ${columns(sql)} from activity
    where by_kind = 'person' and by_id = ${userId} order by activity_id desc limit ${limit}`
}

/** Deletes old entries, so many at most; the number. */
export async function purgeEntries(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx`
    delete from activity where activity_id = any(array(
      select activity_id from activity where at < ${before} order by at limit ${limit}))
    returning 1`
  return rows.length
}
