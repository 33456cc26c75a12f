/**
 * Choreography under fire: orders are driven through the typed client on a real PostgreSQL and a broker while processes
 * are killed with -9 at random and handlers fail at random. Then everything is counted.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../../platform/store/connect.ts'
import type { Way } from './buying.ts'
import { mendStore } from './checks-around.ts'
import { live, type Placed } from './orders.ts'
import { divided, startFire } from './processes.ts'
import { type Ended, settle, type Tally, tallyOf } from './tally.ts'
import { gather, startOutside } from './world.ts'

export interface Choreography {
  readonly databaseUrl: string
  readonly orders: number
  /** Orders at once. */
  readonly lanes: number
  /** Milliseconds between two kills, about; 0: nobody is killed. */
  readonly restMs: number
  /** Of all runs of handlers, how many fail on purpose. */
  readonly failing: number
  /** Which services run in which process; the part that the files lie with among them. */
  readonly parts?: readonly string[]
  readonly progress?: (line: string) => void
  /** Looks at what there is at the end, before it is taken down. */
  readonly inspect?: (ended: Ended) => Promise<void>
}

export interface Outcome extends Tally {
  readonly kills: Readonly<Record<string, number>>
  /** Handlers that failed on purpose, as far as they lived to tell. */
  readonly failures: number
  /** From the first step of the first order until the last was over. */
  readonly seconds: number
}

/** Drives the orders and counts. An order that does not come to its end is among what is wrong. */
export async function burn(choreography: Choreography): Promise<Outcome> {
  const { databaseUrl, orders, lanes, restMs, failing, progress = () => {}, inspect } = choreography
  const { parts = divided } = choreography
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-fire-'))
  const outside = await startOutside()
  const sql = connect(databaseUrl, { max: 2, onnotice: () => {} })
  let fire: Awaited<ReturnType<typeof startFire>> | undefined
  try {
    fire = await startFire({ databaseUrl, folder, parts, failing, env: outside.env })
    progress('the processes run')
    const world = await gather(fire, outside, lanes)
    progress('everybody is there')
    const killing = restMs > 0 ? fire.burn(restMs) : undefined
    const begun = performance.now()
    const placed: Placed[] = []
    const stuck: string[] = []
    let next = 0
    const lane = async (own: (typeof world.ways)[number]) => {
      const way: Way = { world, models: [], ...own }
      while (next < orders) {
        const n = next++
        await live(way, n).then(
          (each) => placed.push(each),
          (error: Error) => stuck.push(`order ${n}: ${error.message} (${error.cause})`),
        )
        if (placed.length % 10 === 0) progress(`${placed.length} orders are over`)
      }
    }
    await Promise.all(world.ways.map(lane)).finally(() => killing?.stop())
    const seconds = (performance.now() - begun) / 1000
    progress('all orders are over; everything settles')
    const part = parts.findIndex((services) => services.split(',').includes('files'))
    const objects = join(folder, `part-${part}`, 'files')
    const unsettled = await settle(sql)
    await mendStore(sql, objects)
    const ended = { sql, world, placed, objects, crashes: [...fire.crashes, ...stuck, ...unsettled] }
    const tally = await tallyOf(ended)
    await inspect?.(ended)
    const { kills, failures } = fire
    return { ...tally, kills, failures: failures(), seconds }
  } finally {
    await fire?.end()
    outside.stop()
    await sql.end()
    rmSync(folder, { recursive: true, force: true })
  }
}
