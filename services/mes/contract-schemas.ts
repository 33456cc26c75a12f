/** What prices are made of, as others see them. Money is whole minor units (cents) of the named currency. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { BookContent } from './contract-book.ts'

export const Slug = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
  description: 'Short name in lower case letters, digits and dashes',
})
export const Technology = Type.Enum(['fdm', 'sla', 'sls'], {
  description: 'fdm: melted filament; sla: resin hardened by light; sls: powder sintered by a laser',
})
export const Lane = Type.Enum(['regular', 'priority'], {
  description: 'regular: asked for in the shop; priority: by the partner API',
})
export const Source = Type.Enum(['shop', 'partner', 'model'], {
  description: 'Who asked; model: the upload itself, which came with options',
})
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' })
const Mm = (description: string) => Type.Number({ minimum: 0, maximum: 100_000, description })
const Minor = (description: string) =>
  Type.Integer({ minimum: 0, description: `${description}, minor units` })
const Words = Type.Object(
  { en: Type.String({ description: 'In English' }), ru: Type.String({ description: 'In Russian' }) },
  { description: 'The name in words' },
)

/** How a model is to be made. */
export const PrintOptions = Type.Object(
  {
    technology: Technology,
    material: Slug,
    color: Slug,
    layerHeightMm: Type.Number({
      exclusiveMinimum: 0,
      maximum: 2,
      description: 'Height of a layer, millimetres',
    }),
    infillPercent: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'How full the inside is; 100 unless the technology is fdm',
    }),
    supports: Type.Enum(['auto', 'none'], { description: 'auto: where the shape needs them' }),
    finish: Slug,
    quantity: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Pieces' }),
  },
  { description: 'How a model is to be made' },
)
export type PrintOptions = Static<typeof PrintOptions>

export const Size = Type.Object(
  { x: Mm('Width'), y: Mm('Depth'), z: Mm('Height') },
  { description: 'Millimetres' },
)

export const Reason = Type.Object({
  code: Type.String({
    maxLength: 60,
    pattern: '^[a-z][A-Za-z0-9]*$',
    description: 'Stable; `priceReasons` has them all',
  }),
  detail: Type.String({ maxLength: 1000, description: 'In plain English, with figures' }),
  facts: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
      description: 'The figures of the detail by name, for words in other languages',
    }),
  ),
})
export type Reason = Static<typeof Reason>

export const BreakdownLine = Type.Object({
  code: Type.String({ maxLength: 60, description: 'What it is for, such as `material` or `machine`' }),
  amount: Type.Integer({ description: 'Minor units, of the whole quantity; discounts are below zero' }),
})

export const Work = Type.Object(
  {
    materialG: Type.Number({ minimum: 0, description: 'Material of one piece, grams, without supports' }),
    supportG: Type.Number({ minimum: 0, description: 'Supports of one piece, grams' }),
    machineSeconds: Type.Number({ minimum: 0, description: 'Time on the machine for one piece, seconds' }),
    layers: Type.Integer({ minimum: 0, description: 'Layers of one piece' }),
  },
  { description: 'What it takes to make one piece' },
)

export const Price = Type.Object({
  currency: Currency,
  unitPrice: Minor('Price of one piece'),
  total: Minor('Price of the whole quantity; what is charged'),
  breakdown: Type.Array(BreakdownLine, { description: 'Parts of the total; they add up to it' }),
  work: Type.Optional(Work),
  bookVersion: Type.Integer({ minimum: 1, description: 'The price book it was made from' }),
  validUntil: Timestamp,
  byHand: Type.Boolean({ description: 'A person set it' }),
})
export type Price = Static<typeof Price>

export const JobState = Type.Enum(
  ['queued', 'working', 'priced', 'waitingForHuman', 'refused', 'cancelled'],
  { description: 'waitingForHuman: it could not be priced by itself; `reason` says why' },
)
export type JobState = Static<typeof JobState>

/** A request for a price, and how far it is. */
export const PriceJob = Type.Object({
  requestId: Uuid,
  lane: Lane,
  source: Source,
  modelId: Uuid,
  version: Type.Integer({ minimum: 1, description: 'Version of the model' }),
  options: PrintOptions,
  state: JobState,
  ahead: Type.Optional(
    Type.Integer({ minimum: 0, description: 'How many of its lane come first; at most 1000 are counted' }),
  ),
  aheadIsMore: Type.Optional(Type.Boolean({ description: 'There are more ahead than were counted' })),
  expectedWaitSeconds: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Until it is worked on; absent while no worker runs' }),
  ),
  attempt: Type.Integer({ minimum: 0, description: 'How often a worker took it' }),
  reason: Type.Optional(Reason),
  price: Type.Optional(Price),
  createdAt: Timestamp,
  finishedAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it was decided' })),
})
export type PriceJob = Static<typeof PriceJob>

/** A job that a person has to decide, as those who set prices see it. */
export const HumanJob = Type.Object({
  ...PriceJob.properties,
  ownerId: Uuid,
  fileId: Uuid,
  modelName: Type.Optional(Type.String({ description: 'What its owner calls the model' })),
  sizeMm: Type.Optional(Size),
  takenBy: Type.Optional(Type.String({ format: 'uuid', description: 'Who works on it' })),
  takenAt: Type.Optional(Type.String({ format: 'date-time', description: 'Since when' })),
  decidedBy: Type.Optional(Type.String({ format: 'uuid', description: 'Who decided' })),
  note: Type.Optional(Type.String({ description: 'What they noted' })),
})
export type HumanJob = Static<typeof HumanJob>

