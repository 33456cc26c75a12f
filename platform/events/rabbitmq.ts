/**
 * The bus on RabbitMQ: a topic exchange, and for each service a quorum queue that gets the types it wants
 * (https://www.rabbitmq.com/docs/quorum-queues). Publishing waits for the broker's confirms, many in flight at once.
 */
import { randomUUID } from 'node:crypto'
import { AMQPChannelError, AMQPError, Connection, ConsumerStatus } from 'rabbitmq-client'
import { createCollector } from './collector.ts'
import { type BusDriver, EventsRefused } from './driver.ts'
import type { Envelope } from './envelope.ts'
import { createLoop } from './loop.ts'

export interface RabbitOptions {
  readonly url: string
  readonly onError: (error: unknown) => void
  /** First part of all names on the broker. */
  readonly prefix?: string
}

const BATCH = 500
const RETRY_MS = 500
const CLOSE_MS = 2_000
/** How often a running process makes sure that the broker still has what it needs. */
const LOOK_MS = 15_000
/** A marker that nobody looks at any more goes by itself. */
const MARKER_MS = 3_600_000
/** Attempts and dead letters are the inbox's business: the broker must never give an event up (its own limit became 20). */
const NO_LIMIT = 1_000_000_000

/** Connects and makes the exchanges. The connection mends itself for as long as the driver is open. */
export async function createRabbitDriver({
  url,
  onError,
  prefix = 'pleiad',
}: RabbitOptions): Promise<BusDriver> {
  const connection = new Connection({ url, acquireTimeout: 10_000 })
  connection.on('error', onError)
  const events = { exchange: `${prefix}.events`, type: 'topic', durable: true }
  const broadcasts = { exchange: `${prefix}.broadcast`, type: 'direct', durable: true }
  await connection.exchangeDeclare(events)
  await connection.exchangeDeclare(broadcasts)
  const publisher = connection.createPublisher({ confirm: true, maxAttempts: 1, exchanges: [events] })
  const caller = connection.createPublisher({ confirm: false, exchanges: [broadcasts] })
  const consumers: { close(): Promise<void> }[] = []
  let closed = false
  /** What the services of this process have declared, to declare it again. */
  const declarations: (() => Promise<unknown>)[] = []
  const emptied: (() => void)[] = []
  /** A queue of no use but that a broker which lost its data has lost it too. */
  const marker = `${prefix}.marker.${randomUUID()}`
  const markerOptions = { queue: marker, durable: true, arguments: { 'x-expires': MARKER_MS } }
  await connection.queueDeclare(markerOptions)
  /** Whether the broker may be another than it was: nothing is published before that is known. */
  let unsure = false
  let deleted = false
  let looking: Promise<void> | undefined

  /** Makes anew what the broker lost, and says so. */
  async function lookNow(): Promise<void> {
    const lost = deleted || !(await hasQueue(connection, marker))
    if (lost) {
      deleted = false
      await connection.exchangeDeclare(events)
      await connection.exchangeDeclare(broadcasts)
      for (const declare of declarations) await declare()
      await connection.queueDeclare(markerOptions)
    }
    unsure = false
    if (lost) for (const listener of emptied) listener()
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
  connection.on('error', () => {
    unsure = true
  })
  connection.on('connection', () => timer.wake())
  const address = { exchange: events.exchange, durable: true, contentType: 'application/json' }
  const send = (event: Envelope) =>
    publisher.send(
      { ...address, routingKey: event.type, messageId: event.id },
      Buffer.from(JSON.stringify(event)),
    )

  return {
    async publish(batch) {
      if (closed) throw new Error('The bus is closed')
      if (unsure) await look()
      const outcomes = await Promise.allSettled(batch.map(send))
      const unsafe = batch.filter((_, at) => outcomes[at]!.status === 'rejected')
      if (unsafe.length === 0) return
      const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      // A message the broker refuses closes the channel, and with it all others in flight: only one by one tells which.
      if (!errors.some(isForGood)) throw errors[0]
      const refused: EventsRefused['refused'][number][] = []
      for (const event of unsafe)
        await send(event).catch((error) => {
          if (!isForGood(error)) throw error
          refused.push({ event, reason: error.message })
        })
      if (refused.length > 0) throw new EventsRefused(refused)
    },
    async subscribe({ service, types, receive }) {
      const queue = `${prefix}.${service}`
      const queueOptions = {
        queue,
        durable: true,
        arguments: { 'x-queue-type': 'quorum' as const, 'x-delivery-limit': NO_LIMIT },
      }
      const queueBindings = types.map((type) => ({ queue, exchange: events.exchange, routingKey: type }))
      const declare = async () => {
        await connection.queueDeclare(queueOptions)
        for (const binding of queueBindings) await connection.queueBind(binding)
      }
      const missing = !(await hasQueue(connection, queue))
      await declare()
      declarations.push(declare)
      const store = createCollector(receive, BATCH)
      const consumer = connection.createConsumer(
        { queue, queueOptions, queueBindings, exchanges: [events], qos: { prefetchCount: 2 * BATCH } },
        async (message) => {
          const event = read(message.body)
          if (!event) {
            onError(new Error(`${queue}: a message that is no event was dropped`))
            return ConsumerStatus.DROP
          }
          try {
            await store(event)
            return ConsumerStatus.ACK
          } catch (error) {
            onError(error)
            await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
            return ConsumerStatus.REQUEUE
          }
        },
      )
      consumer.on('error', (error) => {
        if (closed) return
        onError(error)
        // Somebody deleted the queue, and what was in it.
        if (error instanceof AMQPError && error.code === 'CANCEL_FORCED') {
          deleted = true
          timer.wake()
        }
      })
      consumers.push(consumer)
      return missing ? types : []
    },
    onEmptied: (listener) => void emptied.push(listener),
    broadcast(channel, message) {
      if (closed) return
      const address = { exchange: broadcasts.exchange, routingKey: channel }
      caller.send(address, Buffer.from(JSON.stringify(message ?? null))).catch(onError)
    },
    onBroadcast(channel, receive) {
      const queue = ''
      const consumer = connection.createConsumer(
        {
          queue,
          noAck: true,
          queueOptions: { exclusive: true },
          exchanges: [broadcasts],
          queueBindings: [{ exchange: broadcasts.exchange, routingKey: channel }],
        },
        (message) => {
          try {
            receive(JSON.parse(String(message.body)))
          } catch (error) {
            onError(error)
          }
        },
      )
      consumer.on('error', onError)
      consumers.push(consumer)
    },
    async close() {
      if (closed) return
      closed = true
      await timer.stop()
      await connection.queueDelete(marker).catch(() => {})
      // A receiver that hangs must not keep the process: what it did not store comes again.
      const gently = Promise.all([publisher, caller, ...consumers].map((part) => part.close())).then(() =>
        connection.close(),
      )
      const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), CLOSE_MS).unref())
      if ((await Promise.race([gently, late])) === 'late') {
        connection.unsafeDestroy()
        gently.catch(onError)
      }
    },
  }
}

async function hasQueue(connection: Connection, queue: string): Promise<boolean> {
  try {
    await connection.queueDeclare({ queue, passive: true })
    return true
  } catch (error) {
    if (error instanceof AMQPChannelError && error.code === 'NOT_FOUND') return false
    throw error
  }
}

/** Larger than the broker takes (`max_message_size`): it will not be smaller the next time. */
function isForGood(error: unknown): boolean {
  return error instanceof AMQPChannelError && error.code === 'PRECONDITION_FAILED'
}

function read(body: unknown): Envelope | undefined {
  try {
    const event = Buffer.isBuffer(body) ? JSON.parse(String(body)) : body
    return typeof event?.id === 'string' && typeof event.type === 'string' ? event : undefined
  } catch {
    return undefined
  }
}
