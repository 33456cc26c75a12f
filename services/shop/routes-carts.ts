/** The cart, quotes and the checkout. */
import type { Call, Tools } from '@pleiad/platform/service'
import type { buying } from './contract-buying.ts'
import { checkOptions } from './options.ts'
import { type Part, show, withOrder } from './routes-part.ts'
import type { Cause } from './service-announce.ts'
import { addMade, addReady, changeLine, pricesNow, showCart } from './service-carts.ts'
import {
  customerOf,
  deliveryOf,
  insert,
  linesOfCart,
  needsStock,
  newOrder,
  type Placing,
  placeQuote,
  reserve,
  settle,
} from './service-checkout.ts'
import { command } from './service-orders.ts'
import * as carts from './store-carts.ts'
import { findCatalogue, findCustomer, findItem } from './store-catalogue.ts'
import { findOrder, listLines, lockOrder, saveOrder } from './store-orders.ts'

type Operations = Pick<
  typeof buying,
  'getCart' | 'addLine' | 'changeLine' | 'removeLine' | 'requestQuote' | 'checkout' | 'acceptPrice'
>

const added = { full: 'cartFull', noModel: 'modelNotReady' } as const

async function refuseOptions(
  call: Tools & {
    readonly fail: (code: 'optionsNotOffered', d?: string, e?: Record<string, unknown>) => never
  },
  options: Parameters<typeof checkOptions>[0],
): Promise<void> {
  const errors = checkOptions(options, await findCatalogue(call.sql))
  if (errors.length > 0) call.fail('optionsNotOffered', undefined, { errors })
}

/** How it is to be ordered, from what the customer sent. */
async function placingOf(
  call: Call<(typeof buying)['checkout']>,
  payments: ReadonlyMap<string, unknown>,
): Promise<Placing> {
  const { body, caller, sql, fail } = call
  const delivery = deliveryOf(call, body.delivery)
  if (!delivery) return fail('addressMissing')
  if (!payments.has(body.payment)) return fail('paymentNotOffered')
  const known = await findCustomer(sql, caller.id)
  return {
    customer: customerOf(caller.id, body.customer, known?.locale),
    delivery,
    payment: body.payment,
    note: body.note,
  }
}

