/** SQL of the catalogue: the price book's content, models, ready-made items, people. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Catalogue, Item, ItemDraft, ProfileDraft } from './contract-schemas.ts'
import { objectOf, type Row } from './rows.ts'

/** The catalogue that holds; undefined before the first price book. */
export async function findCatalogue(sql: Sql): Promise<Catalogue | undefined> {
  const [row] = await sql<{ content: Catalogue }[]>`select content from catalogue`
  return row?.content
}

/** What of the catalogue every price depends on. */
export async function findBook(sql: Sql): Promise<Pick<Catalogue, 'bookVersion' | 'currency'> | undefined> {
  const [row] = await sql<{ bookVersion: number; currency: string }[]>`
    select (content ->> 'bookVersion')::int as "bookVersion", content ->> 'currency' as currency from catalogue`
  return row
}

/** Takes the place of the one before, unless that is of a later event. */
export async function saveCatalogue(
  tx: Tx,
  eventId: string,
  catalogue: Catalogue,
  at: Date,
): Promise<boolean> {
  const { count } = await tx`
    insert into catalogue (event_id, book_version, currency, content, published_at)
    values (${eventId}, ${catalogue.bookVersion}, ${catalogue.currency}, ${tx.json(catalogue as never)}, ${at})
    on conflict (one) do update set event_id = excluded.event_id, book_version = excluded.book_version,
      currency = excluded.currency, content = excluded.content, published_at = excluded.published_at
      where catalogue.event_id < excluded.event_id`
  return count > 0
}

export interface Model {
  readonly modelId: string
  readonly version: number
  readonly ownerId: string
  readonly name: string
  readonly fileId: string
}

/** Also when it was known; not when it is gone. */
export async function saveModel(tx: Tx, model: Model): Promise<boolean> {
  const { count } = await tx`
    insert into models (model_id, version, owner_id, name, file_id)
    select ${model.modelId}, ${model.version}, ${model.ownerId}, ${model.name}, ${model.fileId}
    where not exists (select from gone_models where model_id = ${model.modelId})
    on conflict (model_id, version) do nothing`
  return count > 0
}

/** The owner's model, in that version or the latest. */
export async function findModel(
  sql: Sql,
  ownerId: string,
  modelId: string,
  version: number | undefined,
): Promise<Model | undefined> {
  const [row] = await sql<Row[]>`
    select * from models where model_id = ${modelId} and owner_id = ${ownerId}
      ${version === undefined ? sql`` : sql`and version = ${version}`}
    order by version desc limit 1`
  return row && objectOf<Model>(row)
}

export async function removeModel(tx: Tx, modelId: string, at: Date): Promise<void> {
  await tx`insert into gone_models (model_id, at) values (${modelId}, ${at}) on conflict do nothing`
  await tx`delete from models where model_id = ${modelId}`
}

interface ItemRow extends Omit<Item, 'updatedAt'> {
  readonly updatedAt: Date
}
const itemOf = (row: Row): Item => {
  const item = objectOf<ItemRow>(row)
  return { ...item, updatedAt: item.updatedAt.toISOString() }
}

/** By number, those after `after`. */
export async function listItems(
  sql: Sql,
  options: { readonly all: boolean; readonly after: string | undefined; readonly limit: number },
): Promise<Item[]> {
  const { all, after, limit } = options
  const rows = await sql<Row[]>`
    select * from items where ${all ? sql`true` : sql`active`} ${after === undefined ? sql`` : sql`and sku > ${after}`}
    order by sku limit ${limit}`
  return rows.map(itemOf)
}

export async function findItem(sql: Sql, sku: string): Promise<Item | undefined> {
  const [row] = await sql<Row[]>`select * from items where sku = ${sku} and active`
  return row && itemOf(row)
}

export async function findItems(sql: Sql, ids: readonly string[]): Promise<Map<string, Item>> {
  if (ids.length === 0) return new Map()
  const rows = await sql<Row[]>`select * from items where item_id = any(${ids as string[]}::uuid[])`
  return new Map(rows.map(itemOf).map((item) => [item.itemId, item]))
}

export async function insertItem(tx: Tx, itemId: string, draft: ItemDraft, now: Date): Promise<Item> {
  const [row] = await tx<Row[]>`
    insert into items (item_id, sku, names, about, price, currency, stock, pictures, active, version, updated_at)
    values (${itemId}, ${draft.sku}, ${tx.json(draft.names)}, ${tx.json(draft.about)}, ${draft.price}, ${draft.currency},
      ${draft.stock}, ${draft.pictures}::uuid[], ${draft.active}, 1, ${now})
    returning *`
  return itemOf(row!)
}

