import { type Call, defineRoutes, emit } from '@pleiad/platform/service'
import { operations } from './contract.ts'
import { cursorOf, mergePages, type Place, placeOf } from './letters.ts'
import { serviceOf, targetsOf } from './targets.ts'

type Operations = (typeof operations)['operations']
type Manages =
  | Call<Operations['retryDeadLetters']>
  | Call<Operations['discardDeadLetters']>
  | Call<Operations['replay']>

/** Says in the log and by an event who did what to how many. */
async function audit(
  { transact, log, caller, now, newId }: Manages,
  action: 'retry' | 'discard' | 'replay',
  target: Record<string, unknown>,
  count: number,
): Promise<{ count: number }> {
  const acted = { actionId: newId(), by: caller.id, action, target, count, at: now().toISOString() }
  await transact(async (tx) => emit(tx, operations, 'operations.acted', acted))
  log.info({ audit: acted }, 'an administrator acted')
  return { count }
}

type Settles = Call<Operations['retryDeadLetters']> | Call<Operations['discardDeadLetters']>

/** Goes over the services by name, from the cursor on, until `limit` letters are settled; the rest it counts. */
async function settle(call: Settles, action: 'retry' | 'discard') {
  const { service, cursor, limit = 500, ...filter } = call.body
  if (service === undefined && Object.keys(filter).length === 0) return call.fail('filterMissing')
  const targets = targetsOf(call.peers(), call.body) ?? call.fail('unknownService')
  const from = placeOf(cursor)
  let place: Place | undefined = from
  let count = 0
  let left = 0
  for (const peer of [...targets].sort((a, b) => (a.service < b.service ? -1 : 1))) {
    if (from && peer.service < from.service) continue
    const after = peer.service === from?.service ? from.position : undefined
    const settled = await peer[action](filter, after, limit - count)
    if (settled.count > 0 && settled.last) place = { service: peer.service, position: settled.last }
    count += settled.count
    left += settled.left
  }
  await audit(call, action, call.body, count)
  return { count, left, ...(left > 0 && place ? { next: cursorOf(place) } : {}) }
}

export const routes = defineRoutes(operations, () => ({
  async getMap({ peers }) {
    const services = await Promise.all(
      peers().map(async (peer) => {
        const [facts, health] = await Promise.all([peer.facts(), peer.health()])
        // A service whose database is away stays on the map.
        const stats =
          health.status === 'up' ? await peer.stats() : { service: facts.name, outbox: [], inbox: [] }
        return { facts, health, stats }
      }),
    )
    return { services: services.sort((a, b) => (a.facts.name < b.facts.name ? -1 : 1)) as never }
  },

  async listDeadLetters({ peers, query, fail }) {
    const { service: _, cursor, limit = 25, ...filter } = query
    const targets = targetsOf(peers(), query) ?? fail('unknownService')
    const pages = await Promise.all(targets.map((peer) => peer.deadLetters(filter, cursor, limit)))
    const { items, next } = mergePages(pages, limit)
    const letters = items.map(({ position: _, ...letter }) => ({
      ...letter,
      service: serviceOf(letter.consumer),
    }))
    return { items: letters, ...(next ? { next } : {}) }
  },

  async getDeadLetter({ peers, params, fail }) {
    const [peer] = targetsOf(peers(), params) ?? fail('unknownService')
    const letter = (await peer!.deadLetter(params.consumer, params.id)) ?? fail('notFound')
    const { position: _, ...rest } = letter
    return { ...rest, service: peer!.service }
  },

  retryDeadLetters: (call) => settle(call, 'retry'),

  discardDeadLetters: (call) => settle(call, 'discard'),

  async replay(call) {
    const { service, ...order } = call.body
    if (order.again && !order.consumer) return call.fail('againNeedsConsumer')
    if (order.to && Date.parse(order.to) <= Date.parse(order.from)) return call.fail('periodEmpty')
    const [peer] = targetsOf(call.peers(), { service }) ?? call.fail('unknownService')
    if (order.consumer && !targetsOf(call.peers(), { consumer: order.consumer }))
      return call.fail('unknownService')
    return audit(call, 'replay', call.body, await peer!.replay(order))
  },
}))
