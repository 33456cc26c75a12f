/** Takes price requests in: into a lane, or decided at once where nothing has to be worked out. */
import type { Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { basisOf, priceOf, reasonAgainst, reasonImpossible } from './prices.ts'
import type { Request } from './requests.ts'
import { givePrice, handToHuman, refuse, tellOwner } from './service-decide.ts'
import type { Own } from './service-own.ts'
import * as jobs from './store-jobs.ts'
import * as models from './store-models.ts'

const DAY_MS = 86_400_000

export type Enqueuing = Pick<Tools, 'now' | 'count'>

/** How long a price that is made now binds. */
export function validUntil(own: Own, now: Date): Date {
  return new Date(now.getTime() + own.config.MES_PRICE_DAYS * DAY_MS)
}

/** A request of the same id that is there already is left as it is. */
export async function enqueue(tools: Enqueuing, own: Own, tx: Tx, request: Request): Promise<void> {
  const now = tools.now()
  const limit = own.config.MES_OWNER_JOBS
  const open = await jobs.countOpen(tx, request.ownerId, limit)
  const turn = await jobs.nextTurn(tx, request.lane, request.ownerId)
  const job = await jobs.insertJob(tx, request, 'queued', turn, now)
  if (!job) return
  if (open >= limit) {
    const detail = `The customer has ${limit} price requests waiting. Ask again when some are answered.`
    await refuse(tools, tx, job, { code: 'tooManyWaiting', detail, facts: { limit } })
    return
  }
  const { version, book } = await own.shelf.inForce(tx, now)
  const against = reasonAgainst(request.options, book)
  if (against) {
    await handToHuman(tools, tx, job, against)
    return
  }
  const model = await models.findModel(tx, request.modelId, request.version)
  const impossible = model && reasonImpossible(model.sizeMm, book)
  if (impossible) {
    await refuse(tools, tx, job, impossible)
    return
  }
  const work = model && (await models.findWork(tx, model.sha256, basisOf(request.options, book)))
  if (work) {
    const from = { book, version, validUntil: validUntil(own, now) }
    await givePrice(tools, tx, job, priceOf(work, request.options, from))
    return
  }
  tellOwner(tx, job)
  tx.afterCommit(own.bell.ring)
}
