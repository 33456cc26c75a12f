/** Webhooks: what happens in a project, sent to addresses of the project's own, signed and retried for a day. */
import { defineContract, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import {
  Delivery,
  DeliveryState,
  Endpoint,
  EndpointDraft,
  EndpointWithSecret,
  EnvironmentName,
  EventTypeInfo,
  EventTypeName,
  OpenedDelivery,
  ProjectId,
} from './contract-schemas.ts'

export type { Attempt, Delivery, Endpoint, EndpointDraft } from './contract-schemas.ts'

const projectId = '01938a5e-7c00-7000-8000-0000000000b1'
const endpointId = '01938a5e-7c00-7000-8000-0000000000e1'
const deliveryId = '01938a5e-7c00-7000-8000-0000000000f1'
const here = '/projects/:projectId/environments/:environment'
const ofEnvironment = { projectId: ProjectId, environment: EnvironmentName }
const environmentParams = Type.Object(ofEnvironment)
const endpointParams = Type.Object({ ...ofEnvironment, endpointId: Uuid })
const deliveryParams = Type.Object({ ...ofEnvironment, deliveryId: Uuid })
const params = { projectId, environment: 'production' }
const draft = {
  url: 'https://app.acme.example/hooks',
  description: 'Accounting',
  events: ['oauth.connection.broken'],
  enabled: true,
}
const inProduction = 'In production it takes an admin.'
const manage = { project: 'developer', production: 'admin', scope: 'webhooks:manage' } as const

export const webhooks = defineContract({
  name: 'webhooks',
  version: '1.0.0',
  summary: 'Events of a project, sent to its own addresses: signed, retried for a day, with a log.',
  operations: {
    listEventTypes: {
      method: 'GET',
      path: '/event-types',
      summary: 'The events that endpoints can ask for, with examples',
      access: 'user',
      returns: Type.Object({ items: Type.Array(EventTypeInfo) }),
    },
    listEndpoints: {
      method: 'GET',
      path: `${here}/endpoints`,
      summary: 'The endpoints of an environment, oldest first',
      access: { project: 'viewer', scope: 'webhooks:manage' },
      params: environmentParams,
      returns: Type.Object({ items: Type.Array(Endpoint) }),
      example: { params },
    },
    createEndpoint: {
      method: 'POST',
      path: `${here}/endpoints`,
      summary: 'Add an endpoint',
      description: `The signing secret is shown this once. ${inProduction}`,
      access: manage,
      idempotent: true,
      params: environmentParams,
      body: EndpointDraft,
      status: 201,
      returns: EndpointWithSecret,
      etag: 'version',
      errors: ['endpointNotRight', 'endpointQuotaReached'],
      example: { params, body: draft },
    },
    updateEndpoint: {
      method: 'PUT',
      path: `${here}/endpoints/:endpointId`,
      summary: 'Change an endpoint',
      description: `What waits is sent to the new address. ${inProduction}`,
      access: manage,
      ifMatch: true,
      params: endpointParams,
      body: EndpointDraft,
      returns: Endpoint,
      etag: 'version',
      errors: ['endpointNotRight'],
      example: { params: { ...params, endpointId }, body: draft },
    },
    removeEndpoint: {
      method: 'DELETE',
      path: `${here}/endpoints/:endpointId`,
      summary: 'Remove an endpoint with its log',
      description: `What waits for it is not sent any more. ${inProduction}`,
      access: manage,
      params: endpointParams,
      example: { params: { ...params, endpointId } },
    },
    rotateSecret: {
      method: 'POST',
      path: `${here}/endpoints/:endpointId/rotate-secret`,
      summary: 'Give an endpoint a new signing secret',
      description: `Deliveries carry signatures of both secrets until the overlap ends. ${inProduction}`,
      access: manage,
      params: endpointParams,
      body: Type.Object(
        {
          overlapSeconds: Type.Integer({
            minimum: 0,
            maximum: 604_800,
            default: 86_400,
            description: 'How long the secret until now signs too; at most a week',
          }),
        },
        { additionalProperties: false },
      ),
      returns: EndpointWithSecret,
      etag: 'version',
      example: { params: { ...params, endpointId }, body: { overlapSeconds: 86_400 } },
    },
    sendTest: {
      method: 'POST',
      path: `${here}/endpoints/:endpointId/test`,
      summary: 'Send a test event to an endpoint, also to one that is switched off',
      access: { project: 'developer' },
      rate: 'heavy',
      params: endpointParams,
      status: 202,
      returns: Delivery,
      example: { params: { ...params, endpointId } },
    },
    listDeliveries: {
      method: 'GET',
      path: `${here}/deliveries`,
      summary: 'The log of deliveries, newest first',
      access: { project: 'developer' },
      params: environmentParams,
      query: Type.Object({
        ...pageQuery,
        endpointId: Type.Optional(Type.String({ format: 'uuid', description: 'Of one endpoint only' })),
        state: Type.Optional(DeliveryState),
      }),
      returns: pageOf(Delivery),
      example: { params, query: { limit: 25 } },
    },
    getDelivery: {
      method: 'GET',
      path: `${here}/deliveries/:deliveryId`,
      summary: 'A delivery with its payload and its attempts',
      access: { project: 'developer' },
      params: deliveryParams,
      returns: OpenedDelivery,
      example: { params: { ...params, deliveryId } },
    },
    sendAgain: {
      method: 'POST',
      path: `${here}/deliveries/:deliveryId/send-again`,
      summary: 'Send a delivery again now, whatever became of it',
      description: 'The body and `webhook-id` stay the same, so that the receiver can tell a repetition.',
      access: { project: 'developer' },
      rate: 'heavy',
      params: deliveryParams,
      status: 202,
      returns: Delivery,
      errors: ['deliveryUnderWay'],
      example: { params: { ...params, deliveryId } },
    },
  },
  events: {
    'webhook.endpoint.changed': {
      version: 1,
      description: 'An endpoint was added, changed, given a new secret or removed.',
      key: 'projectId',
      data: Type.Object({
        ...ofEnvironment,
        endpointId: Uuid,
        host: Type.String({ description: 'Host of its address' }),
        change: Type.Enum(['created', 'updated', 'secretRotated', 'removed', 'gone'], {
          description: 'What happened; gone: it answered 410 and was switched off',
        }),
        by: Type.Optional(Type.String({ format: 'uuid', description: 'Who did it; absent: the system' })),
      }),
      example: { ...params, endpointId, host: 'app.acme.example', change: 'created' },
    },
    'webhook.delivery.failed': {
      version: 1,
      description: 'A delivery was given up: nobody took it for a day.',
      key: 'projectId',
      data: Type.Object({
        ...ofEnvironment,
        endpointId: Uuid,
        deliveryId: Uuid,
        host: Type.String({ description: 'Host of the endpoint' }),
        type: EventTypeName,
      }),
      example: {
        ...params,
        endpointId,
        deliveryId,
        host: 'app.acme.example',
        type: 'oauth.connection.broken',
      },
    },
    'delivery.due': {
      version: 1,
      description: 'The next attempt of a delivery is due, or its lease has ended. For webhooks itself.',
      key: 'deliveryId',
      data: Type.Object({ deliveryId: Uuid }),
      example: { deliveryId },
    },
  },
  errors: {
    endpointNotRight: {
      status: 422,
      title: 'The endpoint cannot be saved like this.',
      description: '`errors` names the bad fields: the address is not allowed, or a type is unknown.',
    },
    endpointQuotaReached: {
      status: 409,
      title: 'There are as many endpoints as there may be.',
      description: 'Remove one that is not needed any more.',
    },
    deliveryUnderWay: {
      status: 409,
      title: 'The delivery is being sent just now.',
      description: 'Wait for the outcome, then send it again if it is needed.',
    },
  },
  scopes: {
    'webhooks:manage': 'Add, change and remove the webhook endpoints of the program’s environment',
  },
})
