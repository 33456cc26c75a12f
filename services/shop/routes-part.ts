/** The type of one file of routes, pages of lists, and what every route of an order needs. */
import type { Operation, ReturnsOf } from '@pleiad/platform/contract'
import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import type { Call, Caller, Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import type { Order } from './contract-schemas.ts'
import { standingOf } from './service-orders.ts'
import type { Own } from './service-own.ts'
import { isPayable } from './service-payments.ts'
import { findOrder, listLines, lockOrder, type StoredLine, type StoredOrder } from './store-orders.ts'
import { viewOrder } from './views.ts'

export type Part<O extends Readonly<Record<string, Operation>>> = (own: Own) => {
  readonly [K in keyof O]: (call: Call<O[K]>) => Promise<ReturnsOf<O[K]>>
}

/** Cuts the row that only tells that there is a next page, and names where that page begins. */
export function pageFrom<Stored, Item>(
  rows: readonly Stored[],
  limit: number,
  view: (row: Stored) => Item,
  cursorOf: (row: Stored) => readonly (string | number)[],
): { items: Item[]; next?: string } {
  const page = rows.slice(0, limit)
  return {
    items: page.map(view),
    ...(rows.length > limit ? { next: encodeCursor(cursorOf(page.at(-1)!)) } : {}),
  }
}

/** Where a page starts that is ordered by one text. */
export function placeFrom(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : String(decodeCursor(cursor, 1)[0])
}

export const MANAGE = 'orders:manage'
export const isStaff = (caller: Caller) => caller.permissions.includes(MANAGE)

type OnOrder = Tools & {
  readonly caller: Caller
  readonly params: { readonly orderId: string }
  readonly fail: (code: 'notFound', detail?: string) => never
}

/** A partner’s order is its project’s, not the page’s of the person in whose name it was made. */
const isOwn = (caller: Caller, order: StoredOrder) =>
  order.channel === 'shop' && order.customerId === caller.id

/** Whose hands an order is in: its customer’s also when they are staff. Others do not learn that it is there. */
export function actorOf(caller: Caller, order: StoredOrder): 'customer' | 'staff' | undefined {
  if (isOwn(caller, order)) return 'customer'
  return isStaff(caller) ? 'staff' : undefined
}

export function show(
  tools: Pick<Tools, 'now'>,
  caller: Caller,
  order: StoredOrder,
  lines: readonly StoredLine[],
): Order {
  const actor = actorOf(caller, order) ?? 'customer'
  const view = viewOrder(order, lines, standingOf(order, lines), {
    actor,
    payable: isPayable(order),
    now: tools.now(),
  })
  if (actor !== 'customer' || !isStaff(caller)) return view
  // Staff that ordered something may still do what staff may.
  const also = viewOrder(order, lines, standingOf(order, lines), {
    actor: 'staff',
    payable: isPayable(order),
    now: tools.now(),
  })
  return { ...view, may: [...new Set([...view.may, ...also.may])] }
}

export async function readOrder(call: OnOrder): Promise<StoredOrder> {
  const order = await findOrder(call.sql, call.params.orderId)
  if (!order || !actorOf(call.caller, order)) return call.fail('notFound')
  return order
}

/** Works on one order that is locked; the caller is its customer or staff. */
export function withOrder<T>(
  call: OnOrder,
  work: (tx: Tx, order: StoredOrder, lines: readonly StoredLine[], actor: 'customer' | 'staff') => Promise<T>,
): Promise<T> {
  return call.transact(async (tx) => {
    const order = await lockOrder(tx, call.params.orderId)
    const actor = order && actorOf(call.caller, order)
    if (!order || !actor) return call.fail('notFound')
    return work(tx, order, await listLines(tx, order.orderId), actor)
  })
}
