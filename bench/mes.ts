/**
 * Pricing: jobs per second with two workers in processes of their own, wait of the priority lane while the regular lane has
 * 10,000 jobs, and memory of a worker over 2,000 jobs. Every job is a mesh or a setting of its own: nothing is known
 * beforehand. Needs a broker: TEST_NATS_URL. `node bench/mes.ts [jobs] [priority jobs]` writes bench/results/mes.json.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Files } from '@pleiad/files/rpc'
import { startHost } from '@pleiad/platform/server'
import { emit } from '@pleiad/platform/service'
import { shop } from '@pleiad/shop/contract'
import * as solids from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { uuidv7 } from 'uuidv7'
import { startEmbeddedPostgres } from '../platform/store/embedded.ts'
import { apiServices } from './mes-server.ts'

const JOBS = Number(process.argv[2] ?? 2000)
const PRIORITY = Number(process.argv[3] ?? 300)
/** Some are done before the measuring begins. */
const BACKLOG = 10_200
const MIB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'pleiad-bench-mes-'))
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const ownerId = uuidv7()

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const silent = { info() {}, warn() {}, error() {}, debug() {} } as never
const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), log: silent })
const port = await freePort()
const broker = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder], {
  stdio: 'ignore',
})
await pause(1000)
const env = {
  ...{ PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'error', RATE_LIMIT: '0', INTERNAL_PORT: '0' },
  ...{ DATABASE_URL: postgres.url, BUS_URL: `nats://127.0.0.1:${port}`, MES_OWNER_JOBS: '100000' },
  ...{
    PLEIAD_SECRET: randomBytes(32).toString('base64url'),
    MES_WORKER_THREADS: '1',
    FILES_QUOTA_MB: '100000',
  },
}
const { default: mesWorker } = await import('@pleiad/mes-worker')
const host = await startHost({
  services: apiServices,
  installation: [...apiServices, mesWorker],
  env: { ...env, PLEIAD_DATA: join(folder, 'api') },
})
const toolsOf = (name: string) =>
  host.running.find(({ service: { contract } }) => contract.name === name)!.tools
const { sql } = toolsOf('mes')

/** A worker that has taken its first look, and how it tells its memory. */
async function startWorker(name: string) {
  const child: ChildProcess = fork(fileURLToPath(new URL('./mes-server.ts', import.meta.url)), [
    'worker',
    JSON.stringify({ ...env, PLEIAD_DATA: join(folder, name) }),
  ])
  const answer = <T>() => new Promise<T>((resolve) => child.once('message', (said) => resolve(said as T)))
  await answer()
  return {
    child,
    memory: () => {
      const said = answer<number>()
      child.send('memory')
      return said
    },
  }
}

/** Parts of a few sizes, as customers bring them; enough of them that no job is asked for twice. */
const kinds = [
  solids.bracket(),
  solids.gear(),
  solids.torus(20, 6, 64, 32),
  solids.vase(50, 18, 1.8),
  solids.box(30, 20, 10),
]
const shapes = [0.7, 0.8, 0.9, 1, 1.1, 1.2].flatMap((scale) =>
  kinds.map((mesh) => ({ ...mesh, positions: mesh.positions.map((at) => at * scale) })),
)
async function put(mesh: (typeof shapes)[number]): Promise<string> {
  const bytes = writeStl(mesh) as Uint8Array<ArrayBuffer>
  async function* parts() {
    const value = { ownerId, purpose: 'model', name: 'part.stl', type: 'model/stl', deleteAfter: 0n }
    yield { part: { case: 'file' as const, value } }
    for (let at = 0; at < bytes.length; at += 65_536)
      yield { part: { case: 'bytes' as const, value: bytes.subarray(at, at + 65_536) } }
  }
  return (await toolsOf('mes').rpc(Files).put(parts())).file!.fileId
}
const fileIds: string[] = []
for (const shape of shapes) fileIds.push(await put(shape))

let asked = 0
/** Jobs that differ from the 12,119 before: the next mesh each time, then infill, layer height, supports. */
async function ask(lane: 'regular' | 'priority', count: number): Promise<string[]> {
  const requests = Array.from({ length: count }, () => {
    const way = Math.floor(asked / fileIds.length)
    const fileId = fileIds[asked++ % fileIds.length]!
    const options = {
      technology: 'fdm',
      material: 'pla',
      color: 'white',
      finish: 'as-made',
      quantity: 1,
      infillPercent: way % 101,
      layerHeightMm: [0.2, 0.3][Math.floor(way / 101) % 2]!,
      supports: (['auto', 'none'] as const)[Math.floor(way / 202) % 2]!,
    } as const
    const source = lane === 'regular' ? ('shop' as const) : ('partner' as const)
    const request = { requestId: uuidv7(), lane, source, modelId: uuidv7(), version: 1, options }
    return { ...request, ownerId: uuidv7(), fileId }
  })
  await toolsOf('shop').transact(async (tx) => {
    for (const request of requests) emit(tx, shop, 'order.price.requested', request)
  })
  return requests.map(({ requestId }) => requestId)
}
const countOf = async (state: string) =>
  (await sql<{ n: number }[]>`select count(*)::int as n from jobs where state = ${state}`)[0]!.n
