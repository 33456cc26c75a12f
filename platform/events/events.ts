/**
 * The events of one service in one process: what it emits leaves through the relay, what it handles enters through the
 * inbox. Nothing is lost and nothing is done twice, whatever dies when (see docs: "Events").
 */
import type { Logger } from 'pino'
import type { Service, Tools } from '../service/service.ts'
import type { Store } from '../store/store.ts'
import { type Backoff, defaultBackoff } from './backoff.ts'
import { consumersOf, jobType } from './consumers.ts'
import {
  type DeadLetterDetail,
  type DeadLetterFilter,
  type DeadLetterPage,
  discardDeadLetters,
  getDeadLetter,
  listDeadLetters,
  retryDeadLetters,
} from './deadletters.ts'
import { createDispatcher, type Dispatcher } from './dispatch.ts'
import type { BusDriver } from './driver.ts'
import type { Envelope } from './envelope.ts'
import { createInbox } from './inbox.ts'
import { createLoop, createSlots } from './loop.ts'
import { type EventMetrics, noMetrics } from './metrics.ts'
import { createRelay } from './relay.ts'
import { type ReplayRequest, replayHistory } from './replay.ts'
import { makePartitions, type Retained, retain } from './retention.ts'
import { createScheduler, databaseTime, enterJobs } from './schedule.ts'
import { type EventStats, readStats } from './stats.ts'

export interface EventSettings {
  /** How often to look for what a dead process left, in milliseconds. */
  readonly pollMs: number
  /** Handler transactions at once; keep it at least two below the store's pool size. */
  readonly parallel: number
  /** Events handled in one transaction. */
  readonly batchSize: number
  /** Events carried in one transaction. */
  readonly relayBatchSize: number
  /** Days the history of carried events is kept (OUTBOX_RETENTION_DAYS). */
  readonly retentionDays: number
  readonly backoff: Backoff
}

export const defaultEventSettings: EventSettings = {
  pollMs: 2_000,
  parallel: 4,
  batchSize: 100,
  relayBatchSize: 500,
  retentionDays: 14,
  backoff: defaultBackoff,
}

export interface EventsOptions {
  readonly service: Service
  readonly store: Store
  readonly driver: BusDriver
  readonly tools: Tools
  /** Gives what the service's `start` returned. */
  readonly own: () => unknown
  readonly log: Logger
  readonly settings?: Partial<EventSettings>
  readonly metrics?: EventMetrics
}

export interface ServiceEvents {
  /** Tells the bus what this service wants. Subscribe every service of the process before the first one starts. */
  subscribe(): Promise<void>
  /** Begins to carry, handle and schedule; subscribes if that has not happened. */
  start(): Promise<void>
  /** There may be something in the outbox: the store calls this after each commit that emitted. */
  wake(): void
  /** Begins nothing new and waits for the batches that are running. */
  stop(): Promise<void>
  /** Resolves when nothing that is due waits in the outbox or inbox. For tests. */
  idle(): Promise<void>
  /** Grows with every event this process carried or tried to handle: unchanged means that nothing happened between. */
  activity(): number
  stats(): Promise<EventStats>
  /** Rejects when the service's database does not answer. */
  ping(): Promise<void>
  deadLetters(filter?: DeadLetterFilter, cursor?: string, limit?: number): Promise<DeadLetterPage>
  deadLetter(consumer: string, id: string): Promise<DeadLetterDetail | undefined>
  /** Handles dead letters again, one (with `id`) or all that match; resolves with their number. */
  retry(filter: DeadLetterFilter & { readonly id?: string }): Promise<number>
  /** Gives dead letters up. */
  discard(filter: DeadLetterFilter & { readonly id?: string }): Promise<number>
  /** Publishes this service's history again; a new consumer calls for it here, as it starts from now otherwise. */
  replay(request: ReplayRequest): Promise<number>
  /** What runs every hour by itself. */
  retain(): Promise<Retained>
}

const RETENTION_EVERY_MS = 3_600_000

