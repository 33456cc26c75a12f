/**
 * Orders per second, without fire: all services in one process on PostgreSQL, as `npm start` runs them. Two kinds: those of
 * a shop, from the line in the cart to the order that the office has before it, which is what peers that only sell count;
 * and those of the whole workshop, which are priced, made, checked and delivered as well.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from '../platform/store/connect.ts'
import { newModel } from '../tests/forge/fire/buying.ts'
import { startFire } from '../tests/forge/fire/processes.ts'
import { gather, SKU, startOutside } from '../tests/forge/fire/world.ts'
import { options, placing } from '../tests/forge/hands.ts'

const ALL =
  'auth,users,projects,notifications,webhooks,operations,partners,shop,crm,editor,files,operators,mes'
/** People look again after so long; pages are told. */
const LOOK_MS = 150

export type Road = 'sold' | 'delivered'

export interface Pace {
  readonly road: Road
  readonly lanes: number
  readonly orders: number
  readonly seconds: number
  readonly ordersPerSecond: number
  /** Of one order, from the line in the cart to the end of its road. */
  readonly secondsMedian: number
  readonly secondsP95: number
}

type World = Awaited<ReturnType<typeof gather>>
type Lane = World['ways'][number] & { readonly modelId: string }

async function until<T>(ask: () => Promise<T | false | undefined>): Promise<T> {
  const end = Date.now() + 120_000
  for (;;) {
    let cause: unknown
    const answer = await ask().catch((error) => {
      cause = error
    })
    if (answer) return answer
    if (Date.now() > end) throw new Error('an order does not come to its end', { cause })
    await pause(LOOK_MS)
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

/** One order of a ready-made item: put into the cart, ordered on invoice. */
async function soldOrder(_world: World, { customer }: Lane, _n: number): Promise<void> {
  const { cartId } = await customer.shop.addLine({ body: { kind: 'ready', sku: SKU, quantity: 1 } })
  const { state } = await customer.shop.checkout({ body: { cartId, ...placing } })
  if (state !== 'created') throw new Error(`The order is ${state}`)
}

/** Resolves when no service has anything left to carry or to handle: whatever follows from an order is done then. */
async function settled(databaseUrl: string): Promise<void> {
  const sql = connect(databaseUrl, { max: 1 })
  try {
    const schemas = await sql<{ name: string }[]>`
      select relnamespace::regnamespace::text as name from pg_class where relname = 'inbox'`
    const waits = schemas
      .map(
        ({ name }) => `exists (select from ${name}.outbox where due_at is null or due_at <= now())
          or exists (select from ${name}.inbox where state = 'pending' and due_at <= now())`,
      )
      .join(' or ')
    await until(async () => (await sql.unsafe(`select not (${waits}) as settled`))[0]!['settled'])
  } finally {
    await sql.end()
  }
}

const roads = { sold: soldOrder, delivered: fullOrder }

/**
 * Begins orders for so many seconds, after a quarter of that to warm up, and counts the time until all of them have ended
 * and nothing that follows from them is left to do.
 */
export async function measurePace(
  databaseUrl: string,
  road: Road,
  lanes: number,
  seconds: number,
): Promise<Pace> {
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
    let next = 0
    const drive = async (forSeconds: number): Promise<number[]> => {
      const times: number[] = []
      const end = performance.now() + forSeconds * 1000
      await Promise.all(
        own.map(async (lane) => {
          while (performance.now() < end) {
            const begun = performance.now()
            await roads[road](world, lane, next++)
            times.push((performance.now() - begun) / 1000)
          }
        }),
      )
      await settled(databaseUrl)
      return times.sort((a, b) => a - b)
    }
    await drive(seconds / 4)
    const begin = performance.now()
    const times = await drive(seconds)
    const took = (performance.now() - begin) / 1000
    const rounded = (value: number) => Math.round(value * 100) / 100
    const at = (share: number) => rounded(times[Math.floor((times.length - 1) * share)]!)
    return {
      road,
      lanes,
      orders: times.length,
      seconds: rounded(took),
      ordersPerSecond: rounded(times.length / took),
      secondsMedian: at(0.5),
      secondsP95: at(0.95),
    }
  } finally {
    await fire.end()
    outside.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
