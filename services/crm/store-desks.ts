/** SQL of those of the office who look at the inbox. */
import type { Sql, Tx } from '@pleiad/platform/store'

export async function seenAt(sql: Sql, userId: string): Promise<Date | undefined> {
  const [row] = await sql<{ seen_at: Date }[]>`select seen_at from desks where user_id = ${userId}`
  return row?.seen_at
}

/** Notes that somebody looks now, and forgets those who have not since `left`. */
export async function saveDesk(tx: Tx, userId: string, at: Date, left: Date): Promise<void> {
  await tx`
    insert into desks (user_id, seen_at) values (${userId}, ${at})
    on conflict (user_id) do update set seen_at = excluded.seen_at`
  await tx`delete from desks where seen_at < ${left}`
}

export async function desksSince(sql: Sql, since: Date, most: number): Promise<string[]> {
  const rows = await sql<{ user_id: string }[]>`
    select user_id from desks where seen_at > ${since} order by user_id limit ${most}`
  return rows.map((row) => row.user_id)
}
