/** SQL of carts. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { StoredCart, StoredCartLine } from './records.ts'
import { objectOf, type Row } from './rows.ts'

export type { StoredCart, StoredCartLine } from './records.ts'

/** The person's open cart, made when there is none; locked. */
export async function lockOwnCart(tx: Tx, ownerId: string, newId: string, now: Date): Promise<StoredCart> {
  const find = () => tx<Row[]>`select * from carts where owner_id = ${ownerId} and state = 'open' for update`
  let [row] = await find()
  if (!row) {
    await tx`
      insert into carts (cart_id, owner_id, state, updated_at) values (${newId}, ${ownerId}, 'open', ${now})
      on conflict (owner_id) where state = 'open' do nothing`
    ;[row] = await find()
  }
  return objectOf<StoredCart>(row!)
}

export async function findOwnCart(sql: Sql, ownerId: string): Promise<StoredCart | undefined> {
  const [row] = await sql<Row[]>`select * from carts where owner_id = ${ownerId} and state = 'open'`
  return row && objectOf<StoredCart>(row)
}

/** Any cart of that person, locked. */
export async function lockCart(tx: Tx, ownerId: string, cartId: string): Promise<StoredCart | undefined> {
  const [row] = await tx<
    Row[]
  >`select * from carts where cart_id = ${cartId} and owner_id = ${ownerId} for update`
  return row && objectOf<StoredCart>(row)
}

export async function listCartLines(sql: Sql, cartId: string): Promise<StoredCartLine[]> {
  const rows = await sql<Row[]>`
    select l.*, m.name, m.file_id from cart_lines l
      left join models m on m.model_id = l.model_id and m.version = l.version
    where l.cart_id = ${cartId} order by l.line_id`
  return rows.map((row) => objectOf<StoredCartLine>(row))
}

export async function insertCartLine(tx: Tx, line: Omit<StoredCartLine, 'name' | 'fileId'>): Promise<void> {
  await tx`
    insert into cart_lines (line_id, cart_id, kind, model_id, version, follows, options, item_id, quantity, estimate,
      request_id)
    values (${line.lineId}, ${line.cartId}, ${line.kind}, ${line.modelId ?? null}, ${line.version ?? null},
      ${line.follows}, ${line.options ? tx.json(line.options) : null}, ${line.itemId ?? null}, ${line.quantity},
      ${line.estimate ? tx.json(line.estimate) : null}, ${line.requestId ?? null})`
}

export async function saveCartLine(
  tx: Tx,
  line: Pick<
    StoredCartLine,
    'lineId' | 'version' | 'follows' | 'options' | 'quantity' | 'estimate' | 'requestId'
  >,
): Promise<void> {
  await tx`
    update cart_lines set version = ${line.version ?? null}, follows = ${line.follows},
      options = ${line.options ? tx.json(line.options) : null}, quantity = ${line.quantity},
      estimate = ${line.estimate ? tx.json(line.estimate) : null}, request_id = ${line.requestId ?? null}
    where line_id = ${line.lineId}`
}

export async function removeCartLine(tx: Tx, cartId: string, lineId: string): Promise<boolean> {
  const { count } = await tx`delete from cart_lines where cart_id = ${cartId} and line_id = ${lineId}`
  return count > 0
}

export async function touchCart(tx: Tx, cartId: string, now: Date): Promise<StoredCart> {
  const [row] = await tx<Row[]>`
    update carts set version = version + 1, updated_at = ${now} where cart_id = ${cartId} returning *`
  return objectOf<StoredCart>(row!)
}

export async function closeCart(tx: Tx, cartId: string, orderId: string, now: Date): Promise<void> {
  await tx`
    update carts set state = 'ordered', order_id = ${orderId}, version = version + 1, updated_at = ${now}
    where cart_id = ${cartId}`
}

/** The quote's cart, if nothing was changed in it since: it is ordered with the quote. */
export async function closeQuotedCart(
  tx: Tx,
  cartId: string,
  version: number,
  orderId: string,
  now: Date,
): Promise<void> {
  await tx`
    update carts set state = 'ordered', order_id = ${orderId}, version = version + 1, updated_at = ${now}
    where cart_id = ${cartId} and version = ${version} and state = 'open'`
}

interface CartOfLine extends StoredCartLine {
  readonly ownerId: string
}

const openLines = (tx: Tx) => tx`
  select l.*, c.owner_id, m.name, m.file_id from cart_lines l
    join carts c on c.cart_id = l.cart_id and c.state = 'open'
    left join models m on m.model_id = l.model_id and m.version = l.version`

/** Lines of open carts that wait for a price. */
export async function linesAwaiting(tx: Tx, requestId: string): Promise<CartOfLine[]> {
  const rows = await tx<Row[]>`${openLines(tx)} where l.request_id = ${requestId}`
  return rows.map((row) => objectOf<CartOfLine>(row))
}

export async function linesOfModel(tx: Tx, modelId: string): Promise<CartOfLine[]> {
  const rows = await tx<Row[]>`${openLines(tx)} where l.model_id = ${modelId}`
  return rows.map((row) => objectOf<CartOfLine>(row))
}

/** Parts in open carts whose price is of another book, those after `after`. */
export async function linesOfOtherBooks(
  tx: Tx,
  bookVersion: number,
  after: string | undefined,
  limit: number,
): Promise<CartOfLine[]> {
  const rows = await tx<Row[]>`
    ${openLines(tx)} join prices p on p.request_id = l.request_id
    where p.state = 'calculated' and p.book_version <> ${bookVersion} and not p.by_hand
      ${after === undefined ? tx`` : tx`and l.line_id > ${after}`}
    order by l.line_id limit ${limit}`
  return rows.map((row) => objectOf<CartOfLine>(row))
}

export async function listAbandoned(tx: Tx, before: Date, limit: number): Promise<StoredCart[]> {
  const rows = await tx<Row[]>`
    select * from carts where state = 'open' and updated_at < ${before}
    order by updated_at limit ${limit} for update skip locked`
  return rows.map((row) => objectOf<StoredCart>(row))
}

/** An abandoned cart goes, with its lines. */
export async function removeCart(tx: Tx, cartId: string): Promise<void> {
  await tx`delete from carts where cart_id = ${cartId}`
}

export async function removeCartsOf(tx: Tx, ownerId: string): Promise<void> {
  await tx`delete from carts where owner_id = ${ownerId}`
  await tx`
    delete from prices p where owner_id = ${ownerId}
      and not exists (select from order_lines l where l.request_id = p.request_id)`
}
