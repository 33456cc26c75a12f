/**
 * Forge on PostgreSQL: full orders per second, then 2,000 orders under fire (processes killed with -9 at random, handlers
 * that fail at random), and the tally of what came of them. Needs `nats-server`. `node bench/forge.ts [orders] [seconds]`
 * prints both and writes bench/results/forge.json and fire.json; 0 orders or 0 seconds leaves that part out.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../platform/store/embedded.ts'
import { burn, type Outcome } from '../tests/forge/fire/fire.ts'
import { measurePace, type Pace, type Road } from './forge-orders.ts'

const ORDERS = Number(process.argv[2] ?? 2000)
const SECONDS = Number(process.argv[3] ?? 30)
/** Ten times Vendure's 6.6. */
const AIM_PER_SECOND = 66
/** A start takes four seconds of a core: more often, and hardly anything but starts would be measured. */
const REST_MS = 15_000
const LANES = 16
const FAILING = 0.03

/** A database of its own, durable, for one part. */
async function withPostgres<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-bench-forge-'))
  const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
  const postgres = await startEmbeddedPostgres({ dataFolder: folder, log: quiet })
  try {
    return await work(postgres.url)
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const load = loadavg()[0]
const paces: Pace[] = []
const roads: Road[] = ['sold', 'delivered']
for (const road of SECONDS > 0 ? roads : [])
  for (const lanes of [16, 48])
    paces.push(await withPostgres((databaseUrl) => measurePace(databaseUrl, road, lanes, SECONDS)))
if (paces.length > 0) {
  console.table(paces)
  for (const road of roads) {
    const best = Math.max(...paces.filter((pace) => pace.road === road).map((pace) => pace.ordersPerSecond))
    const verdict = best >= AIM_PER_SECOND ? 'met' : 'not met'
    console.log(`orders per second, ${road}: ${best} (aim: at least ${AIM_PER_SECOND}), ${verdict}`)
  }
}

let fire: Outcome | undefined
if (ORDERS > 0) {
  fire = await withPostgres((databaseUrl) =>
    burn({
      databaseUrl,
      orders: ORDERS,
      lanes: LANES,
      restMs: REST_MS,
      failing: FAILING,
      progress: console.log,
    }),
  )
  const { wrong, ends, kills, ...figures } = fire
  console.table([figures])
  console.table([ends])
  console.table([kills])
  for (const each of wrong) console.log(`wrong: ${each}`)
  console.log(`${fire.orders} of ${ORDERS} orders came to an end, ${wrong.length} things are wrong`)
}

const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version, load }
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
async function report(name: string, figures: object): Promise<void> {
  const all = { measuredAt: new Date().toISOString(), machine, ...figures }
  await writeFile(new URL(`./results/${name}.json`, import.meta.url), `${JSON.stringify(all, null, 2)}\n`)
}
if (paces.length > 0) await report('forge', { paces })
if (fire)
  await report('fire', { asked: { orders: ORDERS, lanes: LANES, restMs: REST_MS, failing: FAILING }, fire })
process.exit(fire && (fire.wrong.length > 0 || fire.orders !== ORDERS) ? 1 : 0)
