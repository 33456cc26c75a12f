/**
 * The database dies with all it had not yet written to the disk, right after the bus has carried events: some commits
 * between outbox and inbox do not wait for the disk, and what they lose must come again. Nothing lost, nothing doubled.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPeer, createTestDatabase, happen, on, source, until } from '../platform/events/harness.ts'
import { createMemoryDriver } from '../platform/events/memory.ts'
import { connect } from '../platform/store/connect.ts'
import { startEmbeddedPostgres } from '../platform/store/embedded.ts'
import { processesOf } from '../platform/store/orphan.ts'

const KILLS = 4
const EVENTS_EACH = 20

test(`${KILLS} crashes of PostgreSQL between outbox and inbox: rows are lost, events are not`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-crash-'))
  const quiet = { debug() {}, info() {}, warn() {}, error() {} }
  const server = await startEmbeddedPostgres({ dataFolder: folder, log: quiet, durable: true })
  const before = process.env['TEST_DATABASE_URL']
  process.env['TEST_DATABASE_URL'] = server.url
  const database = await createTestDatabase(['source', 'sink'])
  process.env['TEST_DATABASE_URL'] = before
  const admin = connect(database.url, { max: 1, onnotice: () => {} })
  await admin`create table source.things (n int primary key)`
  await admin`create table sink.effects (n int)`
  const alive = () => until(async () => void (await admin`select 1`), 60_000)

  const memory = createMemoryDriver()
  let armed = false
  let lost = 0
  const driver = {
    ...memory,
    async publish(events: Parameters<typeof memory.publish>[0]) {
      await memory.publish(events)
      if (!armed) return
      armed = false
      for (const pid of processesOf(join(folder, 'postgres'))) process.kill(pid, 'SIGKILL')
      await alive()
      const [kept] = await admin<{ count: number }[]>`
        select count(*)::int as count from sink.inbox where id = any(${events.map(({ id }) => id)}::uuid[])`
      lost += events.length - kept!.count
    },
  }
  const settings = { pollMs: 50 }
  const emitter = createPeer({ url: database.url, name: 'source', driver, settings })
  const handler = createPeer({
    url: database.url,
    name: 'sink',
    driver,
    settings,
    handlers: {
      record: on(
        source,
        'thing.happened',
        async ({ tx, event }) => void (await tx`insert into effects (n) values (${event.data.n})`),
        { maxAttempts: 1_000 },
      ),
    },
  })
  for (const peer of [emitter, handler]) await peer.events.subscribe()
  for (const peer of [emitter, handler]) await peer.events.start()

  for (let kill = 0; kill < KILLS; kill++) {
    armed = true
    for (let n = kill * EVENTS_EACH; n < (kill + 1) * EVENTS_EACH; n++)
      // One that the crash interrupts may have been committed or not: `things` knows.
      await emitter.store
        .transact(async (tx) => {
          await tx`insert into things (n) values (${n})`
          happen(tx, 'key', n)
        })
        .catch(() => {})
    await until(() => expect(armed).toBe(false), 60_000)
    await alive()
  }
  await until(async () => {
    const [row] = await admin<{ left: number }[]>`
      select ((select count(*) from source.outbox) + (select count(*) from sink.inbox where state = 'pending'))::int as left`
    expect(row!.left).toBe(0)
  }, 60_000)
  const numbers = async (table: string) =>
    (await admin<{ n: number }[]>`select n from ${admin(table)} order by n`).map(({ n }) => n)
  const things = await numbers('source.things')
  expect(things.length).toBeGreaterThan(KILLS)
  expect(await numbers('sink.effects')).toEqual(things)
  // Without a loss this would prove nothing.
  expect(lost).toBeGreaterThan(0)

  for (const peer of [emitter, handler]) await peer.events.stop()
  for (const peer of [emitter, handler]) await peer.store.close()
  await admin.end()
  await database.drop()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}, 240_000)
