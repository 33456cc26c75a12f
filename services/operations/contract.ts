/** What an administrator sees and mends: the system map, health, dead letters, replay. */
import { defineContract, pageOf, pageQuery, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

const Service = Type.String({
  minLength: 2,
  maxLength: 31,
  pattern: '^[a-z][a-z0-9-]*$',
  description: 'Name of a service',
})
const EventType = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'Event type, such as user.created',
})
const Consumer = Type.String({
  minLength: 3,
  maxLength: 200,
  description: 'Who handles: <service>.<handler>',
})
const Key = Type.String({
  maxLength: 500,
  description: 'What the event is about: the key its contract names',
})
const Count = Type.Integer({ minimum: 0, description: 'How many' })
const Seconds = Type.Number({ minimum: 0, description: 'Seconds' })

const Facts = Type.Object({
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

const Health = Type.Object({
  status: Type.Enum(['up', 'down'], { description: 'Whether its database answers' }),
  ms: Type.Number({ description: 'Milliseconds the answer took' }),
  detail: Type.Optional(Type.String({ description: 'What went wrong' })),
})

const Stats = Type.Object({
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

const letterFields = {
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

const letterFilter = {
  service: Type.Optional(Service),
  consumer: Type.Optional(Consumer),
  type: Type.Optional(EventType),
  key: Type.Optional(Key),
}

const Letters = Type.Object(
  { ...letterFilter, id: Type.Optional(Uuid) },
  {
    additionalProperties: false,
    minProperties: 1,
    description: 'Which dead letters: all that match every field given',
  },
)
const Done = Type.Object({ count: Count })

const letterId = '01920000-0000-7000-8000-000000000001'

export const operations = defineContract({
  name: 'operations',
  version: '1.0.0',
  summary: 'The running system: map, health, dead letters, replay.',
  permissions: {
    'operations:read': 'See the system map, health and dead letters, with the data of their events',
    'operations:manage': 'Retry and discard dead letters, replay events',
  },
  errors: {
    unknownService: {
      status: 404,
      title: 'No such service runs here.',
      description:
        '`service` or the first part of `consumer` names no service of this installation. `GET /map` lists them.',
    },
    againNeedsConsumer: {
      status: 422,
      title: 'Say which consumer is to do it again.',
      description:
        'A replay with `again` undoes deduplication; name one `consumer`, so that nobody redoes everything by mistake.',
    },
    periodEmpty: {
      status: 422,
      title: 'The period ends before it begins.',
      description: '`to` must be later than `from`.',
    },
  },
  operations: {
    getMap: {
      method: 'GET',
      path: '/map',
      summary: 'All services: what they are, how they are, how their events flow',
      access: { permission: 'operations:read' },
      returns: Type.Object({
        services: Type.Array(Type.Object({ facts: Facts, health: Health, stats: Stats }), {
          description: 'By name',
        }),
      }),
    },
    listDeadLetters: {
      method: 'GET',
      path: '/dead-letters',
      summary: 'Dead letters of all services, the latest first',
      access: { permission: 'operations:read' },
      query: Type.Object({ ...letterFilter, ...pageQuery }, { additionalProperties: false }),
      returns: pageOf(Type.Object(letterFields)),
      errors: ['unknownService'],
      example: { query: { limit: 25 } },
    },
    getDeadLetter: {
      method: 'GET',
      path: '/dead-letters/:consumer/:id',
      summary: 'One dead letter with its data and the whole error',
      access: { permission: 'operations:read' },
      params: Type.Object({ consumer: Consumer, id: Uuid }),
      returns: Type.Object({
        ...letterFields,
        version: Type.Integer({ description: 'Version of the data' }),
        data: Type.Unknown({ description: 'What the event says' }),
        traceparent: Type.Union([Type.String(), Type.Null()], { description: 'Trace it belongs to' }),
        fullError: Type.String({ description: 'What went wrong, with the stack' }),
      }),
      errors: ['unknownService'],
      example: { params: { consumer: 'users.activateProfile', id: letterId } },
    },
    retryDeadLetters: {
      method: 'POST',
      path: '/dead-letters/retry',
      summary: 'Handle dead letters again, with their attempts counted anew',
      access: { permission: 'operations:manage' },
      body: Letters,
      returns: Done,
      errors: ['unknownService'],
      idempotent: true,
      example: { body: { consumer: 'users.activateProfile', id: letterId } },
    },
    discardDeadLetters: {
      method: 'POST',
      path: '/dead-letters/discard',
      summary: 'Give dead letters up: they count as done',
      access: { permission: 'operations:manage' },
      body: Letters,
      returns: Done,
      errors: ['unknownService'],
      idempotent: true,
      example: { body: { consumer: 'users.activateProfile', id: letterId } },
    },
    replay: {
      method: 'POST',
      path: '/replay',
      summary: 'Publish the history of a service again, for a new consumer or to redo',
      description:
        'Consumers that have handled an event do not handle it again, unless `again` asks one `consumer` to. History reaches back as far as OUTBOX_RETENTION_DAYS.',
      access: { permission: 'operations:manage' },
      body: Type.Object(
        {
          service: Service,
          from: Timestamp,
          to: Type.Optional(Timestamp),
          types: Type.Optional(
            Type.Array(EventType, { minItems: 1, maxItems: 100, description: 'Only these types' }),
          ),
          consumer: Type.Optional(Consumer),
          again: Type.Optional(Type.Boolean({ description: 'Do again what is done' })),
        },
        { additionalProperties: false },
      ),
      returns: Done,
      errors: ['unknownService', 'againNeedsConsumer', 'periodEmpty'],
      rate: 'heavy',
      idempotent: true,
      example: {
        body: { service: 'auth', from: '2026-01-01T00:00:00.000Z', consumer: 'users.activateProfile' },
      },
    },
  },
  events: {
    'operations.acted': {
      version: 1,
      description: 'An administrator retried or discarded dead letters or replayed events',
      key: 'actionId',
      data: Type.Object({
        actionId: Uuid,
        by: Uuid,
        action: Type.Enum(['retry', 'discard', 'replay'], { description: 'What was done' }),
        target: Type.Record(Type.String(), Type.Unknown(), {
          description: 'The request: to what it was done',
        }),
        count: Count,
        at: Timestamp,
      }),
      example: {
        actionId: letterId,
        by: '01920000-0000-7000-8000-000000000002',
        action: 'retry',
        target: { consumer: 'users.activateProfile' },
        count: 3,
        at: '2026-01-01T00:00:00.000Z',
      },
    },
  },
})
