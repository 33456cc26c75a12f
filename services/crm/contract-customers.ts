/** Operations on customers: their history, notes, tags, segments, tasks. */
import { type Operation, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import {
  Customer,
  CustomerSummary,
  Note,
  Segment,
  SegmentRules,
  Tags,
  Task,
  Words,
} from './contract-schemas.ts'

const customerId = '01938a5e-7c00-7000-8000-000000000001'
const noteId = '01938a5e-7c00-7000-8000-0000000000d1'
const taskId = '01938a5e-7c00-7000-8000-0000000000d2'
const segmentId = '01938a5e-7c00-7000-8000-0000000000d3'
const customerParams = Type.Object({ customerId: Uuid })
const taskParams = Type.Object({ taskId: Uuid })
const segmentParams = Type.Object({ segmentId: Uuid })
const read = { permission: 'customers:read' } as const
const manage = { permission: 'customers:manage' } as const

const segmentDraft = Type.Object(
  { name: Words(60, 'Name of the segment'), rules: SegmentRules },
  { additionalProperties: false },
)
const ofWhom = {
  customerId: Type.Optional(Type.String({ format: 'uuid', description: 'Whom it is about' })),
  orderId: Type.Optional(Type.String({ format: 'uuid', description: 'Which order it is about' })),
}
const taskDraft = Type.Object(
  {
    title: Words(200, 'What is to be done'),
    ...ofWhom,
    assigneeId: Type.Optional(Type.String({ format: 'uuid', description: 'Who is to do it' })),
    dueAt: Type.Optional(Type.String({ format: 'date-time', description: 'Until when' })),
  },
  { additionalProperties: false },
)

export const customerOperations = {
  listCustomers: {
    method: 'GET',
    path: '/customers',
    summary: 'Customers, whoever came last first',
    access: read,
    maxStalenessMs: 5_000,
    query: Type.Object({
      ...pageQuery,
      search: Type.Optional(Type.String({ maxLength: 100, description: 'Name, company or address' })),
      tag: Type.Optional(Type.String({ maxLength: 40, description: 'Only those with this tag' })),
      segmentId: Type.Optional(Type.String({ format: 'uuid', description: 'Only those of this segment' })),
    }),
    returns: pageOf(CustomerSummary),
    errors: ['segmentNotFound'],
    example: { query: {} },
  },
  getCustomer: {
    method: 'GET',
    path: '/customers/:customerId',
    summary: 'A customer',
    access: read,
    params: customerParams,
    returns: Customer,
    etag: 'version',
    example: { params: { customerId } },
  },
  tagCustomer: {
    method: 'PUT',
    path: '/customers/:customerId/tags',
    summary: 'Set the tags of a customer',
    access: manage,
    ifMatch: true,
    params: customerParams,
    body: Type.Object({ tags: Tags }, { additionalProperties: false }),
    returns: Customer,
    etag: 'version',
    example: { params: { customerId }, body: { tags: ['wholesale'] } },
  },
  listTags: {
    method: 'GET',
    path: '/tags',
    summary: 'The tags in use, the most used first, a hundred at most',
    access: read,
    returns: Type.Object({
      items: Type.Array(
        Type.Object({
          tag: Type.String({ description: 'The tag' }),
          customers: Type.Integer({ minimum: 1, description: 'How many have it' }),
        }),
      ),
    }),
  },
  listNotes: {
    method: 'GET',
    path: '/customers/:customerId/notes',
    summary: 'Notes about a customer and their orders, newest first',
    access: read,
    params: customerParams,
    query: Type.Object({
      ...pageQuery,
      orderId: Type.Optional(Type.String({ format: 'uuid', description: 'Only those about this order' })),
    }),
    returns: pageOf(Note),
    example: { params: { customerId } },
  },
  addNote: {
    method: 'POST',
    path: '/customers/:customerId/notes',
    summary: 'Note something about a customer, for the office only',
    access: manage,
    idempotent: true,
    params: customerParams,
    body: Type.Object(
      { text: Words(4000, 'Plain text'), orderId: ofWhom.orderId },
      { additionalProperties: false },
    ),
    status: 201,
    returns: Note,
    errors: ['notTheirOrder'],
    example: { params: { customerId }, body: { text: 'Prefers to be called.' } },
  },
  removeNote: {
    method: 'DELETE',
    path: '/notes/:noteId',
    summary: 'Remove a note of mine',
    access: manage,
    params: Type.Object({ noteId: Uuid }),
    example: { params: { noteId } },
  },
  listTasks: {
    method: 'GET',
    path: '/tasks',
    summary: 'Tasks of the office: open ones by date, done ones newest first',
    access: read,
    query: Type.Object({
      ...pageQuery,
      done: Type.Optional(Type.Boolean({ default: false, description: 'The done ones instead' })),
      mine: Type.Optional(Type.Boolean({ description: 'Only those I am to do' })),
      ...ofWhom,
    }),
    returns: pageOf(Task),
    example: { query: {} },
  },
  createTask: {
    method: 'POST',
    path: '/tasks',
    summary: 'Note what is to be done',
    access: manage,
    idempotent: true,
    body: taskDraft,
    status: 201,
    returns: Task,
    etag: 'version',
    errors: ['notTheirOrder', 'assigneeNotFound'],
    example: { body: { title: 'Ask for the drawing' } },
  },
  updateTask: {
    method: 'PATCH',
    path: '/tasks/:taskId',
    summary: 'Change a task, or say that it is done',
    access: manage,
    ifMatch: true,
    params: taskParams,
    body: Type.Object(
      {
        title: Type.Optional(Words(200, 'What is to be done')),
        assigneeId: Type.Optional(
          Type.Union([Uuid, Type.Null()], { description: 'Who is to do it; null: nobody in particular' }),
        ),
        dueAt: Type.Optional(
          Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: 'Until when' }),
        ),
        done: Type.Optional(Type.Boolean({ description: 'Done, or not after all' })),
      },
      { additionalProperties: false, minProperties: 1 },
    ),
    returns: Task,
    etag: 'version',
    errors: ['assigneeNotFound'],
    example: { params: { taskId }, body: { done: true } },
  },
  removeTask: {
    method: 'DELETE',
    path: '/tasks/:taskId',
    summary: 'Remove a task',
    access: manage,
    params: taskParams,
    example: { params: { taskId } },
  },
  listSegments: {
    method: 'GET',
    path: '/segments',
    summary: 'The segments, by name; there are a hundred at most',
    access: read,
    returns: Type.Object({ items: Type.Array(Segment) }),
  },
  createSegment: {
    method: 'POST',
    path: '/segments',
    summary: 'Keep rules as a segment',
    access: manage,
    idempotent: true,
    body: segmentDraft,
    status: 201,
    returns: Segment,
    etag: 'version',
    errors: ['segmentNameTaken', 'tooManySegments'],
    example: { body: { name: 'Regulars', rules: { minOrders: 5 } } },
  },
  updateSegment: {
    method: 'PUT',
    path: '/segments/:segmentId',
    summary: 'Change a segment',
    access: manage,
    ifMatch: true,
    params: segmentParams,
    body: segmentDraft,
    returns: Segment,
    etag: 'version',
    errors: ['segmentNameTaken'],
    example: { params: { segmentId }, body: { name: 'Regulars', rules: { minOrders: 10 } } },
  },
  removeSegment: {
    method: 'DELETE',
    path: '/segments/:segmentId',
    summary: 'Remove a segment; its customers stay',
    access: manage,
    params: segmentParams,
    example: { params: { segmentId } },
  },
} as const satisfies Record<string, Operation>
