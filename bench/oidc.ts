/**
 * Introspections and client-credentials grants per second, and per core: oidc on PostgreSQL, behind the whole gateway,
 * beside bare oidc-provider on its memory adapter and better-auth on SQLite in memory. The servers take turns, so that a busy moment of the machine does not
 * hit one of them only; the load comes from a process of its own. "Per core" is work divided by the CPU seconds of the
 * server's Node process. `node bench/oidc.ts [seconds] [rounds]` prints a table and writes bench/results/oidc.json.
 */
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SECONDS = Number(process.argv[2] ?? 5)
const ROUNDS = Number(process.argv[3] ?? 3)
const CONNECTIONS = 50

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const run = promisify(execFile)

interface Server {
  readonly name: string
  readonly child: ChildProcess
  readonly token: string
  readonly introspection: string
  readonly client: string
  readonly secret: string
}

function answerOf<T>(child: ChildProcess, ask?: string): Promise<T> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as T))
    if (ask) child.send(ask)
  })
}

async function start(name: string): Promise<Server> {
  const child = fork(here('./oidc-server.ts'), [name], { env: { ...process.env, NODE_ENV: 'production' } })
  return { name, child, ...(await answerOf<Omit<Server, 'name' | 'child'>>(child)) }
}

/** One run of autocannon in its own process; fails when anything but 200 came back. */
async function load(server: Server, address: string, body: string, seconds: number) {
  const basic = Buffer.from(`${server.client}:${server.secret}`).toString('base64')
  const cpu = async () => (await answerOf<{ cpuSeconds: number }>(server.child, 'cpu')).cpuSeconds
  const before = await cpu()
  const { stdout } = await run(
    process.execPath,
    [
      here('../node_modules/autocannon/autocannon.js'),
      ...['--json', '-c', String(CONNECTIONS), '-d', String(seconds), '-m', 'POST', '-b', body],
      ...['-H', 'content-type=application/x-www-form-urlencoded', '-H', `authorization=Basic ${basic}`],
      address,
    ],
    { maxBuffer: 10 * 1024 * 1024 },
  )
  const result = JSON.parse(stdout) as {
    requests: { average: number; total: number }
    latency: { p50: number; p99: number }
    non2xx: number
    errors: number
  }
  if (result.non2xx + result.errors > 0)
    throw new Error(`${server.name}: ${result.non2xx} refusals, ${result.errors} errors`)
  return {
    rate: result.requests.average,
    perCore: result.requests.total / ((await cpu()) - before),
    p50: result.latency.p50,
    p99: result.latency.p99,
  }
}

async function tokenOf({ token, client, secret }: Server): Promise<string> {
  const response = await fetch(token, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

const servers = [await start('pleiad'), await start('bare'), await start('better-auth')]
const works = [
  {
    what: 'introspection',
    endpoint: 'introspection',
    bodyFor: async (server: Server) => `token=${await tokenOf(server)}`,
  },
  { what: 'client credentials', endpoint: 'token', bodyFor: async () => 'grant_type=client_credentials' },
] as const
const results = []
for (const { what, endpoint, bodyFor } of works) {
  const rounds = new Map(servers.map((server) => [server, [] as Awaited<ReturnType<typeof load>>[]]))
  for (const server of servers) await load(server, server[endpoint], await bodyFor(server), 2)
  for (let round = 0; round < ROUNDS; round++)
    for (const server of servers)
      rounds.get(server)!.push(await load(server, server[endpoint], await bodyFor(server), SECONDS))
  const figures = servers.map((server) => {
    const all = rounds.get(server)!
    const of = (field: 'rate' | 'perCore' | 'p50' | 'p99') =>
      Math.round(median(all.map((one) => one[field])) * 10) / 10
    return {
      subject: `${what}, ${server.name}`,
      perSecond: of('rate'),
      perCore: of('perCore'),
      p50Ms: of('p50'),
      p99Ms: of('p99'),
    }
  })
  const bare = figures[1]!
  const ratio = (one: number, other: number) => Math.round((one / other) * 100) / 100
  for (const one of figures)
    results.push({
      ...one,
      ratio: ratio(one.perSecond, bare.perSecond),
      ratioPerCore: ratio(one.perCore, bare.perCore),
    })
}
for (const { child } of servers) {
  child.send('stop')
  await new Promise((resolve) => child.once('exit', resolve))
}

console.table(results)
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version }
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
const report = { measuredAt: new Date().toISOString(), machine, seconds: SECONDS, rounds: ROUNDS, results }
await writeFile(new URL('./results/oidc.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
