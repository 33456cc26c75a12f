/**
 * The events of one service in one process: what it emits leaves through the relay, what it handles enters through the
 * inbox. Nothing is lost and nothing is done twice, whatever dies when (see docs: "Events").
 */
import type { Logger } from 'pino'
import type { Service, Tools } from '../service/service.ts'
import type { Store } from '../store/store.ts'
import { consumersOf, jobType } from './consumers.ts'
import {
  type DeadLetterDetail,
  type DeadLetterFilter,
  type DeadLetterPage,
  discardDeadLetters,
  getDeadLetter,
  listDeadLetters,
  retryDeadLetters,
  type Settled,
} from './deadletters.ts'
import { createDispatcher, type Dispatcher } from './dispatch.ts'
import { type BusDriver, EventsRefused } from './driver.ts'
import type { Envelope } from './envelope.ts'
import { createInbox } from './inbox.ts'
import { createLoop, createSlots } from './loop.ts'
import { type EventMetrics, noMetrics } from './metrics.ts'
import { outboxConsumers } from './parking.ts'
import { createRefill, newestReceived } from './refill.ts'
import { createRelay } from './relay.ts'
import { type ReplayRequest, replayHistory } from './replay.ts'
import { makePartitions, type Retained, retain } from './retention.ts'
import { createScheduler, databaseTime, enterJobs } from './schedule.ts'
import { defaultEventSettings, type EventSettings } from './settings.ts'
import { type EventStats, readStats } from './stats.ts'

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
  /**
   * Tells the bus what this service wants. Subscribe every service of the process before the first one starts. Resolves
   * with true when the bus held nothing for what this service had received before: it lost its data meanwhile.
   */
  subscribe(): Promise<boolean>
  /** Begins to carry, handle and schedule; subscribes if that has not happened. */
  start(): Promise<void>
  /** There may be something in the outbox: the store calls this after each commit that emitted. */
  wake(): void
  /** Begins nothing new and waits for what is running, but no longer than the grace time. */
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
  /** Handles dead letters again, at most `limit` (default 500) that match, from the cursor on; 0 only counts them. */
  retry(filter: DeadLetterFilter, cursor?: string, limit?: number): Promise<Settled>
  /** Gives dead letters up. */
  discard(filter: DeadLetterFilter, cursor?: string, limit?: number): Promise<Settled>
  /** Publishes this service's history again; a new consumer calls for it here, as it starts from now otherwise. */
  replay(request: ReplayRequest): Promise<number>
  /** Sends the history since `from` again to a broker that lost it; new events wait until it is done. */
  refill(from: Date): void
  /** When the newest event that this service received was emitted; undefined when it never received one. */
  newest(): Promise<Date | undefined>
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
  const consumers = consumersOf(service, options.tools, options.own, settings)
  // What the bus refused waits here too, but comes from nowhere else.
  const all = [...consumers, ...outboxConsumers(service, () => relay.wake())]
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
    if (own.length > 0) await inbox.receive(own, 'outbox')
    const others =
      own.length === 0 ? envelopes : envelopes.filter((envelope) => !envelope.type.startsWith(jobPrefix))
    if (others.length > 0) await driver.publish(others)
  }

  /** What the bus refuses of the history stays in it. */
  async function publishAgain(envelopes: readonly Envelope[]): Promise<void> {
    await driver.publish(envelopes).catch((error) => {
      if (!(error instanceof EventsRefused)) throw error
      onRefused(error)
    })
  }

  const relay = createRelay({
    service: name,
    store,
    publish,
    batchSize: settings.relayBatchSize,
    ready: () => !refill.pending(),
    onError: failing('events cannot be carried now'),
    onPublished: (envelopes) => {
      for (const { type } of envelopes) metrics.emitted(type)
    },
    onRefused,
  })

  const refill = createRefill(
    async (from) => {
      const count = await replayHistory(store, name, publishAgain, { from, keepLane: true })
      if (count > 0)
        log.warn({ service: name, from, count }, 'the broker had lost its data: history was sent again')
    },
    () => relay.wake(),
    failing('history cannot be sent again now'),
  )

  function onRefused(error: EventsRefused): void {
    activity += error.refused.length
    for (const { event, reason } of error.refused)
      log.error({ event: event.type, id: event.id, reason }, 'the bus refuses an event; it is set aside')
  }

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
  let subscribed: Promise<boolean> | undefined

  async function retainNow(): Promise<Retained> {
    return retain(store, await databaseTime(store), settings.retentionDays)
  }

  /** Finds what other processes left behind and what falls due before the next look. */
  async function pollOnce(): Promise<number> {
    relay.wake()
    const rows = await store.sql<{ name: string; wait: number | null }[]>`
      select name, (select extract(epoch from due_at - now())::float8 * 1000 from inbox
        where consumer = name and state = 'pending' order by due_at limit 1) as wait
      from unnest(${all.map((consumer) => consumer.name)}::text[]) as name`
    for (const row of rows)
      if (row.wait !== null && row.wait < settings.pollMs)
        dispatchers.get(row.name)!.wakeIn(Math.max(0, row.wait))
    return settings.pollMs * (0.9 + Math.random() / 5)
  }

  async function subscribeOnce(types: readonly string[]): Promise<boolean> {
    const made = new Set(await driver.subscribe({ service: name, types, receive: inbox.receive }))
    const known = consumers.filter(({ type }) => made.has(type)).map((consumer) => consumer.name)
    return known.length > 0 && (await newestReceived(store, known)).size > 0
  }

  async function newest(): Promise<Date | undefined> {
    const fromBus = consumers
      .filter(({ type }) => !type.startsWith(jobPrefix))
      .map((consumer) => consumer.name)
    const times = [...(await newestReceived(store, fromBus)).values()]
    return times.length === 0 ? undefined : new Date(Math.max(...times.map(Number)))
  }

  function subscribe(): Promise<boolean> {
    const types = [
      ...new Set(consumers.map((consumer) => consumer.type).filter((type) => !type.startsWith(jobPrefix))),
    ]
    subscribed ??= types.length === 0 ? Promise.resolve(false) : subscribeOnce(types)
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
    for (const consumer of all)
      dispatchers.set(
        consumer.name,
        createDispatcher(consumer, {
          store,
          log,
          metrics,
          backoff: settings.backoff,
          graceMs: settings.graceMs,
          slots,
          startedAt,
        }),
      )
    await subscribe()
    started = true
    poll.wake()
    scheduler.wake()
    retention.wakeIn(60_000 * Math.random())
  }

  async function stop(): Promise<void> {
    started = false
    // All are told before the first is waited for, so that no handler begins meanwhile.
    const all = [...dispatchers.values(), poll, scheduler, retention, refill, relay]
    await Promise.all(all.map((part) => part.stop()))
  }

  async function idle(): Promise<void> {
    for (;;) {
      const [row] = await store.sql<{ waits: boolean }[]>`
        select exists (select from outbox where due_at is null or due_at <= now())
          or exists (select from inbox where state = 'pending' and due_at <= now()
            and consumer = any(${all.map((consumer) => consumer.name)})) as waits`
      const busy =
        refill.pending() || relay.busy() || [...dispatchers.values()].some((dispatcher) => dispatcher.busy())
      if (!row!.waits && !busy) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async function retry(filter: DeadLetterFilter, cursor?: string, limit = 500): Promise<Settled> {
    const settled = await retryDeadLetters(store, filter, cursor, limit)
    if (settled.count > 0) for (const dispatcher of dispatchers.values()) dispatcher.wake()
    return settled
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
    discard: (filter, cursor, limit = 500) => discardDeadLetters(store, filter, cursor, limit),
    replay: (request) => replayHistory(store, name, publishAgain, request),
    refill: refill.want,
    newest,
    retain: retainNow,
  }
}
