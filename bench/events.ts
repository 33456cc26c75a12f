/**
 * From emit to effect: Pleiad's outbox and inbox against graphile-worker, on the same PostgreSQL with the same durability
 * (fsync and synchronous_commit on for every emit and every effect), all in one Node process. The subjects take turns, and
 * the figures are medians over the rounds, so that what else the machine does falls on all of them alike.
 * PostgreSQL is the embedded one, or the one at TEST_DATABASE_URL. `node bench/events.ts [events] [rounds]` prints a table and writes bench/results/events.json.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Logger, type RunnerOptions, run as runGraphile } from 'graphile-worker'
import { createPeer, createTestDatabase, happen, on, source } from '../platform/events/harness.ts'
import { createMemoryDriver } from '../platform/events/memory.ts'
import { connect } from '../platform/store/connect.ts'
import { startEmbeddedPostgres } from '../platform/store/embedded.ts'

const EVENTS = Number(process.argv[2] ?? 5_000)
const ROUNDS = Number(process.argv[3] ?? 5)
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
      // Its pool closes a little later than it says, and a connection that is cut ends the process.
      for (let left = 1; left > 0; await new Promise((resolve) => setTimeout(resolve, 50)))
        left = Number(
          (
            await sql`select count(*) from pg_stat_activity
            where datname = current_database() and application_name <> 'postgres.js'`
          )[0]!.count,
        )
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

interface Throughput {
  readonly backlogPerSecond: number
  readonly sustainedPerSecond: number
}

async function measureThroughput(subject: Subject): Promise<Throughput> {
  await emitAll(subject, 0, EVENTS)
  let done = afterEffects(subject, EVENTS)
  let started = performance.now()
  await subject.start()
  await done
  const backlogPerSecond = rate(EVENTS, started)
  if ((await subject.effects()) !== EVENTS) throw new Error(`${subject.name}: effects are missing`)

  // The same subject goes on: everything is warm.
  done = afterEffects(subject, EVENTS)
  started = performance.now()
  await emitAll(subject, EVENTS, EVENTS)
  await done
  return { backlogPerSecond, sustainedPerSecond: rate(EVENTS, started) }
}

/** Emits for one second, from number `first` on; resolves with the milliseconds each took when all have had their effect. */
async function measureLatency(subject: Subject, first: number): Promise<number[]> {
  const times: number[] = []
  const begun = new Map<number, number>()
  subject.onEffect = (n) => {
    times.push(performance.now() - begun.get(n)!)
  }
  const emitted: Promise<void>[] = []
  const start = performance.now()
  for (let n = 0; n < LATENCY_RATE; n++) {
    // Open loop: the next one comes whether or not the one before has had its effect.
    const wait = start + (n * 1_000) / LATENCY_RATE - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    begun.set(first + n, performance.now())
    emitted.push(subject.emit(first + n))
  }
  await Promise.all(emitted)
  while (times.length < LATENCY_RATE) await new Promise((resolve) => setTimeout(resolve, 10))
  return times
}

/** All subjects once: throughput one after another, latency a second each in turn. */
async function measure(make: readonly (() => Promise<Subject>)[]): Promise<Figures[]> {
  const measured: { subject: Subject; throughput: Throughput; times: number[] }[] = []
  for (const each of make) {
    const subject = await each()
    measured.push({ subject, throughput: await measureThroughput(subject), times: [] })
  }
  for (let second = 0; second < LATENCY_SECONDS; second++)
    for (const { subject, times } of measured)
      times.push(...(await measureLatency(subject, 2 * EVENTS + second * LATENCY_RATE)))
  for (const { subject } of measured) await subject.close()
  return measured.map(({ subject, throughput, times }) => {
    times.sort((a, b) => a - b)
    const at = (share: number) =>
      Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))]! * 100) / 100
    return { subject: subject.name, ...throughput, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
  })
}

function medians(figures: readonly Figures[]): Figures {
  const of = (name: Exclude<keyof Figures, 'subject'>) =>
    figures.map((each) => each[name]).sort((a, b) => a - b)[Math.floor(figures.length / 2)]!
  return {
    subject: figures[0]!.subject,
    backlogPerSecond: of('backlogPerSecond'),
    sustainedPerSecond: of('sustainedPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    maxMs: of('maxMs'),
  }
}

const folder = await mkdtemp(join(tmpdir(), 'pleiad-bench-'))
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
const server = process.env.TEST_DATABASE_URL
  ? undefined
  : await startEmbeddedPostgres({ dataFolder: folder, log: quiet, durable: true })
if (server) process.env.TEST_DATABASE_URL = server.url

const subjects: readonly (() => Promise<Subject>)[] = [
  () => pleiad(undefined),
  () => pleiad(10),
  () => graphile('graphile-worker, concurrency 10', {}),
  () =>
    graphile('graphile-worker, concurrency 10, local queue and batched completion', {
      worker: { localQueue: { size: 100 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    }),
]
const rounds: Figures[][] = []
for (let round = 0; round < ROUNDS; round++) {
  const figures = await measure(subjects)
  rounds.push(figures)
  console.log(`round ${round + 1} of ${ROUNDS}, load ${loadavg()[0]!.toFixed(1)}`)
  console.table(Object.fromEntries(figures.map(({ subject, ...rest }) => [subject, rest])))
}
const results = subjects.map((_, at) => medians(rounds.map((figures) => figures[at]!)))

console.table(Object.fromEntries(results.map(({ subject, ...figures }) => [subject, figures])))
const report = {
  at: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  loadAverage: loadavg()[0],
  events: EVENTS,
  rounds: ROUNDS,
  producers: PRODUCERS,
  latencyRate: LATENCY_RATE,
  results,
}
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
await writeFile(new URL('./results/events.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
await server?.stop()
await rm(folder, { recursive: true, force: true })
