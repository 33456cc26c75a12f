/** From a cart to an order: quotes, checkout, and what prices do to drafts. A cart and a quote are ordered once. */
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from './contract.ts'
import type { CustomerDetails, Delivery, DeliveryChoice, OrderCustomer } from './contract-schemas.ts'
import { settleDraft, sumOf } from './money.ts'
import { type Cause, note, tell } from './service-announce.ts'
import { openCart } from './service-carts.ts'
import { command } from './service-orders.ts'
import { holds, pricedBy, priceFor } from './service-prices.ts'
import { configOf } from './settings.ts'
import * as carts from './store-carts.ts'
import { takeStock } from './store-catalogue.ts'
import type { StoredLine, StoredOrder } from './store-orders.ts'
import * as orders from './store-orders.ts'
import { findPrices } from './store-prices.ts'
import { searchWords } from './views.ts'

const DAY_MS = 86_400_000
const system: Cause = { actor: 'system' }

/** How it is to be ordered, checked. */
export interface Placing {
  readonly customer: OrderCustomer
  readonly delivery: Delivery
  readonly payment: 'invoice' | 'stripe'
  readonly note?: string | undefined
}

export function deliveryOf(tools: Tools, { method, address }: DeliveryChoice): Delivery | undefined {
  const { SHOP_COURIER_PRICE, SHOP_POST_PRICE } = configOf(tools)
  if (method === 'pickup') return { method, price: 0 }
  if (!address) return undefined
  return { method, price: method === 'post' ? SHOP_POST_PRICE : SHOP_COURIER_PRICE, address }
}

export function customerOf(
  userId: string,
  details: CustomerDetails,
  locale: 'en' | 'ru' | undefined,
): OrderCustomer {
  return { ...details, userId, language: details.language ?? locale ?? 'en' }
}

/** A line that cannot be ordered, and why. */
export interface BadLine {
  readonly lineId: string
  readonly reason: 'modelGone' | 'refused' | 'notOffered'
}

/** The lines of a cart as an order’s; parts without a price that holds are asked for. */
export async function linesOfCart(
  tools: Tools,
  tx: Tx,
  cart: carts.StoredCart,
  orderId: string,
): Promise<{ lines: StoredLine[]; bad: BadLine[]; currency: string }> {
  const { lines: stored, prices, items, bookVersion, currency } = await openCart(tools, tx, cart.cartId)
  const lines: StoredLine[] = []
  const bad: BadLine[] = []
  for (const line of stored) {
    const { lineId, quantity } = line
    const base = { lineId: tools.newId(), orderId, kind: line.kind, quantity }
    if (line.kind === 'ready') {
      const item = items.get(line.itemId!)
      if (!item?.active || item.currency !== currency) {
        bad.push({ lineId, reason: 'notOffered' })
        continue
      }
      const total = item.price * quantity
      const { sku, itemId, price: unitPrice } = item
      const estimate = { low: total, high: total }
      const priced = { priceState: 'calculated', currency, unitPrice, total, estimate } as const
      lines.push({ ...base, name: item.names.en, sku, itemId, ...priced })
      continue
    }
    const { modelId, version, name, fileId, options } = line
    if (!modelId || !version || !options || name === undefined || !fileId) {
      bad.push({ lineId, reason: 'modelGone' })
      continue
    }
    const model = { modelId, version, ownerId: cart.ownerId, name, fileId }
    const known = line.requestId ? prices.get(line.requestId) : undefined
    // A price that came does not change any more, so it needs no lock.
    const price =
      known && holds(known, bookVersion, tools.now())
        ? known
        : await priceFor(tools, tx, model, options, bookVersion, 'shop')
    if (price.state === 'refused') bad.push({ lineId, reason: 'refused' })
    // What they saw last counts: a price that came, or else the estimate.
    const shown = holds(price, bookVersion, tools.now()) ? price.total : known?.total
    const estimate = shown === undefined ? line.estimate : { low: shown, high: shown }
    lines.push({
      ...base,
      name,
      modelId,
      version,
      fileId,
      options,
      requestId: price.requestId,
      ...(estimate ? { estimate } : {}),
      ...pricedBy(price, quantity),
    })
  }
  return { lines, bad, currency }
}

/** What every new order has. */
export async function newOrder(
  tools: Tools,
  tx: Tx,
  about: Pick<StoredOrder, 'orderId' | 'channel' | 'customerId' | 'customer' | 'currency'> &
    Partial<StoredOrder>,
): Promise<StoredOrder> {
  const now = tools.now()
  return {
    number: await orders.nextNumber(tx, now),
    state: 'draft',
    test: false,
    ordered: false,
    needsAcceptance: false,
    stockHeld: false,
    paymentMethod: 'invoice',
    paymentState: 'open',
    erase: false,
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...about,
  }
}

