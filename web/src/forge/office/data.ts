/** What the pages of the office ask for. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useIsLive, useStaleBy } from '../../live.ts'
import { useMay } from '../../me.ts'
import { useRuns } from '../../services.ts'
import { forge } from '../api.ts'
import { type Order, type OrderState, orderKey, orderQuery, ordersKey } from '../orders/data.ts'
import type { PrintOptions } from '../shop/data.ts'

export type CrmOrder = Awaited<ReturnType<typeof forge.crm.getOrder>>
export type OrderSummary = Awaited<ReturnType<typeof forge.crm.listOrders>>['items'][number]
export type Customer = Awaited<ReturnType<typeof forge.crm.getCustomer>>
export type CustomerSummary = Awaited<ReturnType<typeof forge.crm.listCustomers>>['items'][number]
export type Task = Awaited<ReturnType<typeof forge.crm.listTasks>>['items'][number]
export type Note = Awaited<ReturnType<typeof forge.crm.listNotes>>['items'][number]
export type Segment = Awaited<ReturnType<typeof forge.crm.listSegments>>['items'][number]

export const officeKey = ['forge', 'office'] as const
export const inboxKey = [...officeKey, 'inbox'] as const
export const customersKey = [...officeKey, 'customers'] as const
export const retentionKey = [...officeKey, 'retention'] as const
export const pricesKey = [...officeKey, 'prices'] as const
export const itemsKey = [...officeKey, 'items'] as const
export const tasksKey = [...officeKey, 'tasks'] as const
/** Without the live connection pages look by themselves. */
const UNTOLD_MS = 5000
/** Should word of a change be lost, it is seen after this long. */
const TOLD_MS = 60_000

/** How often to look at what a topic tells of. */
export function useLooks(): number {
  return useIsLive() ? TOLD_MS : UNTOLD_MS
}

export const crmOrderKey = (orderId: string) => [...inboxKey, 'one', orderId] as const

/** How many orders wait, and how many have unread messages. */
export const countsQuery = queryOptions({
  queryKey: [...inboxKey, 'counts'],
  queryFn: ({ signal }) => forge.crm.countOrders({ signal }),
})

const inboxKeys = [inboxKey, ['forge', 'messages']]
const managedKeys = [ordersKey]

/** What changes in the inbox, or in an order that is looked at, is shown at once. */
export function useInboxLive(): void {
  useStaleBy('office', inboxKeys)
  useStaleBy('orders.managed', managedKeys)
}

/** An order as far as the reader may see it: what the shop knows of it, and what the office said to it. */
export interface Seen {
  readonly orderId: string
  readonly number: string
  readonly state: OrderState
  readonly currency: string
  readonly total: number | undefined
  readonly dueAt: string | undefined
  readonly customerId: string
  readonly customerName: string
  readonly lines: readonly SeenLine[]
  readonly delivery: Order['delivery']
  readonly note: string | undefined
  /** For holders of `orders:manage`. */
  readonly shop: Order | undefined
  /** For holders of `orders:confirm`, once it is ordered. */
  readonly crm: CrmOrder | undefined
}
export type SeenLine = Pick<
  Order['lines'][number],
  | 'lineId'
  | 'kind'
  | 'name'
  | 'modelId'
  | 'sku'
  | 'quantity'
  | 'unitPrice'
  | 'total'
  | 'breakdown'
  | 'machineSeconds'
  | 'materialG'
> & { readonly options?: PrintOptions | undefined }

export function seenOf(shop: Order | undefined, crm: CrmOrder | undefined): Seen | undefined {
  const one = shop ?? crm
  if (!one) return undefined
  const name = shop?.customer.company
    ? `${shop.customer.name}, ${shop.customer.company}`
    : shop?.customer.name
  return {
    orderId: one.orderId,
    number: one.number,
    state: one.state,
    currency: one.currency,
    total: one.total,
    dueAt: one.dueAt,
    customerId: crm?.customerId ?? shop!.customer.userId,
    customerName: name || crm?.customerName || '—',
    // The office keeps these as the shop's contract has them.
    lines: shop?.lines ?? (crm!.lines as readonly SeenLine[]),
    delivery: shop?.delivery ?? (crm?.delivery as Order['delivery']),
    note: one.note,
    shop,
    crm,
  }
}

/** An order, live. */
export function useSeen(orderId: string) {
  const may = useMay()
  const runs = useRuns()
  const refetchInterval = useLooks()
  useInboxLive()
  const shop = useQuery({
    ...orderQuery(orderId),
    enabled: may('orders:manage') && runs('shop'),
    refetchInterval,
  })
  const crm = useQuery({
    queryKey: crmOrderKey(orderId),
    queryFn: ({ signal }) => forge.crm.getOrder({ params: { orderId }, signal }),
    enabled: may('orders:confirm') && runs('crm'),
    refetchInterval,
  })
  // What was not ordered yet the shop alone knows; then the office's refusal says nothing.
  const pending = shop.isLoading || (crm.isLoading && !shop.data)
  return { seen: seenOf(shop.data, crm.data), pending, shop, crm }
}

/** What is stale after something was done with an order. */
export const orderKeys = (orderId: string) => [inboxKey, ordersKey, orderKey(orderId)] as const
