/**
 * Runs the handlers. A batch is one transaction: the handlers' effects and "done" commit together, once for all of them.
 * When one fails the batch is undone and run again one by one, so that only the failing event pays.
 */
import type { Logger } from 'pino'
import { withSpan } from '../observe/trace.ts'
import type { Store, Tx } from '../store/store.ts'
import type { Backoff } from './backoff.ts'
import {
  anyFromBefore,
  claim,
  claimOne,
  countBeforeRunning,
  type InboxRow,
  markDone,
  recordFailure,
} from './claim.ts'
import type { Consumer } from './consumers.ts'
import { faultPoint } from './fault.ts'
import { Interrupted, OutOfTime, within } from './limit.ts'
import { createLoop, type Loop } from './loop.ts'
import type { EventMetrics } from './metrics.ts'

export interface DispatchOptions {
  readonly store: Store
  readonly log: Logger
  readonly metrics: EventMetrics
  readonly backoff: Backoff
  /** Bounds how many handler transactions run at once in this service, so that they never take the whole pool. */
  readonly slots: <T>(work: () => Promise<T>) => Promise<T>
  /** The database's time when this process started. */
  readonly startedAt: Date
  /** How long `stop` waits for handlers before it interrupts them, in milliseconds. */
  readonly graceMs: number
}

export interface Dispatcher {
  wake(): void
  wakeIn(ms: number): void
  busy(): boolean
  stop(): Promise<void>
}

/** How many events of before the start each consumer runs with the attempt counted first (see `countBeforeRunning`). */
const CAREFUL_EVENTS = 500
/** A full batch that took less is followed by one twice its size: a backlog then needs fewer commits. */
const QUICK_MS = 100
/** How soon to look again when another process holds an ordered consumer. */
const HELD_ELSEWHERE_MS = 100