export const cartRoutes: Part<Operations> = (own) => ({
  getCart: async (call) => {
    const { sql, caller } = call
    const cart =
      (await carts.findOwnCart(sql, caller.id)) ??
      (await call.transact((tx) => carts.lockOwnCart(tx, caller.id, call.newId(), call.now())))
    return showCart(call, sql, cart)
  },

  addLine: async (call) => {
    const { body, caller, fail } = call
    if (body.kind === 'made') await refuseOptions(call, body.options)
    return call.transact(async (tx) => {
      const cart = await carts.lockOwnCart(tx, caller.id, call.newId(), call.now())
      if (body.kind === 'made') {
        const trouble = await addMade(call, tx, cart, body)
        if (trouble) return fail(added[trouble])
      } else {
        const item = await findItem(tx, body.sku)
        const { currency } = await pricesNow(call, tx)
        if (!item || item.currency !== currency) return fail('itemNotAvailable')
        if (await addReady(call, tx, cart, item.itemId, body.quantity)) return fail('cartFull')
      }
      return showCart(call, tx, await carts.touchCart(tx, cart.cartId, call.now()))
    })
  },

  changeLine: async (call) => {
    const { body, caller, params, fail } = call
    if (body.options) await refuseOptions(call, body.options)
    return call.transact(async (tx) => {
      const cart = await carts.lockOwnCart(tx, caller.id, call.newId(), call.now())
      const lines = await carts.listCartLines(tx, cart.cartId)
      const line = lines.find(({ lineId }) => lineId === params.lineId) ?? fail('notFound')
      if (!(await changeLine(call, tx, caller.id, line, body))) return fail('modelNotReady')
      return showCart(call, tx, await carts.touchCart(tx, cart.cartId, call.now()))
    })
  },

  removeLine: (call) =>
    call.transact(async (tx) => {
      const cart = await carts.lockOwnCart(tx, call.caller.id, call.newId(), call.now())
      if (!(await carts.removeCartLine(tx, cart.cartId, call.params.lineId))) return call.fail('notFound')
      return showCart(call, tx, await carts.touchCart(tx, cart.cartId, call.now()))
    }),

  requestQuote: (call) => {
    const { caller, body, fail } = call
    return call.transact(async (tx) => {
      const cart = await carts.lockCart(tx, caller.id, body.cartId)
      if (cart?.state !== 'open') return fail('notFound')
      const orderId = call.newId()
      const { lines, bad, currency } = await linesOfCart(call, tx, cart, orderId)
      if (bad.length > 0) return fail('cartNotReady', undefined, { lines: bad })
      if (lines.length === 0) return fail('cartEmpty')
      const known = await findCustomer(tx, caller.id)
      const { name = '', email = '' } = known?.profile ?? { name: known?.displayName, email: known?.email }
      const quote = await newOrder(call, tx, {
        orderId,
        channel: 'shop',
        customerId: caller.id,
        customer: { userId: caller.id, name, email, language: known?.locale ?? 'en' },
        currency,
        quotedCart: cart.cartId,
        quotedCartVersion: cart.version,
      })
      await insert(call, tx, quote, lines, { actor: 'customer', byId: caller.id })
      return show(call, caller, await settle(call, tx, quote, lines), lines)
    })
  },

  checkout: async (call) => {
    const { body, caller, fail } = call
    const { cartId, quoteId } = body
    if ((cartId === undefined) === (quoteId === undefined))
      return fail('notFound', 'Name either a cart or a quote.')
    const placing = await placingOf(call, own.providers)
    const cause: Cause = { actor: 'customer', byId: caller.id }
    return call.transact(async (tx) => {
      if (quoteId !== undefined) {
        const quote = await lockOrder(tx, quoteId)
        if (!quote || quote.customerId !== caller.id || quote.channel !== 'shop') return fail('notFound')
        const lines = await listLines(tx, quoteId)
        if (quote.placedAt) return show(call, caller, quote, lines)
        if (quote.state === 'draft') return fail('quoteNotReady')
        if (quote.state !== 'quoted') return fail('orderStateRefuses', undefined, { state: quote.state })
        if (quote.validUntil! <= call.now()) return fail('quoteExpired')
        if (quote.needsAcceptance)
          return fail('orderStateRefuses', 'Accept its price instead.', { state: quote.state })
        const order = await placeQuote(call, tx, quote, lines, placing, cause)
        if (!order) return fail('orderStateRefuses')
        const short = await reserve(tx, lines)
        if (short.length > 0) return fail('outOfStock', undefined, { lines: short })
        return show(call, caller, order, lines)
      }
      const cart = await carts.lockCart(tx, caller.id, cartId!)
      if (!cart || cart.state === 'abandoned') return fail('notFound')
      if (cart.orderId) {
        const order = await findOrder(tx, cart.orderId)
        return order ? show(call, caller, order, await listLines(tx, order.orderId)) : fail('notFound')
      }
      const orderId = call.newId()
      const { lines, bad, currency } = await linesOfCart(call, tx, cart, orderId)
      if (bad.length > 0) return fail('cartNotReady', undefined, { lines: bad })
      if (lines.length === 0) return fail('cartEmpty')
      const draft = await newOrder(call, tx, {
        orderId,
        channel: 'shop',
        customerId: caller.id,
        customer: placing.customer,
        cartId: cart.cartId,
        ordered: true,
        stockHeld: needsStock(lines),
        currency,
        delivery: placing.delivery,
        paymentMethod: placing.payment,
        ...(placing.note === undefined ? {} : { note: placing.note }),
      })
      // The cart is locked; what the database says of it twice is a fault, and nothing is committed.
      if (!(await insert(call, tx, draft, lines, cause))) throw new Error('A cart was ordered twice')
      tx.withCommit(() => carts.closeCart(tx, cart.cartId, orderId, call.now()))
      const short = await reserve(tx, lines)
      if (short.length > 0) return fail('outOfStock', undefined, { lines: short })
      return show(call, caller, await settle(call, tx, draft, lines, cause), lines)
    })
  },

  acceptPrice: (call) =>
    withOrder(call, async (tx, order, lines, actor) => {
      const { caller, body, fail } = call
      if (actor !== 'customer') return fail('notFound')
      if (order.placedAt && order.total === body.total) return show(call, caller, order, lines)
      if (order.state !== 'quoted' || !order.needsAcceptance)
        return fail('orderStateRefuses', undefined, { state: order.state })
      if (order.validUntil! <= call.now()) return fail('quoteExpired')
      if (order.total !== body.total) return fail('priceChanged', undefined, { total: order.total })
      const cause: Cause = { actor, byId: caller.id }
      const accepted = await saveOrder(tx, { ...order, needsAcceptance: false }, call.now())
      const placed = await command(call, tx, accepted, lines, 'place', cause)
      if (placed.refused !== undefined)
        return fail('orderStateRefuses', placed.refused, { state: order.state })
      return show(call, caller, placed.order, lines)
    }),
})
