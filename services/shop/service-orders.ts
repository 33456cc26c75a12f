/** Moves orders: every change of a state goes through `move`, with its effects in the same transaction. */
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from './contract.ts'
import { decide, givesMoneyBack, hasEnded, outcomeOf, type Signal, type Standing } from './orders.ts'
import { present } from './rows.ts'
import { announce, announceCreated, byOf, type Cause, note, tell } from './service-announce.ts'
import { configOf } from './settings.ts'
import { giveStockBack } from './store-catalogue.ts'
import type { StoredLine, StoredOrder } from './store-orders.ts'
import * as store from './store-orders.ts'
import { refundPaid } from './store-payments.ts'
import { filesOfEnded } from './store-retention.ts'

const DAY_MS = 86_400_000

export function standingOf(order: StoredOrder, lines: readonly StoredLine[]): Standing {
  const made = lines.some(({ kind }) => kind === 'made')
  return {
    state: order.state,
    stamp: order.stamp,
    traits: { made, pickup: order.delivery?.method === 'pickup' },
  }
}

/** The payment of an order that ends without being made: what was paid is to go back. */
async function endPayment(tx: Tx, order: StoredOrder, now: Date): Promise<StoredOrder['paymentState']> {
  if (order.paymentState === 'paid') {
    await refundPaid(tx, order.orderId, now)
    emit(tx, shop, 'order.refund.due', { orderId: order.orderId })
    return 'refunding'
  }
  return order.paymentState === 'open' || order.paymentState === 'pending' ? 'cancelled' : order.paymentState
}

async function end(tools: Tools, tx: Tx, order: StoredOrder, lines: readonly StoredLine[]): Promise<void> {
  const { orderId } = order
  const [retention] = await tx<{ days: Record<string, number> }[]>`select days from retention`
  const after = new Date(tools.now().getTime() + (retention!.days[order.outcome!] ?? 0) * DAY_MS)
  emit(tx, shop, 'order.closed', {
    orderId,
    outcome: order.outcome!,
    files: await filesOfEnded(tx, orderId, after),
    deleteAfter: after.toISOString(),
  })
  if (lines.some(({ kind }) => kind === 'made')) emit(tx, shop, 'order.files.due', { orderId })
  if (order.erase) await eraseOrder(tools, tx, order)
}

/** What an order says without its person: the books keep the rest. */
export async function eraseOrder({ newId, now }: Tools, tx: Tx, order: StoredOrder): Promise<StoredOrder> {
  const { customerId: erased, note: _note, delivery, ...rest } = order
  const userId = newId()
  const saved = await store.saveOrder(
    tx,
    {
      ...rest,
      erase: false,
      customerId: userId,
      customer: { userId, name: '—', email: '', language: order.customer.language },
      ...(delivery ? { delivery: { method: delivery.method, price: delivery.price } } : {}),
    },
    now(),
  )
  // After what this transaction itself still writes there.
  tx.withCommit(() => store.eraseFromTimeline(tx, order.orderId, erased))
  await store.saveWords(tx, order.orderId, [order.number.toLowerCase()])
  return saved
}

/** Changes an order, and its state when `to` is another; the order is locked, and the machine has allowed it. */
async function move(
  tools: Tools,
  tx: Tx,
  before: StoredOrder,
  lines: readonly StoredLine[],
  signal: Signal,
  to: StoredOrder['state'],
  cause: Cause,
  changes: Partial<StoredOrder>,
): Promise<StoredOrder> {
  const now = tools.now()
  const config = configOf(tools)
  const outcome = outcomeOf(to, before.placedAt !== undefined, signal)
  let after: StoredOrder = { ...before, ...changes, state: to, ...present('outcome', outcome) }
  if (to === 'created')
    after = {
      ...after,
      needsAcceptance: false,
      placedAt: now,
      dueAt: new Date(now.getTime() + config.SHOP_LEAD_DAYS * DAY_MS),
    }
  if (outcome) after = { ...after, endedAt: now, needsAcceptance: false, ...present('reason', cause.reason) }
  if (givesMoneyBack(to)) {
    after = { ...after, paymentState: await endPayment(tx, before, now) }
    if (before.stockHeld) {
      await giveStockBack(
        tx,
        lines.flatMap(({ itemId, quantity }) => (itemId ? [{ itemId, quantity }] : [])),
      )
      after = { ...after, stockHeld: false }
    }
  }
  const saved = await store.saveOrder(tx, after, now)
  if (to === before.state) {
    note(tools, tx, saved, signal === 'passQuality' ? 'quality.passed' : signal, cause)
    return saved
  }
  note(tools, tx, saved, 'state', cause, { state: to, previous: before.state })
  announce(tools, tx, saved, before.state, cause)
  if (to === 'created' && !saved.test) announceCreated(tx, saved, lines)
  if (to === 'cancelled' && before.placedAt && !saved.test)
    emit(tx, shop, 'order.cancelled', {
      orderId: saved.orderId,
      number: saved.number,
      by: byOf(cause),
      ...present('reason', cause.reason),
    })
  if (saved.test && saved.placedAt && !hasEnded(to))
    emit(
      tx,
      shop,
      'order.rehearsal.due',
      { orderId: saved.orderId },
      { at: new Date(now.getTime() + config.SHOP_REHEARSAL_SECONDS * 1000) },
    )
  tell(tx, saved)
  if (outcome) await end(tools, tx, saved, lines)
  tools.count('orders_moved', { state: to })
  return saved
}