/** What is known of a shape without its triangles. */
export const Measures = Type.Object(
  {
    volumeMm3: Type.Number({ exclusiveMinimum: 0, maximum: 1e12, description: 'Volume, mm³' }),
    areaMm2: Type.Number({ exclusiveMinimum: 0, maximum: 1e12, description: 'Surface, mm²' }),
    sizeMm: Size,
  },
  { description: 'Measures of one piece as it is to be made' },
)

const Interval = (description: string, unit: string) =>
  Type.Object(
    {
      low: Type.Number({ description: `At least, ${unit}` }),
      likely: Type.Number({ description: `Most likely, ${unit}` }),
      high: Type.Number({ description: `At most, ${unit}` }),
    },
    { description },
  )

export const Estimate = Type.Object({
  currency: Currency,
  unitPrice: Interval('Price of one piece', 'minor units'),
  total: Interval('Price of the whole quantity', 'minor units'),
  materialG: Interval('Material of one piece with its supports', 'grams'),
  machineSeconds: Interval('Time on the machine for one piece', 'seconds'),
  bookVersion: Type.Integer({ minimum: 1, description: 'The price book it was made from' }),
})
export type Estimate = Static<typeof Estimate>

const Color = Type.Object({
  id: Slug,
  names: Words,
  hex: Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description: 'How it looks' }),
})

/** What of a price book a catalogue needs. */
export const Catalogue = Type.Object({
  version: Type.Integer({ minimum: 1, description: 'Version of the price book' }),
  currency: Currency,
  validFrom: Timestamp,
  validUntil: Type.Optional(
    Type.String({ format: 'date-time', description: 'When another takes its place, if that is known' }),
  ),
  technologies: Type.Array(
    Type.Object({
      id: Technology,
      names: Words,
      layerHeightsMm: Type.Array(Type.Number({ exclusiveMinimum: 0, description: 'Millimetres' })),
      infill: Type.Optional(
        Type.Object({
          min: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent' }),
          max: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent' }),
        }),
      ),
      maxSizeMm: Size,
    }),
  ),
  materials: Type.Array(
    Type.Object({
      id: Slug,
      technology: Technology,
      names: Words,
      about: Type.Object(
        { en: Type.String({ description: 'In English' }), ru: Type.String({ description: 'In Russian' }) },
        { description: 'What it is good for' },
      ),
      colors: Type.Array(Color),
      densityGCm3: Type.Number({ exclusiveMinimum: 0, description: 'g/cm³' }),
      finishes: Type.Array(Slug, { description: 'Finishes it can have' }),
    }),
  ),
  finishes: Type.Array(Type.Object({ id: Slug, names: Words })),
})
export type Catalogue = Static<typeof Catalogue>

export const BookState = Type.Enum(['draft', 'published', 'superseded'], {
  description: 'draft: may be edited; published: in force now or later; superseded: its time is over',
})

const Period = Type.Object({
  from: Timestamp,
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Absent: until further notice' })),
})

/** A version of the price book, without its content. */
export const BookInfo = Type.Object({
  version: Type.Integer({ minimum: 1, description: 'Grows with every new book' }),
  state: BookState,
  inForce: Type.Boolean({ description: 'Prices are made from it now' }),
  note: Type.String({ description: 'What is new in it' }),
  periods: Type.Array(Period, { description: 'When it is in force, oldest first' }),
  revision: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
  createdAt: Timestamp,
  createdBy: Type.Optional(Type.String({ format: 'uuid', description: 'Absent: it came with the system' })),
  publishedAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it was published last' })),
  publishedBy: Type.Optional(Type.String({ format: 'uuid', description: 'Who published it last' })),
})
export type BookInfo = Static<typeof BookInfo>

export const Book = Type.Object({ ...BookInfo.properties, book: BookContent })

export const BookChange = Type.Object({
  at: Timestamp,
  by: Type.Optional(Type.String({ format: 'uuid', description: 'Absent: the system' })),
  change: Type.Enum(['created', 'edited', 'published'], { description: 'What was done' }),
  paths: Type.Array(Type.String({ description: 'JSON pointer' }), {
    description: 'Places that were changed, at most a hundred',
  }),
})

export const PreviewLine = Type.Object({
  sample: Type.String({ description: 'Name of the sample part' }),
  options: PrintOptions,
  before: Type.Optional(
    Type.Integer({ description: 'Total by the book in force, minor units; absent: it has none' }),
  ),
  after: Type.Optional(Type.Integer({ description: 'Total by this book, minor units; absent: it has none' })),
  changePercent: Type.Optional(Type.Number({ description: 'By how much it changes' })),
})

export const LaneInfo = Type.Object({
  lane: Lane,
  queued: Type.Integer({ minimum: 0, description: 'Jobs that wait; at most 10,000 are counted' }),
  oldestSeconds: Type.Optional(Type.Number({ minimum: 0, description: 'How long the first of them waits' })),
})

export const WorkerInfo = Type.Object({
  workerId: Type.String({ description: 'Name of the worker: host, process and a number' }),
  slots: Type.Integer({ minimum: 1, description: 'Jobs it works on at once' }),
  working: Type.Integer({ minimum: 0, description: 'Jobs it holds now' }),
  seenAt: Timestamp,
})
