/** A price request as it is kept, and as others see it. */
import type { HumanJob, Price, PriceJob, PrintOptions, Reason } from './contract.ts'

export type Lane = PriceJob['lane']
export type StoredState = PriceJob['state'] | 'resting'

/** What is asked for. */
export interface Request {
  readonly requestId: string
  readonly lane: Lane
  readonly source: PriceJob['source']
  readonly ownerId: string
  readonly modelId: string
  readonly version: number
  readonly fileId: string
  readonly options: PrintOptions
}

export interface StoredJob extends Request {
  readonly state: StoredState
  readonly turn: number
  readonly attempts: number
  readonly lease: string | null
  readonly workerId: string | null
  readonly dueAt: Date | null
  readonly createdAt: Date
  readonly queuedAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly reason: Reason | null
  readonly price: Price | null
  readonly takenBy: string | null
  readonly takenAt: Date | null
  readonly decidedBy: string | null
  readonly note: string | null
}

/** Where a job stands in its lane. */
export interface Place {
  readonly ahead: number
  readonly aheadIsMore: boolean
  readonly expectedWaitSeconds?: number
}

/** No more than so many jobs ahead are counted. */
export const COUNTED_AHEAD = 1000

export function isOpen(state: StoredState): boolean {
  return state === 'queued' || state === 'working' || state === 'resting'
}

/** As its owner sees it; `place` while it waits. */
export function viewJob(job: StoredJob, place?: Place): PriceJob {
  const { requestId, lane, source, modelId, version, options, state, attempts, reason, price } = job
  return {
    requestId,
    lane,
    source,
    modelId,
    version,
    options,
    state: state === 'resting' ? 'queued' : state,
    ...(place ?? {}),
    attempt: attempts,
    ...(reason ? { reason } : {}),
    ...(price ? { price } : {}),
    createdAt: job.createdAt.toISOString(),
    ...(job.finishedAt ? { finishedAt: job.finishedAt.toISOString() } : {}),
  }
}

/** What is known of the model, when editor has told. */
export interface KnownModel {
  readonly name: string
  readonly sizeMm: { readonly x: number; readonly y: number; readonly z: number }
}

/** As those see it who set prices. */
export function viewHumanJob(job: StoredJob, model: KnownModel | undefined): HumanJob {
  return {
    ...viewJob(job),
    ownerId: job.ownerId,
    fileId: job.fileId,
    ...(model ? { modelName: model.name, sizeMm: model.sizeMm } : {}),
    ...(job.takenBy ? { takenBy: job.takenBy } : {}),
    ...(job.takenAt ? { takenAt: job.takenAt.toISOString() } : {}),
    ...(job.decidedBy ? { decidedBy: job.decidedBy } : {}),
    ...(job.note ? { note: job.note } : {}),
  }
}

/** A price that a person set: one line, so that the parts add up to the total. */
export function priceByHand(given: {
  readonly currency: string
  readonly unitPrice: number
  readonly quantity: number
  readonly bookVersion: number
  readonly validUntil: Date
}): Price {
  const total = given.unitPrice * given.quantity
  return {
    currency: given.currency,
    unitPrice: given.unitPrice,
    total,
    breakdown: [{ code: 'byHand', amount: total }],
    bookVersion: given.bookVersion,
    validUntil: given.validUntil.toISOString(),
    byHand: true,
  }
}
