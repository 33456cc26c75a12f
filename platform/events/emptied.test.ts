/**
 * Brokers that come back without their data while everything runs: a NATS server of this test's own (where TEST_NATS_URL
 * says that there is one on this machine) is killed, its folder deleted, and started again; queues of the RabbitMQ of
 * TEST_AMQP_URL are deleted. Nothing is lost, nothing is done twice.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectTcp, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from 'rabbitmq-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBed, record } from './bed.ts'
import type { BusDriver } from './driver.ts'
import { happen, type Peer, until } from './harness.ts'
import { createNatsDriver } from './nats.ts'
import { createRabbitDriver } from './rabbitmq.ts'
import { joinRefill } from './refill.ts'

const { TEST_NATS_URL, TEST_AMQP_URL } = process.env
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const WAIT_MS = 60_000

/** A peer as a process of its own runs it. */
async function start(peer: Peer, driver: BusDriver): Promise<void> {
  const ask = joinRefill(driver, crypto.randomUUID(), [peer.events], () => {})
  const lost = await peer.events.subscribe()
  await peer.events.start()
  if (lost) await ask()
}

const emit = (peer: Peer, from: number, to: number) =>
  peer.store.transact(async (tx) => {
    for (let n = from; n < to; n++) happen(tx, `key-${n % 7}`, n)
  })

const numbers = (to: number) => Array.from({ length: to }, (_, n) => n)

async function all(peer: Peer, effects: (peer: Peer) => Promise<number[]>, to: number): Promise<void> {
  await until(async () => expect((await effects(peer)).length).toBeGreaterThanOrEqual(to), WAIT_MS)
  // What would come twice would come now.
  await pause(500)
  expect([...(await effects(peer))].sort((a, b) => a - b)).toEqual(numbers(to))
}

/** Nothing can be written to the inbox until what is returned is called. */
async function holdInbox({ store }: Peer): Promise<() => Promise<void>> {
  let release = () => {}
  const holding = new Promise<void>((resolve) => (release = resolve))
  let held = () => {}
  const locked = new Promise<void>((resolve) => (held = resolve))
  const ended = store.transact(async (tx) => {
    await tx`lock table inbox in share mode`
    held()
    await holding
  })
  // A lock that is refused must not be waited for.
  await Promise.race([locked, ended])
  return () => {
    release()
    return ended
  }
}

const emptyOutbox = ({ store }: Peer) =>
  until(async () => expect(await store.sql`select from outbox`).toHaveLength(0), WAIT_MS)

