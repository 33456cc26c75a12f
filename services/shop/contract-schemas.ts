/** What the shop is made of, as others see it. Money is an integer of minor units (cents) in the object's currency. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { OrderState } from './contract-states.ts'

const Slug = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
  description: 'Id in the price book, such as `pla`',
})
export const Money = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, description: 'Minor units' })
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' })
const Quantity = Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many' })
export const Sku = Type.String({
  pattern: '^[A-Z0-9][A-Z0-9-]{0,39}$',
  description: 'Number of a ready-made item, such as `BOX-10`',
})
export const Reason = Type.String({ minLength: 1, maxLength: 500, description: 'Why, in words' })

/** How a part is to be made. */
export const PrintOptions = Type.Object(
  {
    technology: Type.Enum(['fdm', 'sla', 'sls'], { description: 'How it is printed' }),
    material: Slug,
    color: Slug,
    layerHeightMm: Type.Number({ exclusiveMinimum: 0, maximum: 2, description: 'Height of a layer, mm' }),
    infillPercent: Type.Integer({ minimum: 0, maximum: 100, description: 'Infill; 100 but for fdm' }),
    supports: Type.Enum(['auto', 'none'], { description: 'Whether supports are put where needed' }),
    finish: Slug,
    quantity: Quantity,
  },
  { additionalProperties: false, description: 'How a part is to be made' },
)
export type PrintOptions = Static<typeof PrintOptions>

export const Estimate = Type.Object(
  { low: Money, high: Money },
  {
    additionalProperties: false,
    description: 'The interval of the line’s price that the customer was shown: within it the order goes on',
  },
)
export type Estimate = Static<typeof Estimate>

export const PriceState = Type.Enum(['asked', 'calculated', 'delayed', 'refused', 'expired'], {
  description:
    'asked: being calculated; delayed: a person looks at it; refused: it cannot be made like this; expired: it is asked for again at the checkout',
})

const Problem = Type.Object({
  code: Type.String({ description: 'Stable name of what is wrong' }),
  detail: Type.String({ description: 'In words' }),
})

/** What is the same in a cart's and in an order's line. */
const line = {
  lineId: Uuid,
  kind: Type.Enum(['made', 'ready'], {
    description: 'made: printed from a model; ready: an item of the catalogue',
  }),
  name: Type.String({ description: 'Name of the model or item' }),
  modelId: Type.Optional(Uuid),
  version: Type.Optional(Type.Integer({ minimum: 1, description: 'Version of the model' })),
  fileId: Type.Optional(Uuid),
  options: Type.Optional(PrintOptions),
  sku: Type.Optional(Sku),
  quantity: Quantity,
}

const pricing = {
  priceState: PriceState,
  estimate: Type.Optional(Estimate),
  problem: Type.Optional(Problem),
  breakdown: Type.Optional(
    Type.Array(
      Type.Object({
        code: Type.String({ description: 'What is paid for' }),
        amount: Type.Integer({ description: 'Minor units' }),
      }),
      { description: 'What a made part’s price consists of' },
    ),
  ),
  priceValidUntil: Type.Optional(
    Type.String({ format: 'date-time', description: 'How long the price holds' }),
  ),
}

export const CartLine = Type.Object({
  ...line,
  ...pricing,
  unitPrice: Type.Optional(Money),
  total: Type.Optional(Money),
  trouble: Type.Optional(
    Type.Enum(['outOfStock', 'notOffered'], {
      description: 'Why a ready-made item cannot be ordered now',
    }),
  ),
})
export type CartLine = Static<typeof CartLine>

export const Cart = Type.Object({
  cartId: Uuid,
  lines: Type.Array(CartLine),
  currency: Currency,
  total: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Sum of the lines; absent while one has no price' }),
  ),
  ready: Type.Boolean({ description: 'Whether every line has a price that holds' }),
  version: Type.Integer({ minimum: 1, description: 'Grows with every change' }),
  updatedAt: Timestamp,
})
export type Cart = Static<typeof Cart>

/** A line that was ordered. */
export const OrderedLine = Type.Object({
  ...line,
  unitPrice: Money,
  total: Money,
  machineSeconds: Type.Optional(Type.Number({ minimum: 0, description: 'Machine time of the whole line' })),
  materialG: Type.Optional(Type.Number({ minimum: 0, description: 'Material of the whole line, grams' })),
})
export type OrderedLine = Static<typeof OrderedLine>

