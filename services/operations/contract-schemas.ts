/** The shapes that the operations speak of. */
import { Timestamp, Type, Uuid } from '@pleiad/platform/contract'

export const Service = Type.String({
  minLength: 2,
  maxLength: 31,
  pattern: '^[a-z][a-z0-9-]*$',
  description: 'Name of a service',
})
export const EventType = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'Event type, such as user.created',
})
export const Consumer = Type.String({
  minLength: 3,
  maxLength: 200,
  description: 'Who handles: <service>.<handler>',
})
export const Key = Type.String({
  maxLength: 500,
  description: 'What the event is about: the key its contract names',
})
export const Count = Type.Integer({ minimum: 0, description: 'How many' })
export const Seconds = Type.Number({ minimum: 0, description: 'Seconds' })

export const Facts = Type.Object({
  name: Service,
  version: Type.String({ description: 'Version of its contract' }),
  summary: Type.String({ description: 'What it is for' }),
  emits: Type.Array(
    Type.Object({
      type: EventType,
      version: Type.Integer({ description: 'Version of the data' }),
      description: Type.String({ description: 'What happened' }),
    }),
    { description: 'Events it announces' },
  ),
  handles: Type.Array(
    Type.Object({
      consumer: Consumer,
      type: EventType,
      from: Service,
      ordered: Type.Boolean({ description: 'Whether it keeps the order of each key' }),
    }),
    { description: 'Events it handles' },
  ),
  jobs: Type.Array(
    Type.Object({
      name: Type.String({ description: 'Name of the job' }),
      schedule: Type.String({ description: 'Cron expression, UTC' }),
      description: Type.String({ description: 'What it does' }),
    }),
    { description: 'What it does by the clock' },
  ),
})

export const Health = Type.Object({
  status: Type.Enum(['up', 'down'], { description: 'Whether its database answers' }),
  ms: Type.Number({ description: 'Milliseconds the answer took' }),
  detail: Type.Optional(Type.String({ description: 'What went wrong' })),
})

export const Stats = Type.Object({
  service: Service,
  outbox: Type.Array(
    Type.Object({
      type: EventType,
      waiting: Count,
      delayed: Count,
      oldestSeconds: Seconds,
      lastMinute: Count,
    }),
    { description: 'What leaves, by event type' },
  ),
  inbox: Type.Array(
    Type.Object({
      consumer: Consumer,
      type: EventType,
      pending: Count,
      retrying: Count,
      oldestSeconds: Seconds,
      dead: Count,
      lastMinute: Count,
      known: Type.Boolean({ description: 'False when the handler is no longer in the code' }),
    }),
    { description: 'What arrives, by consumer' },
  ),
})

export const letterFields = {
  service: Service,
  consumer: Consumer,
  id: Uuid,
  type: EventType,
  key: Key,
  source: Type.String({ description: 'Who emitted it: /services/<name>' }),
  attempts: Count,
  error: Type.String({ description: 'First line of what went wrong' }),
  emittedAt: Timestamp,
  parkedAt: Timestamp,
  expiresAt: Type.Union([Timestamp, Type.Null()], { description: 'When it will be forgotten' }),
}

export const letterFilter = {
  service: Type.Optional(Service),
  consumer: Type.Optional(Consumer),
  type: Type.Optional(EventType),
  key: Type.Optional(Key),
  error: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'Text that occurs in what went wrong, upper and lower case alike',
    }),
  ),
}

export const Letters = Type.Object(
  {
    ...letterFilter,
    id: Type.Optional(Uuid),
    cursor: Type.Optional(
      Type.String({ maxLength: 400, description: 'Where to go on: `next` of the answer before' }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000, default: 500, description: 'How many at once' }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Which dead letters: all that match every field given, `limit` of them at once',
  },
)
/** What one call did to many. */
export const Progress = Type.Object({
  count: Count,
  left: Type.Integer({ minimum: 0, description: 'How many match beyond these' }),
  next: Type.Optional(
    Type.String({ description: 'Cursor of the call that goes on; absent when nothing is left' }),
  ),
})
export const Done = Type.Object({ count: Count })

export const letterId = '01920000-0000-7000-8000-000000000001'
