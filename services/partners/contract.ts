/** Partners: the workshop for programs. Models, quotes and orders in the name of a project, by its keys and apps. */
import { defineContract, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import {
  Called,
  Limits,
  LogEntry,
  Model,
  ModelDraft,
  Order,
  PartLine,
  Placement,
  Plan,
  ProjectPlan,
  Reference,
  Usage,
} from './contract-schemas.ts'

export type { Limits, Model, ModelDraft, Order, PartLine } from './contract-schemas.ts'

const id = '01938a5e-7c00-7000-8000-0000000000c1'
const projectId = '01938a5e-7c00-7000-8000-0000000000b1'
const ProjectId = Type.String({ format: 'uuid', description: 'The project' })
const EnvironmentName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,29}$',
  description: 'Environment of the project',
})
const here = '/projects/:projectId/environments/:environment'
const ofEnvironment = Type.Object({ projectId: ProjectId, environment: EnvironmentName })
const params = { projectId, environment: 'production' }
const modelParams = Type.Object({ modelId: Uuid })
const orderParams = Type.Object({ orderId: Uuid })
const line = {
  modelId: id,
  technology: 'fdm',
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  finish: 'none',
  quantity: 1,
} as const
const limits = { requestsPerMinute: 300, quotesPerDay: 500, ordersPerDay: 100 }

