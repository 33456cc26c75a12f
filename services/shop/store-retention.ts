/** SQL of the files that orders and carts hold, and of those that went. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Outcome } from './contract-states.ts'
import { objectOf, type Row } from './rows.ts'

export type Retention = Readonly<Record<Outcome, number>>

export async function findRetention(sql: Sql): Promise<{ retention: Retention; version: number }> {
  const [row] = await sql<{ days: Retention; version: number }[]>`select days, version from retention`
  return { retention: row!.days, version: row!.version }
}

/** Undefined when the version is another. What has ended and is still there gets its new date. */
export async function saveRetention(
  tx: Tx,
  version: number,
  retention: Retention,
): Promise<number | undefined> {
  const [row] = await tx<{ version: number }[]>`
    update retention set days = ${tx.json(retention)}, version = version + 1 where version = ${version} returning version`
  if (!row) return undefined
  await tx`
    update held_files set applied = false, redated = true,
      delete_after = ended_at + make_interval(days => (${tx.json(retention)}::jsonb ->> outcome)::int)
    where delete_after is not null and gone_at is null`
  return row.version
}

/** Models of an order that ended which no open order or cart needs, nor one that keeps them beyond `until`. */
export async function filesOfEnded(
  tx: Tx,
  orderId: string,
  until: Date,
): Promise<{ fileId: string; modelId: string }[]> {
  return tx<{ fileId: string; modelId: string }[]>`
    select distinct l.file_id as "fileId", l.model_id as "modelId" from order_lines l
    where l.order_id = ${orderId} and l.kind = 'made'
      and not exists (
        select from order_lines other join orders o on o.order_id = other.order_id
        where other.model_id = l.model_id and o.order_id <> ${orderId} and (o.outcome is null or exists (
          select from held_files h where h.holder_id = o.order_id and h.file_id = other.file_id
            and h.gone_at is null and h.delete_after > ${until})))
      and not exists (
        select from cart_lines c join carts on carts.cart_id = c.cart_id and carts.state = 'open'
        where c.model_id = l.model_id)`
}

/** Writes down which files an order holds, and until when once it has ended. */
export async function syncHeld(tx: Tx, orderId: string): Promise<void> {
  await tx`
    insert into held_files as h (holder_id, file_id, model_id, name, is_order, number, outcome, ended_at, delete_after)
    select distinct on (l.file_id) o.order_id, l.file_id, l.model_id, l.name, true, o.number, o.outcome, o.ended_at,
      o.ended_at + make_interval(days => (r.days ->> o.outcome)::int)
    from orders o join order_lines l on l.order_id = o.order_id and l.kind = 'made', retention r
    where o.order_id = ${orderId}
    on conflict (holder_id, file_id) do update set outcome = excluded.outcome, ended_at = excluded.ended_at,
      delete_after = excluded.delete_after, applied = false
      where h.gone_at is null`
}

/** The files of a cart that is given up. */
export async function releaseCart(tx: Tx, cartId: string, now: Date): Promise<void> {
  await tx`
    insert into held_files (holder_id, file_id, model_id, name, is_order, outcome, ended_at, delete_after)
    select distinct on (m.file_id) l.cart_id, m.file_id, l.model_id, m.name, false, 'abandoned', ${now},
      ${now}::timestamptz + make_interval(days => (r.days ->> 'abandoned')::int)
    from cart_lines l join models m on m.model_id = l.model_id and m.version = l.version, retention r
    where l.cart_id = ${cartId}
    on conflict do nothing`
}

export interface HeldFile {
  readonly holderId: string
  readonly fileId: string
  readonly modelId?: string
  readonly name: string
  readonly isOrder: boolean
  readonly number?: string
  readonly bytes: number
  readonly outcome?: Outcome
  readonly endedAt?: Date
  readonly deleteAfter?: Date
  readonly goneAt?: Date
  /** Its day has changed since its order ended. */
  readonly redated: boolean
}
const heldOf = (row: Row) => objectOf<HeldFile>(row)

/** What files does not know yet. */
export async function listUnapplied(
  tx: Tx,
  holderId: string | undefined,
  limit: number,
): Promise<HeldFile[]> {
  const rows = await tx<Row[]>`
    select * from held_files where not applied ${holderId === undefined ? tx`` : tx`and holder_id = ${holderId}`}
    order by holder_id, file_id limit ${limit} for update skip locked`
  return rows.map(heldOf)
}

/** The latest day that any holder wants the file for; undefined while one keeps it. */
export async function lastDay(tx: Tx, fileId: string): Promise<Date | undefined> {
  const [row] = await tx<{ day: Date | null; kept: boolean }[]>`
    select max(delete_after) as day, bool_or(delete_after is null) as kept from held_files
    where file_id = ${fileId} and gone_at is null`
  return row && !row.kept && row.day ? row.day : undefined
}

export async function markApplied(
  tx: Tx,
  { holderId, fileId }: HeldFile,
  bytes: number | undefined,
): Promise<void> {
  await tx`
    update held_files set applied = true, redated = false, bytes = coalesce(${bytes ?? null}::bigint, bytes)
    where holder_id = ${holderId} and file_id = ${fileId}`
}

/** The file went; answers with the orders that had held it. */
export async function markGone(
  tx: Tx,
  fileId: string,
  bytes: number | undefined,
  now: Date,
): Promise<HeldFile[]> {
  const rows = await tx<Row[]>`
    update held_files set gone_at = ${now}, applied = true, bytes = coalesce(${bytes ?? null}::bigint, bytes)
    where file_id = ${fileId} and gone_at is null returning *`
  return rows.map(heldOf)
}

/** What goes until then: a file that several orders had counts once, and not while one of them goes on. */
const going = (sql: Sql, until: Date) => sql`
  select distinct on (h.file_id) h.* from held_files h
  where h.delete_after <= ${until} and h.gone_at is null
    and not exists (
      select from held_files other where other.file_id = h.file_id and other.gone_at is null
        and (other.delete_after is null or other.delete_after > ${until}))
  order by h.file_id, h.delete_after desc`

export async function previewGoing(
  sql: Sql,
  until: Date,
  limit: number,
): Promise<{ files: number; bytes: number; first: HeldFile[] }> {
  const [sum] = await sql<{ files: number; bytes: number }[]>`
    select count(*) as files, coalesce(sum(bytes), 0)::bigint as bytes from (${going(sql, until)}) g`
  const rows = await sql<Row[]>`
    select * from (${going(sql, until)}) g order by delete_after, file_id limit ${limit}`
  return { files: sum!.files, bytes: sum!.bytes, first: rows.map(heldOf) }
}

export async function listGone(
  sql: Sql,
  before: { at: Date; fileId: string } | undefined,
  limit: number,
): Promise<HeldFile[]> {
  const rows = await sql<Row[]>`
    select * from held_files where gone_at is not null
      ${before ? sql`and (gone_at, file_id) < (${before.at}, ${before.fileId})` : sql``}
    order by gone_at desc, file_id desc limit ${limit}`
  return rows.map(heldOf)
}