/** Writes a new order down; false when its cart or key has one already. */
export async function insert(
  tools: Tools,
  tx: Tx,
  order: StoredOrder,
  lines: readonly StoredLine[],
  cause: Cause,
): Promise<boolean> {
  if (!(await orders.insertOrder(tx, order))) return false
  await orders.insertLines(tx, lines)
  tx.withCommit(() => orders.saveWords(tx, order.orderId, searchWords(order.number, order.customer)))
  note(tools, tx, order, order.ordered ? 'ordered' : 'quoteRequested', cause, { state: 'draft' })
  if (lines.some(({ kind }) => kind === 'made')) emit(tx, shop, 'order.files.due', { orderId: order.orderId })
  tools.count('orders_begun', { channel: order.channel })
  return true
}

/** What the prices that are there make of a draft: a quote, an order if that is wanted, or its end. */
export async function settle(
  tools: Tools,
  tx: Tx,
  draft: StoredOrder,
  lines: readonly StoredLine[],
  cause: Cause = system,
): Promise<StoredOrder> {
  if (draft.state !== 'draft') return draft
  const quoteMs = configOf(tools).SHOP_QUOTE_DAYS * DAY_MS
  const settled = settleDraft(lines, draft.currency, tools.now(), quoteMs)
  if (settled.kind === 'wait') return draft
  const must = async (result: ReturnType<typeof command>) => {
    const { order, refused } = await result.then((one) => ({ order: undefined, refused: undefined, ...one }))
    if (!order) throw new Error(`A draft that was settled could not be moved: ${refused}`)
    return order
  }
  if (settled.kind === 'refuse')
    return must(command(tools, tx, draft, lines, 'refusePrice', { ...system, reason: settled.reason }))
  const { linesTotal, validUntil, expected } = settled
  const quoted = await must(
    command(tools, tx, draft, lines, 'quote', system, {
      linesTotal,
      total: linesTotal + (draft.delivery?.price ?? 0),
      validUntil,
      needsAcceptance: draft.ordered && !expected,
    }),
  )
  return draft.ordered && expected ? must(command(tools, tx, quoted, lines, 'place', cause)) : quoted
}

/** A price came, or will come later, or never: it goes into every draft that waits for it. */
export async function priceDrafts(tools: Tools, tx: Tx, requestId: string): Promise<void> {
  const price = (await findPrices(tx, [requestId])).get(requestId)
  if (!price) return
  for (const orderId of await orders.ordersAwaiting(tx, requestId)) {
    const order = await orders.lockOrder(tx, orderId)
    if (order?.state !== 'draft') continue
    const lines: StoredLine[] = []
    for (const line of await orders.listLines(tx, orderId)) {
      const priced = line.requestId === requestId ? { ...line, ...pricedBy(price, line.quantity) } : line
      if (priced !== line) await orders.saveLinePrice(tx, priced)
      lines.push(priced)
    }
    const amount: Record<string, string | number> =
      price.total === undefined ? {} : { amount: price.total, currency: price.currency ?? '' }
    note(tools, tx, order, `price.${price.state}`, {
      ...system,
      ...(price.problem ? { reason: price.problem.detail } : {}),
      data: { name: lines.find((line) => line.requestId === requestId)?.name ?? '', ...amount },
    })
    const settled = await settle(tools, tx, order, lines)
    if (settled === order) tell(tx, await orders.saveOrder(tx, order, tools.now()))
  }
}

export const needsStock = (lines: readonly StoredLine[]) => lines.some(({ itemId }) => itemId !== undefined)

/**
 * Takes what is ready-made from the stock; answers with what there is too little of. As late as may be: everybody who
 * orders the same item waits for the commit.
 */
export async function reserve(tx: Tx, lines: readonly StoredLine[]) {
  const wanted = lines.flatMap(({ itemId, quantity }) => (itemId ? [{ itemId, quantity }] : []))
  if (wanted.length === 0) return []
  const short = await takeStock(tx, wanted)
  const skus = new Map(lines.map(({ itemId, sku }) => [itemId, sku]))
  return short.map(({ itemId, quantity, left }) => ({ sku: skus.get(itemId), wanted: quantity, left }))
}

/** A quote becomes an order at its frozen prices; locked, in state quoted, valid. */
export async function placeQuote(
  tools: Tools,
  tx: Tx,
  quote: StoredOrder,
  lines: readonly StoredLine[],
  placing: Placing,
  cause: Cause,
): Promise<StoredOrder | undefined> {
  const linesTotal = sumOf(lines) ?? 0
  await orders.saveWords(tx, quote.orderId, searchWords(quote.number, placing.customer))
  const { note: text } = placing
  const { order } = await command(tools, tx, quote, lines, 'place', cause, {
    customer: placing.customer,
    delivery: placing.delivery,
    paymentMethod: placing.payment,
    ...(text === undefined ? {} : { note: text }),
    ordered: true,
    needsAcceptance: false,
    stockHeld: needsStock(lines),
    linesTotal,
    total: linesTotal + placing.delivery.price,
  }).then((one) => ({ order: undefined, ...one }))
  if (order && quote.quotedCart && quote.quotedCartVersion !== undefined)
    await carts.closeQuotedCart(tx, quote.quotedCart, quote.quotedCartVersion, quote.orderId, tools.now())
  return order
}
