/** Orders in production: quality, packing, shipping. */
import { Files } from '@pleiad/files/rpc'
import { type Caller, emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { operators } from './contract.ts'
import type { Order, Stage } from './contract-schemas.ts'
import type { workOperations } from './contract-work.ts'
import { type Part, pageFrom, placeFrom } from './routes-part.ts'
import { mayAssign, tellBoards } from './service-steps.ts'
import * as store from './store-orders.ts'
import { insertWorks, type StoredWork, viewWork, worksOfOrder } from './store-work.ts'
import { canTake, type OrderStep, shareOf, worksOf } from './work.ts'

type Operations = typeof workOperations
type Named =
  | 'listOrders'
  | 'getOrder'
  | 'checkQuality'
  | 'packOrder'
  | 'shipOrder'
  | 'deliverOrder'
  | 'returnOrder'

const PICTURES = new Set(['image/jpeg', 'image/png', 'image/webp'])

async function viewFor(
  sql: Tools['sql'],
  caller: Pick<Caller, 'id' | 'permissions'>,
  order: store.StoredOrder,
): Promise<Order> {
  const works = await worksOfOrder(sql, order.orderId)
  const counted = works.filter(({ state }) => state !== 'withdrawn')
  // Whoever checks an order looks at what others made.
  const made = order.stage !== 'queued' && order.stage !== 'inProduction'
  const seen = (work: StoredWork) =>
    mayAssign(caller) ||
    work.state === 'free' ||
    work.operatorId === caller.id ||
    (made && work.state === 'finished')
  return {
    orderId: order.orderId,
    number: order.number,
    customerName: order.customerName,
    stage: order.stage as Stage,
    works: counted.length,
    finished: counted.filter(({ state }) => state === 'finished').length,
    dueAt: order.dueAt.toISOString(),
    version: order.version,
    ...(order.note === null ? {} : { note: order.note }),
    delivery: order.delivery,
    ...(order.carrier === null ? {} : { tracking: { carrier: order.carrier, number: order.tracking ?? '' } }),
    items: works.filter(seen).map(viewWork),
    checks: await store.listChecks(sql, order.orderId),
  }
}

interface Stepping extends Tools {
  readonly caller: Caller
  readonly params: { readonly orderId: string }
  readonly fail: (code: 'notFound' | 'stageRefuses', detail?: string, more?: Record<string, unknown>) => never
}

/** Holds an order at the right stage, takes the step, and answers with the order as it is then. */
async function take(
  call: Stepping,
  step: OrderStep,
  work: (tx: Tx, order: store.StoredOrder) => Promise<void>,
): Promise<Order> {
  return call.transact(async (tx) => {
    const order = await store.lockOrder(tx, call.params.orderId)
    if (!order || order.stage === 'waiting') return call.fail('notFound')
    if (!canTake(order.stage, step))
      return call.fail('stageRefuses', `The order is at: ${order.stage}.`, { stage: order.stage })
    await work(tx, order)
    tellBoards(tx, call, 'order', { orderId: order.orderId })
    return viewFor(tx, call.caller, (await store.findOrder(tx, order.orderId))!)
  })
}

/** Keeps the photos of a check, which must be pictures that the caller has uploaded. */
async function keepPhotos(
  { rpc, caller, params }: Stepping,
  photos: readonly string[],
  fail: (code: 'photoNotRight', detail?: string) => never,
): Promise<() => Promise<void>> {
  if (photos.length === 0) return async () => {}
  const files = rpc(Files)
  const known = new Map(
    (await files.getFiles({ fileIds: [...photos] })).files.map((file) => [file.fileId, file]),
  )
  for (const photo of photos) {
    const file = known.get(photo)
    if (!file || file.ownerId !== caller.id)
      return fail('photoNotRight', `There is no file ${photo} of yours.`)
    if (!PICTURES.has(file.type)) return fail('photoNotRight', `${file.name} is ${file.type}, not a picture.`)
  }
  const keeper = `operators:order:${params.orderId}`
  for (const fileId of photos) {
    await files.keep({ fileId, keeper })
    await files.grant({ fileId, subject: 'permission:production:work' })
  }
  return async () => {
    for (const fileId of photos) await files.release({ fileId, keeper })
  }
}

export const orderRoutes: Part<Pick<Operations, Named>> = {
  async listOrders({ sql, query }) {
    const { limit = 25, cursor, stage } = query
    const place = placeFrom(cursor)
    const rows = await store.listOrders(sql, {
      ...(stage === undefined ? {} : { stage }),
      ...(place ? { after: { at: new Date(place.at), orderId: place.id } } : {}),
      limit,
    })
    return pageFrom(
      rows,
      limit,
      (order) => order,
      ({ dueAt, orderId }) => [dueAt, orderId],
    )
  },

  async getOrder({ sql, params, caller, fail }) {
    const order = await store.findOrder(sql, params.orderId)
    return order ? viewFor(sql, caller, order) : fail('notFound')
  },

  async checkQuality(call) {
    const { body, caller, fail } = call
    const { passed, note, failed = [], photos = [] } = body
    if (!passed && (note === undefined || failed.length === 0)) return fail('checkNotRight')
    const letGo = await keepPhotos(call, photos, fail)
    try {
      return await take(call, 'check', async (tx, order) => {
        const { orderId } = order
        const made = (await worksOfOrder(tx, orderId)).filter(({ state }) => state === 'finished')
        if (passed && !mayAssign(caller) && made.every(({ operatorId }) => operatorId === caller.id))
          return fail('ownCheck')
        const at = call.now()
        const check = { checkId: call.newId(), passed, note: note ?? null, photos, by: caller.id, at }
        await store.insertCheck(tx, orderId, check)
        call.count('checks', { result: passed ? 'passed' : 'failed' })
        if (passed) {
          await store.saveStage(tx, orderId, 'passed')
          return emit(tx, operators, 'quality.passed', { orderId, by: caller.id, photos })
        }
        const lines = new Map(worksOf(order.lines).map((work) => [work.lineId, work]))
        const wanted = new Map<string, number>()
        for (const { lineId, quantity } of failed) wanted.set(lineId, (wanted.get(lineId) ?? 0) + quantity)
        const remakes = [...wanted].map(([lineId, quantity]) => {
          const line = lines.get(lineId)
          if (!line || quantity > line.quantity) return fail('checkNotRight')
          const first = made.find((work) => work.lineId === lineId)
          return {
            ...shareOf(line, quantity),
            workId: call.newId(),
            ...(first ? { remakeOf: first.workId } : {}),
          }
        })
        await insertWorks(tx, orderId, remakes, order.dueAt, at)
        await store.saveStage(tx, orderId, 'inProduction')
        emit(tx, operators, 'quality.failed', { orderId, by: caller.id, reason: note! })
      })
    } catch (error) {
      await letGo()
      throw error
    }
  },

  packOrder: (call) =>
    take(call, 'pack', async (tx, { orderId }) => {
      await store.saveStage(tx, orderId, 'packed', { packedAt: call.now() })
      emit(tx, operators, 'order.packed', { orderId, by: call.caller.id })
    }),

  shipOrder: (call) =>
    take(call, 'ship', async (tx, { orderId }) => {
      const { carrier, tracking } = call.body
      await store.saveStage(tx, orderId, 'shipped', { carrier, tracking })
      emit(tx, operators, 'order.shipped', { orderId, by: call.caller.id, carrier, tracking })
    }),

  deliverOrder: (call) =>
    take(call, 'deliver', async (tx, { orderId }) => {
      await store.saveStage(tx, orderId, 'delivered', { deliveredAt: call.now() })
      emit(tx, operators, 'order.delivered', { orderId, by: call.caller.id })
    }),

  returnOrder: (call) =>
    take(call, 'return', async (tx, { orderId }) => {
      await store.saveStage(tx, orderId, 'returned')
      emit(tx, operators, 'order.returned', { orderId, by: call.caller.id, reason: call.body.reason })
    }),
}
