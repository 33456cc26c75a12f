import { describe, expect, test } from 'vitest'
import { runInSpan, startSpan } from '../observe/trace.ts'
import { createBed, record } from './bed.ts'
import { happen, on, source, until } from './harness.ts'
import { createMemoryDriver } from './memory.ts'
import type { EventMetrics } from './metrics.ts'

const { run, make, effects, settle } = createBed()

describe('from emit to effect', () => {
  test('an event has its effect once in every consumer, and moves to the history', async () => {
    const [a, b, c] = await run(
      { name: 'source' },
      { name: 'sink', handlers: { record, also: record } },
      { name: 'other', handlers: { record } },
    )
    await a!.store.transact(async (tx) => {
      for (let n = 0; n < 3; n++) happen(tx, 'a', n)
    })
    await settle(a!, b!, c!)
    expect((await effects(b!)).sort()).toEqual([0, 0, 1, 1, 2, 2])
    expect(await effects(c!)).toEqual([0, 1, 2])
    expect(await a!.store.sql`select from outbox`).toHaveLength(0)
    expect(await a!.store.sql`select from outbox_log`).toHaveLength(3)
  })

  test('nothing leaves when the transaction fails', async () => {
    const [a, b] = await run({ name: 'source' }, { name: 'sink', handlers: { record } })
    await expect(
      a!.store.transact(async (tx) => {
        happen(tx, 'a', 1)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await settle(a!, b!)
    expect(await effects(b!)).toEqual([])
  })

  test('a handler runs in the trace of the emitter, and what it emits stays in it', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const again = on(source, 'thing.happened', async ({ tx, event }) => {
      await tx`insert into effects (n) values (${event.data.n})`
      if (event.data.n < 2) happen(tx, 'a', event.data.n + 1)
    })
    const [a] = await run({ name: 'source', handlers: { again } })
    await runInSpan(startSpan('test', { traceparent: trace }), () =>
      a!.store.transact(async (tx) => happen(tx, 'a', 0)),
    )
    await until(async () => expect(await effects(a!)).toEqual([0, 1, 2]))
    const rows = await a!.store.sql<{ traceparent: string }[]>`select traceparent from inbox`
    expect(rows.map((row) => row.traceparent.slice(3, 35))).toEqual(Array(3).fill(trace.slice(3, 35)))
  })

  test('a delayed event waits for its time and then needs no poll', async () => {
    const [a] = await run({ name: 'source', handlers: { record }, settings: { pollMs: 60_000 } })
    const at = new Date(Date.now() + 300)
    await a!.store.transact(async (tx) => {
      happen(tx, 'a', 1, { at })
      happen(tx, 'a', 2)
    })
    await until(async () => expect(await effects(a!)).toEqual([2, 1]))
    const [row] = await a!.store.sql<{ at: Date }[]>`select at from effects where n = 1`
    expect(row!.at.getTime()).toBeGreaterThanOrEqual(at.getTime())
  })

  test('a bus that is away loses nothing: the relay tries again', async () => {
    const memory = createMemoryDriver()
    let away = 2
    const driver = {
      ...memory,
      publish: async (events: Parameters<typeof memory.publish>[0]) => {
        if (away-- > 0) throw new Error('the bus is away')
        await memory.publish(events)
      },
    }
    const [a] = await run({ name: 'source', handlers: { record }, driver })
    await a!.store.transact(async (tx) => happen(tx, 'a', 1))
    await until(async () => expect(await effects(a!)).toEqual([1]))
    expect(a!.log.filter((line) => line.includes('cannot be carried')).length).toBe(2)
  })

  test('another process carries and handles what a dead one left', async () => {
    const dead = make({ name: 'source' })
    await dead.store.transact(async (tx) => happen(tx, 'a', 1))
    const [alive] = await run({ name: 'source', handlers: { record } })
    await until(async () => expect(await effects(alive!)).toEqual([1]))
    // And so when it is emitted while the other runs: only its poll can know.
    await dead.store.transact(async (tx) => happen(tx, 'a', 2))
    await until(async () => expect(await effects(alive!)).toEqual([1, 2]))
  })

  test('two processes of a service share the work and do nothing twice', async () => {
    const [one, two] = [
      (
        await run({ name: 'source', handlers: { record }, settings: { batchSize: 5, relayBatchSize: 10 } })
      )[0]!,
      (
        await run({ name: 'source', handlers: { record }, settings: { batchSize: 5, relayBatchSize: 10 } })
      )[0]!,
    ]
    const numbers = Array.from({ length: 120 }, (_, n) => n)
    await Promise.all(
      numbers.map((n) => (n % 2 ? one : two).store.transact(async (tx) => happen(tx, `k${n}`, n))),
    )
    await settle(one, two)
    expect((await effects(one)).sort((a, b) => a - b)).toEqual(numbers)
  })

  test('a batch of events costs one transaction, not one each', async () => {
    const commits: string[] = []
    const handler = on(source, 'thing.happened', async ({ tx, event }) => {
      const [row] = await tx<{ id: string }[]>`select pg_current_xact_id()::text as id`
      commits.push(row!.id)
      await tx`insert into effects (n) values (${event.data.n})`
    })
    const [a] = await run({ name: 'source', handlers: { handler } })
    await a!.store.transact(async (tx) => {
      for (let n = 0; n < 250; n++) happen(tx, 'a', n)
    })
    await settle(a!)
    expect(commits).toHaveLength(250)
    expect(new Set(commits).size).toBeLessThanOrEqual(4)
    expect(await effects(a!)).toEqual(Array.from({ length: 250 }, (_, n) => n))
  })

  test('concurrency runs that many at once, each in its own transaction', async () => {
    let now = 0
    let most = 0
    const slow = on(
      source,
      'thing.happened',
      async ({ tx, event }) => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setTimeout(resolve, 30))
        await tx`insert into effects (n) values (${event.data.n})`
        now--
      },
      { concurrency: 3 },
    )
    const [a] = await run({ name: 'source', handlers: { slow } })
    await a!.store.transact(async (tx) => {
      for (let n = 0; n < 12; n++) happen(tx, 'a', n)
    })
    await settle(a!)
    expect(most).toBe(3)
    expect((await effects(a!)).length).toBe(12)
  })

  test('stop lets the running batch finish', async () => {
    let entered = () => {}
    const inside = new Promise<void>((resolve) => (entered = resolve))
    const slow = on(source, 'thing.happened', async ({ tx, event }) => {
      entered()
      await new Promise((resolve) => setTimeout(resolve, 50))
      await tx`insert into effects (n) values (${event.data.n})`
    })
    const [a] = await run({ name: 'source', handlers: { slow } })
    await a!.store.transact(async (tx) => happen(tx, 'a', 1))
    await inside
    await a!.events.stop()
    expect(await effects(a!)).toEqual([1])
    await a!.store.transact(async (tx) => happen(tx, 'a', 2))
    expect(await a!.store.sql`select from outbox`).toHaveLength(1)
  })

  test('what happens is counted', async () => {
    const seen: string[] = []
    const metrics: EventMetrics = {
      emitted: (type) => void seen.push(`emitted ${type}`),
      handled: (consumer, type, ms, outcome) => void seen.push(`${outcome} ${consumer} ${type} ${ms >= 0}`),
    }
    const fails = on(source, 'thing.happened', () => Promise.reject(new Error('no')), { maxAttempts: 2 })
    const [a] = await run({ name: 'source', handlers: { record, fails }, metrics })
    const before = a!.events.activity()
    await a!.store.transact(async (tx) => happen(tx, 'a', 1))
    await until(() =>
      expect(seen.sort()).toEqual([
        'dead source.fails thing.happened true',
        'done source.record thing.happened true',
        'emitted thing.happened',
        'retry source.fails thing.happened true',
      ]),
    )
    expect(a!.events.activity()).toBe(before + 4)
  })

  test('a handler cannot ask for order and concurrency', () => {
    const handler = on(source, 'thing.happened', async () => {}, { ordered: true, concurrency: 2 })
    expect(() => make({ name: 'source', handlers: { handler } })).toThrow('order and concurrency')
  })
})
