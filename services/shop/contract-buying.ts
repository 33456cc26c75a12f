/** What customers do: look, fill a cart, order, follow it. */
import { type Operation, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import {
  Cart,
  Catalogue,
  CustomerDetails,
  DeliveryChoice,
  DeliveryMethod,
  Estimate,
  Item,
  Money,
  Order,
  OrderSummary,
  PaymentMethod,
  PrintOptions,
  Profile,
  ProfileDraft,
  Reason,
  Sku,
  TimelineEntry,
} from './contract-schemas.ts'
import { OrderState } from './contract-states.ts'

export const orderId = '01938a5e-7c00-7000-8000-0000000000c1'
const modelId = '01938a5e-7c00-7000-8000-0000000000c3'
const lineId = '01938a5e-7c00-7000-8000-0000000000c5'
const cartId = '01938a5e-7c00-7000-8000-0000000000c6'
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
export const orderParams = Type.Object({ orderId: Uuid })
const lineParams = Type.Object({ lineId: Uuid })
const delivery = { method: 'pickup' } as const
const customer = { name: 'Ada Lovelace', email: 'ada@example.com' }

const MadeLine = Type.Object(
  {
    kind: Type.Literal('made'),
    modelId: Uuid,
    version: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Version of the model. Default: the latest, also of later ones',
      }),
    ),
    options: PrintOptions,
    estimate: Type.Optional(Estimate),
  },
  { additionalProperties: false },
)
const ReadyLine = Type.Object(
  {
    kind: Type.Literal('ready'),
    sku: Sku,
    quantity: Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many' }),
  },
  { additionalProperties: false },
)

/** How it is to be ordered. */
export const placing = {
  customer: CustomerDetails,
  delivery: DeliveryChoice,
  payment: PaymentMethod,
  note: Type.Optional(Type.String({ maxLength: 2000, description: 'For the workshop' })),
}