/** Whether an item that is offered shows this file. */
export async function isPicture(sql: Sql, fileId: string): Promise<boolean> {
  const rows = await sql`select 1 from items where pictures @> array[${fileId}::uuid] and active limit 1`
  return rows.length > 0
}

export async function picturesOf(sql: Sql, itemId: string): Promise<string[] | undefined> {
  const [row] = await sql<{ pictures: string[] }[]>`select pictures from items where item_id = ${itemId}`
  return row?.pictures
}

/** Undefined when it is not at that version, or not there. */
export async function updateItem(
  tx: Tx,
  itemId: string,
  version: number,
  draft: ItemDraft,
  now: Date,
): Promise<Item | undefined> {
  const [row] = await tx<Row[]>`
    update items set sku = ${draft.sku}, names = ${tx.json(draft.names)}, about = ${tx.json(draft.about)},
      price = ${draft.price}, currency = ${draft.currency}, stock = ${draft.stock},
      pictures = ${draft.pictures}::uuid[], active = ${draft.active}, version = version + 1, updated_at = ${now}
    where item_id = ${itemId} and version = ${version} returning *`
  return row && itemOf(row)
}

export interface Wanted {
  readonly itemId: string
  readonly quantity: number
}

/** One sum for each item, in the order in which everybody takes them, so that nobody waits for each other. */
function sumsOf(wanted: readonly Wanted[]): Wanted[] {
  const sums = new Map<string, number>()
  for (const { itemId, quantity } of wanted) sums.set(itemId, (sums.get(itemId) ?? 0) + quantity)
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([itemId, quantity]) => ({ itemId, quantity }))
}

/** Takes items from the stock; answers with those of which there are not enough, whose stock is as it was. */
export async function takeStock(tx: Tx, wanted: readonly Wanted[]): Promise<(Wanted & { left: number })[]> {
  const short: (Wanted & { left: number })[] = []
  for (const { itemId, quantity } of sumsOf(wanted)) {
    const taken = await tx`
      update items set stock = stock - ${quantity}, version = version + 1
      where item_id = ${itemId} and active and stock >= ${quantity}`
    if (taken.count > 0) continue
    const [row] = await tx<{ stock: number }[]>`select stock from items where item_id = ${itemId} and active`
    short.push({ itemId, quantity, left: row?.stock ?? 0 })
  }
  return short
}

export async function giveStockBack(tx: Tx, wanted: readonly Wanted[]): Promise<void> {
  for (const { itemId, quantity } of sumsOf(wanted))
    await tx`update items set stock = stock + ${quantity}, version = version + 1 where item_id = ${itemId}`
}

export interface StoredCustomer {
  readonly userId: string
  readonly displayName: string
  readonly email: string
  readonly locale: 'en' | 'ru'
  readonly profile?: ProfileDraft
  readonly version: number
  readonly erased: boolean
}

export async function findCustomer(sql: Sql, userId: string): Promise<StoredCustomer | undefined> {
  const [row] = await sql<Row[]>`select * from customers where user_id = ${userId}`
  return row && objectOf<StoredCustomer>(row)
}

/** What users announced; the later version of it counts. */
export async function saveUser(
  tx: Tx,
  user: { userId: string; displayName: string; locale: string; version: number },
): Promise<void> {
  await tx`
    insert into customers as c (user_id, display_name, locale, user_version)
    values (${user.userId}, ${user.displayName}, ${user.locale}, ${user.version})
    on conflict (user_id) do update set display_name = excluded.display_name, locale = excluded.locale,
      user_version = excluded.user_version
      where not c.erased and c.user_version < excluded.user_version`
}

export async function saveEmail(tx: Tx, userId: string, email: string): Promise<void> {
  await tx`
    insert into customers as c (user_id, email) values (${userId}, ${email})
    on conflict (user_id) do update set email = excluded.email where not c.erased`
}

/** Undefined when the version is another. */
export async function saveProfile(
  tx: Tx,
  userId: string,
  version: number,
  profile: ProfileDraft,
): Promise<number | undefined> {
  const [row] = await tx<{ version: number }[]>`
    insert into customers as c (user_id, profile, version) values (${userId}, ${tx.json(profile)}, 1)
    on conflict (user_id) do update set profile = excluded.profile, version = c.version + 1
      where c.version = ${version} and not c.erased
    returning version`
  return row?.version
}

/** Keeps the id alone, so that an event that arrives late does not bring anything back. */
export async function eraseCustomer(tx: Tx, userId: string): Promise<void> {
  await tx`
    insert into customers (user_id, erased) values (${userId}, true)
    on conflict (user_id) do update set erased = true, display_name = '', email = '', profile = null`
}