describe.runIf(TEST_NATS_URL)('a NATS server that comes back empty', () => {
  const { make, effects } = createBed()
  let server: ChildProcess | undefined
  let port: number
  let folder: string
  const drivers: BusDriver[] = []

  async function startServer(): Promise<void> {
    server = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder], {
      stdio: 'ignore',
    })
    await until(
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connectTcp(port, '127.0.0.1', () => resolve(void socket.destroy()))
          socket.once('error', reject)
        }),
      20_000,
    )
  }
  async function killServer(): Promise<void> {
    const ended = new Promise((resolve) => server!.once('close', resolve))
    server!.kill('SIGKILL')
    await ended
  }
  async function wipe(): Promise<void> {
    await killServer()
    rmSync(folder, { recursive: true, force: true })
    await startServer()
  }
  async function open(): Promise<BusDriver> {
    const driver = await createNatsDriver({ url: `nats://127.0.0.1:${port}`, onError: () => {} })
    drivers.push(driver)
    return driver
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pleiad-nats-'))
    const free = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => free.once('listening', resolve))
    port = (free.address() as { port: number }).port
    await new Promise((resolve) => free.close(resolve))
    await startServer()
    return async () => {
      for (const driver of drivers.splice(0)) await driver.close()
      await killServer()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('gets its stream and consumers again, and all that it had taken and not handed on', async () => {
    const [there, here] = [await open(), await open()]
    const source = make({ name: 'source', driver: there })
    const sink = make({ name: 'sink', driver: here, handlers: { record } })
    await start(source, there)
    await start(sink, here)
    await emit(source, 0, 20)
    await all(sink, effects, 20)

    // More than a receiver takes at once lies in the broker, because the inbox cannot be written.
    const release = await holdInbox(sink)
    await emit(source, 20, 3_000)
    await emptyOutbox(source)
    await wipe()
    await release()
    // Emitted meanwhile and after.
    await emit(source, 3_000, 3_050)
    await all(sink, effects, 3_050)
    expect(sink.log.filter((line) => line.includes('dead letter'))).toEqual([])
    await emit(source, 3_050, 3_060)
    await all(sink, effects, 3_060)
  }, 180_000)

  test('loses nothing of a service that was away, nor of what is emitted all the time', async () => {
    const [there, here] = [await open(), await open()]
    const source = make({ name: 'source', driver: there })
    const before = make({ name: 'sink', driver: here, handlers: { record } })
    await start(source, there)
    await start(before, here)
    await emit(source, 0, 10)
    await all(before, effects, 10)
    await before.events.stop()
    await here.close()

    await emit(source, 10, 40)
    await emptyOutbox(source)
    let next = 40
    let over = false
    const emitting = (async () => {
      while (!over) {
        await emit(source, next, next + 1)
        next++
        await pause(10)
      }
    })()
    await pause(100)
    await wipe()
    await pause(1_000)
    const back = await open()
    const sink = make({ name: 'sink', driver: back, handlers: { record } })
    await start(sink, back)
    await pause(500)
    over = true
    await emitting
    await all(sink, effects, next)
  }, 180_000)

  test('a service that never received anything starts from now, and is sent no history', async () => {
    const driver = await open()
    const source = make({ name: 'source', driver })
    await start(source, driver)
    await emit(source, 0, 5)
    await emptyOutbox(source)
    const other = make({ name: 'other', driver, handlers: { record } })
    await start(other, driver)
    await emit(source, 5, 6)
    await until(async () => expect(await effects(other)).toEqual([5]), WAIT_MS)
    await pause(300)
    expect(await effects(other)).toEqual([5])
  }, 60_000)
})

describe.runIf(TEST_AMQP_URL)('a RabbitMQ that lost its queues', () => {
  const { make, effects } = createBed()
  const prefix = `test-emptied-${process.pid}-${Date.now()}`
  const drivers: BusDriver[] = []
  const open = async () => {
    const driver = await createRabbitDriver({ url: TEST_AMQP_URL!, onError: () => {}, prefix })
    drivers.push(driver)
    return driver
  }
  async function admin(work: (connection: Connection) => Promise<unknown>): Promise<void> {
    const connection = new Connection(TEST_AMQP_URL)
    await work(connection)
    await connection.close()
  }
  afterEach(async () => {
    for (const driver of drivers.splice(0)) await driver.close()
    await admin(async (connection) => {
      for (const name of ['sink', 'other']) await connection.queueDelete(`${prefix}.${name}`)
      for (const name of ['events', 'broadcast'])
        await connection.exchangeDelete({ exchange: `${prefix}.${name}` })
    })
  })

  test('gets them again, and all that was in them', async () => {
    const [there, here] = [await open(), await open()]
    const source = make({ name: 'source', driver: there })
    const sink = make({ name: 'sink', driver: here, handlers: { record } })
    await start(source, there)
    await start(sink, here)
    await emit(source, 0, 20)
    await all(sink, effects, 20)
    const release = await holdInbox(sink)
    await emit(source, 20, 2_000)
    await emptyOutbox(source)
    await admin((connection) => connection.queueDelete(`${prefix}.sink`))
    await emit(source, 2_000, 2_020)
    await release()
    await all(sink, effects, 2_020)
  }, 120_000)

  test('a service that was away finds its queue gone, and gets what was in it', async () => {
    const [there, here] = [await open(), await open()]
    const source = make({ name: 'source', driver: there })
    const before = make({ name: 'sink', driver: here, handlers: { record } })
    await start(source, there)
    await start(before, here)
    await emit(source, 0, 10)
    await all(before, effects, 10)
    await before.events.stop()
    await here.close()
    await emit(source, 10, 30)
    await emptyOutbox(source)
    await admin((connection) => connection.queueDelete(`${prefix}.sink`))
    const back = await open()
    const sink = make({ name: 'sink', driver: back, handlers: { record } })
    await start(sink, back)
    await emit(source, 30, 35)
    await all(sink, effects, 35)
  }, 120_000)
})
