/**
 * The bus on NATS JetStream (https://docs.nats.io/nats-concepts/jetstream). One stream for all events; each service has
 * a durable consumer for each type (servers before 2.10 take one filter subject for each consumer).
 */
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import { connect, errors, nanos } from '@nats-io/transport-node'
import { createCollector } from './collector.ts'
import { type BusDriver, EventsRefused } from './driver.ts'
import type { Envelope } from './envelope.ts'
import { createLoop } from './loop.ts'
import { REFILL_DAYS } from './refill.ts'

export interface NatsOptions {
  readonly url: string
  readonly onError: (error: unknown) => void
  /** First part of all names on the server. */
  readonly prefix?: string
  /** When a process says nothing of an event for so long, it is delivered again. Milliseconds. */
  readonly ackWaitMs?: number
}

/** What a service of this process wants of one type. */
interface Wanted {
  readonly type: string
  readonly store: (event: Envelope) => Promise<void>
  messages?: ConsumerMessages
}

const BATCH = 500
const RETRY_MS = 500
const CLOSE_MS = 2_000
/** Short, because of what a killed process received nobody hears for so long; whoever still stores says so. */
const ACK_WAIT_MS = 3_000
/** A service that was away for longer gets what it missed by a replay of the history. */
const KEEP_MS = REFILL_DAYS * 86_400_000
/** How often a running process makes sure that the server still has what it needs. */
const LOOK_MS = 15_000
const ALREADY_THERE = 10_058
const NO_SUCH_STREAM = 10_059
const LARGER_THAN_STREAM_TAKES = 10_054

