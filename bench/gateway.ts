/**
 * (a) The whole stack (authentication, validation, limits, trace, metrics) on one operation against bare Fastify, bare
 * Nest and a Nest on Express that has the same duties, and (d) verifications of a token per second from the cache. Each server is a process of its own, autocannon
 * another; the servers take turns, so that a busy moment of the machine does not hit one of them only.
 * `node bench/gateway.ts [seconds] [rounds]` prints a table and writes bench/results/gateway.json.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createSigner } from 'fast-jwt'
import { createIdentity } from '../platform/identity/identity.ts'

const SECONDS = Number(process.argv[2] ?? 4)
const ROUNDS = Number(process.argv[3] ?? 3)
const CONNECTIONS = 50
const PATH = '/api/v1/bench/orders'
const BODY = '{"name":"a paper lamp","count":3}'

interface Server {
  readonly name: string
  readonly child: ChildProcess
  readonly port: number
  readonly token: string | undefined
  readonly rates: number[]
  readonly latencies: number[]
  /** Microseconds of CPU time per request. */
  readonly costs: number[]
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const run = promisify(execFile)

async function start(name: string): Promise<Server> {
  const child = spawn(process.execPath, [here('./gateway-servers.ts'), name], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let token: string | undefined
  for await (const line of createInterface({ input: child.stdout! })) {
    const [word, value] = line.split(' ')
    if (word === 'token') token = value
    if (word === 'port')
      return { name, child, port: Number(value), token, rates: [], latencies: [], costs: [] }
  }
  throw new Error(`${name} did not start`)
}

/** One run of autocannon in its own process; fails when anything but 200 came back. */
async function load(server: Server, seconds: number): Promise<{ rate: number; p99: number; cost: number }> {
  const before = await cpuMicroseconds(server)
  const { stdout } = await run(
    process.execPath,
    [
      here('../node_modules/autocannon/autocannon.js'),
      ...['--json', '-c', String(CONNECTIONS), '-d', String(seconds), '-m', 'POST', '-b', BODY],
      ...['-H', 'content-type=application/json'],
      ...(server.token ? ['-H', `authorization=Bearer ${server.token}`] : []),
      `http://127.0.0.1:${server.port}${PATH}`,
    ],
    { maxBuffer: 10 * 1024 * 1024 },
  )
  const result = JSON.parse(stdout) as {
    requests: { average: number; total: number }
    latency: { p99: number }
    non2xx: number
    errors: number
  }
  if (result.non2xx + result.errors > 0)
    throw new Error(`${server.name}: ${result.non2xx} refusals, ${result.errors} errors`)
  const cost = ((await cpuMicroseconds(server)) - before) / result.requests.total
  return { rate: result.requests.average, p99: result.latency.p99, cost }
}

function cpuMicroseconds({ child }: Server): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (used) => resolve(Number(used)))
    child.send('cpu')
  })
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Verifications per second of a token that was seen before, among 1,000 that take turns. */
async function verifications(): Promise<number> {
  const keys = generateKeyPairSync('ed25519')
  const identity = createIdentity({
    issuer: 'bench',
    now: () => new Date(),
    loadKeys: async () => ({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1' }] }),
    resolveToken: async () => undefined,
    loadRevocations: async () => [],
    onBroadcast: () => {},
  })
  const key = keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  const sign = createSigner({ key, algorithm: 'EdDSA', kid: 'k1' })
  const exp = Math.floor(Date.now() / 1000) + 600
  const tokens = Array.from({ length: 1000 }, (_, n) =>
    sign({ iss: 'bench', sub: `u${n}`, sid: `s${n}`, roles: [], permissions: [], exp }),
  )
  for (const token of tokens) if (!(await identity.verify(token))) throw new Error('a token was refused')
  const began = performance.now()
  let count = 0
  while (performance.now() - began < 2000) {
    // As from the network: a string that was not compared before.
    for (let at = 0; at < tokens.length; at++) {
      const token = `${tokens[at]}`
      const verified = identity.verify(token)
      if (verified === undefined || verified instanceof Promise)
        throw new Error('not answered from the cache')
      count++
    }
  }
  return Math.round((count / (performance.now() - began)) * 1000)
}

const servers: Server[] = []
try {
  for (const name of ['pleiad', 'fastify', 'nest-fastify', 'nest-express', 'nest-express-duties'])
    servers.push(await start(name))
  for (const server of servers) await load(server, 2)
  for (let round = 0; round < ROUNDS; round++)
    for (const server of servers) {
      const { rate, p99, cost } = await load(server, SECONDS)
      server.costs.push(cost)
      server.rates.push(rate)
      server.latencies.push(p99)
    }
} finally {
  for (const { child } of servers) child.kill()
}

const figures = servers.map(({ name, rates, latencies, costs }) => ({
  server: name,
  requestsPerSecond: Math.round(median(rates)),
  p99Ms: median(latencies),
  cpuMicrosecondsPerRequest: Number(median(costs).toFixed(1)),
}))
const rateOf = (name: string) => figures.find(({ server }) => server === name)!.requestsPerSecond
const costOf = (name: string) => figures.find(({ server }) => server === name)!.cpuMicrosecondsPerRequest
/** Of medians: how many times the peer's requests per second, and how much less CPU time a request takes. */
const ratio = (peer: string) => Number((rateOf('pleiad') / rateOf(peer)).toFixed(2))
const cpuRatio = (peer: string) => Number((costOf(peer) / costOf('pleiad')).toFixed(2))
const results = {
  at: new Date().toISOString(),
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
  settings: { connections: CONNECTIONS, seconds: SECONDS, rounds: ROUNDS, body: BODY },
  figures,
  ofBareFastify: ratio('fastify'),
  timesNestOnExpress: ratio('nest-express'),
  timesNestOnExpressWithDuties: ratio('nest-express-duties'),
  cpuOfBareFastify: cpuRatio('fastify'),
  cpuTimesNestOnExpress: cpuRatio('nest-express'),
  cpuTimesNestOnExpressWithDuties: cpuRatio('nest-express-duties'),
  verificationsPerSecond: await verifications(),
}
console.table(figures)
console.log(
  `Whole stack: ${results.ofBareFastify} x bare Fastify (aim 0.7), ${results.timesNestOnExpressWithDuties} x Nest on Express with the same duties (aim 3), ${results.timesNestOnExpress} x bare Nest on Express; by CPU time per request ${results.cpuOfBareFastify}, ${results.cpuTimesNestOnExpressWithDuties} and ${results.cpuTimesNestOnExpress}`,
)
console.log(`Token verifications from the cache: ${results.verificationsPerSecond} per second (aim 30,000)`)
await mkdir(here('./results'), { recursive: true })
await writeFile(here('./results/gateway.json'), `${JSON.stringify(results, undefined, 2)}\n`)
