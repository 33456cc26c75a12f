/**
 * The bus on NATS JetStream (https://docs.nats.io/nats-concepts/jetstream). One stream for all events; each service has
 * a durable consumer for each type (servers before 2.10 take one filter subject for each consumer).
 */
import {
  AckPolicy,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import { connect, nanos } from '@nats-io/transport-node'
import { createCollector } from './collector.ts'
import type { BusDriver } from './driver.ts'
import type { Envelope } from './envelope.ts'

export interface NatsOptions {
  readonly url: string
  readonly onError: (error: unknown) => void
  /** First part of all names on the server. */
  readonly prefix?: string
  /** After this time without an answer an event is delivered again, in milliseconds. */
  readonly ackWaitMs?: number
}

const BATCH = 500
const RETRY_MS = 500
const CLOSE_MS = 2_000
/** A service that was away for longer gets what it missed by a replay of the history. */
const KEEP_MS = 7 * 86_400_000
const ALREADY_THERE = 10_058

/** Connects and makes the stream where it is missing. The connection mends itself for as long as the driver is open. */
export async function createNatsDriver(options: NatsOptions): Promise<BusDriver> {
  const { onError, prefix = 'pleiad', ackWaitMs = 30_000 } = options
  const { protocol, host, username, password } = new URL(options.url)
  const connection = await connect({
    servers: `${protocol}//${host}`,
    maxReconnectAttempts: -1,
    ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
  })
  const manager = await jetstreamManager(connection)
  const stream = jetstream(connection)
  await ensureStream(manager, prefix)
  const endings: (() => Promise<unknown>)[] = []
  let closed = false

  function handle(message: JsMsg, store: (event: Envelope) => Promise<void>): void {
    let event: Envelope
    try {
      event = message.json<Envelope>()
    } catch (error) {
      onError(error)
      message.term('not JSON')
      return
    }
    store(event).then(
      () => message.ack(),
      (error) => {
        onError(error)
        message.nak(RETRY_MS)
      },
    )
  }

  return {
    async publish(events) {
      if (closed) throw new Error('The bus is closed')
      // In one go, in order: one connection keeps it. The server drops what it saw within two minutes, but not a replay.
      await Promise.all(
        events.map((event) =>
          stream.publish(`${prefix}.events.${event.type}`, JSON.stringify(event), {
            msgID: `${event.id}:${event.replay?.id ?? ''}`,
          }),
        ),
      )
    },
    async subscribe({ service, types, receive }) {
      const store = createCollector(receive, BATCH)
      for (const type of types) {
        const name = `${service}--${type.replaceAll('.', '_')}`
        await manager.consumers.add(prefix, {
          durable_name: name,
          filter_subject: `${prefix}.events.${type}`,
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.New,
          ack_wait: nanos(ackWaitMs),
          max_deliver: -1,
          max_ack_pending: 2 * BATCH,
        })
        const consumer = await stream.consumers.get(prefix, name)
        const messages = await consumer.consume({
          max_messages: BATCH,
          callback: (message) => handle(message, store),
        })
        endings.push(() => messages.close())
      }
    },
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
      // A receiver that hangs must not keep the process: what it did not store comes again.
      await Promise.race([
        Promise.all(endings.map((end) => end())).then(() => connection.flush()),
        new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
      ])
      await connection.close()
    },
  }
}

/** Events leave the stream when every consumer has them; the history is in the outboxes. */
async function ensureStream(manager: JetStreamManager, prefix: string): Promise<void> {
  const settings = {
    subjects: [`${prefix}.events.>`],
    max_age: nanos(KEEP_MS),
    duplicate_window: nanos(120_000),
  }
  try {
    await manager.streams.add({
      name: prefix,
      ...settings,
      retention: RetentionPolicy.Interest,
      storage: StorageType.File,
    })
  } catch (error) {
    // Made by another version, with other settings.
    if ((error as { code?: number }).code !== ALREADY_THERE) throw error
    await manager.streams.update(prefix, settings)
  }
}
