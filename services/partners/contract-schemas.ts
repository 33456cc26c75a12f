/** What partners send and get. Money is an integer of minor units, lengths are in mm. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

const Slug = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
  description: 'Id in the catalogue, such as `pla`',
})
const text = (maxLength: number, description: string, minLength = 1) =>
  Type.String({ minLength, maxLength, description })
const Money = Type.Integer({ description: 'Minor units' })

export const ModelDraft = Type.Object(
  {
    name: text(200, 'Name of the file, with its ending'),
    size: Type.Integer({ minimum: 1, maximum: 2 ** 40, description: 'Bytes' }),
    unit: Type.Optional(
      Type.Enum(['micron', 'mm', 'cm', 'm', 'in', 'ft'], {
        description: 'Unit of the file; default: what it says, or mm',
      }),
    ),
    acceptRepair: Type.Optional(
      Type.Boolean({ default: true, description: 'Repairs what can be repaired without asking' }),
    ),
  },
  { additionalProperties: false },
)
export type ModelDraft = Static<typeof ModelDraft>

export const Model = Type.Object({
  modelId: Uuid,
  name: Type.String({ description: 'Name of the file' }),
  state: Type.Enum(
    ['uploading', 'processing', 'needsUnits', 'needsRepair', 'repaired', 'ready', 'rejected', 'gone'],
    {
      description:
        'ready: it can be quoted; needsUnits, needsRepair: send it again with `unit` or `acceptRepair`',
    },
  ),
  version: Type.Optional(Type.Integer({ description: 'The latest version' })),
  reasons: Type.Array(
    Type.Object({
      code: Type.String({ description: 'Stable name' }),
      detail: Type.String({ description: 'In words' }),
    }),
    { description: 'Why it is rejected' },
  ),
  warnings: Type.Array(Type.String(), { description: 'What is worth knowing, by stable names' }),
  volumeMm3: Type.Optional(Type.Number({ description: 'Volume' })),
  areaMm2: Type.Optional(Type.Number({ description: 'Surface' })),
  sizeMm: Type.Optional(
    Type.Object({ x: Type.Number(), y: Type.Number(), z: Type.Number() }, { description: 'Bounding box' }),
  ),
  createdAt: Timestamp,
})
export type Model = Static<typeof Model>

export const PartLine = Type.Object(
  {
    modelId: Uuid,
    technology: Type.Enum(['fdm', 'sla', 'sls'], { description: 'How it is printed' }),
    material: Slug,
    color: Slug,
    layerHeightMm: Type.Number({ exclusiveMinimum: 0, maximum: 2, description: 'Height of a layer' }),
    infillPercent: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 100, default: 20, description: 'Infill; 100 but for fdm' }),
    ),
    supports: Type.Optional(Type.Enum(['auto', 'none'], { default: 'auto', description: 'Supports' })),
    finish: Slug,
    quantity: Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many' }),
  },
  { additionalProperties: false },
)
export type PartLine = Static<typeof PartLine>

export const Reference = Type.String({
  pattern: '^[\\x21-\\x7e]{1,100}$',
  description: 'Your own number for it, unique in the environment: the same again answers the same quote',
})

const Line = Type.Object({
  lineId: Uuid,
  modelId: Type.Optional(Uuid),
  name: Type.String({ description: 'Name of the model' }),
  quantity: Type.Integer({ description: 'How many' }),
  priceState: Type.Enum(['asked', 'calculated', 'delayed', 'refused', 'expired'], {
    description: 'delayed: a person looks at it; refused: it cannot be made like this',
  }),
  unitPrice: Type.Optional(Money),
  total: Type.Optional(Money),
  problem: Type.Optional(
    Type.Object({
      code: Type.String({ description: 'Stable name' }),
      detail: Type.String({ description: 'In words' }),
    }),
  ),
})

export const Order = Type.Object({
  orderId: Type.String({ format: 'uuid', description: 'Of the quote, and of the order that it becomes' }),
  number: Type.String({ description: 'For people, such as F-2026-000123' }),
  state: Type.String({
    description:
      'draft while it is priced, quoted, created, confirmed, rejected, inProduction, qualityCheck, packed, shipped, delivered, cancelled, returned',
  }),
  test: Type.Boolean({ description: 'A rehearsal: nothing is made' }),
  lines: Type.Array(Line),
  currency: Type.String({ description: 'ISO 4217' }),
  total: Type.Optional(Money),
  deliveryPrice: Type.Optional(Money),
  payment: Type.Object({
    method: Type.String({ description: 'invoice or stripe' }),
    state: Type.String({ description: 'As in the shop' }),
  }),
  validUntil: Type.Optional(Timestamp),
  dueAt: Type.Optional(Timestamp),
  reason: Type.Optional(Type.String({ description: 'Why it was rejected, cancelled or returned' })),
  tracking: Type.Optional(
    Type.Object({
      carrier: Type.String({ description: 'Who carries it' }),
      number: Type.String({ description: 'Number of the parcel' }),
    }),
  ),
  createdAt: Timestamp,
  updatedAt: Timestamp,
})
export type Order = Static<typeof Order>

export const Placement = Type.Object(
  {
    quoteId: Uuid,
    customer: Type.Object(
      {
        name: text(120, 'Who it is for'),
        email: Type.String({ format: 'email', maxLength: 254, description: 'Where to write' }),
        company: Type.Optional(text(160, 'Company')),
        phone: Type.Optional(text(40, 'Telephone')),
        language: Type.Optional(Type.Enum(['en', 'ru'], { default: 'en', description: 'Language' })),
      },
      { additionalProperties: false },
    ),
    delivery: Type.Object(
      {
        method: Type.Enum(['pickup', 'post', 'courier'], { description: 'How it gets there' }),
        address: Type.Optional(
          Type.Object(
            {
              name: text(120, 'Who receives it'),
              street: text(200, 'Street and number'),
              city: text(120, 'Town'),
              postalCode: text(20, 'Postal code'),
              country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1' }),
              phone: Type.Optional(text(40, 'For the courier')),
            },
            { additionalProperties: false },
          ),
        ),
      },
      { additionalProperties: false },
    ),
    note: Type.Optional(text(500, 'For the office')),
  },
  { additionalProperties: false },
)

export const Limits = Type.Object(
  {
    requestsPerMinute: Type.Integer({ minimum: 1, maximum: 100_000, description: 'All calls' }),
    quotesPerDay: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Quotes, by UTC day' }),
    ordersPerDay: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Orders, by UTC day' }),
  },
  { additionalProperties: false, description: 'What the rate plan allows' },
)
export type Limits = Static<typeof Limits>

export const Plan = Type.Object({
  name: Type.String({ description: 'Name of the plan' }),
  limits: Limits,
})
export type Plan = Static<typeof Plan>

/** A project that has a plan of its own. */
export const ProjectPlan = Type.Object({
  projectId: Uuid,
  ...Plan.properties,
  today: Type.Object(
    {
      quotes: Type.Integer({ minimum: 0, description: 'Quotes asked for' }),
      orders: Type.Integer({ minimum: 0, description: 'Orders placed' }),
    },
    { description: 'What its environments together have used today, UTC' },
  ),
})

