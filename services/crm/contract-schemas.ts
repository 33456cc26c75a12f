/** What the office knows, as others see it. Money is an integer of minor units of the object's currency. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

export const Words = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', description })
const Version = Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' })
const PersonName = Type.String({ description: 'Name of the person; empty when it is not known' })

export const Tag = Type.String({
  minLength: 1,
  maxLength: 40,
  pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]*$',
  description: 'A word the office sorts customers by',
})
export const Tags = Type.Array(Tag, { maxItems: 30, uniqueItems: true, description: 'Tags, in any order' })

export const Decision = Type.Enum(['waiting', 'confirmed', 'rejected'], {
  description: 'What the office said; waiting: nothing yet',
})
export type Decision = Static<typeof Decision>

export const OrderState = Type.Enum(
  [
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
  ],
  { description: 'Where the order stands, as the shop last said' },
)
export type OrderState = Static<typeof OrderState>

export const OrderLine = Type.Object({
  lineId: Uuid,
  kind: Type.Enum(['made', 'ready'], { description: 'Made to order, or from the shelf' }),
  name: Type.String({ description: 'Name of the model or item' }),
  modelId: Type.Optional(Uuid),
  version: Type.Optional(Type.Integer({ description: 'Version of the model' })),
  options: Type.Optional(
    Type.Unknown({ description: 'How it is to be made, as the shop’s contract has it' }),
  ),
  sku: Type.Optional(Type.String({ description: 'Number of a ready-made item' })),
  quantity: Type.Integer({ description: 'How many' }),
  unitPrice: Type.Integer({ description: 'Minor units' }),
  total: Type.Integer({ description: 'Minor units' }),
})
export type OrderLine = Static<typeof OrderLine>

export const OrderSummary = Type.Object({
  orderId: Uuid,
  number: Type.String({ description: 'For people, such as F-2026-000123' }),
  state: OrderState,
  decision: Decision,
  channel: Type.Enum(['shop', 'partner'], { description: 'Where it came from' }),
  customerId: Uuid,
  customerName: Type.String({ description: 'Name of the customer' }),
  lineCount: Type.Integer({ description: 'How many lines' }),
  total: Type.Integer({ description: 'Minor units' }),
  currency: Type.String({ description: 'ISO 4217' }),
  unread: Type.Integer({
    minimum: 0,
    description: 'Messages of the customer that nobody of the office has read',
  }),
  dueAt: Timestamp,
  createdAt: Timestamp,
  version: Version,
})
export type OrderSummary = Static<typeof OrderSummary>

export const Order = Type.Object({
  ...OrderSummary.properties,
  lines: Type.Array(OrderLine),
  delivery: Type.Unknown({ description: 'How and where to, as the shop’s contract has it' }),
  payment: Type.Unknown({ description: 'Method and state when it was ordered' }),
  note: Type.Optional(Type.String({ description: 'What the customer wrote' })),
  decidedBy: Type.Optional(Uuid),
  decidedByName: Type.Optional(PersonName),
  decidedAt: Type.Optional(Timestamp),
  reason: Type.Optional(Type.String({ description: 'Why it was rejected, or a note of the confirmation' })),
  refusal: Type.Optional(
    Type.String({
      description: 'Why the shop could not take the decision, such as: the order was cancelled',
    }),
  ),
})
export type Order = Static<typeof Order>

export const CustomerSummary = Type.Object({
  customerId: Uuid,
  name: Type.String({ description: 'Name; `—` when erased' }),
  email: Type.String({ description: 'Where to write; empty when erased' }),
  company: Type.Optional(Type.String({ description: 'Company' })),
  tags: Type.Array(Type.String()),
  orders: Type.Integer({ minimum: 0, description: 'Orders so far' }),
  openOrders: Type.Integer({ minimum: 0, description: 'Orders that have not ended' }),
  spent: Type.Integer({ minimum: 0, description: 'Of all orders that were not called off, minor units' }),
  currency: Type.String({ description: 'ISO 4217' }),
  lastOrderAt: Timestamp,
  version: Version,
})
export type CustomerSummary = Static<typeof CustomerSummary>

export const Customer = Type.Object({
  ...CustomerSummary.properties,
  phone: Type.Optional(Type.String({ description: 'Telephone' })),
  language: Type.Enum(['en', 'ru'], { description: 'Language to write in' }),
  firstOrderAt: Timestamp,
  erased: Type.Boolean({ description: 'The person is erased; what was ordered stays for the books' }),
})
export type Customer = Static<typeof Customer>

export const Note = Type.Object({
  noteId: Uuid,
  text: Type.String({ description: 'For the office only' }),
  orderId: Type.Optional(Uuid),
  authorId: Uuid,
  authorName: PersonName,
  at: Timestamp,
})
export type Note = Static<typeof Note>

export const Task = Type.Object({
  taskId: Uuid,
  title: Type.String({ description: 'What is to be done' }),
  customerId: Type.Optional(Uuid),
  customerName: Type.Optional(PersonName),
  orderId: Type.Optional(Uuid),
  assigneeId: Type.Optional(Uuid),
  assigneeName: Type.Optional(PersonName),
  dueAt: Type.Optional(Timestamp),
  doneAt: Type.Optional(Timestamp),
  createdBy: Uuid,
  createdAt: Timestamp,
  version: Version,
})
export type Task = Static<typeof Task>

/** Every rule that is given must hold. */
export const SegmentRules = Type.Object(
  {
    tags: Type.Optional(Type.Array(Tag, { minItems: 1, maxItems: 10, description: 'Has all of these tags' })),
    minOrders: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Orders, at least' }),
    ),
    minSpent: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description: 'Spent at least, minor units' }),
    ),
    quietDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 36_500, description: 'Has not ordered for so many days' }),
    ),
    activeDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 36_500, description: 'Has ordered within so many days' }),
    ),
    company: Type.Optional(Type.Boolean({ description: 'Orders for a company, or does not' })),
  },
  { additionalProperties: false, minProperties: 1, description: 'Every rule that is given must hold' },
)
export type SegmentRules = Static<typeof SegmentRules>

export const Segment = Type.Object({
  segmentId: Uuid,
  name: Type.String({ description: 'Name of the segment' }),
  rules: SegmentRules,
  version: Version,
})
export type Segment = Static<typeof Segment>

export const Message = Type.Object({
  messageId: Uuid,
  orderId: Uuid,
  from: Type.Enum(['customer', 'staff'], { description: 'Which side wrote it' }),
  authorId: Uuid,
  authorName: PersonName,
  text: Type.String({ description: 'Plain text' }),
  at: Timestamp,
})
export type Message = Static<typeof Message>
