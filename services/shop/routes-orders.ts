/** Orders: followed by their customers, managed by the staff. */

import { emit } from '@pleiad/platform/service'
import { shop } from './contract.ts'
import type { buying } from './contract-buying.ts'
import type { managing } from './contract-managing.ts'
import { hasInvoice } from './invoices.ts'
import { PaymentError } from './payments.ts'
import { type Part, pageFrom, placeFrom, readOrder, show, withOrder } from './routes-part.ts'
import { linkToInvoice } from './service-invoice.ts'
import { askAll, gatherLetters, LETTERS } from './service-letters.ts'
import { command } from './service-orders.ts'
import { isPayable, openPayment, settlePayment, settleRefund } from './service-payments.ts'
import * as store from './store-orders.ts'
import * as payments from './store-payments.ts'
import { viewEntry, viewSummary, wordsOfSearch } from './views.ts'

type Operations = Pick<
  typeof buying,
  'listOrders' | 'getOrder' | 'getTimeline' | 'cancelOrder' | 'beginPayment' | 'createInvoiceLink'
> &
  Pick<
    typeof managing,
    'manageOrders' | 'markPaid' | 'refundOrder' | 'moveOrder' | 'listDeadLetters' | 'retryDeadLetters'
  >

const summary = (order: store.StoredOrder) => viewSummary(order, order.lineCount ?? 0)
const idOf = ({ orderId }: store.StoredOrder) => [orderId]

