/** AsyncAPI 3 (https://www.asyncapi.com/docs/reference/specification/v3.0.0) from services: events and live topics. */
import type { Service } from '../service/service.ts'
import type { EventKind } from './contract.ts'
import { partName } from './event-versions.ts'
import { type ApiInfo, plain } from './openapi.ts'

type Json = Record<string, unknown>

/** Events travel over the bus, topics to the browser over one WebSocket. Channels are keyed `<service>.<event>`. */
export function asyncApi(services: readonly Service[], info: ApiInfo): Json {
  const channels: Record<string, Json> = {}
  const operations: Record<string, Json> = {}
  const messages: Record<string, Json> = {}
  const live = new URL(info.publicUrl ?? 'http://localhost:8080')

  for (const { contract, handlers } of services) {
    for (const [type, event] of Object.entries(contract.events ?? {})) {
      const key = `${contract.name}.${partName(type)}`
      messages[key] = messageOf(contract.name, type, event)
      channels[key] = {
        address: `pleiad.${contract.name}.${type}`,
        title: type,
        description: event.description,
        servers: [{ $ref: '#/servers/bus' }],
        messages: { [partName(type)]: { $ref: `#/components/messages/${key}` } },
      }
      operations[`${contract.name}.emit.${partName(type)}`] = operation(
        'send',
        key,
        partName(type),
        `${contract.name} announces ${type}.`,
      )
    }
    for (const [topic, kind] of Object.entries(contract.topics ?? {})) {
      const key = `${contract.name}.live.${topic}`
      messages[key] = {
        name: topic,
        title: topic,
        summary: kind.description,
        contentType: 'application/json',
        payload: {
          type: 'object',
          required: ['topic', 'data'],
          properties: { topic: { const: topic }, data: plain(kind.data) },
        },
      }
      channels[key] = {
        address: '/api/v1/realtime',
        title: topic,
        description: `${kind.description} Sent to the connections ${kind.permission ? `of everybody who holds ${kind.permission}` : 'of one person'} that have subscribed to the topic.`,
        servers: [{ $ref: '#/servers/live' }],
        messages: { [topic]: { $ref: `#/components/messages/${key}` } },
      }
      operations[`${contract.name}.push.${topic}`] = operation(
        'send',
        key,
        topic,
        `${contract.name} pushes ${topic}.`,
      )
    }
    for (const [name, handler] of Object.entries(handlers ?? {})) {
      const key = `${handler.source.name}.${partName(handler.type)}`
      // A source that is not part of this installation is described where it runs.
      if (
        services.some(
          (service) =>
            service.contract.name === handler.source.name && handler.type in (service.contract.events ?? {}),
        )
      )
        operations[`${contract.name}.on.${name}`] = operation(
          'receive',
          key,
          partName(handler.type),
          `${contract.name}: ${name}.`,
        )
    }
  }

  return {
    asyncapi: '3.0.0',
    info: {
      title: `${info.title}: events`,
      version: info.version,
      description:
        'Every event is a CloudEvents 1.0 envelope. Delivery is at least once; the inbox makes effects happen once.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      bus: {
        host: 'in-process',
        protocol: 'memory',
        description: 'The bus between the services. Services of one process need no broker.',
      },
      live: {
        host: live.host,
        protocol: live.protocol === 'https:' ? 'wss' : 'ws',
        description: 'The gateway’s WebSocket.',
      },
    },
    channels,
    operations,
    components: { messages },
  }
}

function operation(action: 'send' | 'receive', channel: string, message: string, summary: string): Json {
  return {
    action,
    channel: { $ref: `#/channels/${channel}` },
    summary,
    messages: [{ $ref: `#/channels/${channel}/messages/${message}` }],
  }
}

function messageOf(service: string, type: string, event: EventKind): Json {
  const envelope = {
    specversion: '1.0',
    id: '01938a5e-7c00-7000-8000-000000000001',
    source: `/services/${service}`,
    type,
    subject: String((event.example as Json)[event.key]),
    time: '2026-01-31T12:00:00.000Z',
    datacontenttype: 'application/json',
    dataversion: event.version,
    sequence: '42',
    lane: 'normal',
    data: event.example,
  }
  return {
    name: type,
    title: `${type}, version ${event.version}`,
    summary: event.description,
    contentType: 'application/cloudevents+json',
    payload: {
      type: 'object',
      required: Object.keys(envelope),
      properties: {
        specversion: { const: '1.0' },
        id: { type: 'string', format: 'uuid', description: 'UUIDv7; a repetition has the same id.' },
        source: { const: `/services/${service}` },
        type: { const: type },
        subject: { type: 'string', description: `The aggregate’s id: \`${event.key}\` of the data.` },
        time: { type: 'string', format: 'date-time', description: 'When it was emitted, UTC.' },
        datacontenttype: { const: 'application/json' },
        dataversion: { const: event.version },
        sequence: { type: 'string', description: 'Position in the emitter’s outbox; grows, with gaps.' },
        lane: { enum: ['high', 'normal', 'low'], description: 'Urgency.' },
        traceparent: { type: 'string', description: 'W3C trace context of the emitting operation.' },
        data: plain(event.data),
      },
    },
    examples: [{ name: 'example', payload: envelope }],
  }
}
