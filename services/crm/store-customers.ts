/** SQL of customers, tags, notes and of people's names. */
import { searchable, searchFor } from '@pleiad/platform/search'
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Customer, CustomerSummary, Note } from './contract-schemas.ts'
import type { Bounds } from './segments.ts'

interface Row {
  customer_id: string
  name: string
  email: string
  company: string | null
  phone: string | null
  language: 'en' | 'ru'
  tags: string[]
  currency: string
  orders: number
  open_orders: number
  spent: string
  first_order_at: Date
  last_order_at: Date
  erased: boolean
  version: number
}

const summaryOf = (row: Row): CustomerSummary => ({
  customerId: row.customer_id,
  name: row.name,
  email: row.email,
  ...(row.company === null ? {} : { company: row.company }),
  tags: row.tags,
  orders: row.orders,
  openOrders: row.open_orders,
  spent: Number(row.spent),
  currency: row.currency,
  lastOrderAt: row.last_order_at.toISOString(),
  version: row.version,
})

const customerOf = (row: Row): Customer => ({
  ...summaryOf(row),
  ...(row.phone === null ? {} : { phone: row.phone }),
  language: row.language,
  firstOrderAt: row.first_order_at.toISOString(),
  erased: row.erased,
})

export interface Known {
  readonly customerId: string
  readonly name: string
  readonly email: string
  readonly company: string | null
  readonly phone: string | null
  readonly language: 'en' | 'ru'
  readonly currency: string
  /** When they ordered. */
  readonly at: Date
}

/** Learns who ordered. Who is erased stays so. */
async function saveCustomer(tx: Tx, known: Known): Promise<void> {
  const search = searchable(known.name, known.email, known.company ?? '')
  await tx`
    insert into customers (customer_id, name, email, company, phone, language, currency, first_order_at,
      last_order_at, search_text, search_grams)
    values (${known.customerId}, ${known.name}, ${known.email}, ${known.company}, ${known.phone}, ${known.language},
      ${known.currency}, ${known.at}, ${known.at}, ${search.text}, ${search.grams})
    on conflict (customer_id) do update set name = excluded.name, email = excluded.email,
      company = coalesce(excluded.company, customers.company), phone = coalesce(excluded.phone, customers.phone),
      language = excluded.language, currency = excluded.currency,
      first_order_at = least(customers.first_order_at, excluded.first_order_at),
      last_order_at = greatest(customers.last_order_at, excluded.last_order_at),
      search_text = excluded.search_text, search_grams = excluded.search_grams
    where not customers.erased`
}

/** Counts customers' orders anew; they are few, and a count that is made anew cannot drift. */
async function recount(
  tx: Tx,
  ids: readonly string[],
  ended: readonly string[],
  calledOff: readonly string[],
): Promise<void> {
  await Promise.all([
    // One at a time, or two that end at once would each count without the other.
    tx`
      select 1 from customers where customer_id = any(${ids as string[]}::uuid[]) order by customer_id for update`,
    tx`
      update customers set orders = c.orders, open_orders = c.open, spent = c.spent
      from unnest(${ids as string[]}::uuid[]) as wanted cross join lateral (
        select count(*)::int as orders,
          count(*) filter (where not state = any(${ended as string[]}::text[]))::int as open,
          coalesce(sum(total) filter (where not state = any(${calledOff as string[]}::text[])), 0)::bigint as spent
        from orders where orders.customer_id = wanted and placed) c
      where customers.customer_id = wanted`,
  ])
}

/** Whose orders have changed in a transaction, and what it learned of them. */
const changed = new WeakMap<Tx, Map<string, Known[]>>()

/**
 * Says that orders of a customer have changed, and what was learned of them; saved and counted when the transaction
 * commits: once for all its events, and in one order, so that two transactions never wait for each other.
 */
export function changeCustomer(
  tx: Tx,
  customerId: string,
  { ended, calledOff }: { readonly ended: readonly string[]; readonly calledOff: readonly string[] },
  known: readonly Known[] = [],
): void {
  let customers = changed.get(tx)
  if (!customers) {
    const all = new Map<string, Known[]>()
    customers = all
    changed.set(tx, all)
    tx.withCommit(async () => {
      const ids = [...all.keys()].sort()
      const saved = ids.flatMap((id) => all.get(id)!.map((one) => saveCustomer(tx, one)))
      await Promise.all([...saved, recount(tx, ids, ended, calledOff)])
    })
  }
  customers.set(customerId, [...(customers.get(customerId) ?? []), ...known])
}

export async function findCustomer(sql: Sql, customerId: string): Promise<Customer | undefined> {
  const [row] = await sql<Row[]>`select * from customers where customer_id = ${customerId}`
  return row && customerOf(row)
}

export interface Listing {
  readonly search?: string
  readonly tag?: string
  readonly bounds?: Bounds
  readonly after?: { readonly at: Date; readonly customerId: string }
  readonly limit: number
}

