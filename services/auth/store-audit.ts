/** SQL of the audit log. It has no update and no delete: the database refuses both, but for erasing a person. */
import type { Sql, Tx } from '@pleiad/platform/store'

export interface AuditRecord {
  readonly event: string
  readonly at: Date
  readonly actorId?: string | undefined
  readonly subjectId?: string | undefined
  readonly ip?: string | undefined
  readonly userAgent?: string | undefined
  readonly details?: Readonly<Record<string, unknown>>
}

export async function insertAudit(tx: Tx, record: AuditRecord): Promise<void> {
  await tx`
    insert into audit_log (at, event, actor_id, subject_id, ip, user_agent, details)
    values (${record.at}, ${record.event}, ${record.actorId ?? null}, ${record.subjectId ?? null}, ${record.ip ?? null},
      ${record.userAgent ?? null}, ${tx.json((record.details ?? {}) as never)})`
}

export interface AuditRow {
  readonly id: number
  readonly at: Date
  readonly event: string
  readonly actor_id: string | null
  readonly subject_id: string | null
  readonly ip: string | null
  readonly user_agent: string | null
  readonly details: Record<string, unknown>
}

export interface AuditFilter {
  readonly event?: string | undefined
  readonly subjectId?: string | undefined
  readonly actorId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly before?: number | undefined
  readonly limit: number
}

export async function listAuditRows(sql: Sql, filter: AuditFilter): Promise<AuditRow[]> {
  return sql<AuditRow[]>`
    select id, at, event, actor_id, subject_id, ip, user_agent, details from audit_log
    where true
      ${filter.event ? sql`and event = ${filter.event}` : sql``}
      ${filter.subjectId ? sql`and subject_id = ${filter.subjectId}` : sql``}
      ${filter.actorId ? sql`and actor_id = ${filter.actorId}` : sql``}
      ${filter.from ? sql`and at >= ${filter.from}` : sql``}
      ${filter.to ? sql`and at < ${filter.to}` : sql``}
      ${filter.before ? sql`and id < ${filter.before}` : sql``}
    order by id desc limit ${filter.limit}`
}

/** Makes a person unrecognisable in the log: `pseudonym` takes the place of their id, addresses and details go. */
export async function pseudonymizeAudit(tx: Tx, userId: string, pseudonym: string): Promise<void> {
  await tx`select set_config('pleiad.erasing', ${userId}, true)`
  await tx`
    update audit_log set ip = null, user_agent = null, details = '{}',
      subject_id = case when subject_id = ${userId} then ${pseudonym}::uuid else subject_id end,
      actor_id = case when actor_id = ${userId} then ${pseudonym}::uuid else actor_id end
    where subject_id = ${userId} or actor_id = ${userId}`
  await tx`select set_config('pleiad.erasing', '', true)`
}
