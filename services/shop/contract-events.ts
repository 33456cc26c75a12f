/** Events that the shop announces. */
import { type EventKind, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import {
  By,
  Channel,
  Currency,
  Delivery,
  Money,
  OrderCustomer,
  OrderedLine,
  Payment,
  PaymentMethod,
  PrintOptions,
} from './contract-schemas.ts'
import { OrderState, Outcome, orderStates } from './contract-states.ts'

const orderId = '01938a5e-7c00-7000-8000-0000000000c1'
const requestId = '01938a5e-7c00-7000-8000-0000000000c2'
const modelId = '01938a5e-7c00-7000-8000-0000000000c3'
const fileId = '01938a5e-7c00-7000-8000-0000000000c4'
const lineId = '01938a5e-7c00-7000-8000-0000000000c5'
const userId = '01938a5e-7c00-7000-8000-000000000001'
const number = 'F-2026-000123'
const at = '2026-11-21T10:00:00.000Z'
const options = {
  technology: 'fdm',
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  infillPercent: 20,
  supports: 'auto',
  finish: 'none',
  quantity: 2,
} as const

const OrderNumber = Type.String({ description: 'For people, such as F-2026-000123' })
const ReasonWords = Type.Optional(Type.String({ description: 'Why, in words' }))
const ofProject = {
  projectId: Type.Optional(Type.String({ format: 'uuid', description: 'Of partners’ orders' })),
  environment: Type.Optional(Type.String({ description: 'Of partners’ orders' })),
}

const Paid = Type.Object({
  orderId: Uuid,
  number: OrderNumber,
  channel: Channel,
  customerId: Type.String({ format: 'uuid', description: 'The person whose order it is' }),
  amount: Money,
  currency: Currency,
  method: PaymentMethod,
})
const paid = {
  orderId,
  number,
  channel: 'shop',
  customerId: userId,
  amount: 900,
  currency: 'EUR',
  method: 'invoice',
} as const

export const shopEvents = {
  'order.price.requested': {
    version: 1,
    description: 'The binding price of a part is wanted.',
    key: 'requestId',
    data: Type.Object({
      requestId: Uuid,
      lane: Type.Enum(['regular', 'priority'], { description: 'priority: of partners' }),
      source: Channel,
      modelId: Uuid,
      version: Type.Integer({ minimum: 1, description: 'Version of the model' }),
      ownerId: Uuid,
      fileId: Uuid,
      options: PrintOptions,
    }),
    example: {
      requestId,
      lane: 'regular',
      source: 'shop',
      modelId,
      version: 1,
      ownerId: userId,
      fileId,
      options,
    },
  },
  'order.created': {
    version: 1,
    description:
      'An order was placed at binding prices: the office may confirm or reject it. Rehearsals of partners are not announced with this.',
    key: 'orderId',
    data: Type.Object({
      orderId: Uuid,
      number: OrderNumber,
      channel: Channel,
      ...ofProject,
      customer: OrderCustomer,
      lines: Type.Array(OrderedLine),
      total: Money,
      currency: Currency,
      delivery: Delivery,
      payment: Payment,
      note: Type.Optional(Type.String({ description: 'What the customer wrote' })),
      dueAt: Timestamp,
      createdAt: Timestamp,
    }),
    example: {
      orderId,
      number,
      channel: 'shop',
      customer: { userId, name: 'Ada Lovelace', email: 'ada@example.com', language: 'en' },
      lines: [
        {
          lineId,
          kind: 'made',
          name: 'bracket',
          modelId,
          version: 1,
          fileId,
          options,
          quantity: 2,
          unitPrice: 450,
          total: 900,
          machineSeconds: 7200,
          materialG: 24.5,
        },
      ],
      total: 900,
      currency: 'EUR',
      delivery: { method: 'pickup', price: 0 },
      payment: { method: 'invoice', state: 'open' },
      dueAt: '2026-11-28T10:00:00.000Z',
      createdAt: at,
    },
  },
  'order.changed': {
    version: 1,
    description: 'The state of an order is another one. Every transition is announced, in order.',
    key: 'orderId',
    data: Type.Object({
      orderId: Uuid,
      number: OrderNumber,
      state: OrderState,
      previous: OrderState,
      at: Timestamp,
      by: By,
      reason: ReasonWords,
      channel: Channel,
      ...ofProject,
      customerId: Type.Optional(Type.String({ format: 'uuid', description: 'The person whose order it is' })),
      needsAcceptance: Type.Optional(
        Type.Boolean({ description: 'quoted, but outside of what the customer was shown: they are asked' }),
      ),
      test: Type.Optional(Type.Boolean({ description: 'A rehearsal of a partner: production ignores it' })),
    }),
    example: {
      orderId,
      number,
      state: 'created',
      previous: 'quoted',
      at,
      by: { kind: 'customer', id: userId },
      channel: 'shop',
      customerId: userId,
    },
  },
  'order.cancelled': {
    version: 1,
    description: 'An order that had been created will not be made: withdraw the work.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid, number: OrderNumber, by: By, reason: ReasonWords }),
    example: { orderId, number, by: { kind: 'customer', id: userId }, reason: 'Ordered twice' },
  },
  'order.paid': {
    version: 1,
    description: 'An order is paid.',
    key: 'orderId',
    data: Paid,
    example: paid,
  },
  'order.refunded': {
    version: 1,
    description: 'The money of an order went back.',
    key: 'orderId',
    data: Paid,
    example: paid,
  },
  'order.confirmation.refused': {
    version: 1,
    description:
      'The answer to an event that the order’s state does not allow: it changed nothing. Whoever sent it looks at `state`.',
    key: 'orderId',
    data: Type.Object({
      orderId: Uuid,
      state: Type.Enum([...orderStates, 'unknown'], {
        description: 'Where the order stands; unknown: there is no such order',
      }),
      event: Type.String({ description: 'Type of the event that is answered' }),
      eventId: Uuid,
      reason: Type.String({ description: 'Why, in words' }),
    }),
    example: {
      orderId,
      state: 'cancelled',
      event: 'order.confirmed',
      eventId: requestId,
      reason: 'The order is cancelled.',
    },
  },
  'order.closed': {
    version: 1,
    description:
      'An order has ended; its models may go after `deleteAfter`. A delivered order that is returned is closed again.',
    key: 'orderId',
    data: Type.Object({
      orderId: Uuid,
      outcome: Outcome,
      files: Type.Array(Type.Object({ fileId: Uuid, modelId: Uuid }), {
        description: 'Models that no other open order needs',
      }),
      deleteAfter: Timestamp,
    }),
    example: {
      orderId,
      outcome: 'delivered',
      files: [{ fileId, modelId }],
      deleteAfter: '2027-02-19T10:00:00.000Z',
    },
  },
  'order.files.due': {
    version: 1,
    description: 'The files of an order are to be kept or let go. For the shop itself.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid }),
    example: { orderId },
  },
  'order.refund.due': {
    version: 1,
    description: 'The money of an order is to go back. For the shop itself.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid }),
    example: { orderId },
  },
  'order.rehearsal.due': {
    version: 1,
    description: 'A partner’s rehearsal takes its next step. For the shop itself.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid }),
    example: { orderId },
  },
  'catalogue.wanted': {
    version: 1,
    description: 'The shop knows no price book: whoever has one in force announces it again.',
    key: 'wantedAt',
    data: Type.Object({ wantedAt: Timestamp }),
    example: { wantedAt: at },
  },
  'cart.prices.due': {
    version: 1,
    description: 'A new price book holds: carts are priced anew, a few at a time. For the shop itself.',
    key: 'bookVersion',
    data: Type.Object({
      bookVersion: Type.Integer({ minimum: 1, description: 'Version of the book' }),
      after: Type.Optional(Type.String({ format: 'uuid', description: 'The last line that was looked at' })),
    }),
    example: { bookVersion: 3 },
  },
} as const satisfies Record<string, EventKind>
