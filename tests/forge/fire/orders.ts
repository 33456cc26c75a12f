/** One order from the cart to its end, by people who look, take the next step, and do so again when nobody answered. */
import type { OrderState } from '@pleiad/shop/contract'
import { signature, stripeEvent } from '../../../services/shop/testing-stripe.ts'
import { buy, buyAsPartner, reach, type Way } from './buying.ts'
import type { Person } from './world.ts'

/** What becomes of an order; the list is gone through again and again. */
export const fates = [
  ...['delivered', 'rejectedPaid', 'byPartner', 'returned', 'delivered', 'raced', 'deliveredByCard'],
  ...['cancelledPaid', 'delivered', 'spoilt', 'cancelledByPartner', 'delivered', 'rejected', 'delivered'],
  ...['stopped', 'delivered', 'deliveredByCard', 'delivered', 'cancelled', 'delivered'],
] as const
export type Fate = (typeof fates)[number]

/** Where an order of that fate must end, and whether its money stays. */
export const ends: Readonly<Record<Fate, { readonly state: OrderState; readonly payment: string }>> = {
  delivered: { state: 'delivered', payment: 'paid' },
  deliveredByCard: { state: 'delivered', payment: 'paid' },
  spoilt: { state: 'delivered', payment: 'paid' },
  byPartner: { state: 'delivered', payment: 'paid' },
  returned: { state: 'returned', payment: 'refunded' },
  rejectedPaid: { state: 'rejected', payment: 'refunded' },
  rejected: { state: 'rejected', payment: 'cancelled' },
  cancelledPaid: { state: 'cancelled', payment: 'refunded' },
  cancelled: { state: 'cancelled', payment: 'cancelled' },
  cancelledByPartner: { state: 'cancelled', payment: 'cancelled' },
  raced: { state: 'cancelled', payment: 'cancelled' },
  stopped: { state: 'cancelled', payment: 'refunded' },
}

export interface Placed {
  readonly orderId: string
  readonly fate: Fate
}

/** The order in one of the states. */
const seen = (who: Person, orderId: string, ...states: OrderState[]) =>
  reach(`${orderId} is ${states.join(' or ')}`, async () => {
    const order = await who.shop.getOrder({ params: { orderId } })
    return states.includes(order.state) && order
  })

/** The staff notes that the invoice was paid. */
const payInvoice = ({ world: { office } }: Way, orderId: string) =>
  reach(
    `${orderId} is paid`,
    async () => (await office.shop.getOrder({ params: { orderId } })).payment.state === 'paid',
    () => office.shop.markPaid({ params: { orderId }, body: { reference: 'Statement 1' } }),
  )

/** The customer pays at the provider's page; its webhook says so, twice. */
async function payByCard({ world, customer }: Way, orderId: string): Promise<void> {
  await reach('the payment has begun', () => customer.shop.beginPayment({ params: { orderId }, body: {} }))
  const { sessions } = world.outside.stripe
  const session = [...sessions.values()].find((form) => form['client_reference_id'] === orderId)!
  const paymentId = session['metadata[paymentId]']!
  const amount = Number(session['line_items[0][price_data][unit_amount]'])
  const event = 'checkout.session.completed'
  const body = stripeEvent(event, paymentId, { amount_total: amount }, `evt_${paymentId}`)
  const say = async () => {
    const headers = { 'stripe-signature': signature(body, new Date()) }
    return (await world.send('/shop/stripe/webhook', { method: 'POST', headers, body })).status === 200
  }
  await reach('the webhook is taken', say)
  await reach('the webhook is taken again', say)
  await reach(
    `${orderId} is paid`,
    async () => (await customer.shop.getOrder({ params: { orderId } })).payment.state === 'paid',
  )
}

/** The office decides; whoever asks again sees that it has. */
const decide = ({ world: { office } }: Way, orderId: string, decision: 'confirmed' | 'rejected') =>
  reach(
    `${orderId} is ${decision}`,
    async () => (await office.crm.getOrder({ params: { orderId } })).decision === decision,
    () =>
      decision === 'confirmed'
        ? office.crm.confirmOrder({ params: { orderId }, body: {} })
        : office.crm.rejectOrder({ params: { orderId }, body: { reason: 'Too thin' } }),
  )

