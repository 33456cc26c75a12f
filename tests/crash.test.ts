/** kill -9 at every named point between emit and effect, 200 times: nothing may be lost and nothing done twice. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../platform/events/harness.ts'
import { connect } from '../platform/store/connect.ts'

const points = [
  'emit.open',
  'emit.committed',
  'relay.claimed',
  'relay.published',
  'relay.moved',
  'relay.committed',
  'inbox.received',
  'dispatch.claimed',
  'dispatch.handled',
  'dispatch.marked',
  'dispatch.committed',
  'dispatch.failed',
]
const KILLS = 200
const LANES = 2
const EVENTS_EACH = 8

let databases: TestDatabase[] = []

beforeAll(async () => {
  databases = await Promise.all(Array.from({ length: LANES }, () => createTestDatabase(['source', 'sink'])))
  for (const { url } of databases) {
    const sql = connect(url, { max: 1 })
    await sql`create table source.things (n int primary key)`
    await sql`create table sink.effects (n int)`
    await sql`create table sink.ordered (n int, key text, i serial)`
    await sql.end()
  }
})
afterAll(() => Promise.all(databases.map((database) => database.drop())))

/** Runs the program; resolves with what ended it. */
function run(url: string, count: number, first: number, fault: string): Promise<string> {
  const program = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, url, String(count), String(first)], {
      env: { ...process.env, PLEIAD_FAULT: fault },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk) => (said += chunk))
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed')
      else if (code === 0) resolve('done')
      else reject(new Error(`the program ended with ${code}: ${said}`))
    })
  })
}

test(`${KILLS} kills over all points: 0 lost, 0 doubled, order kept`, async () => {
  const kills = new Map<string, number>()
  const total = () => [...kills.values()].reduce((sum, count) => sum + count, 0)
  let round = 0
  let emitted = 0

  async function lane(url: string): Promise<void> {
    let first = 0
    while (total() < KILLS) {
      const point = points[round % points.length]!
      // The same point at its first, second or third pass.
      const fault = `${point}:${1 + (Math.floor(round / points.length) % 3)}`
      round++
      const ended = await run(url, EVENTS_EACH, first, fault)
      first += EVENTS_EACH
      if (ended === 'killed') kills.set(point, (kills.get(point) ?? 0) + 1)
    }
    expect(await run(url, 0, first, '')).toBe('done')

    const sql = connect(url, { max: 1 })
    const things = (await sql`select n from source.things order by n`).map((row) => row.n as number)
    const effects = (await sql`select n from sink.effects order by n`).map((row) => row.n as number)
    const ordered = (await sql`select n, key from sink.ordered order by i`).map(
      (row) => row as unknown as { n: number; key: string },
    )
    const dead = await sql`select consumer, error from sink.inbox where state = 'dead'`
    await sql.end()
    emitted += things.length
    expect([...dead]).toEqual([])
    expect(effects).toEqual(things)
    expect(ordered.map(({ n }) => n).sort((a, b) => a - b)).toEqual(things)
    for (const key of ['key-0', 'key-1', 'key-2']) {
      const numbers = ordered.filter((row) => row.key === key).map(({ n }) => n)
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
  }

  await Promise.all(databases.map(({ url }) => lane(url)))
  expect(total()).toBeGreaterThanOrEqual(KILLS)
  expect([...kills.keys()].sort()).toEqual([...points].sort())
  expect(emitted).toBeGreaterThan(KILLS)
}, 900_000)