export const orderRoutes: Part<Operations> = (own) => ({
  listOrders: async ({ sql, caller, query: { cursor, limit = 25, state } }) => {
    const filter = {
      customerId: caller.id,
      channel: 'shop',
      state,
      before: placeFrom(cursor),
      limit: limit + 1,
    }
    return pageFrom(await store.listOrders(sql, filter), limit, summary, idOf)
  },

  manageOrders: async ({ sql, query }) => {
    const { cursor, limit = 25, q, ...filter } = query
    const words = q === undefined ? [] : wordsOfSearch(q)
    if (q !== undefined && words.length === 0) return { items: [] }
    const found = await store.listOrders(sql, {
      ...filter,
      words,
      before: placeFrom(cursor),
      limit: limit + 1,
    })
    return pageFrom(found, limit, summary, idOf)
  },

  getOrder: async (call) => {
    const order = await readOrder(call)
    return show(call, call.caller, order, await store.listLines(call.sql, order.orderId))
  },

  getTimeline: async (call) => {
    const { cursor, limit = 25 } = call.query
    const { orderId } = await readOrder(call)
    const found = await store.listEntries(call.sql, orderId, placeFrom(cursor), limit + 1)
    return pageFrom(found, limit, viewEntry, ({ entryId }) => [entryId])
  },

  cancelOrder: (call) =>
    withOrder(call, async (tx, order, lines, own) => {
      const { caller, body, fail } = call
      if (order.state === 'cancelled') return show(call, caller, order, lines)
      // Staff may cancel their own order as staff do.
      const actor = call.caller.permissions.includes('orders:manage') ? 'staff' : own
      const cause = { actor, byId: caller.id, reason: body.reason }
      const done = await command(call, tx, order, lines, 'cancel', cause)
      if (done.refused !== undefined) return fail('orderStateRefuses', done.refused, { state: order.state })
      return show(call, caller, done.order, lines)
    }),

  beginPayment: async (call) => {
    const { caller, fail, now } = call
    const begun = await withOrder(call, async (tx, order, lines, actor) => {
      if (actor !== 'customer') return fail('notFound')
      const provider = own.providers.get(call.body.payment ?? order.paymentMethod)
      if (!provider) return fail('paymentNotOffered')
      if (!isPayable(order))
        return fail('paymentNotPossible', undefined, { state: order.state, payment: order.paymentState })
      if (provider.method === 'invoice') {
        const changed = await store.saveOrder(tx, { ...order, paymentMethod: 'invoice' }, now())
        return { provider, order: changed, lines, payment: undefined }
      }
      return { provider, lines, ...(await openPayment(call, tx, order, provider.method)) }
    })
    const { payment, order, lines, provider } = begun
    const answer = (redirectUrl: string | undefined) => ({
      order: show(call, caller, order, lines),
      ...(redirectUrl === undefined ? {} : { redirectUrl }),
    })
    if (!payment || payment.redirectUrl) return answer(payment?.redirectUrl)
    // Outside of the transaction, under the payment's own id: sent again it is the same page.
    const started = await provider
      .begin({
        paymentId: payment.paymentId,
        orderId: order.orderId,
        number: order.number,
        amount: payment.amount,
        currency: payment.currency,
        email: order.customer.email,
        language: order.customer.language,
      })
      .catch((error: unknown) => {
        if (!(error instanceof PaymentError)) throw error
        call.log.warn({ err: error, orderId: order.orderId }, 'a payment could not be begun')
        return fail('paymentProviderFailed', error.message)
      })
    await call.transact((tx) => payments.saveBegun(tx, payment.paymentId, started, now()))
    return answer(started.redirectUrl)
  },

  createInvoiceLink: async (call) => {
    const order = await readOrder(call)
    if (!hasInvoice(order)) return call.fail('orderStateRefuses', undefined, { state: order.state })
    return linkToInvoice(call, own, order.orderId, call.body.language ?? order.customer.language)
  },

  markPaid: (call) =>
    withOrder(call, async (tx, order, lines) => {
      const { caller, body, fail } = call
      if (!isPayable(order))
        return fail('paymentNotPossible', undefined, { state: order.state, payment: order.paymentState })
      const { payment, order: opened } = await openPayment(call, tx, order, 'invoice')
      const paid = await settlePayment(call, tx, opened, payment, {
        actor: 'staff',
        byId: caller.id,
        reason: body.reference,
      })
      return show(call, caller, paid, lines)
    }),

  refundOrder: (call) =>
    withOrder(call, async (tx, order, lines) => {
      const { caller, body, fail, now } = call
      const cause = { actor: 'staff', byId: caller.id, reason: body.reason } as const
      if (order.paymentState !== 'paid' && order.paymentState !== 'refunding')
        return fail('paymentNotPossible', undefined, { state: order.state, payment: order.paymentState })
      if (!['delivered', 'returned', 'cancelled', 'rejected'].includes(order.state))
        return fail('orderStateRefuses', 'Cancel the order first.', { state: order.state })
      await payments.refundPaid(tx, order.orderId, now())
      let refunding = await store.saveOrder(tx, { ...order, paymentState: 'refunding' }, now())
      emit(tx, shop, 'order.refund.due', { orderId: order.orderId })
      for (const payment of await payments.listPayments(tx, order.orderId))
        if (payment.provider === 'invoice')
          refunding = await settleRefund(call, tx, refunding, payment, cause)
      return show(call, caller, refunding, lines)
    }),

  moveOrder: (call) =>
    withOrder(call, async (tx, order, lines) => {
      const { caller, body, fail } = call
      if (order.state === body.to) return show(call, caller, order, lines)
      const cause = { actor: 'staff', byId: caller.id, reason: body.reason } as const
      const signal = body.to === 'delivered' ? 'deliver' : 'return'
      const done = await command(call, tx, order, lines, signal, cause)
      if (done.refused !== undefined) return fail('orderStateRefuses', done.refused, { state: order.state })
      return show(call, caller, done.order, lines)
    }),

  listDeadLetters: async (call) => {
    const { orderId } = await readOrder(call)
    return gatherLetters(call.peers(), orderId)
  },

  retryDeadLetters: async (call) => {
    const { orderId } = await readOrder(call)
    const { id } = call.body
    const filter = { key: orderId, ...(id === undefined ? {} : { id }) }
    const { answers } = await askAll(call.peers(), (peer) => peer.retry(filter, undefined, LETTERS))
    const count = answers.reduce((sum, one) => sum + one.count, 0)
    call.log.info({ audit: { by: call.caller.id, orderId, count } }, 'parked events of an order are retried')
    return { count }
  },
})
