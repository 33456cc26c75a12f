/**
 * How long a start takes on an existing data folder, and what the process weighs: the whole installation, PostgreSQL
 * included, from spawning Node to "ready". Beside it, in the same run, what nothing built on Node can beat: an empty
 * Node process. `node bench/start.ts [runs]` prints a table and writes bench/results/start.json.
 */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const RUNS = Number(process.argv[2] ?? 5)
const root = fileURLToPath(new URL('..', import.meta.url))

interface Start {
  readonly readyMs: number
  /** What the Node process had computed by then (user and system time), which a busy machine changes least. */
  readonly cpuMs: number
  /** Megabytes the Node process holds two seconds after being ready (VmRSS of proc(5)). */
  readonly rssMb: number
}

/** Starts `args` with Node, waits for `ready` in its output, weighs it and ends it. */
async function start(args: readonly string[], ready: string, env: Record<string, string>): Promise<Start> {
  const began = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes(ready)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready:\n${said}`)))
  })
  const readyMs = Math.round(performance.now() - began)
  const cpuMs = await cpuOf(child.pid!)
  await sleep(2_000)
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  const rssMb = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
  return { readyMs, cpuMs, rssMb }
}

/** User and system time of a process: fields 14 and 15 of proc_pid_stat(5), in hundredths of a second on Linux. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

const load = loadavg()[0]
const data = await mkdtemp(path.join(tmpdir(), 'pleiad-bench-start-'))
const settings = { PLEIAD_DATA: data, PORT: '0', LOG_LEVEL: 'warn' }
const first = await start(['server/main.ts'], 'Pleiad is ready', settings)
const pleiad: Start[] = []
const empty: Start[] = []
for (let run = 0; run < RUNS; run++) {
  pleiad.push(await start(['server/main.ts'], 'Pleiad is ready', settings))
  empty.push(await start(['-e', 'console.log("ready"); setInterval(() => {}, 1000)'], 'ready', {}))
}
await rm(data, { recursive: true, force: true })

const summary = (subject: string, runs: readonly Start[]) => ({
  subject,
  readyMs: median(runs.map(({ readyMs }) => readyMs)),
  cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
  fastestMs: Math.min(...runs.map(({ readyMs }) => readyMs)),
  slowestMs: Math.max(...runs.map(({ readyMs }) => readyMs)),
  rssMb: median(runs.map(({ rssMb }) => rssMb)),
})
const results = [
  summary('Pleiad, first start', [first]),
  summary('Pleiad, existing data', pleiad),
  summary('empty Node process', empty),
]
console.table(results)
await mkdir(path.join(root, 'bench', 'results'), { recursive: true })
await writeFile(
  path.join(root, 'bench', 'results', 'start.json'),
  `${JSON.stringify({ at: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, loadAverage: load, runs: RUNS, results }, null, 2)}\n`,
)
