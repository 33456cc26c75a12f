/**
 * The brokers pass the same suite as the memory driver. They are servers of their own, so the suite runs against the
 * ones that TEST_NATS_URL and TEST_AMQP_URL name; without them only what needs no server is tested here.
 */
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Connection } from 'rabbitmq-client'
import { expect, test } from 'vitest'
import { openBus } from './bus.ts'
import { createCollector } from './collector.ts'
import { anEvent, driverConformance } from './conformance.ts'
import type { Envelope } from './envelope.ts'
import { createNatsDriver } from './nats.ts'
import { createRabbitDriver } from './rabbitmq.ts'

const { TEST_NATS_URL, TEST_AMQP_URL } = process.env
const prefix = `test-${process.pid}-${Date.now()}`

test('without an address the bus is in the process; an unknown protocol is refused', async () => {
  const bus = await openBus(undefined, () => {})
  await bus.publish([anEvent('thing.happened')])
  await bus.close()
  await expect(openBus('kafka://localhost', () => {})).rejects.toThrow('BUS_URL: kafka:// is not a bus')
})

test('a broker that is not there is an error at the start', async () => {
  await expect(openBus('nats://ann:secret@127.0.0.1:1', () => {})).rejects.toThrow(
    /^BUS_URL: the broker at 127.0.0.1:1 cannot be used: (?!.*secret)/,
  )
})

test('single messages become batches, in order; a batch fails as one and the next goes on', async () => {
  const batches: number[][] = []
  let failing = true
  const store = createCollector(async (events) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    batches.push(events.map((event) => (event.data as { n: number }).n))
    if (failing) {
      failing = false
      throw new Error('away')
    }
  }, 3)
  const event = (n: number): Envelope => anEvent('thing.happened', { n })
  const outcomes = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => store(event(n))))
  expect(outcomes.map((outcome) => outcome.status)).toEqual([
    'rejected',
    'rejected',
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
  await store(event(5))
  expect(batches).toEqual([[0, 1, 2], [3, 4], [5]])
})

if (TEST_NATS_URL) {
  driverConformance('NATS', {
    make: () => createNatsDriver({ url: TEST_NATS_URL, onError: () => {}, prefix, ackWaitMs: 3_000 }),
    betweenProcesses: true,
    synchronous: false,
    reset: async () => {
      const connection = await connect({ servers: new URL(TEST_NATS_URL).host })
      const manager = await jetstreamManager(connection)
      await manager.streams.delete(prefix).catch(() => {})
      await connection.close()
    },
  })
}

if (TEST_AMQP_URL) {
  driverConformance('RabbitMQ', {
    make: () => createRabbitDriver({ url: TEST_AMQP_URL, onError: () => {}, prefix }),
    betweenProcesses: true,
    synchronous: false,
    reset: async () => {
      const connection = new Connection(TEST_AMQP_URL)
      for (const service of ['users', 'mail']) await connection.queueDelete(`${prefix}.${service}`)
      for (const exchange of ['events', 'broadcast'])
        await connection.exchangeDelete({ exchange: `${prefix}.${exchange}` })
      await connection.close()
    },
  })
}
