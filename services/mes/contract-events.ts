/** What mes announces. */
import { type EventKind, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { catalogue, options, requested } from './contract-examples.ts'
import { BreakdownLine, Catalogue, Currency, PrintOptions, Reason, Source, Work } from './contract-schemas.ts'

const request = {
  requestId: Uuid,
  source: Source,
  modelId: Uuid,
  version: Type.Integer({ minimum: 1, description: 'Version of the model' }),
  ownerId: Uuid,
  options: PrintOptions,
}
const bookVersion = Type.Integer({ minimum: 1, description: 'Version of the price book' })

export const mesEvents = {
  'order.price.calculated': {
    version: 1,
    description: 'A price is there; it binds until `validUntil`.',
    key: 'requestId',
    data: Type.Object({
      ...request,
      currency: Currency,
      unitPrice: Type.Integer({ minimum: 0, description: 'Price of one piece, minor units' }),
      total: Type.Integer({ minimum: 0, description: 'Price of the whole quantity, minor units' }),
      breakdown: Type.Array(BreakdownLine, { description: 'Parts of the total; they add up to it' }),
      work: Type.Optional(Work),
      bookVersion,
      validUntil: Timestamp,
      byHand: Type.Boolean({ description: 'A person set it' }),
    }),
    example: {
      ...requested,
      options,
      currency: 'EUR',
      unitPrice: 1250,
      total: 2500,
      breakdown: [
        { code: 'setup', amount: 500 },
        { code: 'material', amount: 400 },
        { code: 'machine', amount: 1600 },
      ],
      work: { materialG: 21.4, supportG: 0, machineSeconds: 5400, layers: 150 },
      bookVersion: 1,
      validUntil: '2026-01-19T09:00:00.000Z',
      byHand: false,
    },
  },
  'order.price.delayed': {
    version: 1,
    description: 'A price cannot be worked out by itself: a person will set it, or refuse.',
    key: 'requestId',
    data: Type.Object({ ...request, reason: Reason }),
    example: {
      ...requested,
      options,
      reason: { code: 'partTooLarge', detail: 'The part is 312 mm wide; fdm machines take 250 mm.' },
    },
  },
  'order.price.refused': {
    version: 1,
    description: 'There will be no price: the part cannot be made, or the request was called off.',
    key: 'requestId',
    data: Type.Object({ ...request, reason: Reason }),
    example: {
      ...requested,
      options,
      reason: { code: 'declined', detail: 'Walls of 0.1 mm cannot be made of this material.' },
    },
  },
  'pricebook.published': {
    version: 1,
    description:
      'A price book came into force; it takes the place of the one before. Sent when it does, not when that is decided, for the first book at the first start, and again when the shop asks.',
    key: 'currency',
    data: Catalogue,
    example: catalogue,
  },
  'pricebook.due': {
    version: 1,
    description: 'A period of the price book may begin. For mes itself.',
    key: 'validFrom',
    data: Type.Object({ validFrom: Timestamp, version: bookVersion }),
    example: { validFrom: '2026-01-05T09:00:00.000Z', version: 1 },
  },
} as const satisfies Record<string, EventKind>