/** Connects and makes the stream where it is missing. The connection mends itself for as long as the driver is open. */
export async function createNatsDriver(options: NatsOptions): Promise<BusDriver> {
  const { onError, prefix = 'pleiad', ackWaitMs = ACK_WAIT_MS } = options
  const { protocol, host, username, password } = new URL(options.url)
  const connection = await connect({
    servers: `${protocol}//${host}`,
    maxReconnectAttempts: -1,
    ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
  })
  const manager = await jetstreamManager(connection)
  const stream = jetstream(connection)
  let made = await ensureStream(manager, prefix)
  const wanted = new Map<string, Wanted>()
  const emptied: (() => void)[] = []
  let closed = false
  /** Whether the server may be another than it was: nothing is published before that is known. */
  let unsure = false
  let looking: Promise<void> | undefined
  /** Received and not stored yet. */
  const storing = new Set<JsMsg>()
  const telling = setInterval(() => {
    for (const message of storing) message.working()
  }, ackWaitMs / 3).unref()

  function handle(message: JsMsg, store: (event: Envelope) => Promise<void>): void {
    let event: Envelope
    try {
      event = message.json<Envelope>()
    } catch (error) {
      onError(error)
      message.term('not JSON')
      return
    }
    storing.add(message)
    store(event)
      .then(
        () => message.ack(),
        (error) => {
          onError(error)
          message.nak(RETRY_MS)
        },
      )
      .finally(() => storing.delete(message))
  }

  async function begin(name: string, want: Wanted): Promise<void> {
    const consumer = await stream.consumers.get(prefix, name)
    want.messages = await consumer.consume({
      max_messages: BATCH,
      callback: (message) => handle(message, want.store),
    })
  }

  async function add(name: string, type: string): Promise<void> {
    await manager.consumers.add(prefix, {
      durable_name: name,
      filter_subject: `${prefix}.events.${type}`,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.New,
      ack_wait: nanos(ackWaitMs),
      max_deliver: -1,
      max_ack_pending: 2 * BATCH,
    })
  }

  async function consumerNames(): Promise<Set<string>> {
    const names = new Set<string>()
    for await (const { name } of manager.consumers.list(prefix)) names.add(name)
    return names
  }

  /** Makes anew what the server lost, and says so. */
  async function lookNow(): Promise<void> {
    const created = await whenMade(manager, prefix)
    const there = await consumerNames()
    const lost = [...wanted].filter(([name]) => !there.has(name))
    // Another process of this service may have made them again already.
    const all = created !== made || lost.length > 0
    for (const [name, { type }] of lost) await add(name, type)
    if (all)
      for (const [name, want] of wanted) {
        want.messages?.stop()
        await begin(name, want)
      }
    made = created
    unsure = false
    if (all) for (const listener of emptied) listener()
  }

  function look(): Promise<void> {
    looking ??= lookNow().finally(() => {
      looking = undefined
    })
    return looking
  }

  const timer = createLoop(
    async () => {
      if (!closed) await look()
      return LOOK_MS
    },
    (error) => {
      if (!closed) onError(error)
    },
  )
  timer.wakeIn(LOOK_MS)
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') unsure = true
      if (type === 'reconnect') timer.wake()
    }
  })()

  return {
    async publish(events) {
      if (closed) throw new Error('The bus is closed')
      if (unsure) await look()
      // In one go, in order: one connection keeps it. The server drops what it saw within two minutes, but not a replay.
      const outcomes = await Promise.allSettled(
        events.map((event) =>
          stream.publish(`${prefix}.events.${event.type}`, JSON.stringify(event), {
            msgID: `${event.id}:${event.replay?.id ?? ''}`,
          }),
        ),
      )
      const failed = outcomes.flatMap((outcome, at) =>
        outcome.status === 'rejected' ? [{ event: events[at]!, error: outcome.reason }] : [],
      )
      const other = failed.find(({ error }) => !isForGood(error))
      if (other) {
        // Whoever publishes next finds out whether the stream is still there.
        unsure = true
        throw other.error
      }
      if (failed.length > 0)
        throw new EventsRefused(failed.map(({ event, error }) => ({ event, reason: error.message })))
    },
    async subscribe({ service, types, receive }) {
      const store = createCollector(receive, BATCH)
      const there = await consumerNames()
      const missing: string[] = []
      for (const type of types) {
        const name = `${service}--${type.replaceAll('.', '_')}`
        // It may have been made by a version that waited for longer.
        if (there.has(name)) await manager.consumers.update(prefix, name, { ack_wait: nanos(ackWaitMs) })
        else {
          missing.push(type)
          await add(name, type)
        }
        const want: Wanted = { type, store }
        wanted.set(name, want)
        await begin(name, want)
      }
      return missing
    },
    onEmptied: (listener) => void emptied.push(listener),
    broadcast(channel, message) {
      if (!closed) connection.publish(`${prefix}.broadcast.${channel}`, JSON.stringify(message ?? null))
    },
    onBroadcast(channel, receive) {
      connection.subscribe(`${prefix}.broadcast.${channel}`, {
        callback: (failure, message) => {
          try {
            if (failure) throw failure
            receive(message.json())
          } catch (error) {
            onError(error)
          }
        },
      })
    },
    async close() {
      if (closed) return
      closed = true
      await timer.stop()
      clearInterval(telling)
      // A receiver that hangs must not keep the process: what it did not store comes again.
      await Promise.race([
        Promise.all([...wanted.values()].map(({ messages }) => messages?.close())).then(() =>
          connection.flush(),
        ),
        new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
      ])
      await connection.close()
    },
  }
}

/** Larger than the server or the stream takes: it will not be smaller the next time. */
function isForGood(error: unknown): boolean {
  return (
    error instanceof errors.InvalidArgumentError ||
    (error instanceof JetStreamApiError && error.code === LARGER_THAN_STREAM_TAKES)
  )
}

/** When the stream was made; makes it where the server has none. */
async function whenMade(manager: JetStreamManager, prefix: string): Promise<string> {
  try {
    return (await manager.streams.info(prefix)).created
  } catch (error) {
    if ((error as { code?: number }).code !== NO_SUCH_STREAM) throw error
    return ensureStream(manager, prefix)
  }
}

/**
 * Makes the stream where it is missing; returns when it was made, which tells one from a later one of its name. Events
 * leave it when every consumer has them; the history is in the outboxes.
 */
async function ensureStream(manager: JetStreamManager, prefix: string): Promise<string> {
  const settings = {
    subjects: [`${prefix}.events.>`],
    max_age: nanos(KEEP_MS),
    duplicate_window: nanos(120_000),
  }
  try {
    const { created } = await manager.streams.add({
      name: prefix,
      ...settings,
      retention: RetentionPolicy.Interest,
      storage: StorageType.File,
    })
    return created
  } catch (error) {
    // Made by another version, with other settings.
    if ((error as { code?: number }).code !== ALREADY_THERE) throw error
    return (await manager.streams.update(prefix, settings)).created
  }
}