async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await pause(50)
}
const at = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!
const round = (value: number) => Math.round(value * 1000) / 1000

/** It takes minutes: who waits sees how far it is. */
const say = (what: string) => console.log(`${Math.round(performance.now() / 1000)} s: ${what}`)

// Throughput and memory: the jobs wait before the workers come.
await ask('regular', JOBS)
await until(async () => (await countOf('queued')) >= JOBS)
async function stopBoth(running: Awaited<ReturnType<typeof startBoth>>): Promise<void> {
  for (const { child } of running) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.send('stop')
    await gone
  }
}
const startBoth = () => Promise.all([startWorker('one'), startWorker('two')])
say(`${JOBS} jobs wait for two workers`)
const workers = await startBoth()
await until(async () => (await countOf('priced')) >= Math.min(50, JOBS))
const [first] = await sql<{ at: Date }[]>`select min(started_at) as at from jobs`
const memory: number[] = []
const watch = setInterval(async () => memory.push((await workers[0]!.memory()) / MIB), 500)
await until(async () => (await countOf('priced')) >= JOBS)
clearInterval(watch)
const [over] = await sql<{ at: Date; ms: number }[]>`
  select max(finished_at) as at, avg(work_ms)::float8 as ms from jobs where state = 'priced'`
const seconds = (over!.at.getTime() - first!.at.getTime()) / 1000
const quarter = Math.max(1, Math.floor(memory.length / 4))
const inQuarter = (n: number) => Math.round(at(memory.slice(n * quarter, (n + 1) * quarter), 0.5))
const throughput = {
  jobs: JOBS,
  jobsPerSecond: round(JOBS / seconds),
  jobMs: round(over!.ms),
  workerRssMib: {
    firstQuarter: inQuarter(0),
    secondQuarter: inQuarter(1),
    thirdQuarter: inQuarter(2),
    lastQuarter: inQuarter(3),
    most: Math.round(Math.max(...memory)),
  },
}

say('they are priced; the backlog grows')
// The priority lane beside 10,000 regular jobs; partners come one after another, at a third of what the workers do.
// The workers wait until the backlog stands: they are nearly as fast as it grows.
await stopBoth(workers)
for (let n = 0; n < BACKLOG; n += 500) await ask('regular', 500)
await until(async () => (await countOf('queued')) >= BACKLOG)
say(`${BACKLOG} jobs wait in the regular lane`)
const workersBeside = await startBoth()
// They have just begun, and are as slow as a process is then; what is measured is a workshop at work.
await until(async () => (await countOf('priced')) >= JOBS + Math.min(100, JOBS))
const backlog = await countOf('queued')
const ids: string[] = []
for (let n = 0; n < PRIORITY; n++) {
  ids.push(...(await ask('priority', 1)))
  await pause((3 * 1000) / throughput.jobsPerSecond)
}
const decided = () => sql<{ n: number }[]>`
  select count(*)::int as n from jobs where request_id = any(${ids}::uuid[]) and state = 'priced'`
await until(async () => (await decided())[0]!.n === PRIORITY)
const waits = (
  await sql<{ ms: number }[]>`
    select extract(epoch from started_at - queued_at)::float8 * 1000 as ms from jobs
    where request_id = any(${ids}::uuid[])`
).map(({ ms }) => ms)
const [during] = await sql<{ ms: number }[]>`
  select avg(work_ms)::float8 as ms from (
    select work_ms from jobs where work_ms is not null order by finished_at desc limit 200) as lately`
const priority = {
  regularWaiting: backlog,
  jobs: PRIORITY,
  waitMsMedian: round(at(waits, 0.5)),
  waitMsP99: round(at(waits, 0.99)),
  jobMs: round(during!.ms),
  p99InJobTimes: round(at(waits, 0.99) / during!.ms),
}

await stopBoth(workersBeside)
await host.stop()
broker.kill()
await postgres.stop()
rmSync(folder, { recursive: true, force: true })

const { workerRssMib, ...rates } = throughput
console.table([rates])
console.table([workerRssMib])
console.table([priority])
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  load: loadavg()[0],
}
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
const report = { measuredAt: new Date().toISOString(), machine, throughput, priority }
await writeFile(new URL('./results/mes.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
