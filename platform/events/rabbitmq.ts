/**
 * The bus on RabbitMQ: a topic exchange, and for each service a quorum queue that gets the types it wants
 * (https://www.rabbitmq.com/docs/quorum-queues). Publishing waits for the broker's confirms, many in flight at once.
 */
import { Connection, ConsumerStatus } from 'rabbitmq-client'
import { createCollector } from './collector.ts'
import type { BusDriver } from './driver.ts'
import type { Envelope } from './envelope.ts'

export interface RabbitOptions {
  readonly url: string
  readonly onError: (error: unknown) => void
  /** First part of all names on the broker. */
  readonly prefix?: string
}

const BATCH = 500
const RETRY_MS = 500
const CLOSE_MS = 2_000
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

  return {
    async publish(batch) {
      if (closed) throw new Error('The bus is closed')
      const address = { exchange: events.exchange, durable: true, contentType: 'application/json' }
      await Promise.all(
        batch.map((event) =>
          publisher.send(
            { ...address, routingKey: event.type, messageId: event.id },
            Buffer.from(JSON.stringify(event)),
          ),
        ),
      )
    },
    async subscribe({ service, types, receive }) {
      const queue = `${prefix}.${service}`
      const queueOptions = {
        queue,
        durable: true,
        arguments: { 'x-queue-type': 'quorum' as const, 'x-delivery-limit': NO_LIMIT },
      }
      const queueBindings = types.map((type) => ({ queue, exchange: events.exchange, routingKey: type }))
      await connection.queueDeclare(queueOptions)
      for (const binding of queueBindings) await connection.queueBind(binding)
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
      consumer.on('error', onError)
      consumers.push(consumer)
    },
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

function read(body: unknown): Envelope | undefined {
  try {
    const event = Buffer.isBuffer(body) ? JSON.parse(String(body)) : body
    return typeof event?.id === 'string' && typeof event.type === 'string' ? event : undefined
  } catch {
    return undefined
  }
}
