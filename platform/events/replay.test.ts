import { expect, test } from 'vitest'
import { createBed, record } from './bed.ts'
import { happen } from './harness.ts'
import { createInbox } from './inbox.ts'
import { createMemoryDriver } from './memory.ts'

const { run, effects, settle } = createBed()
const always = new Date(0)

test('a new consumer starts from now, until the history is replayed for it; the others do nothing twice', async () => {
  const [a, b] = await run({ name: 'source' }, { name: 'sink', handlers: { record } })
  for (let n = 0; n < 3; n++) await a!.store.transact(async (tx) => happen(tx, 'a', n))
  await settle(a!, b!)
  await a!.events.stop()
  await b!.events.stop()

  const [a2, b2, c] = await run(
    { name: 'source' },
    { name: 'sink', handlers: { record } },
    { name: 'other', handlers: { record } },
  )
  await a2!.store.transact(async (tx) => happen(tx, 'a', 3))
  await settle(a2!, b2!, c!)
  expect(await effects(c!)).toEqual([3])
  expect(await a2!.events.replay({ from: always })).toBe(4)
  await settle(a2!, b2!, c!)
  expect((await effects(c!)).sort()).toEqual([0, 1, 2, 3])
  expect(await effects(b2!)).toEqual([0, 1, 2, 3])
})

test('a replay is bounded by date and type', async () => {
  const [a, b] = await run({ name: 'source' }, { name: 'other', handlers: {} })
  for (let n = 0; n < 4; n++) await a!.store.transact(async (tx) => happen(tx, 'a', n))
  await settle(a!, b!)
  await a!.store
    .sql`update outbox_log set published_at = now() - (interval '1 hour' * (5 - (data->>'n')::int))`
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)
  expect(await a!.events.replay({ from: hoursAgo(4.5) })).toBe(3)
  expect(await a!.events.replay({ from: hoursAgo(4.5), to: hoursAgo(2.5) })).toBe(2)
  expect(await a!.events.replay({ from: always, types: ['thing.other'] })).toBe(0)
  expect(await a!.events.replay({ from: always, types: ['thing.happened'] })).toBe(4)
})

test('one consumer does again what it has done, only when told so, and once for each replay', async () => {
  const published: Parameters<ReturnType<typeof createMemoryDriver>['publish']>[0][] = []
  const memory = createMemoryDriver()
  const driver = {
    ...memory,
    publish: async (events: (typeof published)[number]) => {
      published.push(events)
      await memory.publish(events)
    },
  }
  const [a, b] = await run(
    { name: 'source', driver },
    { name: 'sink', handlers: { record, other: record }, driver },
  )
  await a!.store.transact(async (tx) => happen(tx, 'a', 7))
  await settle(a!, b!)
  expect(await effects(b!)).toEqual([7, 7])
  await a!.events.replay({ from: always, consumer: 'sink.record' })
  await settle(a!, b!)
  expect(await effects(b!)).toEqual([7, 7])
  await a!.events.replay({ from: always, consumer: 'sink.record', again: true })
  await settle(a!, b!)
  expect(await effects(b!)).toEqual([7, 7, 7])
  // The bus may deliver the same replay again.
  await memory.publish(published.at(-1)!)
  await settle(a!, b!)
  expect(await effects(b!)).toEqual([7, 7, 7])
  await expect(a!.events.replay({ from: always, again: true })).rejects.toThrow('names its consumer')
})

test('a long history is replayed whole, in its order', async () => {
  const [a] = await run({ name: 'source' })
  await a!.store.sql`
    insert into outbox_log (sequence, id, type, version, key, data, lane, emitted_at, published_at)
    select n, gen_random_uuid(), 'thing.happened', 1, 'a', jsonb_build_object('id', 'a', 'n', n), 'normal', now(), now() - interval '1 hour'
    from generate_series(1, 1201) n`
  await a!.events.stop()
  const [again, b] = await run(
    { name: 'source' },
    { name: 'sink', handlers: { record: { ...record, ordered: true } } },
  )
  expect(await again!.events.replay({ from: always })).toBe(1201)
  await settle(again!, b!)
  expect(await effects(b!)).toEqual(Array.from({ length: 1201 }, (_, n) => n + 1))
})

test('the inbox takes nothing for consumers it does not have', async () => {
  const [a] = await run({ name: 'source' })
  const woken: ReadonlySet<string>[] = []
  const inbox = createInbox(a!.store, [], (names) => woken.push(names))
  await inbox.receive([])
  expect(woken).toEqual([])
})
