import { expect, test } from 'vitest'
import { createBed, record } from './bed.ts'
import { happen, on, source, until } from './harness.ts'

const { run, make, effects, settle } = createBed()

/** Writes its effect, then fails as long as `failing` says so. */
function flaky(failing: (n: number, attempt: number) => boolean, options = {}) {
  return on(
    source,
    'thing.happened',
    async ({ tx, event }) => {
      await tx`insert into effects (n, note) values (${event.data.n}, ${event.attempt})`
      if (failing(event.data.n, event.attempt)) throw new Error(`number ${event.data.n} fails\u0000`)
    },
    options,
  )
}

test('in a batch only the failing event pays; its effects come once, with the attempt that succeeded', async () => {
  const [a] = await run({
    name: 'source',
    handlers: { handler: flaky((n, attempt) => n === 5 && attempt < 3) },
  })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 10; n++) happen(tx, 'a', n)
  })
  await until(async () => expect(await effects(a!)).toHaveLength(10))
  const rows = await a!.store.sql<{ n: number; note: string }[]>`select n, note from effects order by i`
  expect(rows.at(-1)).toEqual({ n: 5, note: '3' })
  const attempts = await a!.store.sql<{ attempts: number }[]>`select attempts from inbox order by sequence`
  expect(attempts.map((row) => row.attempts)).toEqual([0, 0, 0, 0, 0, 2, 0, 0, 0, 0])
})

test('after the last attempt an event is parked with its error, for as long as the handler says', async () => {
  const [a] = await run({
    name: 'source',
    handlers: { handler: flaky(() => true, { maxAttempts: 3, deadLetterDays: 7 }) },
  })
  await a!.store.transact(async (tx) => happen(tx, 'k', 1))
  await until(async () => expect((await a!.events.deadLetters()).items).toHaveLength(1))
  const [letter] = (await a!.events.deadLetters()).items
  expect(letter).toMatchObject({
    consumer: 'source.handler',
    type: 'thing.happened',
    key: 'k',
    attempts: 3,
    source: '/services/source',
  })
  expect(letter!.error).toBe('Error: number 1 fails\ufffd')
  const days = (Date.parse(letter!.expiresAt!) - Date.parse(letter!.parkedAt)) / 86_400_000
  expect(days).toBeCloseTo(7, 3)
  const detail = await a!.events.deadLetter('source.handler', letter!.id)
  expect(detail).toMatchObject({ data: { id: 'k', n: 1 }, version: 1 })
  expect(detail!.fullError).toContain('retries.test.ts')
  expect(await effects(a!)).toEqual([])
  expect(await a!.events.deadLetter('source.other', letter!.id)).toBeUndefined()
})

test('dead letters are retried one by one or all together, or given up', async () => {
  let broken = true
  const [a] = await run({ name: 'source', handlers: { handler: flaky(() => broken, { maxAttempts: 1 }) } })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 5; n++) happen(tx, `k${n}`, n)
  })
  await until(async () => expect((await a!.events.deadLetters()).items).toHaveLength(5))
  broken = false
  const letters = (await a!.events.deadLetters()).items
  const byKey = (key: string) => letters.find((letter) => letter.key === key)!
  expect(await a!.events.retry({ consumer: 'source.handler', id: byKey('k3').id })).toMatchObject({
    count: 1,
    left: 0,
  })
  await until(async () => expect(await effects(a!)).toEqual([3]))
  expect(await a!.events.discard({ key: 'k4' })).toMatchObject({ count: 1, left: 0 })
  expect(await a!.events.retry({ type: 'thing.happened' })).toMatchObject({ count: 3, left: 0 })
  expect(await a!.events.retry({})).toEqual({ count: 0, left: 0 })
  await settle(a!)
  expect((await effects(a!)).sort()).toEqual([0, 1, 2, 3])
  expect((await a!.events.deadLetters()).items).toEqual([])
})

