/** What webhooks are made of, as others see it. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

export const ProjectId = Type.String({ format: 'uuid', description: 'The project' })
export const EnvironmentName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,29}$',
  description: 'The environment, such as `production`',
})
export const EndpointUrl = Type.String({
  maxLength: 1000,
  description: 'Where deliveries are sent: https; in other environments than production also http',
})
export const EventTypeName = Type.String({
  maxLength: 100,
  pattern: '^[a-z][a-z.]*$',
  description: 'Type of an event, such as `oauth.connection.created`',
})
const Description = Type.String({ maxLength: 200, description: 'What the endpoint is for' })
const Events = Type.Array(EventTypeName, {
  maxItems: 100,
  uniqueItems: true,
  description: 'Types to send; empty: all of them, also those to come',
})
const Enabled = Type.Boolean({ description: 'Whether events are delivered' })

/** What a member sets. */
export const EndpointDraft = Type.Object(
  { url: EndpointUrl, description: Description, events: Events, enabled: Enabled },
  { additionalProperties: false },
)
export type EndpointDraft = Static<typeof EndpointDraft>

export const Endpoint = Type.Object({
  endpointId: Uuid,
  ...EndpointDraft.properties,
  disabledReason: Type.Optional(
    Type.Enum(['gone'], { description: 'Why it was switched off by itself: it answered 410 Gone' }),
  ),
  secretHint: Type.String({ description: 'How the signing secret begins' }),
  previousSecretUntil: Type.Optional(
    Type.String({ format: 'date-time', description: 'Until when the secret before signs too' }),
  ),
  lastSuccessAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'When a delivery last arrived' }),
  ),
  lastFailureAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'When an attempt last failed' }),
  ),
  version: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
  createdAt: Timestamp,
})
export type Endpoint = Static<typeof Endpoint>

export const EndpointWithSecret = Type.Object({
  ...Endpoint.properties,
  secret: Type.String({ description: 'The signing secret, `whsec_...`. It is shown this once.' }),
})

export const DeliveryState = Type.Enum(['waiting', 'sending', 'delivered', 'failed'], {
  description: 'waiting: for its next attempt; failed: given up after a day, or the endpoint is gone',
})

export const Delivery = Type.Object({
  deliveryId: Uuid,
  endpointId: Uuid,
  messageId: Type.String({ description: 'The `webhook-id`: the same for every attempt and endpoint' }),
  type: EventTypeName,
  state: DeliveryState,
  attempts: Type.Integer({ minimum: 0, description: 'Attempts so far' }),
  createdAt: Timestamp,
  nextAttemptAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it is tried again' })),
  deliveredAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it arrived' })),
  lastStatus: Type.Optional(Type.Integer({ description: 'HTTP status of the last answer' })),
  lastError: Type.Optional(Type.String({ description: 'What went wrong last, in words' })),
})
export type Delivery = Static<typeof Delivery>

export const Attempt = Type.Object({
  at: Timestamp,
  durationMs: Type.Integer({ minimum: 0, description: 'How long it took' }),
  status: Type.Optional(Type.Integer({ description: 'HTTP status of the answer' })),
  answer: Type.Optional(Type.String({ description: 'How the answer’s body begins, up to 4 KiB' })),
  error: Type.Optional(Type.String({ description: 'Why there was no answer, in words' })),
})
export type Attempt = Static<typeof Attempt>

export const OpenedDelivery = Type.Object({
  ...Delivery.properties,
  payload: Type.String({ description: 'The body as it is sent, JSON' }),
  history: Type.Array(Attempt, { description: 'The last attempts, newest first' }),
})

export const EventTypeInfo = Type.Object({
  type: EventTypeName,
  description: Type.String({ description: 'When it is sent' }),
  example: Type.Unknown({ description: 'What `data` looks like' }),
})