/** Starts nothing until woken. */
export function createDispatcher(consumer: Consumer, options: DispatchOptions): Dispatcher {
  const { store, slots } = options
  let careful = CAREFUL_EVENTS
  let turn = 0
  let batch = consumer.batch
  let stopping = false
  const ending = new AbortController()
  const loops: Loop[] = []
  const onError = (error: unknown) =>
    options.log.error({ err: error, consumer: consumer.name }, 'events cannot be handled now')
  for (let index = 0; index < consumer.workers; index++) loops.push(createLoop(() => slots(work), onError))
  const first = loops[0]!

  function wakeIdle(): void {
    const idle = loops.find((loop) => !loop.busy()) ?? first
    idle.wake()
  }

  async function work(): Promise<number> {
    if (careful > 0) {
      careful--
      const row = await countBeforeRunning(store, consumer, options.startedAt, options.backoff)
      if (row) {
        wakeIdle()
        if (row.attempts > consumer.maxAttempts)
          await fail(row, new Error('The process ended during every attempt'), true)
        else await runOne(row.id, true)
        return 0
      }
      if (!(await anyFromBefore(store, consumer, options.startedAt))) careful = 0
    }
    return runBatch()
  }

  async function runBatch(): Promise<number> {
    let rows: InboxRow[] | undefined
    let current: InboxRow | undefined
    const times: number[] = []
    const limit = batch
    batch = consumer.batch
    const began = performance.now()
    try {
      await store.transact(async (tx) => {
        times.length = 0
        rows = await claim(tx, consumer, limit, ++turn)
        if (!rows || rows.length === 0) return
        faultPoint('dispatch.claimed')
        // What an event changes mostly bears its key: batches that go by it lock in one order, and never each other.
        rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
        // Another worker may look for more while this one is busy.
        if (rows.length >= limit) wakeIdle()
        for (const row of rows) {
          // What is handled is done; the others wait for the next process.
          if (stopping) break
          const started = performance.now()
          current = row
          await handle(tx, row)
          times.push(performance.now() - started)
        }
        faultPoint('dispatch.handled')
        const handled = rows.slice(0, times.length)
        tx.withCommit(async () => {
          const marked = markDone(tx, consumer, handled)
          faultPoint('dispatch.marked')
          await marked
        })
      })
    } catch (error) {
      if (error instanceof Interrupted) return Number.POSITIVE_INFINITY
      if (!rows || rows.length === 0) throw error
      if (error instanceof OutOfTime) await fail(current!, error, false)
      else if (rows.length === 1) await fail(rows[0]!, error, false)
      else await runSingly(rows)
      return 0
    }
    if (rows === undefined) return HELD_ELSEWHERE_MS
    if (rows.length === 0) return Number.POSITIVE_INFINITY
    faultPoint('dispatch.committed')
    for (const [at, row] of rows.slice(0, times.length).entries())
      options.metrics.handled(
        consumer.name,
        row.type,
        times[at]!,
        'done',
        Date.now() - row.emitted_at.getTime(),
      )
    if (rows.length < limit) return Number.POSITIVE_INFINITY
    if (performance.now() - began < QUICK_MS) batch = Math.min(2 * limit, consumer.largestBatch)
    return 0
  }

  async function runSingly(rows: readonly InboxRow[]): Promise<void> {
    const held = new Set<string>()
    for (const row of rows) {
      if (stopping) return
      if (consumer.ordered && held.has(row.key)) continue
      if (!(await runOne(row.id, false))) held.add(row.key)
    }
  }

  /** Handles one event in its own transaction; false when it failed. */
  async function runOne(id: string, counted: boolean): Promise<boolean> {
    let row: InboxRow | undefined
    const started = performance.now()
    try {
      await store.transact(async (tx) => {
        row = await claimOne(tx, consumer, id)
        if (!row) return
        const claimed = row
        await handle(tx, counted ? { ...row, attempts: row.attempts - 1 } : row)
        tx.withCommit(() => markDone(tx, consumer, [claimed]))
      })
    } catch (error) {
      if (error instanceof Interrupted) return false
      if (!row) throw error
      await fail(row, error, counted)
      return false
    }
    if (row) {
      const lagMs = Date.now() - row.emitted_at.getTime()
      options.metrics.handled(consumer.name, row.type, performance.now() - started, 'done', lagMs)
    }
    return true
  }

  async function handle(tx: Tx, row: InboxRow): Promise<void> {
    const attributes = {
      'messaging.message.id': row.id,
      'messaging.destination.name': row.type,
      'pleiad.consumer': consumer.name,
    }
    const service = consumer.name.slice(0, consumer.name.indexOf('.'))
    const span = { traceparent: row.traceparent, kind: 'consumer', service, attributes } as const
    await withSpan(`handle ${consumer.name}`, span, async () => {
      const own = row.version === consumer.version && row.type === consumer.type
      // It waited here while the handler moved on to another version, or back.
      const read = own ? row : consumer.read(row)
      if (!read)
        throw new Error(
          `${row.type} came in version ${row.version}; this handler understands version ${consumer.version}`,
        )
      const arrival = {
        id: row.id,
        type: consumer.type,
        version: consumer.version,
        key: row.key,
        time: row.emitted_at,
        data: read.data,
        attempt: row.attempts + 1,
      }
      const cancel = () => store.sql`select pg_cancel_backend(${row.backend})`
      const limit = { name: consumer.name, ms: consumer.timeoutMs, ending: ending.signal, cancel }
      await within(limit, () => consumer.handle(tx, arrival))
    })
  }

  async function fail(row: InboxRow, error: unknown, counted: boolean): Promise<void> {
    faultPoint('dispatch.failed')
    const failure = await recordFailure(store, consumer, row, error, options.backoff, counted)
    if (!failure) return
    const about = {
      err: error,
      consumer: consumer.name,
      event: row.type,
      id: row.id,
      attempt: failure.attempts,
    }
    if (failure.dead) options.log.error(about, 'event parked as a dead letter')
    else {
      options.log.warn({ ...about, retryInMs: failure.waitMs }, 'event failed and will be tried again')
      first.wakeIn(failure.waitMs)
    }
    options.metrics.handled(consumer.name, row.type, 0, failure.dead ? 'dead' : 'retry')
  }

  return {
    wake: wakeIdle,
    wakeIn: first.wakeIn,
    busy: () => loops.some((loop) => loop.busy()),
    async stop() {
      stopping = true
      const patience = setTimeout(() => ending.abort(), options.graceMs)
      await Promise.all(loops.map((loop) => loop.stop()))
      clearTimeout(patience)
    },
  }
}