export const buying = {
  getCatalogue: {
    method: 'GET',
    path: '/catalogue',
    summary: 'What parts can be made of: technologies, materials, colours, finishes',
    access: 'public',
    maxStalenessMs: 10_000,
    returns: Catalogue,
  },
  listItems: {
    method: 'GET',
    path: '/items',
    summary: 'Ready-made items that are offered, by name',
    access: 'public',
    maxStalenessMs: 10_000,
    query: Type.Object(pageQuery),
    returns: pageOf(Item),
  },
  getItem: {
    method: 'GET',
    path: '/items/:sku',
    summary: 'A ready-made item',
    access: 'public',
    maxStalenessMs: 10_000,
    params: Type.Object({ sku: Sku }),
    returns: Item,
    example: { params: { sku: 'BOX-10' } },
  },
  getTerms: {
    method: 'GET',
    path: '/terms',
    summary: 'Ways to pay and to deliver, with their prices, and how long quotes hold',
    access: 'public',
    maxStalenessMs: 10_000,
    returns: Type.Object({
      currency: Type.String({ description: 'ISO 4217' }),
      payments: Type.Array(PaymentMethod),
      deliveries: Type.Array(Type.Object({ method: DeliveryMethod, price: Money })),
      quoteDays: Type.Integer({ description: 'Days a quote holds at most' }),
      leadDays: Type.Integer({ description: 'Days until an order is promised' }),
    }),
  },
  getProfile: {
    method: 'GET',
    path: '/profile',
    summary: 'My details and address book for the checkout',
    description: 'Before it is saved for the first time it has the name and e-mail address of the account.',
    access: 'user',
    returns: Profile,
    etag: 'version',
  },
  saveProfile: {
    method: 'PUT',
    path: '/profile',
    summary: 'Change my details and address book',
    access: 'user',
    ifMatch: true,
    body: ProfileDraft,
    returns: Profile,
    etag: 'version',
    example: { body: { ...customer, company: '', phone: '', addresses: [] } },
  },
  getCart: {
    method: 'GET',
    path: '/cart',
    summary: 'My cart, with prices as they are now',
    access: 'user',
    returns: Cart,
  },
  addLine: {
    method: 'POST',
    path: '/cart/lines',
    summary: 'Put a part or a ready-made item into the cart',
    description:
      'The price of a part is asked for at once and comes within seconds, on the topic `cart`; it is asked for again when the model, the options or the price book change.',
    access: 'user',
    idempotent: true,
    status: 201,
    body: Type.Union([MadeLine, ReadyLine]),
    returns: Cart,
    errors: ['modelNotReady', 'itemNotAvailable', 'optionsNotOffered', 'cartFull'],
    example: { body: { kind: 'made', modelId, options } },
  },
  changeLine: {
    method: 'PATCH',
    path: '/cart/lines/:lineId',
    summary: 'Change a line of the cart',
    access: 'user',
    params: lineParams,
    body: Type.Object(
      {
        quantity: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many; of a part also in `options`' }),
        ),
        options: Type.Optional(PrintOptions),
        version: Type.Optional(Type.Integer({ minimum: 1, description: 'Version of the model' })),
        estimate: Type.Optional(Estimate),
      },
      { additionalProperties: false },
    ),
    returns: Cart,
    errors: ['modelNotReady', 'optionsNotOffered'],
    example: { params: { lineId }, body: { quantity: 3 } },
  },
  removeLine: {
    method: 'DELETE',
    path: '/cart/lines/:lineId',
    summary: 'Take a line out of the cart',
    access: 'user',
    params: lineParams,
    status: 200,
    returns: Cart,
    example: { params: { lineId } },
  },
  requestQuote: {
    method: 'POST',
    path: '/quotes',
    summary: 'Freeze the cart’s prices as a quote',
    description:
      'The quote is an order in state draft until its prices have come, then quoted until `validUntil`. The cart stays as it is.',
    access: 'user',
    idempotent: true,
    status: 201,
    body: Type.Object({ cartId: Uuid }, { additionalProperties: false }),
    returns: Order,
    errors: ['cartEmpty', 'cartNotReady'],
    example: { body: { cartId } },
  },
  checkout: {
    method: 'POST',
    path: '/checkout',
    summary: 'Order a cart or a quote',
    description:
      'A cart or quote is ordered once, whatever is sent again: the answer is always the same order. A cart whose prices are still being calculated is ordered too: the order is a draft until they come, goes on by itself when each price is within the estimate the customer was shown (or the price they saw), and is quoted with `needsAcceptance` otherwise.',
    access: 'user',
    idempotent: true,
    status: 201,
    body: Type.Object(
      {
        cartId: Type.Optional(Uuid),
        quoteId: Type.Optional(Uuid),
        ...placing,
      },
      { additionalProperties: false },
    ),
    returns: Order,
    errors: [
      'cartEmpty',
      'cartNotReady',
      'outOfStock',
      'quoteExpired',
      'quoteNotReady',
      'addressMissing',
      'paymentNotOffered',
      'orderStateRefuses',
    ],
    example: { body: { cartId, customer, delivery, payment: 'invoice' } },
  },
  acceptPrice: {
    method: 'POST',
    path: '/orders/:orderId/accept-price',
    summary: 'Accept the binding price of an order that asks',
    access: 'user',
    idempotent: true,
    params: orderParams,
    body: Type.Object(
      { total: Type.Integer({ minimum: 0, description: 'The total that is accepted' }) },
      { additionalProperties: false },
    ),
    returns: Order,
    errors: ['priceChanged', 'quoteExpired', 'orderStateRefuses', 'outOfStock'],
    example: { params: { orderId }, body: { total: 900 } },
  },
  listOrders: {
    method: 'GET',
    path: '/orders',
    summary: 'My orders and quotes, newest first',
    access: 'user',
    query: Type.Object({
      ...pageQuery,
      state: Type.Optional(OrderState),
    }),
    returns: pageOf(OrderSummary),
  },
  getOrder: {
    method: 'GET',
    path: '/orders/:orderId',
    summary: 'An order or quote',
    description: 'For its customer, and for staff with `orders:manage`.',
    access: 'user',
    params: orderParams,
    returns: Order,
    etag: 'version',
    example: { params: { orderId } },
  },
  getTimeline: {
    method: 'GET',
    path: '/orders/:orderId/timeline',
    summary: 'What happened to an order, the oldest first: who did what when',
    access: 'user',
    params: orderParams,
    query: Type.Object(pageQuery),
    returns: pageOf(TimelineEntry),
    example: { params: { orderId }, query: {} },
  },
  cancelOrder: {
    method: 'POST',
    path: '/orders/:orderId/cancel',
    summary: 'Cancel an order',
    description:
      'The customer until production begins, staff with `orders:manage` until it is shipped. What was paid goes back.',
    access: 'user',
    params: orderParams,
    body: Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false }),
    returns: Order,
    errors: ['orderStateRefuses'],
    example: { params: { orderId }, body: { reason: 'Ordered twice' } },
  },
  beginPayment: {
    method: 'POST',
    path: '/orders/:orderId/payment',
    summary: 'Pay an order',
    description:
      'By card: the answer has the provider’s page to go to. On invoice: nothing to go to, the invoice says where to pay.',
    access: 'user',
    rate: 'heavy',
    params: orderParams,
    body: Type.Object({ payment: Type.Optional(PaymentMethod) }, { additionalProperties: false }),
    returns: Type.Object({
      order: Order,
      redirectUrl: Type.Optional(Type.String({ description: 'The provider’s page' })),
    }),
    errors: ['paymentNotOffered', 'paymentNotPossible', 'paymentProviderFailed'],
    example: { params: { orderId }, body: {} },
  },
  createInvoiceLink: {
    method: 'POST',
    path: '/orders/:orderId/invoice',
    summary: 'A link to the invoice as PDF',
    description:
      'Open to whoever has it, for fifteen minutes. There is an invoice once the order is created.',
    access: 'user',
    status: 201,
    params: orderParams,
    body: Type.Object(
      { language: Type.Optional(Type.Enum(['en', 'ru'], { description: 'Default: the order’s' })) },
      { additionalProperties: false },
    ),
    returns: Type.Object({
      url: Type.String({ description: 'The link' }),
      expiresAt: Type.String({ format: 'date-time', description: 'When it stops working' }),
    }),
    errors: ['orderStateRefuses'],
    example: { params: { orderId }, body: {} },
  },
} as const satisfies Record<string, Operation>