export const Usage = Type.Object({
  plan: Plan,
  spent: Type.Object(
    {
      requests: Type.Integer({ minimum: 0, description: 'Calls in this minute' }),
      quotes: Type.Integer({ minimum: 0, description: 'Quotes asked for today, UTC' }),
      orders: Type.Integer({ minimum: 0, description: 'Orders placed today, UTC' }),
    },
    { description: 'What all environments of the project together have used of the plan' },
  ),
  today: Type.Object({
    quotes: Type.Integer({ minimum: 0, description: 'Quotes asked for today, UTC' }),
    orders: Type.Integer({ minimum: 0, description: 'Orders placed today, UTC' }),
  }),
  days: Type.Array(
    Type.Object({
      day: Type.String({ format: 'date', description: 'Day, UTC' }),
      calls: Type.Integer({ minimum: 0, description: 'All calls' }),
      failed: Type.Integer({ minimum: 0, description: 'Calls that were refused or failed' }),
      quotes: Type.Integer({ minimum: 0, description: 'Quotes' }),
      orders: Type.Integer({ minimum: 0, description: 'Orders' }),
    }),
    { description: 'The last thirty days on which something was called, newest first' },
  ),
})
/** What a program can call: the log has these. */
export const Called = Type.Enum(
  ['createModel', 'getModel', 'requestQuote', 'placeOrder', 'listOrders', 'getOrder', 'cancelOrder'],
  { description: 'Which operation' },
)
export const LogEntry = Type.Object({
  logId: Uuid,
  at: Timestamp,
  operation: Type.String({ description: 'Which operation' }),
  outcome: Type.String({ description: '`ok`, or the code of the problem' }),
  milliseconds: Type.Integer({ minimum: 0, description: 'How long it took' }),
  programId: Type.String({ description: 'Key or app that called' }),
  requestId: Type.String({ description: 'As in the header X-Request-Id' }),
  about: Type.Optional(Type.String({ description: 'Id of the order, quote or model' })),
})
