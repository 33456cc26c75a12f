/** Tells what happens to orders: in their timeline, to open pages, and to the other services. */

import { emit, push, pushToHolders, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from './contract.ts'
import type { By, OrderedLine } from './contract-schemas.ts'
import { whatIsMade } from './lines.ts'
import type { Actor } from './orders.ts'
import { present } from './rows.ts'
import { addEntry, type StoredEntry, type StoredLine, type StoredOrder } from './store-orders.ts'

/** Who moves an order, why, and by which event. */
export interface Cause {
  readonly actor: Actor
  readonly byId?: string | undefined
  readonly reason?: string | undefined
  readonly event?: { readonly id: string; readonly type: string } | undefined
  /** More for the timeline. */
  readonly data?: Record<string, string | number | boolean> | undefined
}

/** Who it was, as others may see it. */
export function byOf({ actor, byId }: Pick<Cause, 'actor' | 'byId'>): By {
  // Behind what a service announces there is a person of the staff.
  const kind = actor === 'crm' || actor === 'operators' ? 'staff' : actor
  return { kind, ...present('id', byId) }
}

/** Lines as they were ordered; all of them have a price by then. */
export function orderedLines(lines: readonly StoredLine[]): OrderedLine[] {
  return lines.map((line) => ({
    ...whatIsMade(line),
    unitPrice: line.unitPrice ?? 0,
    total: line.total ?? 0,
  }))
}

/** Writes what happened to an order where everybody concerned reads it, with the commit, and tells the staff’s open pages. */
export function note(
  { newId, now }: Pick<Tools, 'newId' | 'now'>,
  tx: Tx,
  order: Pick<StoredOrder, 'orderId'>,
  code: string,
  cause: Cause,
  more: Pick<StoredEntry, 'state' | 'previous'> = {},
): void {
  const by = byOf(cause)
  const entry: StoredEntry = {
    entryId: newId(),
    orderId: order.orderId,
    at: now(),
    code,
    byKind: by.kind,
    ...present('byId', by.id),
    ...present('reason', cause.reason),
    ...present('data', cause.data),
    ...more,
  }
  tx.withCommit(() => addEntry(tx, entry))
  pushToHolders(tx, shop, 'orders.managed', { orderId: order.orderId })
}

/** Tells the customer’s open pages. */
export function tell(
  tx: Tx,
  { orderId, number, state, needsAcceptance, version, ...order }: StoredOrder,
): void {
  if (order.channel === 'shop')
    push(tx, shop, 'orders', order.customerId, { orderId, number, state, needsAcceptance, version })
}

/** Announces that the state of an order is another. */
export function announce(
  tools: Tools,
  tx: Tx,
  order: StoredOrder,
  previous: StoredOrder['state'],
  cause: Cause,
): void {
  emit(tx, shop, 'order.changed', {
    orderId: order.orderId,
    number: order.number,
    state: order.state,
    previous,
    at: tools.now().toISOString(),
    by: byOf(cause),
    ...present('reason', cause.reason),
    channel: order.channel,
    ...present('projectId', order.projectId),
    ...present('environment', order.environment),
    customerId: order.customerId,
    ...(order.needsAcceptance ? { needsAcceptance: true } : {}),
    ...(order.test ? { test: true } : {}),
  })
}

/** Announces a new order, with all that neighbours need of it. */
export function announceCreated(tx: Tx, order: StoredOrder, lines: readonly StoredLine[]): void {
  emit(tx, shop, 'order.created', {
    orderId: order.orderId,
    number: order.number,
    channel: order.channel,
    ...present('projectId', order.projectId),
    ...present('environment', order.environment),
    customer: order.customer,
    lines: orderedLines(lines),
    total: order.total ?? 0,
    currency: order.currency,
    delivery: order.delivery ?? { method: 'pickup', price: 0 },
    payment: { method: order.paymentMethod, state: order.paymentState },
    ...present('note', order.note),
    dueAt: order.dueAt!.toISOString(),
    createdAt: order.placedAt!.toISOString(),
  })
}
