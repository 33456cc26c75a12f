/** What administrators may see and do in the events of a service: plain data and promises, so that it can travel by RPC. */
import type { Contract } from '../contract/contract.ts'
import type { Service } from '../service/service.ts'
import type { DeadLetterDetail, DeadLetterFilter, DeadLetterPage, Settled } from './deadletters.ts'
import type { ServiceEvents } from './events.ts'
import type { EventStats } from './stats.ts'

/** What a service says of itself on the system map. */
export interface ServiceFacts {
  readonly name: string
  readonly version: string
  readonly summary: string
  readonly emits: readonly { readonly type: string; readonly version: number; readonly description: string }[]
  readonly handles: readonly {
    readonly consumer: string
    readonly type: string
    readonly from: string
    readonly ordered: boolean
  }[]
  readonly jobs: readonly { readonly name: string; readonly schedule: string; readonly description: string }[]
}

export interface ServiceHealth {
  readonly status: 'up' | 'down'
  /** Milliseconds its database took to answer. */
  readonly ms: number
  readonly detail?: string
}

export interface ReplayOrder {
  /** ISO 8601. */
  readonly from: string
  readonly to?: string
  readonly types?: readonly string[]
  readonly consumer?: string
  readonly again?: boolean
}

export interface ServiceOperations {
  readonly service: string
  facts(): Promise<ServiceFacts>
  health(): Promise<ServiceHealth>
  stats(): Promise<EventStats>
  deadLetters(filter: DeadLetterFilter, cursor: string | undefined, limit: number): Promise<DeadLetterPage>
  deadLetter(consumer: string, id: string): Promise<DeadLetterDetail | undefined>
  /** Puts dead letters back, at most `limit` of those after the cursor, the latest first; 0 only counts them. */
  retry(filter: DeadLetterFilter, cursor: string | undefined, limit: number): Promise<Settled>
  /** Gives dead letters up, in the same way. */
  discard(filter: DeadLetterFilter, cursor: string | undefined, limit: number): Promise<Settled>
  /** Number of events this service published again. */
  replay(order: ReplayOrder): Promise<number>
}

/** The operations of a service of this process. */
export function operationsOf(events: ServiceEvents, service: Service): ServiceOperations {
  return {
    service: service.contract.name,
    facts: async () => factsOf(service),
    async health() {
      const started = performance.now()
      try {
        await events.ping()
        return { status: 'up', ms: elapsed(started) }
      } catch (error) {
        return {
          status: 'down',
          ms: elapsed(started),
          detail: error instanceof Error ? error.message : String(error),
        }
      }
    },
    stats: events.stats,
    deadLetters: events.deadLetters,
    deadLetter: events.deadLetter,
    retry: events.retry,
    discard: events.discard,
    replay: ({ from, to, ...rest }) =>
      events.replay({ from: new Date(from), ...(to ? { to: new Date(to) } : {}), ...rest }),
  }
}

function elapsed(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10
}

/** What a service says of itself. */
export function factsOf({ contract, handlers, jobs }: Service): ServiceFacts {
  const events: NonNullable<Contract['events']> = contract.events ?? {}
  return {
    name: contract.name,
    version: contract.version,
    summary: contract.summary,
    emits: Object.entries(events).map(([type, { version, description }]) => ({ type, version, description })),
    handles: Object.entries(handlers ?? {}).map(([name, handler]) => ({
      consumer: `${contract.name}.${name}`,
      type: handler.type,
      from: handler.source.name,
      ordered: handler.ordered ?? false,
    })),
    jobs: Object.entries(jobs ?? {}).map(([name, { schedule, description }]) => ({
      name,
      schedule,
      description,
    })),
  }
}
