import { expect, test } from 'vitest'
import { createBed } from './bed.ts'
import { OLDEST_EVERY } from './claim.ts'
import { happen, on, source, until } from './harness.ts'

const { run, make, effects, settle } = createBed()

const write = (failing: (n: number, attempt: number) => boolean, options = {}) =>
  on(
    source,
    'thing.happened',
    async ({ tx, event }) => {
      await tx`insert into effects (n, note) values (${event.data.n}, ${event.key})`
      if (failing(event.data.n, event.attempt)) throw new Error('fails')
    },
    options,
  )

async function byKey(peer: Parameters<typeof effects>[0]): Promise<Record<string, number[]>> {
  const rows = await peer.store.sql<{ n: number; note: string }[]>`select n, note from effects order by i`
  const keys: Record<string, number[]> = {}
  for (const row of rows) keys[row.note] = [...(keys[row.note] ?? []), row.n]
  return keys
}

test('an event that waits for its retry holds back its key and no other', async () => {
  const handler = write((n, attempt) => n === 0 && attempt < 4, { ordered: true })
  const [a] = await run({
    name: 'source',
    handlers: { handler },
    settings: { backoff: { baseMs: 100, capMs: 100, factor: 1 } },
  })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 12; n++) happen(tx, n % 2 ? 'odd' : 'even', n)
  })
  await until(async () => expect((await byKey(a!)).odd).toEqual([1, 3, 5, 7, 9, 11]))
  await until(async () => expect((await byKey(a!)).even).toEqual([0, 2, 4, 6, 8, 10]))
})

test('a dead letter no longer blocks its key', async () => {
  const handler = write((n) => n === 0, { ordered: true, maxAttempts: 2 })
  const [a] = await run({ name: 'source', handlers: { handler } })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 4; n++) happen(tx, 'a', n)
  })
  await until(async () => expect(await effects(a!)).toEqual([1, 2, 3]))
  expect((await a!.events.deadLetters()).items).toHaveLength(1)
})

test('order holds across two processes and failures', async () => {
  const handler = write((n, attempt) => n % 5 === 0 && attempt < 3, { ordered: true })
  const settings = { batchSize: 4, relayBatchSize: 7 }
  const [one] = await run({ name: 'source', handlers: { handler }, settings })
  const [two] = await run({ name: 'source', handlers: { handler }, settings })
  for (let n = 0; n < 60; n++)
    await (n % 2 ? one! : two!).store.transact(async (tx) => happen(tx, `k${n % 3}`, n))
  await until(async () => expect(await effects(one!)).toHaveLength(60))
  for (const numbers of Object.values(await byKey(one!)))
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
})

test('a handler that begins to ask for order finds what came before', async () => {
  const quiet = make({ name: 'source', handlers: { handler: write(() => false) } })
  await quiet.events.subscribe()
  await quiet.store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, data, lane)
    select 'source.handler', gen_random_uuid(), 's', 'thing.happened', 1, 'a', n, now(), jsonb_build_object('n', n), 1 from generate_series(1, 3) n`
  const [a] = await run({ name: 'source', handlers: { handler: write(() => false, { ordered: true }) } })
  await until(async () => expect(await effects(a!)).toEqual([1, 2, 3]))
})

test('high goes before normal before low, and low is not starved', async () => {
  const handler = write(() => false)
  const a = make({ name: 'source', handlers: { handler }, settings: { batchSize: 5 } })
  const lanes = ['low', 'normal', 'high'] as const
  await a.store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, data, lane, due_at, received_at)
    select 'source.handler', gen_random_uuid(), 's', 'thing.happened', 1, (array['low', 'normal', 'high'])[lane + 1], lane * 100 + n, now(),
      jsonb_build_object('n', lane * 100 + n), 2 - lane, now() - interval '1 hour' + (lane * 100 + n) * interval '1 second', now() + interval '1 hour'
    from generate_series(0, 2) lane, generate_series(1, 30) n`
  await a.events.start()
  await settle(a)
  const order = await effects(a)
  expect(order).toHaveLength(90)
  const batches = Array.from({ length: 18 }, (_, at) =>
    order.slice(at * 5, at * 5 + 5).map((n) => lanes[Math.floor((n - 1) / 100)]!),
  )
  // Low is the oldest here: until it is used up, every fourth batch is low and all others are high.
  for (let turn = 1; turn <= 8; turn++)
    expect(batches[turn - 1]).toEqual(Array(5).fill(turn % OLDEST_EVERY === 0 ? 'low' : 'high'))
  // Within a lane: the order of arrival.
  for (const lane of [0, 1, 2]) {
    const numbers = order.filter((n) => Math.floor((n - 1) / 100) === lane)
    expect(numbers).toEqual([...numbers].sort((x, y) => x - y))
  }
})

test('the batches of a backlog grow while they are quick, and each is one transaction', async () => {
  const a = make({
    name: 'source',
    handlers: { handler: write(() => false) },
    settings: { largestBatch: 350 },
  })
  await a.store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, data, lane, received_at)
    select 'source.handler', gen_random_uuid(), 's', 'thing.happened', 1, 'a', n, now(), jsonb_build_object('n', n), 1, now() + interval '1 hour'
    from generate_series(1, 1000) n`
  await a.events.start()
  await settle(a)
  const batches = await a.store.sql<
    { count: number }[]
  >`select count(*) as count from inbox group by finished_at order by finished_at`
  const sizes = batches.map(({ count }) => count)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1000)
  expect(sizes[0]).toBe(100)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(350)
  // A machine that is too slow for a batch of 100 in a tenth of a second stays with it; none shrinks below.
  for (const size of sizes.slice(0, -1)) expect([100, 200, 350]).toContain(size)
})

test('a lane given at emission reaches the inbox', async () => {
  const [a] = await run({ name: 'source', handlers: { handler: write(() => false) } })
  await a!.store.transact(async (tx) => {
    happen(tx, 'a', 1, { lane: 'low' })
    happen(tx, 'a', 2, { lane: 'high' })
    happen(tx, 'a', 3)
  })
  await settle(a!)
  const rows = await a!.store.sql<{ lane: number }[]>`select lane from inbox order by sequence`
  expect(rows.map((row) => row.lane)).toEqual([2, 0, 1])
})
