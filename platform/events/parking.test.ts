/** Events that are too large, or that the bus refuses for good: they stop nobody but themselves. */
import { expect, test } from 'vitest'
import { createBed, record } from './bed.ts'
import { EventsRefused } from './driver.ts'
import { MAX_EVENT_BYTES } from './envelope.ts'
import { happen, until } from './harness.ts'
import { createMemoryDriver } from './memory.ts'

const { run, effects, settle } = createBed()

/** A bus that refuses the numbers in `refused`, and carries the rest. */
function choosy(refused: Set<number>) {
  const memory = createMemoryDriver()
  return {
    ...memory,
    async publish(events: Parameters<typeof memory.publish>[0]) {
      const bad = events.filter(({ data }) => refused.has((data as { n: number }).n))
      await memory.publish(events.filter((event) => !bad.includes(event)))
      if (bad.length > 0) throw new EventsRefused(bad.map((event) => ({ event, reason: 'too large' })))
    },
  }
}

test('an event over the limit fails its transaction with its type and size, also when that is caught', async () => {
  const [a] = await run({ name: 'source', handlers: { record } })
  // {"id":"...","n":1} is 15 characters around the id; two bytes for each ж.
  const emitting = (id: string, caught = false) =>
    a!.store.transact(async (tx) => {
      await tx`insert into effects (n) values (0)`
      try {
        happen(tx, id, 1)
      } catch (error) {
        if (!caught) throw error
      }
    })
  const tooLarge = 'x'.repeat(MAX_EVENT_BYTES - 14)
  const message = `thing.happened takes ${MAX_EVENT_BYTES + 1} bytes; an event takes at most ${MAX_EVENT_BYTES}`
  await expect(emitting(tooLarge)).rejects.toThrow(message)
  await expect(emitting(tooLarge, true)).rejects.toThrow(message)
  await expect(emitting('ж'.repeat(MAX_EVENT_BYTES / 2))).rejects.toThrow('thing.happened takes 262159 bytes')
  expect(await effects(a!)).toEqual([])
  await emitting('x'.repeat(MAX_EVENT_BYTES - 15))
  await until(async () => expect(await effects(a!)).toEqual([0, 1]))
})

test('rows whose event the database refuses are not committed either', async () => {
  const [a] = await run({ name: 'source', handlers: { record } })
  const emitting = a!.store.transact(async (tx) => {
    await tx`insert into effects (n) values (1)`
    // PostgreSQL stores no NUL; it says so only when the commit is already on its way.
    happen(tx, 'a\u0000', 1)
  })
  await expect(emitting).rejects.toThrow(/\\u0000|unsupported Unicode/)
  const last = a!.store.transact(async (tx) => {
    await tx`insert into effects (n) values (2)`
    tx.withCommit(async () => await tx`select 1 / 0`)
  })
  await expect(last).rejects.toThrow('division by zero')
  const unsent = a!.store.transact(async (tx) => {
    await tx`insert into effects (n) values (3)`
    tx.withCommit(() => {
      throw new Error('cannot be made')
    })
  })
  await expect(unsent).rejects.toThrow('cannot be made')
  expect(await effects(a!)).toEqual([])
})

test('what the bus refuses is set aside while the others travel, and is sent again when asked', async () => {
  const refused = new Set([2, 4])
  const [a] = await run({ name: 'source', driver: choosy(refused), handlers: { record } })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 6; n++) happen(tx, `k${n}`, n, { lane: n === 4 ? 'low' : 'high' })
  })
  await until(async () => expect(await effects(a!)).toEqual([0, 1, 3, 5]))
  const { items } = await a!.events.deadLetters()
  expect(items).toMatchObject([
    {
      consumer: 'source.outbox',
      type: 'thing.happened',
      attempts: 1,
      error: 'too large',
      source: '/services/source',
    },
    { consumer: 'source.outbox' },
  ])
  const two = items.find(({ key }) => key === 'k2')!
  expect(await a!.events.deadLetter('source.outbox', two.id)).toMatchObject({
    data: { id: 'k2', n: 2 },
    version: 1,
  })
  expect(await a!.store.sql`select from outbox`).toHaveLength(0)
  expect((await a!.store.sql`select from outbox_log`).length).toBe(4)
  expect((await a!.events.stats()).inbox).toMatchObject([
    { consumer: 'source.outbox', dead: 2, known: true },
    { consumer: 'source.record', dead: 0 },
  ])

  // Refused again, parked again: later than the first time.
  await a!.events.retry({ id: two.id })
  await until(async () => {
    const [again] = (await a!.events.deadLetters({ key: 'k2' })).items
    expect(Date.parse(again!.parkedAt)).toBeGreaterThan(Date.parse(two.parkedAt))
  })
  refused.clear()
  await a!.events.retry({ consumer: 'source.outbox' })
  await settle(a!)
  expect([...(await effects(a!))].sort()).toEqual([0, 1, 2, 3, 4, 5])
  expect((await a!.events.deadLetters()).items).toEqual([])
  const log = await a!.store.sql<
    { id: string; lane: string }[]
  >`select id, lane from outbox_log where key in ('k2', 'k4') order by key`
  expect(log).toEqual([{ id: two.id, lane: 'high' }, expect.objectContaining({ lane: 'low' })])
})

test('a replay passes over what the bus refuses', async () => {
  const refused = new Set<number>()
  const [a, b] = await run({ name: 'source', driver: choosy(refused) }, { name: 'sink' })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 3; n++) happen(tx, 'k', n)
  })
  await settle(a!, b!)
  refused.add(1)
  expect(await a!.events.replay({ from: new Date(0) })).toBe(3)
  expect(a!.log.join()).toContain('the bus refuses an event')
  expect((await a!.events.deadLetters()).items).toEqual([])
})

test('no handler is called outbox', async () => {
  await expect(run({ name: 'source', handlers: { outbox: record } })).rejects.toThrow(
    'source.outbox is the name',
  )
})
