/** What staff and administrators do. */
import { type Operation, pageOf, pageQuery, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { orderId, orderParams } from './contract-buying.ts'
import { Channel, Item, ItemDraft, Order, OrderSummary, PaymentState, Reason } from './contract-schemas.ts'
import { OrderState, Outcome } from './contract-states.ts'

const orders = { permission: 'orders:manage' } as const
const administration = { permission: 'shop:manage' } as const
const itemId = '01938a5e-7c00-7000-8000-0000000000d1'
const draft = {
  sku: 'BOX-10',
  names: { en: 'Storage box', ru: 'Коробка' },
  about: { en: '', ru: '' },
  price: 1200,
  currency: 'EUR',
  stock: 25,
  pictures: [],
  active: true,
}
const days = Type.Integer({ minimum: 0, maximum: 3650, description: 'Days after the end' })
const Retention = Type.Object(
  { delivered: days, rejected: days, cancelled: days, returned: days, abandoned: days },
  {
    additionalProperties: false,
    description:
      'Days after which the models of an order go, by how it ended; abandoned also counts for carts',
  },
)
const Removal = Type.Object({
  orderId: Type.Optional(Type.String({ format: 'uuid', description: 'Absent: of a cart' })),
  number: Type.Optional(Type.String({ description: 'Number of the order' })),
  outcome: Outcome,
  fileId: Uuid,
  modelId: Type.Optional(Uuid),
  name: Type.String({ description: 'Name of the model' }),
  bytes: Type.Integer({ minimum: 0, description: 'What it frees' }),
  deleteAfter: Timestamp,
  goneAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it went' })),
})
const DeadLetter = Type.Object({
  service: Type.String({ description: 'Service in which it is parked' }),
  consumer: Type.String({ description: 'Handler that failed' }),
  id: Uuid,
  type: Type.String({ description: 'Type of the event' }),
  attempts: Type.Integer({ description: 'How often it was tried' }),
  error: Type.String({ description: 'What went wrong' }),
  parkedAt: Timestamp,
})

export const managing = {
  manageOrders: {
    method: 'GET',
    path: '/manage/orders',
    summary: 'Orders of all customers, newest first',
    access: orders,
    query: Type.Object({
      ...pageQuery,
      state: Type.Optional(OrderState),
      channel: Type.Optional(Channel),
      payment: Type.Optional(PaymentState),
      customerId: Type.Optional(Uuid),
      projectId: Type.Optional(Uuid),
      q: Type.Optional(
        Type.String({
          minLength: 2,
          maxLength: 100,
          description: 'How the number, or a word of the customer’s name, company or e-mail address, begins',
        }),
      ),
    }),
    returns: pageOf(OrderSummary),
    example: { query: { state: 'created' } },
  },
  markPaid: {
    method: 'POST',
    path: '/manage/orders/:orderId/paid',
    summary: 'Note that an invoice was paid',
    access: orders,
    params: orderParams,
    body: Type.Object(
      { reference: Type.Optional(Type.String({ maxLength: 200, description: 'Of the bank’s statement' })) },
      { additionalProperties: false },
    ),
    returns: Order,
    errors: ['paymentNotPossible'],
    example: { params: { orderId }, body: {} },
  },
  refundOrder: {
    method: 'POST',
    path: '/manage/orders/:orderId/refund',
    summary: 'Give the money of an order back',
    description: 'Of an order that ended, or is delivered. On invoice this notes that it was sent back.',
    access: orders,
    params: orderParams,
    body: Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false }),
    returns: Order,
    errors: ['paymentNotPossible', 'orderStateRefuses'],
    example: { params: { orderId }, body: {} },
  },
  moveOrder: {
    method: 'POST',
    path: '/manage/orders/:orderId/move',
    summary: 'Note that an order was delivered or came back',
    description: 'For what production did not note itself.',
    access: orders,
    params: orderParams,
    body: Type.Object(
      {
        to: Type.Enum(['delivered', 'returned'], { description: 'Where it is now' }),
        reason: Type.Optional(Reason),
      },
      { additionalProperties: false },
    ),
    returns: Order,
    errors: ['orderStateRefuses'],
    example: { params: { orderId }, body: { to: 'delivered' } },
  },
  listDeadLetters: {
    method: 'GET',
    path: '/manage/orders/:orderId/dead-letters',
    summary: 'Events of an order that could not be handled, of every service in every process',
    access: orders,
    params: orderParams,
    returns: Type.Object({
      items: Type.Array(DeadLetter),
      silent: Type.Optional(
        Type.Array(Type.String(), {
          description: 'Services that do not answer now: what they have is not shown',
        }),
      ),
    }),
    example: { params: { orderId } },
  },
  retryDeadLetters: {
    method: 'POST',
    path: '/manage/orders/:orderId/dead-letters/retry',
    summary: 'Handle an order’s parked events again',
    access: orders,
    rate: 'heavy',
    params: orderParams,
    body: Type.Object(
      { id: Type.Optional(Type.String({ format: 'uuid', description: 'Only this one' })) },
      { additionalProperties: false },
    ),
    returns: Type.Object({ count: Type.Integer({ minimum: 0, description: 'How many are tried again' }) }),
    example: { params: { orderId }, body: {} },
  },
  manageItems: {
    method: 'GET',
    path: '/manage/items',
    summary: 'All ready-made items, also those that are not offered',
    access: administration,
    query: Type.Object(pageQuery),
    returns: pageOf(Item),
  },
  createItem: {
    method: 'POST',
    path: '/manage/items',
    summary: 'Add a ready-made item',
    access: administration,
    idempotent: true,
    status: 201,
    body: ItemDraft,
    returns: Item,
    etag: 'version',
    errors: ['skuTaken', 'pictureNotRight'],
    example: { body: draft },
  },
  updateItem: {
    method: 'PUT',
    path: '/manage/items/:itemId',
    summary: 'Change a ready-made item',
    access: administration,
    ifMatch: true,
    params: Type.Object({ itemId: Uuid }),
    body: ItemDraft,
    returns: Item,
    etag: 'version',
    errors: ['skuTaken', 'pictureNotRight'],
    example: { params: { itemId }, body: draft },
  },
  getRetention: {
    method: 'GET',
    path: '/manage/retention',
    summary: 'How long models are kept after an order has ended',
    access: administration,
    returns: Type.Object({
      retention: Retention,
      version: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
    }),
    etag: 'version',
  },
  setRetention: {
    method: 'PUT',
    path: '/manage/retention',
    summary: 'Change how long models are kept after an order has ended',
    description: 'It counts for what ends from now on, and for what has ended and is still there.',
    access: administration,
    ifMatch: true,
    body: Retention,
    returns: Type.Object({
      retention: Retention,
      version: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
    }),
    etag: 'version',
    example: { body: { delivered: 90, rejected: 14, cancelled: 14, returned: 90, abandoned: 30 } },
  },
  previewRetention: {
    method: 'GET',
    path: '/manage/retention/preview',
    summary: 'Which models will go until a day, and what that frees',
    access: administration,
    maxStalenessMs: 10_000,
    query: Type.Object({
      until: Type.Optional(Type.String({ format: 'date-time', description: 'Default: a week from now' })),
    }),
    returns: Type.Object({
      files: Type.Integer({ minimum: 0, description: 'How many go' }),
      bytes: Type.Integer({ minimum: 0, description: 'Bytes that become free' }),
      first: Type.Array(Removal, { description: 'The first hundred, the next to go first' }),
    }),
    example: { query: {} },
  },
  listRemovedModels: {
    method: 'GET',
    path: '/manage/retention/removed',
    summary: 'Models of orders that went, newest first',
    access: administration,
    maxStalenessMs: 10_000,
    query: Type.Object(pageQuery),
    returns: pageOf(Removal),
    example: { query: {} },
  },
} as const satisfies Record<string, Operation>
