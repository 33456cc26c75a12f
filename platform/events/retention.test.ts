import { expect, test } from 'vitest'
import { connect } from '../store/connect.ts'
import { openStore } from '../store/store.ts'
import { createBed, record } from './bed.ts'
import { happen } from './harness.ts'
import { makePartitions, retain } from './retention.ts'

const { run, make, settle } = createBed()
const day = (offset: number) => new Date(Date.now() + offset * 86_400_000)
const nameOf = (time: Date) => `outbox_log_${time.toISOString().slice(0, 10).replaceAll('-', '')}`

test('partitions are made ahead and dropped in time; what fell into the rest moves into its day', async () => {
  const { store } = make({ name: 'other' })
  await store.sql`
    insert into outbox_log (sequence, id, type, version, key, data, lane, emitted_at, published_at)
    select n, gen_random_uuid(), 't', 1, 'k', '{}', 'normal', now(), now() - n * interval '1 day' from generate_series(0, 20, 10) n`
  expect(await makePartitions(store, day(-20))).toBe(4)
  expect(await makePartitions(store, day(-20))).toBe(0)
  const first = await retain(store, new Date(), 14)
  expect(first).toMatchObject({ partitionsMade: 4, partitionsDropped: 4 })
  const rows = await store.sql<{ place: string; sequence: number }[]>`
    select tableoid::regclass::text as place, sequence from outbox_log order by sequence`
  // Today's row lies in today's partition, that of ten days ago in the rest, that of twenty days ago is gone.
  expect([...rows]).toEqual([
    { place: nameOf(new Date()), sequence: 0 },
    { place: 'outbox_log_rest', sequence: 10 },
  ])
  expect(await retain(store, new Date(), 14)).toMatchObject({ partitionsMade: 0, partitionsDropped: 0 })
})

test('two processes that make partitions at once do not hurt each other', async () => {
  const [one, two] = [make({ name: 'sink' }), make({ name: 'sink' })]
  const made = await Promise.all([makePartitions(one.store, day(40)), makePartitions(two.store, day(40))])
  expect(made[0]! + made[1]!).toBe(4)
})

test('done rows, expired dead letters and old idempotency keys leave; the rest stays', async () => {
  const a = make({ name: 'source', settings: { retentionDays: 2 } })
  await a.store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, lane, state, finished_at, expires_at)
    select 'c', gen_random_uuid(), 's', 't', 1, 'k', n, now(), 1, case when n % 2 = 0 then 'done' else 'dead' end,
      now() - n * interval '1 day', now() + (5.5 - n) * interval '1 day' from generate_series(0, 9) n`
  await a.store.sql`
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, lane, state, finished_at)
    select 'c', gen_random_uuid(), 's', 't', 1, 'k', n, now(), 1, 'done', now() - interval '1 year' from generate_series(1, 4500) n`
  await a.store.sql`
    insert into idempotency_keys (caller, operation, key, fingerprint, created_at)
    select 'c', 'o', n::text, '', now() - n * interval '7 hours' from generate_series(0, 5) n`
  const retained = await a.events.retain()
  expect(retained).toMatchObject({ doneDeleted: 4503, deadDeleted: 2, keysDeleted: 2 })
  const left = await a.store.sql<{ sequence: number }[]>`select sequence from inbox order by sequence`
  expect(left.map((row) => row.sequence)).toEqual([0, 1, 2, 3, 5])
})

test('all of it works with no more than the role that owns the schema', async () => {
  const [a] = await run({ name: 'source', handlers: { record } })
  await a!.store.transact(async (tx) => happen(tx, 'a', 1))
  await settle(a!)
  const { url } = a!
  const admin = connect(url, { max: 1, onnotice: () => {} })
  const role = `keeper_${Math.random().toString(36).slice(2)}`
  await admin.unsafe(
    `create role ${role} login password 'keeper'; create schema ${role} authorization ${role}`,
  )
  const owner = new URL(url)
  owner.username = role
  owner.password = 'keeper'
  const store = openStore({ url: owner.href, schema: role, poolSize: 2, statementTimeoutMs: 5_000 })
  const { readFile } = await import('node:fs/promises')
  await store.sql.unsafe(
    await readFile(new URL('../store/migrations/0001-events.sql', import.meta.url), 'utf8'),
  )
  expect(await retain(store, new Date(), 1)).toMatchObject({ partitionsMade: 4 })
  expect(await retain(store, day(10), 1)).toMatchObject({ partitionsMade: 4, partitionsDropped: 4 })
  await store.close()
  await admin.unsafe(`drop schema ${role} cascade; drop role ${role}`)
  await admin.end()
})
