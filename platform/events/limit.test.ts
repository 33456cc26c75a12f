/** Handlers that take too long, or never return: they pay, and nobody else. */
import { expect, test } from 'vitest'
import { createBed, record } from './bed.ts'
import { happen, on, source, until } from './harness.ts'

const { run, make, effects, settle } = createBed()
const forever = () => new Promise<never>(() => {})

test('a handler that never returns fails its attempts with a clear error, and the others of its lane go on', async () => {
  const hang = on(
    source,
    'thing.happened',
    async ({ tx, event }) => {
      await tx`insert into effects (n) values (${event.data.n})`
      if (event.data.n === 1) await forever()
    },
    { timeoutMs: 60, maxAttempts: 2 },
  )
  const [a] = await run({ name: 'source', handlers: { hang } })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 4; n++) happen(tx, 'k', n)
  })
  await until(async () => expect((await a!.events.deadLetters()).items).toHaveLength(1))
  expect((await a!.events.deadLetters()).items[0]).toMatchObject({
    consumer: 'source.hang',
    attempts: 2,
    error: 'Error: source.hang did not end within 0.06 s',
  })
  await settle(a!)
  expect((await effects(a!)).sort()).toEqual([0, 2, 3])
})

test('a statement that hangs is stopped, and its connection serves the others', async () => {
  const hang = on(
    source,
    'thing.happened',
    async ({ tx, event }) => {
      if (event.data.n === 0) await tx`select pg_sleep(9)`
      await tx`insert into effects (n) values (${event.data.n})`
    },
    { timeoutMs: 50, maxAttempts: 1 },
  )
  const [a] = await run({ name: 'source', handlers: { hang }, poolSize: 3 })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 3; n++) happen(tx, 'k', n)
  })
  await until(async () => expect(await effects(a!)).toEqual([1, 2]))
  const busy = await a!.store
    .sql`select from pg_stat_activity where query like '%pg_sleep(9)%' and state = 'active' and pid <> pg_backend_pid()`
  expect(busy).toHaveLength(0)
  expect((await a!.events.deadLetters()).items[0]!.error).toContain('did not end within 0.05 s')
})

test('what a handler writes after its time is refused, whoever has its connection now', async () => {
  let late: Promise<unknown> | undefined
  const slow = on(
    source,
    'thing.happened',
    ({ tx }) => {
      const work = (async () => {
        await new Promise((resolve) => setTimeout(resolve, 150))
        await tx`insert into effects (n) values (1)`
      })()
      late = work.catch((error) => error)
      return work
    },
    { timeoutMs: 30, maxAttempts: 1 },
  )
  const [a] = await run({ name: 'source', handlers: { slow }, poolSize: 2, settings: { parallel: 1 } })
  await a!.store.transact(async (tx) => happen(tx, 'k', 1))
  await until(async () => expect((await a!.events.deadLetters()).items).toHaveLength(1))
  expect(String(await late)).toContain('This transaction is over')
  expect(await effects(a!)).toEqual([])
})

test('a transaction takes nothing after its end, by no way', async () => {
  const { store } = make({ name: 'source' })
  const kept = await store.transact(async (tx) => tx)
  expect(() => kept`select 1`).toThrow('This transaction is over')
  expect(() => kept.unsafe('select 1')).toThrow('This transaction is over')
  let inner: typeof kept | undefined
  await store.transact(async (tx) => {
    const within = tx as unknown as {
      savepoint: (work: (inner: typeof kept) => Promise<unknown>) => Promise<unknown>
    }
    await within.savepoint(async (sql) => {
      inner = sql
      await sql`insert into effects (n) values (1)`
    })
  })
  expect(() => inner!`select 1`).toThrow('This transaction is over')
  expect(await store.sql`select n from effects`).toEqual([{ n: 1 }])
})

test('stopping interrupts what hangs after the grace time; its attempt does not count and the next process does it', async () => {
  const started = Promise.withResolvers<void>()
  const hang = on(source, 'thing.happened', async ({ tx, event }) => {
    await tx`insert into effects (n) values (${event.data.n})`
    if (event.data.n < 2) return
    started.resolve()
    await forever()
  })
  const [a] = await run({ name: 'source', handlers: { record: hang }, settings: { graceMs: 50 } })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 4; n++) happen(tx, 'k', n)
  })
  await started.promise
  await a!.events.stop()
  await a!.store.close()
  const [b] = await run({ name: 'source', handlers: { record } })
  await until(async () => expect((await effects(b!)).sort()).toEqual([0, 1, 2, 3]))
  const rows = await b!.store.sql<{ attempts: number }[]>`select attempts from inbox where attempts > 1`
  expect(rows).toEqual([])
})

test('a process that stops finishes the handler that runs and leaves the others of its batch', async () => {
  const entered = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const slow = on(source, 'thing.happened', async ({ tx, event }) => {
    entered.resolve()
    await go.promise
    await tx`insert into effects (n) values (${event.data.n})`
  })
  const [a] = await run({ name: 'source', handlers: { slow } })
  await a!.store.transact(async (tx) => {
    for (let n = 0; n < 3; n++) happen(tx, 'k', n)
  })
  await entered.promise
  const stopped = a!.events.stop()
  go.resolve()
  await stopped
  expect(await effects(a!)).toEqual([0])
  const rows = await a!.store.sql`select state from inbox order by sequence`
  expect(rows.map(({ state }) => state)).toEqual(['done', 'pending', 'pending'])
})

test('a job that never returns is tried again, and parked in the end', async () => {
  const job = { description: 'Hangs.', schedule: '* * * * * *', timeoutMs: 20, run: forever }
  const [a] = await run({
    name: 'source',
    jobs: { hang: job },
    settings: { backoff: { baseMs: 1, capMs: 2, factor: 1 } },
  })
  await until(async () => expect((await a!.events.deadLetters()).items.length).toBeGreaterThan(0))
  expect((await a!.events.deadLetters()).items[0]).toMatchObject({
    consumer: 'source.jobs.hang',
    attempts: 8,
    error: 'Error: source.jobs.hang did not end within 0.02 s',
  })
})
