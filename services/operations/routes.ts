import { type Call, defineRoutes, emit } from '@pleiad/platform/service'
import { operations } from './contract.ts'
import { mergePages } from './letters.ts'
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

async function total(counts: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
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

  async retryDeadLetters(call) {
    const { service: _, ...filter } = call.body
    const targets = targetsOf(call.peers(), call.body) ?? call.fail('unknownService')
    return audit(call, 'retry', call.body, await total(targets.map((peer) => peer.retry(filter))))
  },

  async discardDeadLetters(call) {
    const { service: _, ...filter } = call.body
    const targets = targetsOf(call.peers(), call.body) ?? call.fail('unknownService')
    return audit(call, 'discard', call.body, await total(targets.map((peer) => peer.discard(filter))))
  },

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
