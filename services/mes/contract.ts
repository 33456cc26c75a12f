/** Mes: prices of parts, worked out from their geometry by workers in two lanes; the price book; what people decide. */
import {
  defineContract,
  pageOf,
  pageQuery,
  Timestamp,
  type TSchema,
  Type,
  Uuid,
} from '@pleiad/platform/contract'
import { BookContent } from './contract-book.ts'
import { mesErrors } from './contract-errors.ts'
import { mesEvents } from './contract-events.ts'
import { anyBook, options, requestId } from './contract-examples.ts'
import {
  Book,
  BookChange,
  BookInfo,
  BookState,
  Currency,
  Estimate,
  HumanJob,
  JobState,
  Lane,
  LaneInfo,
  Measures,
  PreviewLine,
  PriceJob,
  PrintOptions,
  WorkerInfo,
} from './contract-schemas.ts'

export { priceReasons, type ReasonCode } from './contract-reasons.ts'
export type {
  BookInfo,
  Catalogue,
  Estimate,
  HumanJob,
  JobState,
  Price,
  PriceJob,
  PrintOptions,
  Reason,
} from './contract-schemas.ts'

const jobParams = Type.Object({ requestId: Uuid })
const bookParams = Type.Object({
  version: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Version of the price book' }),
})
const Note = Type.String({ maxLength: 500, description: 'What is new in it' })
const manage = { permission: 'prices:manage' } as const
const jobExample = { params: { requestId } }
const bookExample = { params: { version: 1 } }
const body = <const P extends Record<string, TSchema>>(fields: P) =>
  Type.Object(fields, { additionalProperties: false })

