/**
 * The brokers pass the same suite as the memory driver. They are servers of their own, so the suite runs against the
 * ones that TEST_NATS_URL and TEST_AMQP_URL name; without them only what needs no server is tested here.
 */
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Connection } from 'rabbitmq-client'
import { describe, expect, test } from 'vitest'
import { createBed, record } from './bed.ts'
import { openBus } from './bus.ts'
import { createCollector } from './collector.ts'
import { anEvent, driverConformance } from './conformance.ts'
import type { Envelope } from './envelope.ts'
import { happen, until } from './harness.ts'
import { createNatsDriver } from './nats.ts'
import { createRabbitDriver } from './rabbitmq.ts'

const { TEST_NATS_URL, TEST_AMQP_URL } = process.env
const prefix = `test-${process.pid}-${Date.now()}`

async function removeStream(url: string, name: string): Promise<void> {
  const connection = await connect({ servers: new URL(url).host })
  const manager = await jetstreamManager(connection)
  await manager.streams.delete(name).catch(() => {})
  await connection.close()
}

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
  test('NATS gives an event to nobody else while a process stores it, however long that takes', async () => {
    const ackWaitMs = 600
    const drivers = await Promise.all(
      [1, 2].map(() =>
        createNatsDriver({ url: TEST_NATS_URL, onError: () => {}, prefix: `${prefix}-slow`, ackWaitMs }),
      ),
    )
    let received = 0
    let stored = () => {}
    const storing = new Promise<void>((resolve) => {
      stored = resolve
    })
    const receive = () => {
      received++
      return storing
    }
    for (const driver of drivers)
      await driver.subscribe({ service: 'users', types: ['thing.happened'], receive })
    await drivers[0]!.publish([anEvent('thing.happened')])
    await new Promise((resolve) => setTimeout(resolve, 4 * ackWaitMs))
    expect(received).toBe(1)
    stored()
    await Promise.all(drivers.map((driver) => driver.close()))
    await removeStream(TEST_NATS_URL, `${prefix}-slow`)
  })

  describe('an event that NATS does not take', () => {
    const { run, effects } = createBed()

    test('waits as a dead letter, and the relay goes on with the others', async () => {
      const driver = await createNatsDriver({ url: TEST_NATS_URL, onError: () => {}, prefix })
      const [a] = await run({ name: 'source', driver, handlers: { record } })
      // As it would lie there after the broker's limit was lowered; `emit` refuses this size.
      await a!.store.sql`
        insert into outbox (id, type, version, key, data)
        values (gen_random_uuid(), 'thing.happened', 1, 'large', jsonb_build_object('n', 1, 'text', repeat('x', 1100000)))`
      await a!.store.transact(async (tx) => happen(tx, 'small', 2))
      await until(async () => expect(await effects(a!)).toEqual([2]))
      await until(async () =>
        expect((await a!.events.deadLetters()).items).toMatchObject([
          {
            consumer: 'source.outbox',
            type: 'thing.happened',
            key: 'large',
            error: expect.stringContaining('max_payload'),
          },
        ]),
      )
      expect(await a!.store.sql`select from outbox`).toHaveLength(0)
      await a!.events.stop()
      await driver.close()
    })
  })
}

if (TEST_NATS_URL) {
  driverConformance('NATS', {
    make: () => createNatsDriver({ url: TEST_NATS_URL, onError: () => {}, prefix, ackWaitMs: 3_000 }),
    betweenProcesses: true,
    synchronous: false,
    // max_payload of the server is 1 MiB by default.
    tooLarge: 1_100_000,
    reset: () => removeStream(TEST_NATS_URL, prefix),
  })
}

if (TEST_AMQP_URL) {
  driverConformance('RabbitMQ', {
    make: () => createRabbitDriver({ url: TEST_AMQP_URL, onError: () => {}, prefix }),
    betweenProcesses: true,
    synchronous: false,
    // max_message_size of the server is 128 MiB by default.
    tooLarge: 135_000_000,
    reset: async () => {
      const connection = new Connection(TEST_AMQP_URL)
      for (const service of ['users', 'mail']) await connection.queueDelete(`${prefix}.${service}`)
      for (const exchange of ['events', 'broadcast'])
        await connection.exchangeDelete({ exchange: `${prefix}.${exchange}` })
      await connection.close()
    },
  })
}
