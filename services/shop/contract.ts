/** The shop of a made-to-order workshop: catalogue, cart, quotes, orders, payment. */
import { defineContract, Type, Uuid } from '@pleiad/platform/contract'
import { buying } from './contract-buying.ts'
import { shopErrors } from './contract-errors.ts'
import { shopEvents } from './contract-events.ts'
import { managing } from './contract-managing.ts'
import { OrderState } from './contract-states.ts'

export type {
  Address,
  By,
  Cart,
  CartLine,
  Catalogue,
  CustomerDetails,
  Delivery,
  DeliveryChoice,
  Estimate,
  Item,
  ItemDraft,
  Order,
  OrderCustomer,
  OrderedLine,
  OrderLine,
  OrderSummary,
  Payment,
  PrintOptions,
  Profile,
  ProfileDraft,
  TimelineEntry,
} from './contract-schemas.ts'
export { type OrderState, type Outcome, orderStates, outcomes } from './contract-states.ts'

export const shop = defineContract({
  name: 'shop',
  version: '1.0.0',
  summary: 'The workshop’s shop: catalogue, cart, quotes, orders with their timeline, payment, invoices.',
  operations: { ...buying, ...managing },
  events: shopEvents,
  errors: shopErrors,
  permissions: {
    'orders:manage': 'See the orders of all customers, cancel them, note payments, give money back.',
    'shop:manage': 'Edit ready-made items and how long models are kept.',
  },
  topics: {
    orders: {
      description: 'An order of mine has changed: load it again.',
      data: Type.Object({
        orderId: Uuid,
        number: Type.String({ description: 'Its number' }),
        state: OrderState,
        needsAcceptance: Type.Boolean({ description: 'Whether I am asked about the price' }),
        version: Type.Integer({ minimum: 1, description: 'Grows with every change' }),
      }),
    },
    'orders.managed': {
      description:
        'Something happened to an order, its payment or its files, for everybody who manages orders: load it again.',
      permission: 'orders:manage',
      data: Type.Object({ orderId: Uuid }),
    },
    cart: {
      description: 'My cart has changed by itself, such as by a price that came: load it again.',
      data: Type.Object({ cartId: Uuid, version: Type.Integer({ minimum: 1, description: 'Of the cart' }) }),
    },
  },
})
