/** What the office and production announce of orders, and what the shop tells itself. */
import { ConnectError } from '@connectrpc/connect'
import { crm } from '@pleiad/crm/contract'
import { operators } from '@pleiad/operators/contract'
import { emit, on } from '@pleiad/platform/service'
import { shop } from './contract.ts'
import { type Actor, hasEnded, type Signal } from './orders.ts'
import { applyHeld } from './service-files.ts'
import { command, receive } from './service-orders.ts'
import type { Handling, Own } from './service-own.ts'
import { refundDue } from './service-payments.ts'
import { configOf } from './settings.ts'
import { listLines, lockOrder } from './store-orders.ts'
import { syncHeld } from './store-retention.ts'

interface OfOrder {
  readonly orderId: string
  readonly by?: string
  readonly operatorId?: string
}

/** An event of a neighbour as a signal to the machine. */
async function signal<Data extends OfOrder>(
  call: Handling<Data>,
  actor: Extract<Actor, 'crm' | 'operators'>,
  what: Signal,
): Promise<void> {
  const { event, tx } = call
  const { orderId, by, operatorId, ...data } = event.data
  const byId = by ?? operatorId
  await receive(call, tx, event, {
    orderId,
    signal: what,
    actor,
    ...(byId === undefined ? {} : { byId }),
    data,
  })
}

/** The way of a rehearsal, one step after the other. */
const rehearsal: Partial<Record<string, Signal>> = {
  created: 'confirm',
  confirmed: 'startProduction',
  inProduction: 'finishProduction',
  qualityCheck: 'pack',
  packed: 'ship',
  shipped: 'deliver',
}

export const orderHandlers = {
  confirmOrder: on<typeof crm, 'order.confirmed', Own>(crm, 'order.confirmed', (call) =>
    signal(call, 'crm', 'confirm'),
  ),
  rejectOrder: on<typeof crm, 'order.rejected', Own>(crm, 'order.rejected', (call) =>
    signal(call, 'crm', 'reject'),
  ),
  startProduction: on<typeof operators, 'production.started', Own>(operators, 'production.started', (call) =>
    signal(call, 'operators', 'startProduction'),
  ),
  finishProduction: on<typeof operators, 'production.finished', Own>(
    operators,
    'production.finished',
    (call) => signal(call, 'operators', 'finishProduction'),
  ),
  passQuality: on<typeof operators, 'quality.passed', Own>(operators, 'quality.passed', (call) =>
    signal(call, 'operators', 'passQuality'),
  ),
  failQuality: on<typeof operators, 'quality.failed', Own>(operators, 'quality.failed', (call) =>
    signal(call, 'operators', 'failQuality'),
  ),
  packOrder: on<typeof operators, 'order.packed', Own>(operators, 'order.packed', (call) =>
    signal(call, 'operators', 'pack'),
  ),
  shipOrder: on<typeof operators, 'order.shipped', Own>(operators, 'order.shipped', (call) =>
    signal(call, 'operators', 'ship'),
  ),
  deliverOrder: on<typeof operators, 'order.delivered', Own>(operators, 'order.delivered', (call) =>
    signal(call, 'operators', 'deliver'),
  ),
  returnOrder: on<typeof operators, 'order.returned', Own>(operators, 'order.returned', (call) =>
    signal(call, 'operators', 'return'),
  ),

  // What the rows say when it is handled counts, so a repetition or another order of these events does no harm.
  holdFiles: on<typeof shop, 'order.files.due', Own>(
    shop,
    'order.files.due',
    async (call) => {
      const { tx, event } = call
      await syncHeld(tx, event.data.orderId)
      await applyHeld(call, tx, event.data.orderId).catch((error: unknown) => {
        // The rows say what is still to be told; a job tells it when files is there again.
        if (!(error instanceof ConnectError)) throw error
        call.log.warn({ err: error, orderId: event.data.orderId }, 'files could not be told of an order')
      })
    },
    { ordered: true },
  ),

  refundOrder: on<typeof shop, 'order.refund.due', Own>(
    shop,
    'order.refund.due',
    (call, own) => refundDue(call, call.tx, own, call.event.data.orderId),
    { ordered: true, maxAttempts: 12 },
  ),

  rehearse: on<typeof shop, 'order.rehearsal.due', Own>(shop, 'order.rehearsal.due', async (call) => {
    const { tx, event, now } = call
    const order = await lockOrder(tx, event.data.orderId)
    if (!order?.test || hasEnded(order.state)) return
    const pickup = order.delivery?.method === 'pickup'
    const what = order.state === 'packed' && pickup ? 'deliver' : rehearsal[order.state]
    if (!what) return
    // Each step asks for the next one by itself.
    const lines = await listLines(tx, order.orderId)
    const tracking = what === 'ship' ? { tracking: { carrier: 'Test', number: order.number } } : {}
    const { refused } = await command(call, tx, order, lines, what, { actor: 'system' }, tracking).then(
      (one) => ({ refused: undefined, ...one }),
    )
    if (refused === undefined) return
    const at = new Date(now().getTime() + configOf(call).SHOP_REHEARSAL_SECONDS * 1000)
    emit(tx, shop, 'order.rehearsal.due', { orderId: order.orderId }, { at })
  }),
}
