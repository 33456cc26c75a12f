/** What of the inbox stands in its address, so that the way back from an order leads to the same rows. */
import type { OrderSummary } from './data.ts'

/** States of orders that the office knows of. */
export const inboxStates = [
  'created',
  'confirmed',
  'inProduction',
  'qualityCheck',
  'packed',
  'shipped',
  'delivered',
  'rejected',
  'cancelled',
  'returned',
] as const satisfies readonly OrderSummary['state'][]

export interface InboxSearch {
  /** Absent: those that wait. */
  readonly show?: 'waiting' | 'unread' | 'all' | undefined
  readonly state?: OrderSummary['state'] | undefined
  readonly customer?: string | undefined
  readonly q?: string | undefined
}

export function inboxSearch(search: Record<string, unknown>): InboxSearch {
  const { show, state, customer, q } = search
  return {
    ...(show === 'unread' || show === 'all' ? { show } : {}),
    ...(inboxStates.some((one) => one === state) ? { state: state as OrderSummary['state'] } : {}),
    ...(typeof customer === 'string' && /^[0-9a-f-]{36}$/.test(customer) ? { customer } : {}),
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
  }
}
