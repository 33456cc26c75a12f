/** Full orders per second, without fire: all services in one process on PostgreSQL, as `npm start` runs them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { newModel } from '../tests/forge/fire/buying.ts'
import { startFire } from '../tests/forge/fire/processes.ts'
import { gather, startOutside } from '../tests/forge/fire/world.ts'
import { options, placing } from '../tests/forge/hands.ts'

const ALL =
  'auth,users,projects,notifications,webhooks,operations,partners,shop,crm,editor,files,operators,mes'
const POLL_MS = 25

export interface Pace {
  readonly lanes: number
  readonly orders: number
  readonly seconds: number
  readonly ordersPerSecond: number
  /** Of one order, from the line in the cart until the shop says delivered. */
  readonly secondsMedian: number
  readonly secondsP95: number
}

type World = Awaited<ReturnType<typeof gather>>
type Lane = World['ways'][number] & { readonly modelId: string }

async function until<T>(ask: () => Promise<T | false | undefined>): Promise<T> {
  const end = Date.now() + 120_000
  for (;;) {
    const answer = await ask().catch(() => undefined)
    if (answer) return answer
    if (Date.now() > end) throw new Error('an order does not come to its end')
    await pause(POLL_MS)
  }
}

/**
 * One order: a part with settings of its own is put into the cart and priced by a worker, ordered, confirmed by the
 * office, claimed, started and finished by an operator, checked, packed, shipped, delivered; over when the shop says so.
 */
async function fullOrder(world: World, lane: Lane, n: number): Promise<void> {
  const { customer, operator, machineId, modelId } = lane
  const { office, head } = world
  const print = { ...options, infillPercent: n % 101, layerHeightMm: n % 202 < 101 ? 0.2 : 0.3, quantity: 1 }
  await customer.shop.addLine({ body: { kind: 'made', modelId, options: print } })
  const { cartId } = await until(async () => {
    const cart = await customer.shop.getCart()
    return cart.total !== undefined && cart
  })
  const { orderId } = await customer.shop.checkout({ body: { cartId, ...placing } })
  const params = { orderId }
  await until(() => office.crm.confirmOrder({ params, body: {} }))
  const { items } = await until(() => head.operators.getOrder({ params }))
  const work = { params: { workId: items[0]!.workId } }
  await operator.operators.claimWork({ ...work, body: {} })
  await operator.operators.startWork({ ...work, body: { machineId } })
  await operator.operators.finishWork({ ...work, body: {} })
  await head.operators.checkQuality({ params, body: { passed: true } })
  await operator.operators.packOrder({ params, body: {} })
  await operator.operators.shipOrder({ params, body: { carrier: 'Post', tracking: '0042' } })
  await operator.operators.deliverOrder({ params, body: {} })
  await until(async () => (await customer.shop.getOrder({ params })).state === 'delivered')
}

/** Measures for so many seconds, after a quarter of that to warm up. */
export async function measurePace(databaseUrl: string, lanes: number, seconds: number): Promise<Pace> {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-pace-'))
  const outside = await startOutside()
  const fire = await startFire({
    ...{ databaseUrl, folder, failing: 0, parts: [`${ALL},mes-worker`] },
    env: { ...outside.env, DATABASE_POOL: '8' },
  })
  try {
    const world = await gather(fire, outside, lanes)
    const own: Lane[] = []
    for (const way of world.ways)
      own.push({ ...way, modelId: await newModel({ world, models: [], ...way }, own.length) })
    const times: number[] = []
    const begin = performance.now() + seconds * 250
    const end = begin + seconds * 1000
    let next = 0
    await Promise.all(
      own.map(async (lane) => {
        while (performance.now() < end) {
          const begun = performance.now()
          await fullOrder(world, lane, next++)
          const over = performance.now()
          if (over >= begin && over <= end) times.push((over - begun) / 1000)
        }
      }),
    )
    times.sort((a, b) => a - b)
    const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)]! * 100) / 100
    const ordersPerSecond = Math.round((times.length / seconds) * 10) / 10
    return {
      lanes,
      orders: times.length,
      seconds,
      ordersPerSecond,
      secondsMedian: at(0.5),
      secondsP95: at(0.95),
    }
  } finally {
    await fire.end()
    outside.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
