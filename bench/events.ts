/**
 * From emit to effect: Pleiad's outbox and inbox against graphile-worker, on the same PostgreSQL with the same durability
 * (fsync and synchronous_commit on for every emit and every effect), all in one Node process, one subject after another.
 * PostgreSQL is the embedded one, or the one at TEST_DATABASE_URL. `node bench/events.ts [events]` prints a table and writes bench/results/events.json.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Logger, type RunnerOptions, run as runGraphile } from 'graphile-worker'
import { createPeer, createTestDatabase, happen, on, source } from '../platform/events/harness.ts'
import { createMemoryDriver } from '../platform/events/memory.ts'
import { connect } from '../platform/store/connect.ts'
import { startEmbeddedPostgres } from '../platform/store/embedded.ts'

const EVENTS = Number(process.argv[2] ?? 10_000)
const PRODUCERS = 10
const LATENCY_RATE = 100
const LATENCY_SECONDS = 10

interface Subject {
  readonly name: string
  /** Starts what handles. */
  start(): Promise<void>
  /** One transaction: a business row and its event. */
  emit(n: number): Promise<void>
  /** Called once for each effect after its commit, or as near to it as the subject lets one see. */
  onEffect: (n: number) => void
  effects(): Promise<number>
  close(): Promise<void>
}

