/** What the pages of orders ask for. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTopic } from '../../live.ts'
import { forge } from '../api.ts'

export type Order = Awaited<ReturnType<typeof forge.shop.getOrder>>
export type TimelineEntry = Awaited<ReturnType<typeof forge.shop.getTimeline>>['items'][number]
export type OrderState = Order['state']
export type Message = Awaited<ReturnType<typeof forge.crm.listMessages>>['items'][number]

export const ordersKey = ['forge', 'orders'] as const
const PRICING_MS = 4000

export const orderKey = (orderId: string) => [...ordersKey, 'one', orderId] as const

export const orderQuery = (orderId: string) =>
  queryOptions({
    queryKey: orderKey(orderId),
    queryFn: ({ signal }) => forge.shop.getOrder({ params: { orderId }, signal }),
  })

/** Loads what is shown of orders anew when one of mine changes. */
export function useOrdersLive(): void {
  const client = useQueryClient()
  useTopic('orders', () => void client.invalidateQueries({ queryKey: ordersKey }))
}

export function useOrder(orderId: string) {
  useOrdersLive()
  return useQuery({
    ...orderQuery(orderId),
    refetchInterval: ({ state }) => (state.data?.state === 'draft' ? PRICING_MS : false),
  })
}

export const orderColors = {
  draft: 'gray',
  quoted: 'yellow',
  created: 'iris',
  confirmed: 'iris',
  rejected: 'red',
  inProduction: 'iris',
  qualityCheck: 'iris',
  packed: 'iris',
  shipped: 'iris',
  delivered: 'green',
  cancelled: 'gray',
  returned: 'gray',
} as const satisfies Record<OrderState, string>
