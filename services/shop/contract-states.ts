/** The names of the order machine; what leads from one to the other is in `orders.ts`. */
import { Type } from '@pleiad/platform/contract'

export const orderStates = [
  'draft',
  'quoted',
  'created',
  'confirmed',
  'rejected',
  'inProduction',
  'qualityCheck',
  'packed',
  'shipped',
  'delivered',
  'cancelled',
  'returned',
] as const

export const OrderState = Type.Enum([...orderStates], {
  description:
    'draft: being priced; quoted: prices are frozen; created: ordered, the office looks at it; then as the words say',
})
export type OrderState = (typeof orderStates)[number]

export const outcomes = ['delivered', 'rejected', 'cancelled', 'returned', 'abandoned'] as const
export const Outcome = Type.Enum([...outcomes], {
  description: 'How it ended; abandoned: it was never ordered and its time is over',
})
export type Outcome = (typeof outcomes)[number]
