/**
 * Logins and refreshes per second and per core, through HTTP, with PostgreSQL durable. Beside them, in the same run, what
 * they cannot beat: Argon2id alone for logins, and signing one access token alone for refreshes. "Per core" is work divided
 * by the CPU seconds of the server's Node process (hashing threads included, PostgreSQL and the client not).
 * `node bench/auth.ts [seconds]` prints a table and writes bench/results/auth.json.
 */
import { fork } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { auth } from '@pleiad/auth/contract'
import { createClient } from '@pleiad/platform/client'

const SECONDS = Number(process.argv[2] ?? 8)
const PEOPLE = 16
const PASSWORD = 'correct horse battery'

interface Figures {
  readonly subject: string
  readonly perSecond: number
  readonly perCore: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const server = fork(fileURLToPath(new URL('./auth-server.ts', import.meta.url)))
const answerOf = <T>(ask?: string) =>
  new Promise<T>((resolve) => {
    server.once('message', (message) => resolve(message as T))
    if (ask) server.send(ask)
  })
const serverCpu = async () => (await answerOf<{ cpuSeconds: number }>('cpu')).cpuSeconds
const ownCpu = async () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Repeats `work` in `workers` loops for the given time. */
async function measure(
  subject: string,
  workers: number,
  cpu: () => Promise<number>,
  work: (worker: number) => Promise<unknown>,
): Promise<Figures> {
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  const times: number[] = []
  const cpuBefore = await cpu()
  const started = performance.now()
  const until = started + SECONDS * 1000
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (performance.now() < until) {
        const began = performance.now()
        await work(worker)
        times.push(performance.now() - began)
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const cpuSeconds = (await cpu()) - cpuBefore
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)]! * 10) / 10
  return {
    subject,
    perSecond: Math.round((times.length / seconds) * 10) / 10,
    perCore: Math.round((times.length / cpuSeconds) * 10) / 10,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  }
}

const { url } = await answerOf<{ url: string }>()
const client = createClient(auth, { baseUrl: url })
const people: { email: string; refreshToken: string }[] = []
for (let index = 0; index < PEOPLE; index++) {
  const email = `person${index}@example.com`
  const body = { email, password: PASSWORD, username: `person${index}`, displayName: `Person ${index}` }
  const answer = await client.register({ body })
  if (answer.status !== 'signedIn') throw new Error(answer.status)
  people.push({ email, refreshToken: answer.refreshToken! })
}

const results: Figures[] = []
const login = (worker: number) => client.login({ body: { email: people[worker]!.email, password: PASSWORD } })
results.push(await measure('login', 8, serverCpu, login))
results.push(
  await measure('refresh', PEOPLE, serverCpu, async (worker) => {
    const person = people[worker]!
    person.refreshToken = (await client.refresh({ body: { refreshToken: person.refreshToken } }))
      .refreshToken!
  }),
)
server.send('stop')
await new Promise((resolve) => server.once('exit', resolve))

// The libraries are the service's own: they are found from its folder.
const fromAuth = createRequire(new URL('../services/auth/package.json', import.meta.url))
const fromPlatform = createRequire(new URL('../platform/package.json', import.meta.url))
interface Argon {
  hash(password: string, options: object): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
}
interface Jwt {
  setProtectedHeader(header: object): Jwt
  setExpirationTime(time: string): Jwt
  sign(key: object): Promise<string>
}
const { hash, verify } = fromPlatform('@node-rs/argon2') as Argon
const { SignJWT } = (await import(fromAuth.resolve('jose'))) as { SignJWT: new (claims: object) => Jwt }
const stored = await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
const hashers = Math.max(1, availableParallelism() - 1)
results.push(await measure('Argon2id alone (19 MiB, t=2)', hashers, ownCpu, () => verify(stored, PASSWORD)))
const { privateKey } = generateKeyPairSync('ed25519')
const sign = () =>
  new SignJWT({ sid: 'x', roles: ['member'], permissions: [] })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setExpirationTime('10m')
    .sign(privateKey)
results.push(await measure('EdDSA signature alone', 16, ownCpu, sign))

console.table(results)
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version }
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
const report = { measuredAt: new Date().toISOString(), machine, seconds: SECONDS, results }
await writeFile(new URL('./results/auth.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