export const OrderLine = Type.Object({
  ...line,
  ...pricing,
  unitPrice: Type.Optional(Money),
  total: Type.Optional(Money),
  machineSeconds: OrderedLine.properties.machineSeconds,
  materialG: OrderedLine.properties.materialG,
})
export type OrderLine = Static<typeof OrderLine>

const text = (maxLength: number, description: string, minLength = 0) =>
  Type.String({ minLength, maxLength, description })

export const Address = Type.Object(
  {
    name: text(120, 'Who receives it', 1),
    street: text(200, 'Street and number', 1),
    city: text(120, 'Town', 1),
    postalCode: text(20, 'Postal code', 1),
    country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1' }),
    phone: Type.Optional(text(40, 'For the courier')),
  },
  { additionalProperties: false },
)
export type Address = Static<typeof Address>

export const DeliveryMethod = Type.Enum(['pickup', 'post', 'courier'], {
  description: 'pickup: fetched at the workshop',
})
export const DeliveryChoice = Type.Object(
  { method: DeliveryMethod, address: Type.Optional(Address) },
  { additionalProperties: false },
)
export type DeliveryChoice = Static<typeof DeliveryChoice>
export const Delivery = Type.Object({
  method: DeliveryMethod,
  price: Money,
  address: Type.Optional(Address),
})
export type Delivery = Static<typeof Delivery>

export const Language = Type.Enum(['en', 'ru'], { description: 'Language to write in' })
export const CustomerDetails = Type.Object(
  {
    name: text(120, 'Name of the customer', 1),
    email: Type.String({ format: 'email', maxLength: 254, description: 'Where to write' }),
    company: Type.Optional(text(160, 'Company')),
    phone: Type.Optional(text(40, 'Telephone')),
    language: Type.Optional(Language),
  },
  { additionalProperties: false },
)
export type CustomerDetails = Static<typeof CustomerDetails>
export const OrderCustomer = Type.Object({
  userId: Uuid,
  name: Type.String({ description: 'Name' }),
  email: Type.String({ description: 'E-mail address; empty when the customer is erased' }),
  company: Type.Optional(Type.String({ description: 'Company' })),
  phone: Type.Optional(Type.String({ description: 'Telephone' })),
  language: Language,
})
export type OrderCustomer = Static<typeof OrderCustomer>

/** What a customer keeps for the next checkout. */
export const ProfileDraft = Type.Object(
  {
    name: text(120, 'Name of the customer'),
    email: Type.String({ maxLength: 254, description: 'Where to write' }),
    company: text(160, 'Company'),
    phone: text(40, 'Telephone'),
    addresses: Type.Array(Address, {
      maxItems: 20,
      description: 'The address book; the first is the usual one',
    }),
  },
  { additionalProperties: false },
)
export type ProfileDraft = Static<typeof ProfileDraft>
export const Profile = Type.Object({
  ...ProfileDraft.properties,
  version: Type.Integer({ minimum: 0, description: 'Grows with every change; the ETag' }),
})
export type Profile = Static<typeof Profile>

export const PaymentMethod = Type.Enum(['invoice', 'stripe'], {
  description: 'invoice: paid by bank transfer; stripe: paid by card at once',
})
export const PaymentState = Type.Enum(['open', 'pending', 'paid', 'refunding', 'refunded', 'cancelled'], {
  description: 'open: nothing has begun; pending: at the provider; refunding: on its way back',
})
export const Payment = Type.Object({ method: PaymentMethod, state: PaymentState })
export type Payment = Static<typeof Payment>

export const Channel = Type.Enum(['shop', 'partner'], { description: 'Where the order came from' })
export const ActorKind = Type.Enum(['customer', 'staff', 'partner', 'system'], {
  description: 'staff also stands for the office and production; system for rules and the clock',
})
export const By = Type.Object({ kind: ActorKind, id: Type.Optional(Uuid) }, { description: 'Who did it' })
export type By = Static<typeof By>

const orderHead = {
  orderId: Uuid,
  number: Type.String({ description: 'For people, such as F-2026-000123' }),
  state: OrderState,
  needsAcceptance: Type.Boolean({
    description: 'The binding price is outside of what the customer was shown: it waits for `acceptPrice`',
  }),
  channel: Channel,
  projectId: Type.Optional(Uuid),
  environment: Type.Optional(Type.String({ description: 'Environment of the project' })),
  test: Type.Boolean({ description: 'A partner’s rehearsal: nothing is made, its way is simulated' }),
  customer: OrderCustomer,
  currency: Currency,
  total: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Lines and delivery; absent until all is priced' }),
  ),
  payment: Payment,
  dueAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it is promised' })),
  createdAt: Timestamp,
  updatedAt: Timestamp,
}
export const OrderSummary = Type.Object({
  ...orderHead,
  lineCount: Type.Integer({ minimum: 0, description: 'How many lines' }),
})
export type OrderSummary = Static<typeof OrderSummary>

