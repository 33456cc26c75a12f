/** Carts: what is put in, its prices, and what changes them from outside. */
import { push, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from './contract.ts'
import type { Cart, Estimate, PrintOptions } from './contract-schemas.ts'
import { holds, priceFor } from './service-prices.ts'
import { configOf } from './settings.ts'
import * as carts from './store-carts.ts'
import { findBook, findItems, findModel } from './store-catalogue.ts'
import { findPrices } from './store-prices.ts'
import { viewCart, viewCartLine } from './views.ts'

const MAX_LINES = 50

/** The currency that everything is sold in now, and the version of the price book. */
export async function pricesNow(tools: Tools, tx: Tx | Tools['sql']) {
  const book = await findBook(tx)
  return { bookVersion: book?.bookVersion, currency: book?.currency ?? configOf(tools).SHOP_CURRENCY }
}

/** What a cart holds: its lines, with the prices and the items of the shelf that they name, by id. */
export async function openCart(tools: Tools, tx: Tx | Tools['sql'], cartId: string) {
  const [lines, { bookVersion, currency }] = await Promise.all([
    carts.listCartLines(tx, cartId),
    pricesNow(tools, tx),
  ])
  const [prices, items] = await Promise.all([
    findPrices(
      tx,
      lines.flatMap(({ requestId }) => (requestId ? [requestId] : [])),
    ),
    findItems(
      tx,
      lines.flatMap(({ itemId }) => (itemId ? [itemId] : [])),
    ),
  ])
  return { lines, prices, items, bookVersion, currency }
}

/** The cart as its owner sees it. */
export async function showCart(tools: Tools, tx: Tx | Tools['sql'], cart: carts.StoredCart): Promise<Cart> {
  const { lines, prices, items, bookVersion, currency } = await openCart(tools, tx, cart.cartId)
  const now = tools.now()
  const views = lines.map((line) => {
    const price = line.requestId ? prices.get(line.requestId) : undefined
    const held = price !== undefined && holds(price, bookVersion, now)
    return viewCartLine(line, price, line.itemId ? items.get(line.itemId) : undefined, held, currency)
  })
  return viewCart(cart, views, currency)
}

export interface MadeDraft {
  readonly modelId: string
  readonly version?: number | undefined
  readonly options: PrintOptions
  readonly estimate?: Estimate | undefined
}

export type Added = 'full' | 'noModel' | undefined

/** Puts a part into a cart and asks for its price. */
export async function addMade(
  tools: Tools,
  tx: Tx,
  cart: carts.StoredCart,
  draft: MadeDraft,
): Promise<Added> {
  const { modelId, version, options, estimate } = draft
  if ((await carts.listCartLines(tx, cart.cartId)).length >= MAX_LINES) return 'full'
  const model = await findModel(tx, cart.ownerId, modelId, version)
  if (!model) return 'noModel'
  const { bookVersion } = await pricesNow(tools, tx)
  const { requestId } = await priceFor(tools, tx, model, options, bookVersion, 'shop')
  await carts.insertCartLine(tx, {
    lineId: tools.newId(),
    cartId: cart.cartId,
    kind: 'made',
    modelId,
    version: model.version,
    follows: version === undefined,
    options,
    quantity: options.quantity,
    requestId,
    ...(estimate ? { estimate } : {}),
  })
  return undefined
}

/** Puts a ready-made item into a cart; to more of what is there already. */
export async function addReady(
  tools: Tools,
  tx: Tx,
  cart: carts.StoredCart,
  itemId: string,
  quantity: number,
): Promise<Added> {
  const lines = await carts.listCartLines(tx, cart.cartId)
  const known = lines.find((line) => line.itemId === itemId)
  if (known) {
    await carts.saveCartLine(tx, { ...known, quantity: Math.min(10_000, known.quantity + quantity) })
    return undefined
  }
  if (lines.length >= MAX_LINES) return 'full'
  await carts.insertCartLine(tx, {
    lineId: tools.newId(),
    cartId: cart.cartId,
    kind: 'ready',
    follows: false,
    itemId,
    quantity,
  })
  return undefined
}

export interface LineChange {
  readonly quantity?: number | undefined
  readonly options?: PrintOptions | undefined
  readonly version?: number | undefined
  readonly estimate?: Estimate | undefined
}

/** False when the model is not there in that version. A price that came for other options does not stay. */
export async function changeLine(
  tools: Tools,
  tx: Tx,
  ownerId: string,
  line: carts.StoredCartLine,
  change: LineChange,
): Promise<boolean> {
  if (line.kind === 'ready') {
    await carts.saveCartLine(tx, { ...line, quantity: change.quantity ?? line.quantity })
    return true
  }
  const options = { ...line.options!, ...change.options }
  if (change.quantity !== undefined) options.quantity = change.quantity
  const follows = line.follows && change.version === undefined
  const model = await findModel(tx, ownerId, line.modelId!, change.version ?? line.version)
  if (!model) return false
  const { bookVersion } = await pricesNow(tools, tx)
  const { requestId } = await priceFor(tools, tx, model, options, bookVersion, 'shop')
  // What was shown for other options says nothing about these.
  const estimate = change.estimate ?? (requestId === line.requestId ? line.estimate : undefined)
  const { estimate: _, ...rest } = line
  await carts.saveCartLine(tx, {
    ...rest,
    version: model.version,
    follows,
    options,
    quantity: options.quantity,
    requestId,
    ...(estimate ? { estimate } : {}),
  })
  return true
}

/** The cart has changed by itself: its open pages load it again. */
export async function tellCart(tools: Tools, tx: Tx, cartId: string): Promise<void> {
  // When somebody was last there is not when a price came.
  const [row] = await tx<{ owner_id: string; version: number }[]>`
    update carts set version = version + 1 where cart_id = ${cartId} and state = 'open' returning owner_id, version`
  if (row) push(tx, shop, 'cart', row.owner_id, { cartId, version: row.version })
  tools.log.debug({ cartId }, 'a cart has changed by itself')
}

/** Prices lines of open carts anew, each for the model it has now. */
export async function priceAnew(
  tools: Tools,
  tx: Tx,
  lines: Awaited<ReturnType<typeof carts.linesOfModel>>,
  version?: number,
): Promise<void> {
  const { bookVersion } = await pricesNow(tools, tx)
  const touched = new Set<string>()
  for (const line of lines) {
    const model = await findModel(tx, line.ownerId, line.modelId!, version ?? line.version)
    if (!model || !line.options) continue
    const { requestId } = await priceFor(tools, tx, model, line.options, bookVersion, 'shop')
    if (requestId === line.requestId && model.version === line.version) continue
    await carts.saveCartLine(tx, { ...line, version: model.version, requestId })
    touched.add(line.cartId)
  }
  for (const cartId of touched) await tellCart(tools, tx, cartId)
}
