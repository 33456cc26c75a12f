/** The inbox of the office, its decisions, and the threads. */
import { type Call, type Caller, emit, push, type Tools } from '@pleiad/platform/service'
import { crm } from './contract.ts'
import type { orderOperations } from './contract-orders.ts'
import { MESSAGE_WINDOW_MS, MESSAGES_AT_ONCE, waitingTrouble } from './orders.ts'
import { idFrom, type Part, pageFrom } from './routes-part.ts'
import { tellDesks } from './service-desks.ts'
import * as store from './store-orders.ts'

/** Counts beyond this are shown as many. */
const MOST_COUNTED = 1_000

type Operations = typeof orderOperations
type Deciding = Call<Operations['confirmOrder']> | Call<Operations['rejectOrder']>

/** Holds an order that waits, decides, and answers with it as it is then. */
async function decide(
  call: Deciding,
  decided: Pick<store.Decided, 'decision' | 'reason' | 'dueAt'>,
  announce: (tx: Parameters<Parameters<Deciding['transact']>[0]>[0]) => void,
) {
  const { orderId } = call.params
  return call.transact(async (tx) => {
    const order = await store.lockOrder(tx, orderId)
    if (!order) return call.fail('notFound')
    const trouble = waitingTrouble(order)
    if (trouble) return call.fail('orderNotWaiting', trouble, { state: order.state })
    await store.saveDecision(tx, orderId, { ...decided, by: call.caller.id, at: call.now() })
    announce(tx)
    tellDesks(tx, call, orderId)
    call.count('decisions', { decision: decided.decision })
    return store.viewOrder((await store.lockOrder(tx, orderId))!)
  })
}

/** Which side of a thread the caller is on; nobody else knows of it. */
async function sideOf(
  { sql, caller, fail }: Pick<Tools, 'sql'> & { caller: Caller; fail: (code: 'notFound') => never },
  orderId: string,
): Promise<{ order: store.StoredOrder; side: 'customer' | 'staff' }> {
  const order = await store.findOrder(sql, orderId)
  if (order && order.customerId === caller.id) return { order, side: 'customer' }
  if (order && caller.permissions.includes('orders:confirm')) return { order, side: 'staff' }
  return fail('notFound')
}

export const orderRoutes: Part<Operations> = {
  async listOrders({ sql, query }) {
    const { limit = 25, cursor, ...listing } = query
    const after = idFrom(cursor)
    const rows = await store.listOrders(sql, { ...listing, ...(after ? { cursor: after } : {}), limit })
    return pageFrom(rows, limit, store.summarize, ({ orderId }) => [orderId])
  },

  countOrders: ({ sql }) => store.countOrders(sql, MOST_COUNTED),

  async getOrder({ sql, params, fail }) {
    const order = await store.findOrder(sql, params.orderId)
    return order ? store.viewOrder(order) : fail('notFound')
  },

  confirmOrder(call) {
    const { note, dueAt } = call.body
    const { orderId } = call.params
    const due = dueAt === undefined ? undefined : new Date(dueAt)
    if (due && due <= call.now()) return Promise.resolve(call.fail('dueAtNotRight'))
    return decide(
      call,
      { decision: 'confirmed', reason: note ?? null, ...(due ? { dueAt: due } : {}) },
      (tx) =>
        emit(tx, crm, 'order.confirmed', {
          orderId,
          by: call.caller.id,
          ...(note === undefined ? {} : { note }),
          ...(due ? { dueAt: due.toISOString() } : {}),
        }),
    )
  },

  rejectOrder(call) {
    const { reason } = call.body
    const { orderId } = call.params
    return decide(call, { decision: 'rejected', reason }, (tx) =>
      emit(tx, crm, 'order.rejected', { orderId, by: call.caller.id, reason }),
    )
  },

  async listMessages(call) {
    const { params, query, sql } = call
    await sideOf(call, params.orderId)
    const limit = query.limit ?? 25
    const rows = await store.listMessages(sql, params.orderId, idFrom(query.cursor), limit)
    return pageFrom(
      rows,
      limit,
      (message) => message,
      ({ messageId }) => [messageId],
    )
  },

  async sendMessage(call) {
    const { params, body, caller, now, newId, fail } = call
    const { order, side } = await sideOf(call, params.orderId)
    return call.transact(async (tx) => {
      // Held, so that the count of unread messages and the limit are right for whoever writes at once.
      await store.lockOrder(tx, order.orderId)
      const earlier = await store.nthMessageAt(tx, order.orderId, caller.id, MESSAGES_AT_ONCE)
      if (earlier && now().getTime() - earlier.getTime() < MESSAGE_WINDOW_MS) return fail('tooManyMessages')
      const message = await store.insertMessage(tx, {
        messageId: newId(),
        orderId: order.orderId,
        from: side,
        authorId: caller.id,
        text: body.text.trim(),
        at: now().toISOString(),
      })
      const { messageId, text } = message
      const { orderId, number, customerId } = order
      emit(tx, crm, 'order.message.sent', {
        orderId,
        number,
        messageId,
        from: side,
        authorId: caller.id,
        customerId,
        text,
      })
      const readers = new Set([customerId, caller.id, ...(await store.staffOf(tx, orderId))])
      for (const reader of readers) push(tx, crm, 'order-messages', reader, message)
      tellDesks(tx, call, orderId)
      return message
    })
  },

  async markRead(call) {
    const { order, side } = await sideOf(call, call.params.orderId)
    if (side === 'staff')
      await call.transact(async (tx) => {
        await store.readUntil(tx, order.orderId, new Date(call.body.until))
        tellDesks(tx, call, order.orderId)
      })
  },
}
