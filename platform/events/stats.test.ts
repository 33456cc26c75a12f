import { expect, test } from 'vitest'
import { createBed, record } from './bed.ts'
import { happen, on, source, until } from './harness.ts'
import { operationsOf } from './operations.ts'

const { run, make, settle } = createBed()

test('what waits, what was done, what failed, by type and consumer', async () => {
  const fails = on(source, 'thing.happened', () => Promise.reject(new Error('no')), { maxAttempts: 1 })
  const [a] = await run({ name: 'source', handlers: { record, fails } })
  await a!.store.transact(async (tx) => {
    happen(tx, 'a', 1)
    happen(tx, 'a', 2)
    happen(tx, 'a', 3, { at: new Date(Date.now() + 60_000) })
  })
  await settle(a!)
  await until(async () => {
    const stats = await a!.events.stats()
    expect(stats).toEqual({
      service: 'source',
      outbox: [{ type: 'thing.happened', waiting: 0, delayed: 1, oldestSeconds: 0, lastMinute: 2 }],
      inbox: [
        {
          consumer: 'source.fails',
          type: 'thing.happened',
          pending: 0,
          retrying: 0,
          oldestSeconds: 0,
          dead: 2,
          lastMinute: 0,
          known: true,
        },
        {
          consumer: 'source.record',
          type: 'thing.happened',
          pending: 0,
          retrying: 0,
          oldestSeconds: 0,
          dead: 0,
          lastMinute: 2,
          known: true,
        },
      ],
    })
  })
})

test('rows of a handler that is gone are shown as unknown, with their age', async () => {
  const a = make({ name: 'source' })
  await a.store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, lane, attempts, received_at)
    values ('source.gone', gen_random_uuid(), 's', 't', 1, 'k', 1, now(), 1, 2, now() - interval '1 hour')`
  const { inbox } = await a.events.stats()
  expect(inbox).toMatchObject([{ consumer: 'source.gone', pending: 1, retrying: 1, known: false }])
  expect(inbox[0]!.oldestSeconds).toBeGreaterThanOrEqual(3_600)
})

test('a service tells what it is and how it is, also when its database is away', async () => {
  const a = make({
    name: 'source',
    handlers: { record },
    jobs: { tidy: { description: 'Tidies.', schedule: '0 3 * * *', run: async () => {} } },
  })
  const operations = operationsOf(a.events, a.service)
  expect(await operations.facts()).toEqual({
    name: 'source',
    version: '1.0.0',
    summary: 'A test.',
    emits: [],
    handles: [{ consumer: 'source.record', type: 'thing.happened', from: 'source', ordered: false }],
    jobs: [{ name: 'tidy', schedule: '0 3 * * *', description: 'Tidies.' }],
  })
  expect(await operations.health()).toMatchObject({ status: 'up' })
  expect(await operations.replay({ from: new Date(0).toISOString(), to: new Date().toISOString() })).toBe(0)
  await a.store.close()
  expect(await operations.health()).toMatchObject({ status: 'down', detail: expect.any(String) })
})
