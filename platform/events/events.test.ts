import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withTraceparent } from '../observe/trace.ts'
import {
  createPeer,
  createTestDatabase,
  happen,
  on,
  type Peer,
  type PeerOptions,
  source,
  type TestDatabase,
  until,
} from './harness.ts'
import { createMemoryDriver } from './memory.ts'

let database: TestDatabase
let peers: Peer[] = []

beforeAll(async () => {
  database = await createTestDatabase(['source', 'sink', 'other'])
})
afterAll(() => database.drop())

beforeEach(async () => {
  const admin = createPeer({ url: database.url, name: 'source' })
  for (const schema of ['source', 'sink', 'other'])
    await admin.store.sql.unsafe(`
      truncate ${schema}.outbox, ${schema}.outbox_log, ${schema}.inbox, ${schema}.schedules;
      drop table if exists ${schema}.effects; create table ${schema}.effects (n int, note text, at timestamptz default clock_timestamp(), i serial)`)
  await admin.store.close()
})
afterEach(async () => {
  for (const peer of peers) {
    await peer.events.stop()
    await peer.store.close()
  }
  peers = []
})

async function run(...options: Omit<PeerOptions, 'url'>[]): Promise<Peer[]> {
  const driver = createMemoryDriver()
  const made = options.map((each) => createPeer({ url: database.url, driver, ...each }))
  peers.push(...made)
  for (const peer of made) await peer.events.subscribe()
  for (const peer of made) await peer.events.start()
  return made
}

const effects = async (peer: Peer) =>
  (await peer.store.sql<{ n: number }[]>`select n from effects order by i`).map((row) => row.n)
const record = on(
  source,
  'thing.happened',
  async ({ tx, event }) =>
    void (await tx`insert into effects (n, note) values (${event.data.n}, ${event.key})`),
)

async function settle(...settling: Peer[]): Promise<void> {
  for (let round = 0; round < 3; round++) for (const peer of settling) await peer.events.idle()
}

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
    await withTraceparent(trace, () => a!.store.transact(async (tx) => happen(tx, 'a', 0)))
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
})
