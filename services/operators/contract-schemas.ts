/** Production as others see it. Lengths in mm, weights in grams, durations in seconds. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

export const Words = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', description })
export const Slug = (description: string) =>
  Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,59}$', description })
export const Version = Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' })
const PersonName = Type.String({ description: 'Name of the person; empty when it is not known' })
const Count = (description: string) => Type.Integer({ minimum: 0, description })

export const techniques = ['fdm', 'sla', 'sls', 'pick'] as const
export const Technique = Type.Enum([...techniques], {
  description: 'How it is made; pick: it is taken from the shelf',
})
export type Technique = Static<typeof Technique>

export const WorkState = Type.Enum(['free', 'claimed', 'started', 'paused', 'finished', 'withdrawn'], {
  description: 'free: nobody has it; claimed: somebody will do it; withdrawn: the order was called off',
})
export type WorkState = Static<typeof WorkState>

export const Stage = Type.Enum(
  [
    'queued',
    'inProduction',
    'qualityCheck',
    'passed',
    'packed',
    'shipped',
    'delivered',
    'returned',
    'withdrawn',
  ],
  { description: 'How far production is with an order; passed: it may be packed' },
)
export type Stage = Static<typeof Stage>

export const Work = Type.Object({
  workId: Uuid,
  orderId: Uuid,
  orderNumber: Type.String({ description: 'Number of the order' }),
  lineId: Uuid,
  name: Type.String({ description: 'What is to be made' }),
  technique: Technique,
  material: Type.Optional(Type.String({ description: 'Material, by its id in the price book' })),
  color: Type.Optional(Type.String({ description: 'Colour, by its id in the price book' })),
  options: Type.Optional(
    Type.Unknown({ description: 'How it is to be made, as the shop’s contract has it' }),
  ),
  modelId: Type.Optional(Uuid),
  modelVersion: Type.Optional(Type.Integer({ description: 'Version of the model' })),
  fileId: Type.Optional(Uuid),
  sku: Type.Optional(Type.String({ description: 'Number of a ready-made item' })),
  quantity: Count('Pieces to make'),
  scrapped: Count('Pieces that were spoilt; they are made again by a work of their own'),
  machineSeconds: Count('Machine time of all pieces'),
  materialG: Type.Number({ minimum: 0, description: 'Material of all pieces' }),
  state: WorkState,
  remakeOf: Type.Optional(Type.String({ format: 'uuid', description: 'The work that was spoilt' })),
  operatorId: Type.Optional(Uuid),
  operatorName: Type.Optional(PersonName),
  machineId: Type.Optional(Uuid),
  machineName: Type.Optional(Type.String({ description: 'Name of the machine' })),
  pauseReason: Type.Optional(Type.String({ description: 'Why it is paused' })),
  note: Type.Optional(Type.String({ description: 'What the office wrote' })),
  dueAt: Timestamp,
  startedAt: Type.Optional(Timestamp),
  finishedAt: Type.Optional(Timestamp),
  workedSeconds: Count('Time it has run so far, without pauses'),
  version: Version,
})
export type Work = Static<typeof Work>

export const Check = Type.Object({
  checkId: Uuid,
  passed: Type.Boolean({ description: 'Whether it is good' }),
  note: Type.Optional(Type.String({ description: 'What was seen' })),
  photos: Type.Array(Uuid, { description: 'Pictures, as files' }),
  by: Type.String({ format: 'uuid', description: 'Who looked' }),
  byName: PersonName,
  at: Timestamp,
})
export type Check = Static<typeof Check>

export const OrderSummary = Type.Object({
  orderId: Uuid,
  number: Type.String({ description: 'Number of the order' }),
  customerName: Type.String({ description: 'Whom it is for' }),
  stage: Stage,
  works: Count('Works of the order'),
  finished: Count('Works that are finished'),
  dueAt: Timestamp,
  version: Version,
})
export type OrderSummary = Static<typeof OrderSummary>

export const Order = Type.Object({
  ...OrderSummary.properties,
  note: Type.Optional(Type.String({ description: 'What the office wrote' })),
  delivery: Type.Unknown({ description: 'How and where to, as the shop’s contract has it' }),
  tracking: Type.Optional(
    Type.Object({
      carrier: Type.String({ description: 'Who carries it' }),
      number: Type.String({ description: 'Number of the parcel' }),
    }),
  ),
  items: Type.Array(Work, { description: 'The works, two hundred at most' }),
  checks: Type.Array(Check, { description: 'Quality checks, the newest first, twenty at most' }),
})
export type Order = Static<typeof Order>

export const Operator = Type.Object({
  operatorId: Type.String({ format: 'uuid', description: 'The person’s id' }),
  name: PersonName,
  skills: Type.Array(Technique, { description: 'What they can do' }),
  active: Type.Boolean({ description: 'Whether they take work' }),
  version: Version,
})
export type Operator = Static<typeof Operator>

export const Shift = Type.Object({
  shiftId: Uuid,
  operatorId: Uuid,
  operatorName: PersonName,
  startsAt: Timestamp,
  endsAt: Timestamp,
})
export type Shift = Static<typeof Shift>

export const MachineDraft = Type.Object(
  {
    name: Words(80, 'Name, unique in the workshop'),
    technique: Type.Enum(['fdm', 'sla', 'sls'], { description: 'How it makes things' }),
    materials: Type.Array(Slug('Id of a material'), {
      maxItems: 100,
      uniqueItems: true,
      description: 'Materials it takes; none: all of its technique',
    }),
    sizeMm: Type.Object(
      {
        x: Type.Number({ exclusiveMinimum: 0, maximum: 10_000, description: 'Width, mm' }),
        y: Type.Number({ exclusiveMinimum: 0, maximum: 10_000, description: 'Depth, mm' }),
        z: Type.Number({ exclusiveMinimum: 0, maximum: 10_000, description: 'Height, mm' }),
      },
      { additionalProperties: false, description: 'Largest part' },
    ),
  },
  { additionalProperties: false },
)
export const Machine = Type.Object({
  machineId: Uuid,
  ...MachineDraft.properties,
  state: Type.Enum(['ready', 'down', 'retired'], { description: 'down: it is being mended' }),
  reason: Type.Optional(Type.String({ description: 'Why it is down' })),
  work: Type.Optional(
    Type.Object(
      {
        workId: Uuid,
        name: Type.String({ description: 'What it makes' }),
        orderNumber: Type.String({ description: 'For which order' }),
        state: WorkState,
        endsAt: Type.Optional(
          Type.String({ format: 'date-time', description: 'When it should be done, as it runs now' }),
        ),
      },
      { description: 'What it works on' },
    ),
  ),
  version: Version,
})
export type Machine = Static<typeof Machine>

export const Material = Type.Object({
  material: Type.String({ description: 'Id of the material' }),
  color: Type.String({ description: 'Id of the colour' }),
  gramsOnHand: Type.Number({
    description: 'What lies there; below zero when more was used than was known of',
  }),
  gramsMinimum: Type.Number({ minimum: 0, description: 'Order more below this' }),
  gramsNeeded: Type.Number({ minimum: 0, description: 'What open works will take' }),
  low: Type.Boolean({ description: 'Whether it does not last for the open works, or is below its minimum' }),
})
export type Material = Static<typeof Material>

export const Planned = Type.Object({
  workId: Uuid,
  orderNumber: Type.String({ description: 'Number of the order' }),
  name: Type.String({ description: 'What is to be made' }),
  machineId: Type.Optional(Uuid),
  startsAt: Type.Optional(Timestamp),
  endsAt: Type.Optional(Timestamp),
  dueAt: Timestamp,
  late: Type.Boolean({ description: 'It would end after it is due' }),
  lacking: Type.Optional(
    Type.Enum(['machine', 'material'], {
      description: 'Why it cannot be planned: no machine that fits is ready, or the material does not last',
    }),
  ),
})
export type Planned = Static<typeof Planned>

export const DayFigures = Type.Object({
  day: Type.String({ format: 'date', description: 'Day, UTC' }),
  finished: Count('Pieces that were finished'),
  scrapped: Count('Pieces that were spoilt'),
  delivered: Count('Orders that were delivered'),
})
export const Utilisation = Type.Object({
  id: Uuid,
  name: Type.String({ description: 'Name of the machine or operator' }),
  workedSeconds: Count('Time of work in the period'),
  share: Type.Number({
    minimum: 0,
    description: 'Of the period (machines) or of the shifts (operators); 1 is all of it',
  }),
  finished: Count('Pieces that were finished'),
  scrapped: Count('Pieces that were spoilt'),
})