/** Looks how far production is, and takes the next step, until the order is at the stage. */
async function produce(
  { world: { head }, operator, machineId }: Way,
  orderId: string,
  until: 'inProduction' | 'delivered',
  spoilt = false,
): Promise<void> {
  const params = { orderId }
  const look = () => head.operators.getOrder({ params })
  const nextWork = async ({ items, checks }: Awaited<ReturnType<typeof look>>) => {
    for (const { workId, state, technique, remakeOf } of items) {
      const work = { params: { workId } }
      const made = technique === 'pick' ? {} : { machineId }
      if (state === 'free') await operator.operators.claimWork({ ...work, body: {} })
      if (state === 'claimed') await operator.operators.startWork({ ...work, body: made })
      if (state !== 'started') continue
      const scrap = spoilt && checks.length === 0 && !remakeOf && items.every((each) => !each.remakeOf)
      if (scrap) {
        const body = { quantity: 1, reason: 'It came off the plate' }
        await operator.operators.scrapWork({ ...work, body, idempotencyKey: `scrap-${workId}` })
      }
      await operator.operators.finishWork({ ...work, body: {} })
    }
  }
  const check = ({ items, checks }: Awaited<ReturnType<typeof look>>) => {
    const failed = [{ lineId: items[0]!.lineId, quantity: 1 }]
    const body =
      spoilt && checks.length === 0 ? { passed: false, note: 'Not as drawn', failed } : { passed: true }
    return head.operators.checkQuality({ params, body })
  }
  await reach(
    `production of ${orderId} is at ${until}`,
    async () => (await look()).stage === until,
    async () => {
      const order = await look()
      if (order.stage === 'queued' || order.stage === 'inProduction') await nextWork(order)
      if (order.stage === 'qualityCheck') await check(order)
      if (order.stage === 'passed') await operator.operators.packOrder({ params, body: {} })
      const body = { carrier: 'Post', tracking: '0042' }
      if (order.stage === 'packed') await operator.operators.shipOrder({ params, body })
      if (order.stage === 'shipped') await operator.operators.deliverOrder({ params, body: {} })
    },
  )
}

/** An order by the fate of its number. */
export async function live(way: Way, n: number): Promise<Placed> {
  const fate = fates[n % fates.length]!
  const { customer } = way
  const { office, head, partner } = way.world
  const card = fate === 'deliveredByCard' || fate === 'rejectedPaid' || fate === 'stopped'
  const orderId = fate.endsWith('Partner')
    ? await buyAsPartner(way, n)
    : await buy(way, n, card ? 'stripe' : 'invoice')
  const params = { orderId }
  const placed = { orderId, fate }
  const refunded = (step?: () => Promise<unknown>) =>
    reach(
      `the money of ${orderId} is back`,
      async () => (await office.shop.getOrder({ params })).payment.state === 'refunded',
      step,
    )
  const refund = () => refunded(() => office.shop.refundOrder({ params, body: { reason: 'It came back' } }))
  const cancel = (who: Person) => () => who.shop.cancelOrder({ params, body: {} })
  const cancelled = (who: Person) =>
    reach(
      `${orderId} is cancelled`,
      async () => (await office.shop.getOrder({ params })).state === 'cancelled',
      cancel(who),
    )

  if (card) await payByCard(way, orderId)
  switch (fate) {
    case 'rejected':
    case 'rejectedPaid':
      await decide(way, orderId, 'rejected')
      await seen(office, orderId, 'rejected')
      if (card) await refunded()
      return placed
    case 'cancelledPaid':
      await payInvoice(way, orderId)
      await cancelled(customer)
      await refund()
      return placed
    case 'cancelled':
      await cancelled(customer)
      return placed
    case 'raced':
      await reach('the office sees the order', () => office.crm.getOrder({ params }))
      await Promise.allSettled([cancel(customer)(), office.crm.confirmOrder({ params, body: {} })])
      await cancelled(customer)
      return placed
    case 'cancelledByPartner':
      await reach(
        `${orderId} is cancelled`,
        async () => (await partner.client.getOrder({ params })).state === 'cancelled',
        () => partner.client.cancelOrder({ params, body: {} }),
      )
      return placed
    default:
  }
  await decide(way, orderId, 'confirmed')
  if (fate === 'stopped') {
    await produce(way, orderId, 'inProduction')
    await seen(office, orderId, 'inProduction', 'qualityCheck')
    await cancelled(office)
    await refunded()
    return placed
  }
  await produce(way, orderId, 'delivered', fate === 'spoilt')
  await seen(office, orderId, 'delivered')
  if (!card) await payInvoice(way, orderId)
  if (fate === 'returned') {
    const back = () => head.operators.returnOrder({ params, body: { reason: 'Refused at the door' } })
    await reach(
      `${orderId} came back`,
      async () => (await office.shop.getOrder({ params })).state === 'returned',
      back,
    )
    await refund()
  }
  return placed
}
