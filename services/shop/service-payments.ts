/** What payments do to an order: begun, paid, given back. Money is taken for an order once; what comes twice goes back. */
import type { IncomingMessage } from 'node:http'
import { emit, type Mount, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from './contract.ts'
import { givesMoneyBack } from './orders.ts'
import { type Notice, PaymentError } from './payments.ts'
import { type Cause, note, tell } from './service-announce.ts'
import type { Own } from './service-own.ts'
import { lockOrder, type StoredOrder, saveOrder } from './store-orders.ts'
import * as payments from './store-payments.ts'

const MAX_BODY = 256 * 1024
/** Stripe's pages live for a day. */
const PAGE_MS = 23 * 3_600_000

const system: Cause = { actor: 'system' }

/** Whether an order in this state can be paid. */
export function isPayable({ state, paymentState, placedAt, total }: StoredOrder): boolean {
  return (
    placedAt !== undefined &&
    (total ?? 0) > 0 &&
    !givesMoneyBack(state) &&
    state !== 'returned' &&
    (paymentState === 'open' || paymentState === 'pending')
  )
}

/** The payment that is under way at the provider, or a new one; the order is locked. */
export async function openPayment(
  { newId, now }: Tools,
  tx: Tx,
  order: StoredOrder,
  provider: 'invoice' | 'stripe',
): Promise<{ payment: payments.StoredPayment; order: StoredOrder }> {
  const known = (await payments.listPayments(tx, order.orderId)).findLast(
    (each) =>
      each.provider === provider &&
      each.state === 'pending' &&
      now().getTime() - each.createdAt.getTime() < PAGE_MS,
  )
  const at = now()
  const payment: payments.StoredPayment = known ?? {
    paymentId: newId(),
    orderId: order.orderId,
    provider,
    amount: order.total!,
    currency: order.currency,
    state: 'pending',
    createdAt: at,
    updatedAt: at,
  }
  if (!known) await payments.insertPayment(tx, payment)
  const changed = await saveOrder(tx, { ...order, paymentMethod: provider, paymentState: 'pending' }, at)
  if (!known) note({ newId, now }, tx, order, 'payment.begun', { ...system, data: { method: provider } })
  tell(tx, changed)
  return { payment, order: changed }
}

/** The money of a payment came. Of an order that is paid or will not be made it goes back at once. */
export async function settlePayment(
  tools: Pick<Tools, 'now' | 'newId'>,
  tx: Tx,
  order: StoredOrder,
  payment: payments.StoredPayment,
  cause: Cause,
  chargeRef?: string,
): Promise<StoredOrder> {
  const { orderId } = order
  const now = tools.now()
  if (payment.state !== 'pending' && payment.state !== 'failed') return order
  const data = { method: payment.provider, amount: payment.amount, currency: payment.currency }
  if (!isPayable(order) && order.paymentState !== 'open' && order.paymentState !== 'pending') {
    await payments.savePaymentState(tx, payment.paymentId, 'refunding', now, chargeRef)
    note(tools, tx, order, 'payment.notWanted', { ...cause, data })
    emit(tx, shop, 'order.refund.due', { orderId })
    if (order.paymentState !== 'cancelled') return order
    return saveOrder(tx, { ...order, paymentState: 'refunding' }, now)
  }
  await payments.savePaymentState(tx, payment.paymentId, 'paid', now, chargeRef)
  const paid = await saveOrder(tx, { ...order, paymentMethod: payment.provider, paymentState: 'paid' }, now)
  note(tools, tx, paid, 'payment.paid', { ...cause, data })
  const { number, channel, customerId } = order
  const { amount, currency, provider: method } = payment
  emit(tx, shop, 'order.paid', { orderId, number, channel, customerId, amount, currency, method })
  tell(tx, paid)
  return paid
}

/** The money of a payment is back. */
export async function settleRefund(
  tools: Pick<Tools, 'now' | 'newId'>,
  tx: Tx,
  order: StoredOrder,
  payment: payments.StoredPayment,
  cause: Cause,
): Promise<StoredOrder> {
  if (payment.state !== 'refunding') return order
  const { orderId, amount, currency, provider: method } = payment
  await payments.savePaymentState(tx, payment.paymentId, 'refunded', tools.now())
  note(tools, tx, order, 'payment.refunded', { ...cause, data: { method, amount, currency } })
  const { number, channel, customerId } = order
  emit(tx, shop, 'order.refunded', { orderId, number, channel, customerId, amount, currency, method })
  if (order.paymentState !== 'refunding') return order
  const refunded = await saveOrder(tx, { ...order, paymentState: 'refunded' }, tools.now())
  tell(tx, refunded)
  return refunded
}

/** Sends back what is to go back, where the provider does that; on invoices the staff notes it. */
export async function refundDue(tools: Tools, tx: Tx, own: Own, orderId: string): Promise<void> {
  let order = await lockOrder(tx, orderId)
  if (!order) return
  for (const payment of await payments.listPayments(tx, orderId)) {
    const provider = own.providers.get(payment.provider)
    if (payment.state !== 'refunding' || !provider?.automatic) continue
    if ((await provider.refund(payment)) === 'refunded')
      order = await settleRefund(tools, tx, order, payment, system)
  }
}

/** What a provider's webhook says, once. */
async function takeNotice(tools: Tools, provider: string, notice: Notice): Promise<void> {
  const known = await payments.findPayment(tools.sql, notice.paymentId)
  await tools.transact(async (tx) => {
    if (!(await payments.takeEvent(tx, provider, notice.eventId, tools.now()))) return
    const order = known && (await lockOrder(tx, known.orderId))
    const payment = order && (await payments.findPayment(tx, notice.paymentId))
    if (!order || !payment) {
      tools.log.warn(
        { eventId: notice.eventId, provider },
        'a provider speaks of a payment that is not known',
      )
      return
    }
    if (notice.kind === 'refunded') await settleRefund(tools, tx, order, payment, system)
    if (notice.kind === 'refundFailed' && (payment.state === 'refunding' || payment.state === 'refunded')) {
      // The money is here again: the staff sees it, and may send it back once more.
      await payments.savePaymentState(tx, payment.paymentId, 'paid', tools.now())
      note(tools, tx, order, 'payment.refundFailed', system)
      if (order.paymentState === 'refunding' || order.paymentState === 'refunded')
        tell(tx, await saveOrder(tx, { ...order, paymentState: 'paid' }, tools.now()))
    }
    if (notice.kind === 'failed' && payment.state === 'pending') {
      await payments.savePaymentState(tx, payment.paymentId, 'failed', tools.now())
      note(tools, tx, order, 'payment.failed', system)
      if (order.paymentState === 'pending')
        tell(tx, await saveOrder(tx, { ...order, paymentState: 'open' }, tools.now()))
    }
    if (notice.kind !== 'paid') return
    if (notice.amount !== payment.amount || notice.currency !== payment.currency) {
      const data = { amount: notice.amount ?? 0, currency: notice.currency ?? '', wanted: payment.amount }
      note(tools, tx, order, 'payment.otherAmount', { ...system, data })
      tools.log.error({ orderId: order.orderId, ...data }, 'another amount was paid than was wanted')
      return
    }
    await settlePayment(tools, tx, order, payment, system, notice.chargeRef)
  })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** Where providers send what happened: `/shop/stripe/webhook`. Anything but 2xx is sent again by them. */
export function createWebhookMount(tools: Tools, own: Own): Mount {
  return async (request, response) => {
    const end = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    const provider = own.providers.get('stripe')
    if (request.url?.split('?', 1)[0] !== '/shop/stripe/webhook' || !provider?.handleWebhook) {
      end(404, 'There is nothing here.')
      return
    }
    if (request.method !== 'POST') {
      end(405, 'Send events with POST.')
      return
    }
    const body = await bodyOf(request)
    if (!body) {
      end(413, 'That is too large for an event.')
      return
    }
    try {
      const notice = provider.handleWebhook(body, request.headers, tools.now())
      if (notice) await takeNotice(tools, 'stripe', notice)
      end(200, 'ok')
    } catch (error) {
      if (error instanceof PaymentError) {
        tools.count('webhooks_refused')
        end(400, error.message)
        return
      }
      tools.log.error({ err: error }, 'an event of a payment provider could not be handled; it comes again')
      end(500, 'Send it again later.')
    }
  }
}