export const partners = defineContract({
  name: 'partners',
  version: '1.0.0',
  summary:
    'The workshop for programs: upload models, get binding prices in the priority lane, order, follow, cancel. Environments other than production rehearse.',
  operations: {
    createModel: {
      method: 'POST',
      path: '/models',
      summary: 'Begin to upload a model',
      description:
        'Send the bytes to `uploadUrl` (tus 1.0.0: one PATCH, or several; HEAD says how far it is). It is checked by itself then; follow it with getModel or by the webhook `partner.model.changed`.',
      access: { scope: 'quotes:write' },
      idempotent: true,
      status: 201,
      body: ModelDraft,
      returns: Type.Object({
        model: Model,
        uploadUrl: Type.String({ description: 'Where to send the bytes: tus 1.0.0' }),
      }),
      errors: ['planExceeded', 'uploadRefused'],
      example: { body: { name: 'bracket.stl', size: 684 } },
    },
    getModel: {
      method: 'GET',
      path: '/models/:modelId',
      summary: 'How far a model is, and what is known of it',
      access: { scope: 'quotes:write' },
      params: modelParams,
      returns: Model,
      errors: ['planExceeded'],
      example: { params: { modelId: id } },
    },
    requestQuote: {
      method: 'POST',
      path: '/quotes',
      summary: 'Ask for binding prices of parts',
      description:
        'Priced in the priority lane. `reference` makes it safe to send twice. When all lines are calculated the quote is `quoted` and holds until `validUntil`.',
      access: { scope: 'quotes:write' },
      status: 201,
      body: Type.Object(
        {
          reference: Reference,
          lines: Type.Array(PartLine, { minItems: 1, maxItems: 50, description: 'Parts' }),
        },
        { additionalProperties: false },
      ),
      returns: Order,
      errors: ['planExceeded', 'requestNotRight', 'orderRefused', 'modelNotUsable'],
      example: { body: { reference: 'PO-4711', lines: [line] } },
    },
    placeOrder: {
      method: 'POST',
      path: '/orders',
      summary: 'Order a quote',
      description: 'A quote is ordered once: the same again answers the same order.',
      access: { scope: 'orders:write' },
      status: 201,
      body: Placement,
      returns: Order,
      errors: ['planExceeded', 'requestNotRight', 'orderRefused'],
      example: {
        body: {
          quoteId: id,
          customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
          delivery: { method: 'pickup' },
        },
      },
    },
    listOrders: {
      method: 'GET',
      path: '/orders',
      summary: 'Quotes and orders of the environment, newest first',
      access: { scope: 'orders:read' },
      query: Type.Object({
        ...pageQuery,
        state: Type.Optional(Type.String({ pattern: '^[A-Za-z]{1,20}$', description: 'Only in this state' })),
      }),
      returns: pageOf(Order),
      errors: ['planExceeded', 'requestNotRight'],
      example: { query: {} },
    },
    getOrder: {
      method: 'GET',
      path: '/orders/:orderId',
      summary: 'A quote or order',
      access: { scope: 'orders:read' },
      params: orderParams,
      returns: Order,
      errors: ['planExceeded'],
      example: { params: { orderId: id } },
    },
    cancelOrder: {
      method: 'POST',
      path: '/orders/:orderId/cancel',
      summary: 'Cancel a quote or order, while that is possible',
      access: { scope: 'orders:write' },
      params: orderParams,
      body: Type.Object(
        { reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Why' })) },
        { additionalProperties: false },
      ),
      returns: Order,
      errors: ['planExceeded', 'orderRefused'],
      example: { params: { orderId: id }, body: {} },
    },
    getUsage: {
      method: 'GET',
      path: `${here}/usage`,
      summary: 'The rate plan of a project, and what an environment has used of it',
      access: { project: 'viewer', scope: 'orders:read' },
      maxStalenessMs: 10_000,
      params: ofEnvironment,
      returns: Usage,
      example: { params },
    },
    listLogs: {
      method: 'GET',
      path: `${here}/logs`,
      summary: 'Calls of an environment, newest first; kept for thirty days',
      access: { project: 'developer' },
      maxStalenessMs: 5_000,
      params: ofEnvironment,
      query: Type.Object({
        ...pageQuery,
        failed: Type.Optional(Type.Boolean({ description: 'Only those that were refused or failed' })),
        operation: Type.Optional(Called),
      }),
      returns: pageOf(LogEntry),
      example: { params },
    },
    listPlans: {
      method: 'GET',
      path: '/plans',
      summary: 'Projects that have a rate plan of their own, and what they have used of it today',
      access: { permission: 'partners:manage' },
      query: Type.Object(pageQuery),
      returns: Type.Object({
        ...pageOf(ProjectPlan).properties,
        standard: Plan,
      }),
      example: { query: {} },
    },
    setPlan: {
      method: 'PUT',
      path: '/plans/:projectId',
      summary: 'Give a project a rate plan of its own',
      access: { permission: 'partners:manage' },
      params: Type.Object({ projectId: ProjectId }),
      body: Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 60, description: 'Name of the plan' }),
          limits: Limits,
        },
        { additionalProperties: false },
      ),
      returns: Plan,
      example: { params: { projectId }, body: { name: 'Volume', limits } },
    },
    removePlan: {
      method: 'DELETE',
      path: '/plans/:projectId',
      summary: 'Put a project back on the plan that everybody has',
      access: { permission: 'partners:manage' },
      params: Type.Object({ projectId: ProjectId }),
      example: { params: { projectId } },
    },
  },
  events: {
    'partner.model.changed': {
      version: 1,
      description: 'A model that a partner uploaded is ready, rejected, or needs to be sent again.',
      key: 'modelId',
      data: Type.Object({
        projectId: ProjectId,
        environment: EnvironmentName,
        modelId: Uuid,
        state: Type.Enum(['ready', 'rejected', 'needsUnits', 'needsRepair'], {
          description: 'How it stands',
        }),
        reasons: Type.Array(
          Type.Object({
            code: Type.String({ description: 'Stable name' }),
            detail: Type.String({ description: 'In words' }),
          }),
          { description: 'Why it is rejected' },
        ),
      }),
      example: { ...params, modelId: id, state: 'ready', reasons: [] },
    },
    'partner.order.changed': {
      version: 1,
      description: 'A quote or order of a partner is in another state.',
      key: 'orderId',
      data: Type.Object({
        projectId: ProjectId,
        environment: EnvironmentName,
        orderId: Uuid,
        number: Type.String({ description: 'Number of the order' }),
        state: Type.String({ description: 'The state now' }),
        previous: Type.String({ description: 'The state before' }),
        reason: Type.Optional(Type.String({ description: 'Why, in words' })),
        test: Type.Boolean({ description: 'A rehearsal' }),
      }),
      example: {
        ...params,
        orderId: id,
        number: 'F-2026-000123',
        state: 'confirmed',
        previous: 'created',
        test: false,
      },
    },
  },
  errors: {
    planExceeded: {
      status: 429,
      title: 'The rate plan is used up.',
      description:
        '`limit` says which limit, `retryAfter` in how many seconds there is room again. Ask the workshop for a larger plan.',
    },
    uploadRefused: {
      status: 400,
      title: 'This file cannot be uploaded.',
      description: '`detail` says why: its name, its size, or the room that the project has.',
    },
    requestNotRight: {
      status: 400,
      title: 'Something in the request is not right.',
      description: '`detail` names it. The catalogue says what can be made of what.',
    },
    modelNotUsable: {
      status: 409,
      title: 'A model cannot be ordered yet, or not at all.',
      description: 'Ask getModel how far it is; a rejected model says why.',
    },
    orderRefused: {
      status: 409,
      title: 'The order’s state does not allow this.',
      description: '`detail` says why. Load it again.',
    },
  },
  permissions: {
    'partners:manage': 'Give projects rate plans of the partners’ API',
  },
  scopes: {
    'quotes:write': 'Upload models to the workshop and ask for binding prices',
    'orders:write': 'Order quotes from the workshop and cancel orders',
    'orders:read': 'See quotes, orders and usage of the workshop',
  },
})
