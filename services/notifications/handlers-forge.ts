/** What the workshop tells its customers and its office, at every step. */
import { crm } from '@pleiad/crm/contract'
import { editor } from '@pleiad/editor/contract'
import { mes } from '@pleiad/mes/contract'
import { on, type Received, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from '@pleiad/shop/contract'
import type { Facts, KindName } from './kinds.ts'
import { mailIdFor } from './recipients.ts'
import { type Own, tell } from './service-tell.ts'
import * as store from './store.ts'

/** Characters of a message that are shown before one opens the thread. */
const SHOWN = 300

const PROGRESS = new Set([
  'created',
  'confirmed',
  'inProduction',
  'qualityCheck',
  'packed',
  'shipped',
  'delivered',
])
const TROUBLE = new Set(['rejected', 'cancelled', 'returned'])

type Call = Tools & { readonly tx: Tx; readonly event: Pick<Received<unknown>, 'id' | 'time'> }

const money = (amount: number, currency: string) => `${(amount / 100).toFixed(2)} ${currency}`

function tellOne(call: Call, own: Own, userId: string, kind: KindName, facts: Facts): Promise<void> {
  return tell(call.tx, call, own, userId, {
    id: call.event.id,
    mailId: mailIdFor(call.event.id, userId),
    kind,
    facts,
    at: call.event.time,
  })
}

/** Tells those of the office who may act on it, a hundred at most. */
async function tellOffice(
  call: Call,
  own: Own,
  permission: keyof (typeof crm)['permissions'] | keyof (typeof mes)['permissions'],
  kind: KindName,
  facts: Facts,
): Promise<void> {
  for (const userId of await store.findHolders(call.tx, permission))
    await tellOne(call, own, userId, kind, facts)
}

export const forgeHandlers = {
  orderChanged: on(
    shop,
    'order.changed',
    async (call, own: Own) => {
      const { orderId, number, state, previous, reason, customerId, needsAcceptance, channel } =
        call.event.data
      // A partner hears of its orders by webhooks.
      if (channel === 'partner' || customerId === undefined) return
      const facts = { orderId, number, state, ...(reason === undefined ? {} : { reason }) }
      if (needsAcceptance) return tellOne(call, own, customerId, 'order-asks', facts)
      if (PROGRESS.has(state)) return tellOne(call, own, customerId, 'order-progress', facts)
      // A quote that nobody ordered ends without a word.
      const ordered = previous !== 'draft' && previous !== 'quoted'
      if (TROUBLE.has(state) && ordered) await tellOne(call, own, customerId, 'order-trouble', facts)
    },
    { ordered: true },
  ),

  orderPlaced: on(shop, 'order.created', async (call, own: Own) => {
    const { orderId, number, customer, total, currency } = call.event.data
    const facts = { orderId, number, customer: customer.name, amount: money(total, currency) }
    await tellOffice(call, own, 'orders:confirm', 'office-order', facts)
  }),

  orderPaid: on(shop, 'order.paid', async (call, own: Own) => {
    const { orderId, number, channel, customerId, amount, currency } = call.event.data
    const facts = { orderId, number, what: 'paid', amount: money(amount, currency) }
    if (channel === 'shop') await tellOne(call, own, customerId, 'order-payment', facts)
  }),
  orderRefunded: on(shop, 'order.refunded', async (call, own: Own) => {
    const { orderId, number, channel, customerId, amount, currency } = call.event.data
    const facts = { orderId, number, what: 'refunded', amount: money(amount, currency) }
    if (channel === 'shop') await tellOne(call, own, customerId, 'order-payment', facts)
  }),

  orderMessage: on(crm, 'order.message.sent', async (call, own: Own) => {
    const { orderId, number, from, customerId, text } = call.event.data
    const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
    const facts = { orderId, number, text: shown }
    if (from === 'staff') await tellOne(call, own, customerId, 'order-message', facts)
    else await tellOffice(call, own, 'orders:confirm', 'office-message', facts)
  }),

  priceDelayed: on(mes, 'order.price.delayed', async (call, own: Own) => {
    const { ownerId, modelId, requestId, reason, source } = call.event.data
    await tellOffice(call, own, 'prices:manage', 'office-price', { requestId, reason: reason.detail })
    if (source !== 'partner') await tellOne(call, own, ownerId, 'order-price', { modelId, what: 'delayed' })
  }),
  priceRefused: on(mes, 'order.price.refused', async (call, own: Own) => {
    const { ownerId, modelId, reason, source } = call.event.data
    if (source !== 'partner')
      await tellOne(call, own, ownerId, 'order-price', { modelId, what: 'refused', reason: reason.detail })
  }),
  /** What is calculated at once is seen at once; only what a person set is news. */
  priceSet: on(mes, 'order.price.calculated', async (call, own: Own) => {
    const { ownerId, modelId, byHand, source } = call.event.data
    if (byHand && source !== 'partner')
      await tellOne(call, own, ownerId, 'order-price', { modelId, what: 'set' })
  }),

  modelRejected: on(editor, 'model.rejected', (call, own: Own) => {
    const { ownerId, modelId, name, reasons } = call.event.data
    const reason = reasons[0]?.detail
    const facts = { modelId, model: name, what: 'rejected', ...(reason === undefined ? {} : { reason }) }
    return tellOne(call, own, ownerId, 'order-model', facts)
  }),
  modelAsks: on(editor, 'model.decision.needed', (call, own: Own) => {
    const { ownerId, modelId, name, needs } = call.event.data
    return tellOne(call, own, ownerId, 'order-model', { modelId, model: name, what: needs })
  }),
}