export const mes = defineContract({
  name: 'mes',
  version: '1.0.0',
  summary: 'Prices of parts by their geometry, the queue of requests, the price book.',
  permissions: {
    'prices:manage': 'Edit the price book, set prices by hand, see the queue of price requests',
  },
  errors: mesErrors,
  events: mesEvents,
  topics: {
    'price.job': {
      description: 'A price request of yours was queued, is worked on, or is decided.',
      data: PriceJob,
    },
    'prices.waiting': {
      description:
        'A request that a person has to decide came, was taken or is decided, for everybody who may decide: load them again.',
      permission: 'prices:manage',
      data: Type.Object({ requestId: Uuid }),
    },
  },
  operations: {
    estimate: {
      method: 'POST',
      path: '/estimate',
      summary: 'About what a part costs, at once',
      description:
        'From measures alone, or from those of a model of yours. The interval is honest: the binding price lies in it nine times of ten or more.',
      access: 'public',
      rate: 'heavy',
      body: body({
        options: PrintOptions,
        measures: Type.Optional(Measures),
        modelId: Type.Optional(
          Type.String({ format: 'uuid', description: 'A model of yours, in place of measures' }),
        ),
      }),
      returns: Estimate,
      errors: ['priceNotPossible'],
      example: {
        body: {
          options,
          measures: { volumeMm3: 8000, areaMm2: 2400, sizeMm: { x: 20, y: 20, z: 20 } },
        },
      },
    },
    getBookInForce: {
      method: 'GET',
      path: '/book',
      summary: 'The price book in force, for estimates in the browser',
      access: 'public',
      returns: Type.Object({ version: BookInfo.properties.version, book: BookContent }),
      etag: 'version',
    },
    listPriceJobs: {
      method: 'GET',
      path: '/jobs',
      summary: 'My price requests, newest first',
      access: 'user',
      query: Type.Object({ ...pageQuery, state: Type.Optional(JobState) }),
      returns: pageOf(PriceJob),
    },
    getPriceJob: {
      method: 'GET',
      path: '/jobs/:requestId',
      summary: 'One of my price requests: its place in the queue, or its price',
      access: 'user',
      params: jobParams,
      returns: PriceJob,
      example: jobExample,
    },
    cancelPriceJob: {
      method: 'POST',
      path: '/jobs/:requestId/cancel',
      summary: 'Call off one of my price requests',
      access: 'user',
      params: jobParams,
      returns: PriceJob,
      errors: ['jobDecided'],
      example: jobExample,
    },
    getQueue: {
      method: 'GET',
      path: '/queue',
      summary: 'How the queue stands, and who works on it',
      access: manage,
      returns: Type.Object({
        lanes: Type.Array(LaneInfo),
        waitingForHuman: Type.Integer({ minimum: 0, description: 'At most 10,000 are counted' }),
        secondsPerJob: Type.Optional(
          Type.Number({ minimum: 0, description: 'What a worker took for one of the last jobs, on average' }),
        ),
        workers: Type.Array(WorkerInfo, { description: 'Those heard of in the last minute, at most 200' }),
      }),
    },
    listHumanJobs: {
      method: 'GET',
      path: '/human',
      summary: 'Requests that a person has to decide, oldest first',
      access: manage,
      query: Type.Object({
        ...pageQuery,
        lane: Type.Optional(Lane),
        taken: Type.Optional(
          Type.Enum(['mine', 'nobody'], {
            description: 'mine: those I have taken; nobody: those that are free',
          }),
        ),
      }),
      returns: pageOf(HumanJob),
    },
    openHumanJob: {
      method: 'GET',
      path: '/human/:requestId',
      summary: 'A request with all that is known of it',
      access: manage,
      params: jobParams,
      returns: HumanJob,
      example: jobExample,
    },
    takeHumanJob: {
      method: 'POST',
      path: '/human/:requestId/take',
      summary: 'Take a request, so that nobody else decides it',
      access: manage,
      params: jobParams,
      body: body({
        force: Type.Optional(Type.Boolean({ default: false, description: 'Also when somebody else has it' })),
      }),
      returns: HumanJob,
      errors: ['jobDecided', 'jobTaken'],
      example: { ...jobExample, body: {} },
    },
    releaseHumanJob: {
      method: 'POST',
      path: '/human/:requestId/release',
      summary: 'Let go of a request that I have taken',
      access: manage,
      params: jobParams,
      returns: HumanJob,
      errors: ['jobDecided', 'jobNotTaken'],
      example: jobExample,
    },
    setPrice: {
      method: 'POST',
      path: '/human/:requestId/price',
      summary: 'Set the price of a request by hand',
      access: manage,
      idempotent: true,
      params: jobParams,
      body: body({
        unitPrice: Type.Integer({
          minimum: 0,
          maximum: 1_000_000_000,
          description: 'Price of one piece, minor units of the price book’s currency',
        }),
        validDays: Type.Integer({ minimum: 1, maximum: 365, default: 14, description: 'How long it binds' }),
        note: Type.Optional(Type.String({ maxLength: 1000, description: 'Why, for the record' })),
      }),
      returns: HumanJob,
      errors: ['jobDecided', 'jobNotTaken'],
      example: { ...jobExample, body: { unitPrice: 4900, validDays: 14 } },
    },
    refusePrice: {
      method: 'POST',
      path: '/human/:requestId/refuse',
      summary: 'Say that a part cannot be made, and why',
      access: manage,
      idempotent: true,
      params: jobParams,
      body: body({
        reason: Type.String({ minLength: 1, maxLength: 1000, description: 'For the customer to read' }),
        note: Type.Optional(Type.String({ maxLength: 1000, description: 'For the record' })),
      }),
      returns: HumanJob,
      errors: ['jobDecided', 'jobNotTaken'],
      example: { ...jobExample, body: { reason: 'Walls of 0.1 mm cannot be made.' } },
    },
    tryPriceAgain: {
      method: 'POST',
      path: '/human/:requestId/try-again',
      summary: 'Put a request back into the queue, after the price book was mended',
      access: manage,
      params: jobParams,
      returns: HumanJob,
      errors: ['jobDecided', 'jobTaken'],
      example: jobExample,
    },
    listBooks: {
      method: 'GET',
      path: '/books',
      summary: 'Versions of the price book, newest first',
      access: manage,
      query: Type.Object({ ...pageQuery, state: Type.Optional(BookState) }),
      returns: pageOf(BookInfo),
    },
    createBook: {
      method: 'POST',
      path: '/books',
      summary: 'Make a draft, of another version or of what is given',
      access: manage,
      idempotent: true,
      body: body({
        note: Note,
        from: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1_000_000,
            description: 'Version to copy; default: the one in force',
          }),
        ),
        book: Type.Optional(BookContent),
      }),
      status: 201,
      returns: Book,
      etag: 'revision',
      errors: ['bookNotRight', 'tooManyDrafts'],
      example: { body: { note: 'Resin is dearer' } },
    },
    getBook: {
      method: 'GET',
      path: '/books/:version',
      summary: 'One version of the price book',
      access: manage,
      params: bookParams,
      returns: Book,
      etag: 'revision',
      example: bookExample,
    },
    updateBook: {
      method: 'PUT',
      path: '/books/:version',
      summary: 'Change a draft',
      access: manage,
      ifMatch: true,
      params: bookParams,
      body: body({ note: Note, book: BookContent }),
      returns: Book,
      etag: 'revision',
      errors: ['bookNotRight', 'bookPublished'],
      example: { ...bookExample, body: { note: 'Resin is dearer', book: anyBook } },
    },
    removeBook: {
      method: 'DELETE',
      path: '/books/:version',
      summary: 'Remove a draft',
      access: manage,
      params: bookParams,
      errors: ['bookPublished'],
      example: bookExample,
    },
    publishBook: {
      method: 'POST',
      path: '/books/:version/publish',
      summary: 'Put a price book into force, now or later',
      description:
        'It takes the place of every other from `validFrom` until `validUntil`; what was in force there goes on after that. So there is never a time without a book, nor with two.',
      access: manage,
      ifMatch: true,
      params: bookParams,
      body: body({
        validFrom: Type.Optional(Type.String({ format: 'date-time', description: 'Default: now' })),
        validUntil: Type.Optional(
          Type.String({ format: 'date-time', description: 'Default: until another is published' }),
        ),
      }),
      returns: BookInfo,
      etag: 'revision',
      errors: ['bookNotRight', 'bookPeriodNotRight'],
      example: { ...bookExample, body: {} },
    },
    previewBook: {
      method: 'GET',
      path: '/books/:version/preview',
      summary: 'What would change: prices of sample parts by the book in force and by this one',
      access: manage,
      rate: 'heavy',
      params: bookParams,
      returns: Type.Object({
        currency: Currency,
        against: Type.Integer({ description: 'Version in force' }),
        items: Type.Array(PreviewLine),
      }),
      example: bookExample,
    },
    getBookHistory: {
      method: 'GET',
      path: '/books/:version/history',
      summary: 'Who changed what in a price book, newest first, at most two hundred',
      access: manage,
      params: bookParams,
      returns: Type.Object({ items: Type.Array(BookChange), createdAt: Timestamp }),
      example: bookExample,
    },
  },
})
