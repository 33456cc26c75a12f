/** What an administrator sees and mends: the system map, health, dead letters, replay. */
import { defineContract, pageOf, pageQuery, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import {
  Consumer,
  Count,
  Done,
  EventType,
  Facts,
  Health,
  Letters,
  letterFields,
  letterFilter,
  letterId,
  Progress,
  Service,
  Stats,
} from './contract-schemas.ts'

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
    filterMissing: {
      status: 422,
      title: 'Say which dead letters.',
      description:
        'Name at least one of `service`, `consumer`, `type`, `key`, `error` or `id`, so that nobody settles everything by mistake.',
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
      description:
        'Works on at most `limit` at once, service by service, the latest first. Send the same request with `cursor` set to `next` until there is no `next`: letters that were parked meanwhile are not met again, so it ends.',
      access: { permission: 'operations:manage' },
      body: Letters,
      returns: Progress,
      errors: ['unknownService', 'filterMissing'],
      idempotent: true,
      example: { body: { consumer: 'users.activateProfile', id: letterId } },
    },
    discardDeadLetters: {
      method: 'POST',
      path: '/dead-letters/discard',
      summary: 'Give dead letters up: they count as done',
      description:
        'Works on at most `limit` at once, service by service, the latest first. Send the same request with `cursor` set to `next` until there is no `next`: letters that were parked meanwhile are not met again, so it ends.',
      access: { permission: 'operations:manage' },
      body: Letters,
      returns: Progress,
      errors: ['unknownService', 'filterMissing'],
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