/** Whoever ordered last first; one more than `limit` when there is a next page. */
export async function listCustomers(sql: Sql, listing: Listing): Promise<CustomerSummary[]> {
  const { tag, bounds, after, limit } = listing
  const wanted = listing.search === undefined ? undefined : searchFor(listing.search)
  const tags = [...(tag === undefined ? [] : [tag]), ...(bounds?.tags ?? [])]
  const rows = await sql<Row[]>`
    select * from customers where true
      ${tags.length > 0 ? sql`and tags @> ${tags}::text[]` : sql``}
      ${bounds && bounds.minOrders > 0 ? sql`and orders >= ${bounds.minOrders}` : sql``}
      ${bounds && bounds.minSpent > 0 ? sql`and spent >= ${bounds.minSpent}` : sql``}
      ${bounds?.before ? sql`and last_order_at < ${bounds.before}` : sql``}
      ${bounds?.after ? sql`and last_order_at > ${bounds.after}` : sql``}
      ${bounds?.company === undefined ? sql`` : sql`and (company is not null) = ${bounds.company}`}
      ${
        wanted
          ? sql`and search_grams @> ${wanted.grams}::text[]
              and search_text like all (${wanted.words.map((word) => `%${word}%`)}::text[])`
          : sql``
      }
      ${after ? sql`and (last_order_at, customer_id) < (${after.at}, ${after.customerId})` : sql``}
    order by last_order_at desc, customer_id desc
    limit ${limit + 1}`
  return rows.map(summaryOf)
}

/** Sets the tags if `version` is still the version; undefined when it is not. */
export async function setTags(
  tx: Tx,
  customerId: string,
  tags: readonly string[],
  version: number,
): Promise<Customer | undefined> {
  const [before] = await tx<{ tags: string[] }[]>`
    select tags from customers where customer_id = ${customerId} and version = ${version} for update`
  if (!before) return undefined
  const given = tags.filter((tag) => !before.tags.includes(tag)).sort()
  const taken = before.tags.filter((tag) => !tags.includes(tag)).sort()
  // Always in one order, so that two who tag at once do not lock each other.
  for (const tag of [...given, ...taken].sort()) {
    await tx`
      insert into tags (tag, customers) values (${tag}, 1)
      on conflict (tag) do update set customers = tags.customers + ${given.includes(tag) ? 1 : -1}`
  }
  if (taken.length > 0) await tx`delete from tags where tag = any(${taken}::text[]) and customers <= 0`
  const [row] = await tx<Row[]>`
    update customers set tags = ${[...tags].sort()}, version = version + 1 where customer_id = ${customerId}
    returning *`
  return customerOf(row!)
}

export async function listTags(sql: Sql): Promise<{ tag: string; customers: number }[]> {
  return sql<{ tag: string; customers: number }[]>`
    select tag, customers from tags where customers > 0 order by customers desc, tag limit 100`
}

interface NoteRow {
  note_id: string
  text: string
  order_id: string | null
  author_id: string
  author_name: string | null
  at: Date
}

const noteOf = (row: NoteRow): Note => ({
  noteId: row.note_id,
  text: row.text,
  ...(row.order_id === null ? {} : { orderId: row.order_id }),
  authorId: row.author_id,
  authorName: row.author_name ?? '',
  at: row.at.toISOString(),
})

/** Newest first; one more than `limit` when there is a next page. */
export async function listNotes(
  sql: Sql,
  customerId: string,
  listing: { readonly orderId?: string; readonly cursor?: string; readonly limit: number },
): Promise<Note[]> {
  const rows = await sql<NoteRow[]>`
    select n.*, p.display_name as author_name from notes n left join people p on p.user_id = n.author_id
    where n.customer_id = ${customerId}
      ${listing.orderId ? sql`and n.order_id = ${listing.orderId}` : sql``}
      ${listing.cursor ? sql`and n.note_id < ${listing.cursor}` : sql``}
    order by n.note_id desc limit ${listing.limit + 1}`
  return rows.map(noteOf)
}

export async function insertNote(
  tx: Tx,
  customerId: string,
  note: { noteId: string; text: string; orderId: string | null; authorId: string; at: Date },
): Promise<Note> {
  const [row] = await tx<NoteRow[]>`
    with added as (
      insert into notes (note_id, customer_id, order_id, author_id, text, at)
      values (${note.noteId}, ${customerId}, ${note.orderId}, ${note.authorId}, ${note.text}, ${note.at})
      returning *)
    select a.*, p.display_name as author_name from added a left join people p on p.user_id = a.author_id`
  return noteOf(row!)
}

/** Whether there was such a note of that author. */
export async function deleteNote(tx: Tx, noteId: string, authorId: string): Promise<boolean> {
  return (
    (await tx`delete from notes where note_id = ${noteId} and author_id = ${authorId} returning 1`).length > 0
  )
}

export async function savePerson(
  tx: Tx,
  person: { userId: string; displayName: string; version: number },
): Promise<void> {
  await tx`
    insert into people (user_id, display_name, version) values (${person.userId}, ${person.displayName},
      ${person.version})
    on conflict (user_id) do update set display_name = excluded.display_name, version = excluded.version
    where people.version < excluded.version`
}

export async function isKnown(sql: Sql, userId: string): Promise<boolean> {
  return (await sql`select 1 from people where user_id = ${userId}`).length > 0
}

/** Erases a person: names, addresses and what they wrote. Orders and their sums stay, for the books. */
export async function erasePerson(tx: Tx, userId: string): Promise<void> {
  await tx`delete from people where user_id = ${userId}`
  await tx`
    update customers set name = '—', email = '', company = null, phone = null, erased = true, version = version + 1,
      search_text = '', search_grams = '{}'
    where customer_id = ${userId}`
  await tx`
    update orders set customer_name = '—', delivery = '{}', note = null, search_text = lower(number),
      search_grams = '{}', version = version + 1
    where customer_id = ${userId} and placed`
  await tx`update messages set text = '—' where author_id = ${userId}`
  await tx`delete from notes where customer_id = ${userId}`
  await tx`update tasks set assignee_id = null where assignee_id = ${userId} and done_at is null`
}