/** Makes the events of one service. Nothing runs before `start`. */
export function createEvents(options: EventsOptions): ServiceEvents {
  const { service, store, driver, log } = options
  const settings = { ...defaultEventSettings, ...options.settings }
  let activity = 0
  const counted = options.metrics ?? noMetrics
  const metrics: EventMetrics = {
    emitted(type) {
      activity++
      counted.emitted(type)
    },
    handled(...attempt) {
      activity++
      counted.handled(...attempt)
    },
  }
  const name = service.contract.name
  const consumers = consumersOf(service, options.tools, options.own, settings.batchSize)
  const dispatchers = new Map<string, Dispatcher>()
  const failing = (what: string) => (error: unknown) => log.error({ err: error, service: name }, what)
  const inbox = createInbox(store, consumers, (names) => {
    for (const consumer of names) dispatchers.get(consumer)?.wake()
  })
  const jobs = service.jobs ?? {}
  const jobPrefix = jobType(name, '')

  /** Jobs stay at home: from the outbox straight into the service's own inbox, never on the bus. */
  async function publish(envelopes: readonly Envelope[]): Promise<void> {
    const own = envelopes.filter((envelope) => envelope.type.startsWith(jobPrefix))
    if (own.length > 0) await inbox.receive(own)
    const others =
      own.length === 0 ? envelopes : envelopes.filter((envelope) => !envelope.type.startsWith(jobPrefix))
    if (others.length > 0) await driver.publish(others)
  }

  const relay = createRelay({
    service: name,
    store,
    publish,
    batchSize: settings.relayBatchSize,
    onError: failing('events cannot be carried now'),
    onPublished: (envelopes) => {
      for (const { type } of envelopes) metrics.emitted(type)
    },
  })
  const scheduler = createScheduler({
    service: name,
    jobs,
    store,
    onError: failing('jobs cannot be scheduled now'),
  })
  const retention = createLoop(async () => {
    await retainNow()
    return RETENTION_EVERY_MS * (0.9 + Math.random() / 5)
  }, failing('old events cannot be removed now'))
  const poll = createLoop(pollOnce, failing('events cannot be looked for now'))
  let started = false
  let subscribed: Promise<void> | undefined

  async function retainNow(): Promise<Retained> {
    return retain(store, await databaseTime(store), settings.retentionDays)
  }

  /** Finds what other processes left behind and what falls due before the next look. */
  async function pollOnce(): Promise<number> {
    relay.wake()
    const rows = await store.sql<{ name: string; wait: number | null }[]>`
      select name, (select extract(epoch from due_at - now())::float8 * 1000 from inbox
        where consumer = name and state = 'pending' order by due_at limit 1) as wait
      from unnest(${consumers.map((consumer) => consumer.name)}::text[]) as name`
    for (const row of rows)
      if (row.wait !== null && row.wait < settings.pollMs)
        dispatchers.get(row.name)!.wakeIn(Math.max(0, row.wait))
    return settings.pollMs * (0.9 + Math.random() / 5)
  }

  function subscribe(): Promise<void> {
    const types = [
      ...new Set(consumers.map((consumer) => consumer.type).filter((type) => !type.startsWith(jobPrefix))),
    ]
    subscribed ??=
      types.length === 0
        ? Promise.resolve()
        : driver.subscribe({ service: name, types, receive: inbox.receive })
    return subscribed
  }

  async function start(): Promise<void> {
    const startedAt = await databaseTime(store)
    await makePartitions(store, startedAt)
    await enterJobs({ service: name, jobs, store })
    for (const consumer of consumers) {
      // Rows that came while the handler asked for something else.
      await store.sql`
        update inbox set ordered = ${consumer.ordered}
        where consumer = ${consumer.name} and state = 'pending' and ordered <> ${consumer.ordered}`
    }
    const slots = createSlots(settings.parallel)
    for (const consumer of consumers)
      dispatchers.set(
        consumer.name,
        createDispatcher(consumer, { store, log, metrics, backoff: settings.backoff, slots, startedAt }),
      )
    await subscribe()
    started = true
    poll.wake()
    scheduler.wake()
    retention.wakeIn(60_000 * Math.random())
  }

  async function stop(): Promise<void> {
    started = false
    await Promise.all([poll.stop(), scheduler.stop(), retention.stop(), relay.stop()])
    await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.stop()))
  }

  async function idle(): Promise<void> {
    for (;;) {
      const [row] = await store.sql<{ waits: boolean }[]>`
        select exists (select from outbox where due_at is null or due_at <= now())
          or exists (select from inbox where state = 'pending' and due_at <= now()
            and consumer = any(${consumers.map((consumer) => consumer.name)})) as waits`
      const busy = relay.busy() || [...dispatchers.values()].some((dispatcher) => dispatcher.busy())
      if (!row!.waits && !busy) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async function retry(filter: DeadLetterFilter & { readonly id?: string }): Promise<number> {
    const count = await retryDeadLetters(store, filter)
    if (count > 0) for (const dispatcher of dispatchers.values()) dispatcher.wake()
    return count
  }

  return {
    subscribe,
    start,
    wake: () => {
      if (started) relay.wake()
    },
    stop,
    idle,
    activity: () => activity,
    stats: () => readStats(store, name, consumers),
    async ping() {
      await store.sql`select 1`
    },
    deadLetters: (filter = {}, cursor, limit = 25) => listDeadLetters(store, filter, cursor, limit),
    deadLetter: (consumer, id) => getDeadLetter(store, consumer, id),
    retry,
    discard: (filter) => discardDeadLetters(store, filter),
    replay: (request) => replayHistory(store, name, (envelopes) => driver.publish(envelopes), request),
    retain: retainNow,
  }
}
