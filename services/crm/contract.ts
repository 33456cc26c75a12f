/** Crm: who orders, what the office says to it, and what both write to each other. */
import { defineContract, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { customerOperations } from './contract-customers.ts'
import { orderOperations } from './contract-orders.ts'
import { Message } from './contract-schemas.ts'

export type {
  Customer,
  CustomerSummary,
  Message,
  Note,
  Order,
  OrderSummary,
  Segment,
  SegmentRules,
  Task,
} from './contract-schemas.ts'

const orderId = '01938a5e-7c00-7000-8000-0000000000c1'
const by = '01938a5e-7c00-7000-8000-0000000000aa'

export const crm = defineContract({
  name: 'crm',
  version: '1.0.0',
  summary: 'Customers and their history; the office confirms or rejects orders and talks about them.',
  operations: { ...orderOperations, ...customerOperations },
  events: {
    'order.confirmed': {
      version: 1,
      description: 'The office confirmed an order: it may be produced.',
      key: 'orderId',
      data: Type.Object({
        orderId: Uuid,
        by: Type.String({ format: 'uuid', description: 'Who confirmed it' }),
        note: Type.Optional(Type.String({ description: 'For production and the customer' })),
        dueAt: Type.Optional(Timestamp),
      }),
      example: { orderId, by, note: 'Print the thin side up.' },
    },
    'order.rejected': {
      version: 1,
      description: 'The office rejected an order.',
      key: 'orderId',
      data: Type.Object({
        orderId: Uuid,
        by: Type.String({ format: 'uuid', description: 'Who rejected it' }),
        reason: Type.String({ description: 'Why; the customer reads it' }),
      }),
      example: { orderId, by, reason: 'The walls are too thin for this material.' },
    },
    'order.message.sent': {
      version: 1,
      description: 'Somebody wrote into the thread of an order.',
      key: 'orderId',
      data: Type.Object({
        orderId: Uuid,
        number: Type.String({ description: 'Number of the order' }),
        messageId: Uuid,
        from: Type.Enum(['customer', 'staff'], { description: 'Which side wrote it' }),
        authorId: Uuid,
        customerId: Type.String({ format: 'uuid', description: 'Whose order it is' }),
        text: Type.String({ description: 'Plain text' }),
      }),
      example: {
        orderId,
        number: 'F-2026-000123',
        messageId: '01938a5e-7c00-7000-8000-0000000000d4',
        from: 'customer',
        authorId: '01938a5e-7c00-7000-8000-000000000001',
        customerId: '01938a5e-7c00-7000-8000-000000000001',
        text: 'Can it be blue instead?',
      },
    },
  },
  topics: {
    office: {
      description: 'An order of the inbox has changed, for everybody who may see it: load it again.',
      permission: 'orders:confirm',
      data: Type.Object({ orderId: Uuid, at: Timestamp }),
    },
    'order-messages': {
      description: 'A message in the thread of an order of mine, or of one that I wrote in',
      data: Message,
    },
  },
  errors: {
    orderNotWaiting: {
      status: 409,
      title: 'This order does not wait for a decision.',
      description:
        'It was confirmed, rejected or cancelled in the meantime; `state` says where it stands. Load it again.',
    },
    dueAtNotRight: {
      status: 400,
      title: 'The promised date has passed.',
      description: 'Choose a date in the future, or leave it out.',
    },
    tooManyMessages: {
      status: 429,
      title: 'That were many messages in a short time.',
      description: 'A person may write 30 messages into a thread within ten minutes. Wait a little.',
    },
    notTheirOrder: {
      status: 400,
      title: 'This order does not belong to this customer.',
      description: 'Name an order of the customer, or none.',
    },
    assigneeNotFound: {
      status: 400,
      title: 'There is nobody of this id.',
      description: 'Choose somebody who has an account, or leave the task to everybody.',
    },
    segmentNotFound: {
      status: 404,
      title: 'There is no such segment.',
      description: 'It may have been removed. Choose another.',
    },
    segmentNameTaken: {
      status: 409,
      title: 'There is a segment of this name.',
      description: 'Names of segments are unique. Choose another.',
    },
    tooManySegments: {
      status: 409,
      title: 'There are a hundred segments already.',
      description: 'Remove one that nobody uses.',
    },
  },
  permissions: {
    'customers:read': 'See customers, their history, notes and tasks',
    'customers:manage': 'Tag customers, keep notes, tasks and segments',
    'orders:confirm': 'See orders of all customers, confirm or reject them, answer messages',
  },
})
