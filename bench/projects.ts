/**
 * Listing, opening and saving a project at 10, 1,000 and 10,000 projects, all of one person (the worst case of a list),
 * through HTTP, with PostgreSQL durable. The times are those of whoever waits; four wait at once. `flat` is the
 * median at this size divided by the median at 10. `node bench/projects.ts [seconds]` prints a table and writes
 * bench/results/projects.json.
 */
import { fork } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { auth } from '@pleiad/auth/contract'
import { createClient } from '@pleiad/platform/client'
import { projects } from '@pleiad/projects/contract'

const SECONDS = Number(process.argv[2] ?? 5)
const SIZES = [10, 1_000, 10_000]
const WORKERS = 4
/** Console listing at 10,000 projects. */
const AIM_P95_MS = 50

interface Figures {
  readonly projects: number
  readonly what: string
  readonly perSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly flat: number
}

const server = fork(fileURLToPath(new URL('./projects-server.ts', import.meta.url)))
const answerOf = <T>(ask?: object) =>
  new Promise<T>((resolve) => {
    server.once('message', (message) => resolve(message as T))
    if (ask) server.send(ask)
  })

const { url } = await answerOf<{ url: string }>()
const person = await createClient(auth, { baseUrl: url }).register({
  body: {
    email: 'olga@example.com',
    password: 'correct horse battery',
    username: 'olga',
    displayName: 'Olga',
  },
})
if (person.status !== 'signedIn') throw new Error(person.status)
let token = person.accessToken!
let refreshToken = person.refreshToken!
const { userId } = await createClient(auth, {
  baseUrl: url,
  headers: () => ({ authorization: `Bearer ${token}` }),
}).getMe()
const client = createClient(projects, {
  baseUrl: url,
  headers: () => ({ authorization: `Bearer ${token}` }),
})

const known: string[] = []
const first = new Map<string, number>()
const results: Figures[] = []

async function measure(what: string, work: (worker: number) => Promise<unknown>): Promise<void> {
  for (let n = 0; n < 200; n++) await work(n % WORKERS)
  const times: number[] = []
  const began = performance.now()
  const until = began + SECONDS * 1000
  await Promise.all(
    Array.from({ length: WORKERS }, async (_, worker) => {
      while (performance.now() < until) {
        const asked = performance.now()
        await work(worker)
        times.push(performance.now() - asked)
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)]! * 10) / 10
  const p50Ms = at(0.5)
  if (!first.has(what)) first.set(what, p50Ms)
  results.push({
    projects: known.length,
    what,
    perSecond: Math.round(times.length / seconds),
    p50Ms,
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    flat: Math.round((p50Ms / first.get(what)!) * 10) / 10,
  })
}

/** Of each project, as whoever saves it has read it. */
const versions = new Map<string, number>()
const some = () => known[Math.floor(Math.random() * known.length)]!

for (const size of SIZES) {
  const { projectIds } = await answerOf<{ projectIds: string[] }>({
    add: size - known.length,
    everywhere: userId,
  })
  known.push(...projectIds)
  const renewed = await createClient(auth, { baseUrl: url }).refresh({ body: { refreshToken } })
  token = renewed.accessToken!
  refreshToken = renewed.refreshToken!

  await measure('list, first page', () => client.listProjects())
  await measure('list, any page', () => client.listProjects({ query: { cursor: some() } }))
  await measure('list, one state', () => client.listProjects({ query: { state: 'active' } }))
  await measure('search, one name', () => client.listProjects({ query: { search: String(size - 3) } }))
  await measure('search, many names', () => client.listProjects({ query: { search: 'al' } }))
  await measure('open', () => client.getProject({ params: { projectId: some() } }))
  await measure('save', async (worker) => {
    // Each worker saves projects of its own: nobody else changes the version meanwhile.
    const projectId =
      known[Math.floor((Math.random() * known.length) / WORKERS) * WORKERS + worker] ?? known[worker]!
    const saved = await client.updateProject({
      params: { projectId },
      ifMatch: versions.get(projectId) ?? 1,
      body: { name: `Saved ${Math.random()}` },
    })
    versions.set(projectId, saved.version)
  })
}
server.send('stop')
await new Promise((resolve) => server.once('exit', resolve))

console.table(results)
const listing = results.filter(({ projects, what }) => projects === SIZES.at(-1) && what.startsWith('list'))
const worst = Math.max(...listing.map(({ p95Ms }) => p95Ms))
console.log(
  `listing at ${SIZES.at(-1)} projects: p95 ${worst} ms (aim: at most ${AIM_P95_MS}), ${worst <= AIM_P95_MS ? 'met' : 'not met'}`,
)
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version }
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
const report = { measuredAt: new Date().toISOString(), machine, seconds: SECONDS, workers: WORKERS, results }
await writeFile(new URL('./results/projects.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
