/** Events that production announces. */
import { type EventKind, Type, Uuid } from '@pleiad/platform/contract'

const orderId = '01938a5e-7c00-7000-8000-0000000000c1'
const lineId = '01938a5e-7c00-7000-8000-0000000000c5'
const workId = '01938a5e-7c00-7000-8000-0000000000e1'
const operatorId = '01938a5e-7c00-7000-8000-0000000000aa'
const machineId = '01938a5e-7c00-7000-8000-0000000000e2'

const ofWork = {
  orderId: Uuid,
  lineId: Uuid,
  workId: Uuid,
  operatorId: Type.String({ format: 'uuid', description: 'Who works on it' }),
  machineId: Type.Optional(Type.String({ format: 'uuid', description: 'The machine it is on' })),
}
const work = { orderId, lineId, workId, operatorId, machineId }
const By = Type.String({ format: 'uuid', description: 'Who did it' })
const reason = Type.String({ description: 'Why, in words' })

export const operatorsEvents = {
  'production.started': {
    version: 1,
    description: 'Somebody began to make a part of an order. It comes for each work.',
    key: 'orderId',
    data: Type.Object(ofWork),
    example: work,
  },
  'production.paused': {
    version: 1,
    description: 'A work was paused.',
    key: 'orderId',
    data: Type.Object({ ...ofWork, reason }),
    example: { ...work, reason: 'The nozzle is blocked.' },
  },
  'production.resumed': {
    version: 1,
    description: 'A paused work goes on.',
    key: 'orderId',
    data: Type.Object(ofWork),
    example: work,
  },
  'production.scrapped': {
    version: 1,
    description: 'Pieces were spoilt and are made again.',
    key: 'orderId',
    data: Type.Object({
      ...ofWork,
      quantity: Type.Integer({ minimum: 1, description: 'Spoilt pieces' }),
      reason,
    }),
    example: { ...work, quantity: 1, reason: 'It came off the plate.' },
  },
  'production.finished': {
    version: 1,
    description: 'Everything of an order is made: it goes to the quality check.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid }),
    example: { orderId },
  },
  'quality.passed': {
    version: 1,
    description: 'An order is good and may be packed.',
    key: 'orderId',
    data: Type.Object({
      orderId: Uuid,
      by: By,
      photos: Type.Array(Uuid, { description: 'Pictures, as files' }),
    }),
    example: { orderId, by: operatorId, photos: [] },
  },
  'quality.failed': {
    version: 1,
    description: 'Something of an order is not good and is made again.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid, by: By, reason }),
    example: { orderId, by: operatorId, reason: 'One edge is warped.' },
  },
  'order.packed': {
    version: 1,
    description: 'An order is packed.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid, by: By }),
    example: { orderId, by: operatorId },
  },
  'order.shipped': {
    version: 1,
    description: 'An order has left, or waits to be fetched.',
    key: 'orderId',
    data: Type.Object({
      orderId: Uuid,
      by: By,
      carrier: Type.String({ description: 'Who carries it' }),
      tracking: Type.String({ description: 'Number of the parcel; may be empty' }),
    }),
    example: { orderId, by: operatorId, carrier: 'DHL', tracking: '00340434161094000000' },
  },
  'order.delivered': {
    version: 1,
    description: 'An order has arrived.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid, by: By }),
    example: { orderId, by: operatorId },
  },
  'order.returned': {
    version: 1,
    description: 'An order came back.',
    key: 'orderId',
    data: Type.Object({ orderId: Uuid, by: By, reason }),
    example: { orderId, by: operatorId, reason: 'Refused at the door' },
  },
} as const satisfies Record<string, EventKind>
