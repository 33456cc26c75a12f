/** Operations on orders: the inbox of the office, its decision, and the thread of messages. */
import { type Operation, pageOf, pageQuery, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { Message, Order, OrderState, OrderSummary, Words } from './contract-schemas.ts'

const orderId = '01938a5e-7c00-7000-8000-0000000000c1'
const orderParams = Type.Object({ orderId: Uuid })
const params = { orderId }

export const orderOperations = {
  listOrders: {
    method: 'GET',
    path: '/orders',
    summary: 'Orders, newest first; those that wait for the office, oldest first',
    access: { permission: 'orders:confirm' },
    query: Type.Object({
      ...pageQuery,
      waiting: Type.Optional(Type.Boolean({ description: 'Only those that wait for a decision' })),
      unread: Type.Optional(
        Type.Boolean({ description: 'Only those with messages that nobody of the office has read' }),
      ),
      state: Type.Optional(OrderState),
      customerId: Type.Optional(Type.String({ format: 'uuid', description: 'Only of this customer' })),
      search: Type.Optional(
        Type.String({ maxLength: 100, description: 'Number of the order, name, company or address' }),
      ),
    }),
    returns: pageOf(OrderSummary),
    example: { query: {} },
  },
  countOrders: {
    method: 'GET',
    path: '/orders/counts',
    summary: 'How many orders wait for the office, and how many have unread messages',
    access: { permission: 'orders:confirm' },
    returns: Type.Object({
      waiting: Type.Integer({
        minimum: 0,
        description: 'Orders without a decision; 1,000 means that many or more',
      }),
      unread: Type.Integer({ minimum: 0, description: 'Orders with unread messages; 1,000 at most' }),
    }),
  },
  getOrder: {
    method: 'GET',
    path: '/orders/:orderId',
    summary: 'An order as the office sees it',
    access: { permission: 'orders:confirm' },
    params: orderParams,
    returns: Order,
    etag: 'version',
    example: { params },
  },
  confirmOrder: {
    method: 'POST',
    path: '/orders/:orderId/confirm',
    summary: 'Confirm an order: production sees it',
    description:
      'Only an order that waits can be confirmed. When the customer cancels at the same moment, the shop decides which came first; `refusal` says so if it was the cancellation.',
    access: { permission: 'orders:confirm' },
    params: orderParams,
    body: Type.Object(
      {
        note: Type.Optional(Words(500, 'For production and the customer')),
        dueAt: Type.Optional(
          Type.String({ format: 'date-time', description: 'When it is promised, if not as ordered' }),
        ),
      },
      { additionalProperties: false },
    ),
    returns: Order,
    errors: ['orderNotWaiting', 'dueAtNotRight'],
    example: { params, body: {} },
  },
  rejectOrder: {
    method: 'POST',
    path: '/orders/:orderId/reject',
    summary: 'Reject an order, with a reason that the customer reads',
    access: { permission: 'orders:confirm' },
    params: orderParams,
    body: Type.Object({ reason: Words(500, 'Why; the customer reads it') }, { additionalProperties: false }),
    returns: Order,
    errors: ['orderNotWaiting'],
    example: { params, body: { reason: 'The walls are too thin for this material.' } },
  },
  listMessages: {
    method: 'GET',
    path: '/orders/:orderId/messages',
    summary: 'The thread of an order, newest first',
    description: 'For the customer whose order it is, and for the office.',
    access: 'user',
    params: orderParams,
    query: Type.Object(pageQuery),
    returns: pageOf(Message),
    example: { params },
  },
  sendMessage: {
    method: 'POST',
    path: '/orders/:orderId/messages',
    summary: 'Write into the thread of an order',
    description: 'The customer writes as the customer, everybody of the office as the office.',
    access: 'user',
    idempotent: true,
    params: orderParams,
    body: Type.Object({ text: Words(4000, 'Plain text') }, { additionalProperties: false }),
    status: 201,
    returns: Message,
    errors: ['tooManyMessages'],
    example: { params, body: { text: 'Can it be blue instead?' } },
  },
  markRead: {
    method: 'POST',
    path: '/orders/:orderId/messages/read',
    summary: 'Say that the thread has been read, by the customer or by the office',
    access: 'user',
    params: orderParams,
    body: Type.Object({ until: Timestamp }, { additionalProperties: false }),
    example: { params, body: { until: '2026-11-21T10:00:00.000Z' } },
  },
} as const satisfies Record<string, Operation>