export const Order = Type.Object({
  ...orderHead,
  ordered: Type.Boolean({ description: 'The customer has pressed order: it goes on when the price allows' }),
  placedAt: Type.Optional(Type.String({ format: 'date-time', description: 'When the order was created' })),
  validUntil: Type.Optional(
    Type.String({ format: 'date-time', description: 'Until when the quote’s prices are frozen' }),
  ),
  lines: Type.Array(OrderLine),
  linesTotal: Type.Optional(Type.Integer({ minimum: 0, description: 'Sum of the lines' })),
  delivery: Type.Optional(Delivery),
  note: Type.Optional(Type.String({ description: 'What the customer wrote' })),
  tracking: Type.Optional(
    Type.Object({
      carrier: Type.String({ description: 'Who carries it' }),
      number: Type.String({ description: 'Number of the parcel' }),
    }),
  ),
  reason: Type.Optional(Type.String({ description: 'Why it was rejected, cancelled or returned' })),
  may: Type.Array(
    Type.Enum([
      'acceptPrice',
      'place',
      'cancel',
      'pay',
      'markPaid',
      'refund',
      'markDelivered',
      'markReturned',
    ]),
    { description: 'What the caller may do with it now' },
  ),
  version: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
})
export type Order = Static<typeof Order>

export const TimelineEntry = Type.Object({
  entryId: Uuid,
  at: Timestamp,
  code: Type.String({
    description:
      'What happened: `state` (then `state` and `previous` say which), `ordered`, `quoteRequested`, `price.calculated`, `price.delayed`, `price.refused`, `quality.passed`, `payment.begun`, `payment.paid`, `payment.failed`, `payment.notWanted`, `payment.otherAmount`, `payment.refunded`, `payment.refundFailed`, `file.gone`',
  }),
  state: Type.Optional(OrderState),
  previous: Type.Optional(OrderState),
  by: By,
  reason: Type.Optional(Type.String({ description: 'Why, in words' })),
  data: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      description: 'What else is known: amounts, names, numbers',
    }),
  ),
})
export type TimelineEntry = Static<typeof TimelineEntry>

const Names = Type.Object({
  en: text(160, 'In English', 1),
  ru: text(160, 'In Russian', 1),
})
export const ItemDraft = Type.Object(
  {
    sku: Sku,
    names: Names,
    about: Type.Object({ en: text(4000, 'In English'), ru: text(4000, 'In Russian') }),
    price: Money,
    currency: Currency,
    stock: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'How many can be sold' }),
    pictures: Type.Array(Uuid, {
      maxItems: 10,
      description: 'Files, the first is the main one; shown at `/shop/pictures/<id>`',
    }),
    active: Type.Boolean({ description: 'Whether customers see it' }),
  },
  { additionalProperties: false },
)
export type ItemDraft = Static<typeof ItemDraft>
export const Item = Type.Object({
  itemId: Uuid,
  ...ItemDraft.properties,
  version: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
  updatedAt: Timestamp,
})
export type Item = Static<typeof Item>

const BookNames = Type.Object({ en: Type.String(), ru: Type.String() })
export const Catalogue = Type.Object({
  bookVersion: Type.Integer({
    minimum: 0,
    description: 'Version of the price book; 0: none is published yet',
  }),
  currency: Currency,
  technologies: Type.Array(
    Type.Object({
      id: Type.String(),
      names: BookNames,
      layerHeightsMm: Type.Array(Type.Number()),
      infill: Type.Optional(Type.Object({ min: Type.Number(), max: Type.Number() })),
      maxSizeMm: Type.Object(
        { x: Type.Number(), y: Type.Number(), z: Type.Number() },
        { description: 'Largest part' },
      ),
    }),
  ),
  materials: Type.Array(
    Type.Object({
      id: Type.String(),
      technology: Type.String(),
      names: BookNames,
      about: BookNames,
      colors: Type.Array(Type.Object({ id: Type.String(), names: BookNames, hex: Type.String() })),
      densityGCm3: Type.Number(),
      finishes: Type.Array(Type.String()),
    }),
  ),
  finishes: Type.Array(Type.Object({ id: Type.String(), names: BookNames })),
})
export type Catalogue = Static<typeof Catalogue>
