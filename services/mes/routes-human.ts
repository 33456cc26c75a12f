/** Requests that a person decides. */
import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import type { Routes, Tools } from '@pleiad/platform/service'
import type { Sql, Tx } from '@pleiad/platform/store'
import type { HumanJob, mes } from './contract.ts'
import { priceByHand, type StoredJob, viewHumanJob } from './requests.ts'
import { givePrice, refuse, tellDeciders, tellOwner } from './service-decide.ts'
import type { Own } from './service-own.ts'
import { findJob, listHumanJobs, lockJob, nextTurn, queueAgain, setTaken } from './store-jobs.ts'
import { findModel, findModels } from './store-models.ts'

const DAY_MS = 86_400_000

type Names =
  | 'listHumanJobs'
  | 'openHumanJob'
  | 'takeHumanJob'
  | 'releaseHumanJob'
  | 'setPrice'
  | 'refusePrice'
  | 'tryPriceAgain'
type HumanRoutes = Pick<ReturnType<Routes<typeof mes, Own>>, Names>

async function view(sql: Sql, job: StoredJob): Promise<HumanJob> {
  return viewHumanJob(job, await findModel(sql, job.modelId, job.version))
}

/** Jobs that a person had to see: the others are their owner's own business. */
const isHuman = ({ state, reason, decidedBy }: StoredJob) =>
  state === 'waitingForHuman' || decidedBy !== null || reason !== null

/** Runs `work` on a job that waits for a person and stays so meanwhile. */
async function withWaiting(
  call: Pick<Tools, 'transact'> & {
    readonly params: { readonly requestId: string }
    readonly fail: (code: 'notFound' | 'jobDecided') => never
  },
  work: (tx: Tx, job: StoredJob) => Promise<StoredJob>,
): Promise<HumanJob> {
  return call.transact(async (tx) => {
    const job = await lockJob(tx, call.params.requestId)
    if (!job || !isHuman(job)) return call.fail('notFound')
    if (job.state !== 'waitingForHuman') return call.fail('jobDecided')
    return view(tx, await work(tx, job))
  })
}

export const humanRoutes = (own: Own): HumanRoutes => ({
  listHumanJobs: async ({ sql, caller, query }) => {
    const limit = query.limit ?? 25
    const cursor = query.cursor ? String(decodeCursor(query.cursor, 1)[0]) : undefined
    const found = await listHumanJobs(sql, {
      limit,
      ...(cursor ? { cursor } : {}),
      ...(query.lane ? { lane: query.lane } : {}),
      ...(query.taken ? { takenBy: query.taken === 'mine' ? caller.id : null } : {}),
    })
    const page = found.slice(0, limit)
    const models = new Map(
      (await findModels(sql, page)).map((model) => [`${model.modelId} ${model.version}`, model]),
    )
    return {
      items: page.map((job) => viewHumanJob(job, models.get(`${job.modelId} ${job.version}`))),
      ...(found.length > limit ? { next: encodeCursor([page.at(-1)!.requestId]) } : {}),
    }
  },

  openHumanJob: async ({ sql, params, fail }) => {
    const job = await findJob(sql, params.requestId)
    return job && isHuman(job) ? view(sql, job) : fail('notFound')
  },

  takeHumanJob: (call) =>
    withWaiting(call, async (tx, job) => {
      const { caller, body, now, fail } = call
      if (job.takenBy && job.takenBy !== caller.id && !body.force)
        return fail('jobTaken', undefined, { takenBy: job.takenBy })
      tellDeciders(tx, job)
      return setTaken(tx, job.requestId, caller.id, now())
    }),

  releaseHumanJob: (call) =>
    withWaiting(call, async (tx, job) => {
      if (job.takenBy !== call.caller.id) return call.fail('jobNotTaken')
      tellDeciders(tx, job)
      return setTaken(tx, job.requestId, null, call.now())
    }),

  setPrice: (call) =>
    withWaiting(call, async (tx, job) => {
      const { body, caller, now } = call
      if (job.takenBy !== caller.id) return call.fail('jobNotTaken')
      const { version, book } = await own.shelf.inForce(tx, now())
      const price = priceByHand({
        currency: book.currency,
        unitPrice: body.unitPrice,
        quantity: job.options.quantity,
        bookVersion: version,
        validUntil: new Date(now().getTime() + (body.validDays ?? own.config.MES_PRICE_DAYS) * DAY_MS),
      })
      return givePrice(call, tx, job, price, { userId: caller.id, note: body.note ?? '' })
    }),

  refusePrice: (call) =>
    withWaiting(call, async (tx, job) => {
      const { body, caller } = call
      if (job.takenBy !== caller.id) return call.fail('jobNotTaken')
      const reason = { code: 'declined', detail: body.reason }
      return refuse(call, tx, job, reason, { userId: caller.id, note: body.note ?? '' })
    }),

  tryPriceAgain: (call) =>
    withWaiting(call, async (tx, job) => {
      const { caller, now, fail } = call
      if (job.takenBy && job.takenBy !== caller.id)
        return fail('jobTaken', undefined, { takenBy: job.takenBy })
      const turn = await nextTurn(tx, job.lane, job.ownerId)
      const queued = await queueAgain(tx, job.requestId, turn, now())
      tellOwner(tx, queued)
      tellDeciders(tx, queued)
      tx.afterCommit(own.bell.ring)
      return queued
    }),
})
