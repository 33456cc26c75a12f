/** The test bed of the events: a database for each test file, emptied for each test, and peers that end with it. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { BusDriver } from './driver.ts'
import {
  createPeer,
  createTestDatabase,
  on,
  type Peer,
  type PeerOptions,
  source,
  type TestDatabase,
} from './harness.ts'
import { createMemoryDriver } from './memory.ts'

export const schemas = ['source', 'sink', 'other'] as const

export interface Bed {
  /** Starts peers on one bus, as services of one process. */
  run(...options: (Omit<PeerOptions, 'url' | 'driver'> & { driver?: BusDriver })[]): Promise<Peer[]>
  /** Makes peers without starting them. */
  make(options: Omit<PeerOptions, 'url'>): Peer
  /** `n` of the effects, in the order they committed their insert. */
  effects(peer: Peer): Promise<number[]>
  /** Resolves when none of the peers has anything due left. */
  settle(...peers: Peer[]): Promise<void>
}

/** Call it at the top of a test file. */
export function createBed(): Bed {
  let database: TestDatabase
  let peers: Peer[] = []

  beforeAll(async () => {
    database = await createTestDatabase(schemas)
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    const admin = createPeer({ url: database.url, name: 'source' })
    for (const schema of schemas)
      await admin.store.sql.unsafe(`
        truncate ${schema}.outbox, ${schema}.outbox_log, ${schema}.inbox, ${schema}.schedules;
        drop table if exists ${schema}.effects;
        create table ${schema}.effects (n int, note text, at timestamptz default clock_timestamp(), i serial)`)
    await admin.store.close()
  })
  afterEach(async () => {
    for (const peer of peers) await peer.events.stop()
    for (const peer of peers) await peer.store.close()
    peers = []
  })

  function make(options: Omit<PeerOptions, 'url'>): Peer {
    const peer = createPeer({ url: database.url, ...options })
    peers.push(peer)
    return peer
  }

  return {
    make,
    async run(...options) {
      const driver = createMemoryDriver()
      const made = options.map((each) => make({ driver, ...each }))
      for (const peer of made) await peer.events.subscribe()
      for (const peer of made) await peer.events.start()
      return made
    },
    effects: async ({ store }) =>
      (await store.sql<{ n: number }[]>`select n from effects order by i`).map((row) => row.n),
    async settle(...settling) {
      for (let round = 0; round < 3; round++) for (const peer of settling) await peer.events.idle()
    },
  }
}

/** Writes the event's number to `effects`. */
export const record = on(
  source,
  'thing.happened',
  async ({ tx, event }) =>
    void (await tx`insert into effects (n, note) values (${event.data.n}, ${event.key})`),
)