export type Commanded =
  | { readonly order: StoredOrder; readonly refused?: undefined }
  | { readonly refused: string }

/** What somebody wants of an order now, which must be locked: it happens or is refused, with the reason. */
export async function command(
  tools: Tools,
  tx: Tx,
  order: StoredOrder,
  lines: readonly StoredLine[],
  signal: Signal,
  cause: Cause,
  changes: Partial<StoredOrder> = {},
): Promise<Commanded> {
  const decision = decide(standingOf({ ...order, ...changes }, lines), signal, cause.actor)
  if (decision.kind !== 'move')
    return { refused: decision.kind === 'refuse' ? decision.reason : 'It cannot be done now.' }
  const moved = await move(tools, tx, order, lines, signal, decision.to, cause, changes)
  return { order: await drain(tools, tx, moved, lines) }
}

/** What a neighbour announced of an order: it happens, waits for what comes first, or is answered. Never fails. */
export async function receive(
  tools: Tools,
  tx: Tx,
  event: { readonly id: string; readonly type: string },
  waiting: Omit<store.WaitingSignal, 'eventId' | 'type'>,
): Promise<void> {
  const [order, lines] = await Promise.all([
    store.lockOrder(tx, waiting.orderId),
    store.listLines(tx, waiting.orderId),
  ])
  if (!order) return answer(tx, waiting.orderId, 'unknown', event, 'There is no such order.')
  const signal = { ...waiting, eventId: event.id, type: event.type }
  const moved = await take(tools, tx, order, lines, signal)
  if (moved === 'wait') await store.rememberSignal(tx, signal)
  else if (moved) await drain(tools, tx, moved, lines)
}

/** The moved order; 'wait'; or nothing, when there was nothing to do or it was refused. */
async function take(
  tools: Tools,
  tx: Tx,
  order: StoredOrder,
  lines: readonly StoredLine[],
  { eventId, type, signal, actor, byId, data }: store.WaitingSignal,
): Promise<StoredOrder | 'wait' | undefined> {
  const decision = decide(standingOf(order, lines), signal, actor, eventId)
  if (decision.kind === 'wait') return 'wait'
  if (decision.kind === 'same') return undefined
  if (decision.kind === 'refuse') {
    answer(tx, order.orderId, order.state, { id: eventId, type }, decision.reason)
    return undefined
  }
  // The office may write something to a confirmation, too.
  const words = data['reason'] ?? data['note']
  const reason = typeof words === 'string' ? words : undefined
  const { carrier, tracking, dueAt } = data as { carrier?: string; tracking?: string; dueAt?: string }
  const cause: Cause = {
    actor,
    byId,
    reason,
    data: carrier === undefined ? undefined : { carrier, tracking: tracking ?? '' },
  }
  return move(tools, tx, order, lines, signal, decision.to, cause, {
    ...present('stamp', decision.stamp),
    ...(carrier === undefined ? {} : { tracking: { carrier, number: tracking ?? '' } }),
    ...(dueAt === undefined ? {} : { dueAt: new Date(dueAt) }),
  })
}

/** Nothing waits for an order that the office has not seen: see `decide`. */
const early: ReadonlySet<StoredOrder['state']> = new Set(['draft', 'quoted', 'created'])

/** After a move: takes what waited for it, until nothing more can be taken. */
async function drain(
  tools: Tools,
  tx: Tx,
  moved: StoredOrder,
  lines: readonly StoredLine[],
): Promise<StoredOrder> {
  let order = moved
  for (let again = !early.has(moved.state); again; ) {
    again = false
    for (const waiting of await store.listWaiting(tx, order.orderId)) {
      const next = await take(tools, tx, order, lines, waiting)
      if (next === 'wait') continue
      await store.forgetSignal(tx, order.orderId, waiting.eventId)
      if (!next) continue
      order = next
      again = true
    }
  }
  return order
}

function answer(
  tx: Tx,
  orderId: string,
  state: StoredOrder['state'] | 'unknown',
  event: { readonly id: string; readonly type: string },
  reason: string,
): void {
  emit(tx, shop, 'order.confirmation.refused', {
    orderId,
    state,
    event: event.type,
    eventId: event.id,
    reason,
  })
}
