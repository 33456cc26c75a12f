/** What a service consumes: its event handlers and its jobs, in the one form that the inbox and dispatcher know. */

import { convert } from '../contract/event-versions.ts'
import type { Service, Tools } from '../service/service.ts'
import type { Tx } from '../store/store.ts'

/** An event as it reaches a handler. */
export interface Arrival {
  readonly id: string
  readonly type: string
  readonly version: number
  readonly key: string
  readonly time: Date
  readonly data: unknown
  readonly attempt: number
}

export interface Consumer {
  /** `<service>.<handler>`, or `<service>.jobs.<job>`; half of the inbox key, so it must not change. */
  readonly name: string
  readonly type: string
  readonly version: number
  readonly ordered: boolean
  readonly maxAttempts: number
  readonly deadLetterDays: number
  /** How long one attempt may take. */
  readonly timeoutMs: number
  /** Events in one transaction. */
  readonly batch: number
  /** To how many they may grow while a backlog is worked off quickly. */
  readonly largestBatch: number
  /** Transactions at once in this process. */
  readonly workers: number
  /** The data as this consumer reads it, of a version that is not its own; undefined when it cannot be told. */
  readonly read: (event: Pick<Arrival, 'type' | 'version' | 'data'>) => { readonly data: unknown } | undefined
  readonly handle: (tx: Tx, event: Arrival) => Promise<void>
}

const MAX_ATTEMPTS = 8
const HANDLER_MS = 30_000
const JOB_MS = 300_000
/** How long a dead letter is kept where the handler does not say. */
export const DEAD_LETTER_DAYS = 30

/** The type under which a due job travels from the service's outbox to its own inbox. */
export function jobType(service: string, job: string): string {
  return `job.${service}.${job}`
}

/** The consumers of a service. `own` gives what its `start` returned; The batch sizes hold for handlers without `concurrency`. */
export function consumersOf(
  service: Service,
  tools: Tools,
  own: () => unknown,
  { batchSize, largestBatch }: { readonly batchSize: number; readonly largestBatch: number },
): Consumer[] {
  const consumers: Consumer[] = []
  for (const [name, handler] of Object.entries(service.handlers ?? {})) {
    if (name === 'outbox')
      throw new Error(`${service.contract.name}.outbox is the name of what the bus refused`)
    if (handler.ordered && handler.concurrency)
      throw new Error(`${service.contract.name}.${name}: order and concurrency exclude each other`)
    consumers.push({
      name: `${service.contract.name}.${name}`,
      type: handler.type,
      version: handler.version,
      ordered: handler.ordered ?? false,
      maxAttempts: handler.maxAttempts ?? MAX_ATTEMPTS,
      deadLetterDays: handler.deadLetterDays ?? DEAD_LETTER_DAYS,
      timeoutMs: handler.timeoutMs ?? HANDLER_MS,
      batch: handler.concurrency ? 1 : batchSize,
      largestBatch: handler.concurrency ? 1 : largestBatch,
      workers: handler.concurrency ?? 1,
      read: (event) => convert(handler.source, event, handler),
      handle: (tx, event) => handler.handle(own(), { ...tools, tx, event: event as never }),
    })
  }
  for (const [name, job] of Object.entries(service.jobs ?? {})) {
    consumers.push({
      name: `${service.contract.name}.jobs.${name}`,
      type: jobType(service.contract.name, name),
      version: 1,
      ordered: false,
      maxAttempts: MAX_ATTEMPTS,
      deadLetterDays: DEAD_LETTER_DAYS,
      timeoutMs: job.timeoutMs ?? JOB_MS,
      batch: 1,
      largestBatch: 1,
      workers: 1,
      read: () => undefined,
      handle: (tx) => job.run({ ...tools, tx }, own()),
    })
  }
  return consumers
}
