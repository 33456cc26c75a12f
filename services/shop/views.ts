/** What callers see of carts and orders. */

import type {
  Cart,
  CartLine,
  Catalogue,
  Item,
  Order,
  OrderLine,
  OrderSummary,
  TimelineEntry,
} from './contract-schemas.ts'
import { whatIsMade } from './lines.ts'
import { sumOf } from './money.ts'
import { type Actor, allows, type Standing } from './orders.ts'
import type {
  StoredCart,
  StoredCartLine,
  StoredEntry,
  StoredLine,
  StoredOrder,
  StoredPrice,
} from './records.ts'
import { present } from './rows.ts'

const iso = (date: Date | undefined) => date?.toISOString()

/** A cart's line with its price as it is at `now`; without a model's name the model is gone. */
export function viewCartLine(
  line: StoredCartLine,
  price: StoredPrice | undefined,
  item: Item | undefined,
  held: boolean,
  currency: string,
): CartLine {
  const { lineId, kind, quantity } = line
  if (kind === 'ready') {
    const offered = item?.active === true && item.currency === currency
    const short = offered && item.stock < quantity
    const trouble = offered ? (short ? ('outOfStock' as const) : undefined) : ('notOffered' as const)
    return {
      lineId,
      kind,
      name: item?.names.en ?? '',
      ...present('sku', item?.sku),
      quantity,
      priceState: offered ? 'calculated' : 'refused',
      ...present('unitPrice', item?.price),
      ...(item ? { total: item.price * quantity } : {}),
      ...present('trouble', trouble),
    }
  }
  const state = price?.state ?? 'expired'
  return {
    lineId,
    kind,
    name: line.name ?? '',
    ...present('modelId', line.modelId),
    ...present('version', line.version),
    ...present('fileId', line.fileId),
    ...present('options', line.options),
    quantity,
    priceState: state === 'calculated' && !held ? 'expired' : state,
    ...present('estimate', line.estimate),
    ...present('problem', price?.problem),
    ...(price?.breakdown ? { breakdown: [...price.breakdown] } : {}),
    ...present('priceValidUntil', iso(price?.validUntil)),
    ...present('unitPrice', price?.unitPrice),
    ...present('total', price?.total),
  }
}

export function viewCart(cart: StoredCart, lines: CartLine[], currency: string): Cart {
  const total = sumOf(lines.map((line) => ({ total: line.total })))
  return {
    cartId: cart.cartId,
    lines,
    currency,
    ...present('total', total),
    ready:
      lines.length > 0 &&
      lines.every(({ priceState, trouble }) => priceState === 'calculated' && trouble === undefined),
    version: cart.version,
    updatedAt: cart.updatedAt.toISOString(),
  }
}

export function viewSummary(order: StoredOrder, lineCount: number): OrderSummary {
  return {
    orderId: order.orderId,
    number: order.number,
    state: order.state,
    needsAcceptance: order.needsAcceptance,
    channel: order.channel,
    ...present('projectId', order.projectId),
    ...present('environment', order.environment),
    test: order.test,
    customer: order.customer,
    currency: order.currency,
    ...present('total', order.total),
    payment: { method: order.paymentMethod, state: order.paymentState },
    ...present('dueAt', iso(order.dueAt)),
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
    lineCount,
  }
}

function viewLine(line: StoredLine): OrderLine {
  return {
    ...whatIsMade(line),
    priceState: line.priceState,
    ...present('estimate', line.estimate),
    ...present('problem', line.problem),
    ...(line.breakdown ? { breakdown: [...line.breakdown] } : {}),
    ...present('priceValidUntil', iso(line.validUntil)),
    ...present('unitPrice', line.unitPrice),
    ...present('total', line.total),
  }
}

export interface Viewer {
  readonly actor: Extract<Actor, 'customer' | 'partner' | 'staff'>
  readonly payable: boolean
  readonly now: Date
}

/** What the viewer may do with the order now. */
function mayOf(order: StoredOrder, standing: Standing, { actor, payable, now }: Viewer): Order['may'] {
  const staff = actor === 'staff'
  const fresh = order.validUntil !== undefined && order.validUntil > now
  const may: [Order['may'][number], boolean][] = [
    ['acceptPrice', !staff && fresh && order.ordered && order.needsAcceptance && order.state === 'quoted'],
    ['place', !staff && fresh && !order.ordered && allows(standing, 'place', actor)],
    ['cancel', allows(standing, 'cancel', actor)],
    ['pay', !staff && payable],
    ['markPaid', staff && payable],
    ['refund', staff && (order.paymentState === 'paid' || order.paymentState === 'refunding')],
    ['markDelivered', staff && allows(standing, 'deliver', actor)],
    ['markReturned', staff && allows(standing, 'return', actor)],
  ]
  return may.filter(([, can]) => can).map(([what]) => what)
}

export function viewOrder(
  order: StoredOrder,
  lines: readonly StoredLine[],
  standing: Standing,
  viewer: Viewer,
): Order {
  const { lineCount: _, ...summary } = viewSummary(order, lines.length)
  return {
    ...summary,
    ordered: order.ordered,
    ...present('placedAt', iso(order.placedAt)),
    ...present('validUntil', iso(order.validUntil)),
    lines: lines.map(viewLine),
    ...present('linesTotal', order.linesTotal),
    ...present('delivery', order.delivery),
    ...present('note', order.note),
    ...present('tracking', order.tracking),
    ...present('reason', order.reason),
    may: mayOf(order, standing, viewer),
    version: order.version,
  }
}

export function viewEntry(entry: StoredEntry): TimelineEntry {
  return {
    entryId: entry.entryId,
    at: entry.at.toISOString(),
    code: entry.code,
    ...present('state', entry.state),
    ...present('previous', entry.previous),
    by: { kind: entry.byKind, ...present('id', entry.byId) },
    ...present('reason', entry.reason),
    ...present('data', entry.data),
  }
}

/** Words by which staff find an order: its number, and those of its customer's name, company and address. */
export function searchWords(
  number: string,
  customer: { name: string; email: string; company?: string },
): string[] {
  const text = `${number} ${customer.name} ${customer.company ?? ''} ${customer.email}`.toLowerCase()
  const parts = [number.toLowerCase(), customer.email.toLowerCase(), ...text.split(/[^\p{L}\p{N}]+/u)]
  return [...new Set(parts.filter((word) => word.length > 0).map((word) => word.slice(0, 100)))]
}

/** The words of a search, as far as they can find anything. */
export function wordsOfSearch(q: string): string[] {
  const text = q.trim().toLowerCase()
  // A whole number or address is one word.
  if (/^f-\d/.test(text) || text.includes('@')) return [text]
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 0)
}

/** The catalogue before the first price book. */
export function emptyCatalogue(currency: string): Catalogue {
  return { bookVersion: 0, currency, technologies: [], materials: [], finishes: [] }
}
