/**
 * Reads of valid provider tokens per second and per core: from a process's memory over HTTP, from PostgreSQL (each read
 * loads and opens the sealed token), and from memory without HTTP. Beside them, in the same run, an operation of the same
 * server that does nothing (its health), which is what the HTTP stack alone costs, and better-auth, asked for the token of
 * one account on SQLite in memory. "Per core" is work divided by the CPU
 * seconds of the server's Node process; PostgreSQL and the client are not in it.
 * `node bench/vault.ts [seconds]` prints a table and writes bench/results/vault.json.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const SECONDS = Number(process.argv[2] ?? 6)
const WORKERS = 32
/** Thousands per second and core. */
const AIM_PER_CORE = 2000

interface Figures {
  readonly subject: string
  readonly perSecond: number
  readonly perCore: number
  readonly p50Ms: number
  readonly p99Ms: number
}
interface Server {
  readonly child: ChildProcess
  readonly url: string
  /** What opens it. */
  readonly headers: Readonly<Record<string, string>>
  readonly ids: readonly string[]
}

const answerOf = <T>(child: ChildProcess, ask?: object | string) =>
  new Promise<T>((resolve) => {
    child.once('message', (message) => resolve(message as T))
    if (ask !== undefined) child.send(ask as object)
  })

async function start(file: string, env: Record<string, string> = {}): Promise<Server> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    env: { ...process.env, NODE_ENV: 'production', ...env },
  })
  const { url, token, cookie, ids } = await answerOf<{
    url: string
    token?: string
    cookie?: string
    ids: readonly string[]
  }>(child)
  const headers: Server['headers'] = cookie ? { cookie, origin: url } : { authorization: `Bearer ${token}` }
  return { child, url, headers, ids }
}
const cpu = async ({ child }: Server) => (await answerOf<{ cpuSeconds: number }>(child, 'cpu')).cpuSeconds
async function stop({ child }: Server): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.send('stop')
  await gone
}

const agent = new Agent({ keepAlive: true, maxSockets: WORKERS })
function ask(url: string, headers: Server['headers'], body?: string): Promise<void> {
  const posted = body === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    request(
      url,
      { agent, method: body === undefined ? 'GET' : 'POST', headers: { ...headers, ...posted } },
      (answer) => {
        answer.resume()
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${answer.statusCode}`)),
        )
      },
    )
      .on('error', reject)
      .end(body)
  })
}

/** Asks `path` in `WORKERS` loops. */
async function measure(
  subject: string,
  server: Server,
  path: (n: number) => string,
  body?: string,
): Promise<Figures> {
  let n = 0
  for (const _ of server.ids) await ask(`${server.url}${path(n++)}`, server.headers, body)
  const times: number[] = []
  const before = await cpu(server)
  const started = performance.now()
  const until = started + SECONDS * 1000
  await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      while (performance.now() < until) {
        const began = performance.now()
        await ask(`${server.url}${path(n++)}`, server.headers, body)
        times.push(performance.now() - began)
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const spent = (await cpu(server)) - before
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)]! * 10) / 10
  return {
    subject,
    perSecond: Math.round(times.length / seconds),
    perCore: Math.round(times.length / spent),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  }
}

const tokenPath =
  ({ ids }: Server) =>
  (n: number) =>
    `/api/v1/oauth/connections/${ids[n % ids.length]}/token?minValidity=60`
const results: Figures[] = []
const server = await start('./vault-server.ts')
results.push(await measure('vault read, from memory', server, tokenPath(server)))
results.push(await measure('health of the same server', server, () => '/health/live'))
const before = await cpu(server)
const { reads } = await answerOf<{ reads: number }>(server.child, { own: SECONDS })
results.push({
  subject: 'vault read, from memory, without HTTP',
  perSecond: Math.round(reads / SECONDS),
  perCore: Math.round(reads / ((await cpu(server)) - before)),
  p50Ms: 0,
  p99Ms: 0,
})
await stop(server)
const forgetful = await start('./vault-server.ts', { OAUTH_VAULT_CACHE: '0' })
results.push(await measure('vault read, from PostgreSQL', forgetful, tokenPath(forgetful)))
await stop(forgetful)
const peer = await start('./vault-peer.ts')
const account = JSON.stringify({ accountId: peer.ids[0] })
results.push(await measure('better-auth, getAccessToken', peer, () => '/api/auth/get-access-token', account))
await stop(peer)
agent.destroy()

console.table(results)
const reached = results[0]!.perCore
console.log(`Aim: ${AIM_PER_CORE} reads per second and core from memory; reached ${reached}.`)
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version }
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
const report = {
  measuredAt: new Date().toISOString(),
  machine,
  seconds: SECONDS,
  aimPerCore: AIM_PER_CORE,
  results,
}
await writeFile(new URL('./results/vault.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