test('a list of dead letters is paged without gaps; a forged cursor starts over', async () => {
  const [a] = await run({
    name: 'source',
    handlers: { one: flaky(() => true, { maxAttempts: 1 }), two: flaky(() => true, { maxAttempts: 1 }) },
  })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 6; n++) happen(tx, `k${n}`, n)
  })
  await until(async () => expect((await a!.events.deadLetters()).items).toHaveLength(12))
  // One moment for all: the cursor must tell them apart by more than time.
  await a!.store.sql`update inbox set finished_at = now()`
  const seen: string[] = []
  for (let cursor: string | undefined, more = true; more; ) {
    const page = await a!.events.deadLetters({}, cursor, 5)
    seen.push(...page.items.map((item) => item.consumer + item.id))
    cursor = page.next
    more = cursor !== undefined
  }
  expect(new Set(seen).size).toBe(12)
  expect(seen).toHaveLength(12)
  expect((await a!.events.deadLetters({ consumer: 'source.two' })).items).toHaveLength(6)
  const id = '00000000-0000-7000-8000-000000000001'
  for (const cursor of [
    '',
    '%%%',
    `2026-01-01T00:00:00.000000Z a'b ${id}`,
    `2026-99-01T00:00:00.000000Z a.b ${id}`,
    '2026-01-01T00:00:00.000000Z a.b 1',
  ])
    expect((await a!.events.deadLetters({}, cursor)).items).toHaveLength(12)
})

test('an event in a version the handler does not know is not lost but parked', async () => {
  const [a] = await run({ name: 'source', handlers: { record: { ...record, version: 2, maxAttempts: 1 } } })
  await a!.store.transact(async (tx) => happen(tx, 'a', 1))
  await until(async () =>
    expect((await a!.events.deadLetters()).items[0]?.error).toContain('understands version 2'),
  )
})

test('an event that killed the process has been counted before it ran, and is parked in the end', async () => {
  const store = make({ name: 'source' }).store
  const insert = (id: string, attempts: number) => store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, data, lane, attempts, received_at)
    values ('source.record', ${id}, '/services/source', 'thing.happened', 1, 'a', 1, now(), '{"n": 1}', 1, ${attempts}, now() - interval '1 minute')`
  await insert('00000000-0000-7000-8000-000000000001', 0)
  await insert('00000000-0000-7000-8000-000000000002', 8)
  let during: unknown
  const handler = on(source, 'thing.happened', async ({ tx, event }) => {
    // As another process would find it if this one died now.
    const [row] = await store.sql`select attempts, due_at > now() as later from inbox where id = ${event.id}`
    during = row
    await tx`insert into effects (n) values (${event.attempt})`
  })
  const [a] = await run({
    name: 'source',
    handlers: { record: handler },
    settings: { backoff: { baseMs: 1_000, capMs: 1_000, factor: 1 } },
  })
  await until(async () => expect(await effects(a!)).toEqual([1]))
  expect(during).toEqual({ attempts: 1, later: true })
  await until(async () =>
    expect((await a!.events.deadLetters()).items[0]?.error).toContain('ended during every attempt'),
  )
})

test('one that fails after a restart is counted once, not twice', async () => {
  const before = make({ name: 'source' })
  await before.store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, data, lane, received_at)
    values ('source.handler', '00000000-0000-7000-8000-000000000001', '/services/source', 'thing.happened', 1, 'a', 1, now(),
      '{"n": 1}', 1, now() - interval '1 minute')`
  const [a] = await run({ name: 'source', handlers: { handler: flaky((_, attempt) => attempt < 3) } })
  await until(async () => expect(await effects(a!)).toEqual([1]))
  const [row] = await a!.store.sql`select note from effects`
  expect(row).toEqual({ note: '3' })
})

test('what the database refuses at commit counts as a failure of the event, in a batch too', async () => {
  const admin = make({ name: 'source' })
  await admin.store.sql`create table if not exists late (n int unique deferrable initially deferred)`
  await admin.store.sql`truncate late`
  const handler = on(
    source,
    'thing.happened',
    async ({ tx, event }) => {
      await tx`insert into late values (${Math.floor(event.data.n / 2)})`
      await tx`insert into effects (n) values (${event.data.n})`
    },
    { maxAttempts: 2 },
  )
  const [a] = await run({ name: 'source', handlers: { handler } })
  await a!.store.transact(async (tx) => {
    for (const n of [0, 1, 2]) happen(tx, 'a', n)
  })
  await until(async () => expect((await a!.events.deadLetters()).items).toHaveLength(1))
  expect(await effects(a!)).toEqual([0, 2])
  expect((await a!.events.deadLetters()).items[0]!.error).toContain('late_n_key')
})