interface Figures {
  readonly subject: string
  readonly backlogPerSecond: number
  readonly sustainedPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

async function pleiad(concurrency: number | undefined): Promise<Subject> {
  const database = await createTestDatabase(['source', 'sink'])
  const driver = createMemoryDriver()
  const emitter = createPeer({
    url: database.url,
    name: 'source',
    driver,
    poolSize: PRODUCERS + 2,
    settings: { pollMs: 2_000 },
  })
  const handle = on(
    source,
    'thing.happened',
    async ({ tx, event }) => {
      await tx`insert into effects (n) values (${event.data.n})`
      tx.afterCommit(() => subject.onEffect(event.data.n))
    },
    concurrency ? { concurrency } : {},
  )
  const settings = { pollMs: 2_000, parallel: concurrency ?? 4 }
  const handler = createPeer({
    url: database.url,
    name: 'sink',
    driver,
    poolSize: 12,
    handlers: { handle },
    settings,
  })
  await handler.store.sql`create table effects (n int)`
  await emitter.store.sql`create table things (n int)`
  const subject: Subject = {
    name: concurrency ? `Pleiad, a transaction each, concurrency ${concurrency}` : 'Pleiad, batches',
    async start() {
      await handler.events.start()
      await emitter.events.start()
    },
    emit: (n) =>
      emitter.store.transact(async (tx) => {
        await tx`insert into things (n) values (${n})`
        happen(tx, String(n), n)
      }),
    onEffect: () => {},
    effects: async () =>
      (await handler.store.sql<{ count: number }[]>`select count(distinct n) from effects`)[0]!.count,
    async close() {
      for (const peer of [emitter, handler]) await peer.events.stop()
      for (const peer of [emitter, handler]) await peer.store.close()
      await database.drop()
    },
  }
  return subject
}

async function graphile(name: string, preset: NonNullable<RunnerOptions['preset']>): Promise<Subject> {
  const database = await createTestDatabase([])
  const sql = connect(database.url, { max: PRODUCERS, onnotice: () => {} })
  await sql`create table effects (n int)`
  await sql`create table things (n int)`
  const options: RunnerOptions = {
    connectionString: database.url,
    concurrency: 10,
    maxPoolSize: 12,
    pollInterval: 2_000,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    preset,
    taskList: {
      async effect(payload, helpers) {
        const { n } = payload as { n: number }
        await helpers.query('insert into effects (n) values ($1)', [n])
        subject.onEffect(n)
      },
    },
  }
  // Migrates graphile-worker's schema, so that events can be emitted before it starts to handle.
  const first = await runGraphile(options)
  await first.stop()
  await first.promise
  let runner: Awaited<ReturnType<typeof runGraphile>> | undefined
  const subject: Subject = {
    name,
    async start() {
      runner = await runGraphile(options)
    },
    emit: (n) =>
      sql.begin(async (tx) => {
        await tx`insert into things (n) values (${n})`
        await tx`select graphile_worker.add_job('effect', ${tx.json({ n })}::json)`
      }) as unknown as Promise<void>,
    onEffect: () => {},
    effects: async () => Number((await sql`select count(distinct n) from effects`)[0]!.count),
    async close() {
      await runner?.stop()
      await runner?.promise
      await sql.end()
      await database.drop()
    },
  }
  return subject
}

async function emitAll(subject: Subject, from: number, count: number): Promise<void> {
  let next = from
  await Promise.all(
    Array.from({ length: PRODUCERS }, async () => {
      while (next < from + count) await subject.emit(next++)
    }),
  )
}

function afterEffects(subject: Subject, count: number): Promise<void> {
  const seen = new Set<number>()
  return new Promise((resolve) => {
    subject.onEffect = (n) => {
      seen.add(n)
      if (seen.size === count) resolve()
    }
  })
}

const rate = (count: number, started: number) => Math.round((count / (performance.now() - started)) * 1_000)

async function measure(make: () => Promise<Subject>): Promise<Figures> {
  const backlog = await make()
  await emitAll(backlog, 0, EVENTS)
  let done = afterEffects(backlog, EVENTS)
  let started = performance.now()
  await backlog.start()
  await done
  const backlogPerSecond = rate(EVENTS, started)
  if ((await backlog.effects()) !== EVENTS) throw new Error(`${backlog.name}: effects are missing`)

  // The same subject goes on: everything is warm.
  done = afterEffects(backlog, EVENTS)
  started = performance.now()
  await emitAll(backlog, EVENTS, EVENTS)
  await done
  const sustainedPerSecond = rate(EVENTS, started)

  const times: number[] = []
  const begun = new Map<number, number>()
  backlog.onEffect = (n) => {
    times.push(performance.now() - begun.get(n)!)
  }
  const count = LATENCY_RATE * LATENCY_SECONDS
  const emitted: Promise<void>[] = []
  const start = performance.now()
  for (let n = 0; n < count; n++) {
    // Open loop: the next one comes whether or not the one before has had its effect.
    const wait = start + (n * 1_000) / LATENCY_RATE - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    begun.set(2 * EVENTS + n, performance.now())
    emitted.push(backlog.emit(2 * EVENTS + n))
  }
  await Promise.all(emitted)
  while (times.length < count) await new Promise((resolve) => setTimeout(resolve, 10))
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round(times[Math.min(count - 1, Math.floor(count * share))]! * 100) / 100
  const name = backlog.name
  await backlog.close()
  return {
    subject: name,
    backlogPerSecond,
    sustainedPerSecond,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  }
}

const folder = await mkdtemp(join(tmpdir(), 'pleiad-bench-'))
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
const server = process.env.TEST_DATABASE_URL
  ? undefined
  : await startEmbeddedPostgres({ dataFolder: folder, log: quiet, durable: true })
if (server) process.env.TEST_DATABASE_URL = server.url

const results: Figures[] = []
for (const make of [
  () => pleiad(undefined),
  () => pleiad(10),
  () => graphile('graphile-worker, concurrency 10', {}),
  () =>
    graphile('graphile-worker, concurrency 10, local queue and batched completion', {
      worker: { localQueue: { size: 100 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    }),
]) {
  results.push(await measure(make))
  console.log(results.at(-1))
}

console.table(Object.fromEntries(results.map(({ subject, ...figures }) => [subject, figures])))
const report = {
  at: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  loadAverage: loadavg()[0],
  events: EVENTS,
  producers: PRODUCERS,
  latencyRate: LATENCY_RATE,
  results,
}
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
await writeFile(new URL('./results/events.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
await server?.stop()
await rm(folder, { recursive: true, force: true })
