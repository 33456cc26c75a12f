/** The internal RPC of `mes.proto`: for workers, and for neighbours that asked for prices. */
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import type { Tools } from '@pleiad/platform/service'
import type { Price } from '@pleiad/workshop/price/price'
import type { Work } from '@pleiad/workshop/print/work'
import { priceReasons, type Reason } from './contract.ts'
import { type Lease, PriceRequests, PriceWork } from './mes_pb.ts'
import { basisOf, reasonImpossible } from './prices.ts'
import { restMs } from './queue.ts'
import { viewJob } from './requests.ts'
import { callOff } from './service-cancel.ts'
import { type Claimed, claim, leaseEnd } from './service-claim.ts'
import { givePrice, handToHuman, refuse, tellOwner } from './service-decide.ts'
import { validUntil } from './service-enqueue.ts'
import type { Own } from './service-own.ts'
import { findPlace } from './service-place.ts'
import type { MesConfig } from './settings.ts'
import { findJobs } from './store-jobs.ts'
import { findModel, saveWork } from './store-models.ts'
import * as queue from './store-queue.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const WORKER = /^[\x21-\x7e]{1,200}$/
const MAX_WANTED = 64
const LONGEST_WAIT_MS = 12_000
/** How often a waiting claim looks by itself: leases end without a bell. */
const LOOK_EVERY_MS = 1000
const NOTED_EVERY_MS = 5000

const invalid = (what: string) => new ConnectError(what, Code.InvalidArgument)

function heldOf(lease: Lease | undefined): queue.Held {
  if (!lease || !UUID.test(lease.requestId) || !UUID.test(lease.lease)) throw invalid('lease is not right')
  return { requestId: lease.requestId, lease: lease.lease }
}

function parsed<T>(json: string, field: string): T {
  try {
    return JSON.parse(json) as T
  } catch {
    throw invalid(`${field} is not JSON`)
  }
}

function messageOf(own: Own, job: Claimed) {
  return {
    requestId: job.requestId,
    lease: job.lease!,
    fileId: job.fileId,
    sha256: job.sha256 ?? '',
    optionsJson: JSON.stringify(job.options),
    bookVersion: job.bookVersion,
    attempt: job.attempts,
    maxAttempts: own.config.MES_ATTEMPTS,
    workJson: job.work ? JSON.stringify(job.work) : '',
  }
}

export function addRpc(router: ConnectRouter, tools: Tools<MesConfig>, own: Own): void {
  addWork(router, tools, own)
  addRequests(router, tools, own)
}

function addWork(router: ConnectRouter, tools: Tools<MesConfig>, own: Own): void {
  const { sql, transact, now } = tools
  const note = (workerId: string, slots: number) => {
    if (!WORKER.test(workerId)) throw invalid('worker_id is not right')
    if (slots < 1 || slots > 1024) throw invalid('slots must be 1 to 1024')
    return queue.noteWorker(sql, workerId, slots, now(), new Date(now().getTime() - NOTED_EVERY_MS))
  }

  router.service(PriceWork, {
    claim: async ({ workerId, slots, wanted, waitMs }, { signal }) => {
      if (wanted < 1 || wanted > MAX_WANTED) throw invalid(`wanted must be 1 to ${MAX_WANTED}`)
      await note(workerId, slots)
      const until = performance.now() + Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS)
      const leaseMs = own.config.MES_LEASE_SECONDS * 1000
      for (;;) {
        const jobs = await claim(tools, own, { workerId, wanted })
        // Nobody is there any more to do them.
        if (signal.aborted && jobs.length > 0) {
          await queue.releaseLeases(
            sql,
            jobs.map(({ requestId, lease }) => ({ requestId, lease: lease! })),
          )
          own.bell.ring()
          return { jobs: [], leaseMs }
        }
        const left = until - performance.now()
        if (jobs.length > 0 || left <= 0 || own.bell.closed() || signal.aborted)
          return { jobs: jobs.map((job) => messageOf(own, job)), leaseMs }
        await own.bell.wait(Math.min(left, LOOK_EVERY_MS), signal)
      }
    },

    heartbeat: async ({ workerId, slots, leases }) => {
      await note(workerId, slots)
      if (leases.length > 1024) throw invalid('leases: at most 1024')
      const held = leases.map(heldOf)
      if (held.length === 0) return { lost: [] }
      const kept = await queue.renewLeases(sql, held, leaseEnd(own, now()))
      return { lost: held.map(({ requestId }) => requestId).filter((id) => !kept.includes(id)) }
    },

    finish: async (answer) => {
      const held = heldOf(answer.lease)
      const price = parsed<Price>(answer.priceJson, 'price_json')
      const work = parsed<Work>(answer.workJson, 'work_json')
      const sum = price.breakdown.reduce((total, { amount }) => total + amount, 0)
      if (!Number.isSafeInteger(price.total) || price.total < 0 || sum !== price.total)
        throw invalid('price_json: the breakdown does not add up to the total')
      const accepted = await transact(async (tx) => {
        const job = await queue.lockLeased(tx, held)
        if (!job) return false
        const book = await own.shelf.find(tx, answer.bookVersion)
        if (!book) throw invalid('book_version: there is no such book')
        if (answer.sha256 !== '') await saveWork(tx, answer.sha256, basisOf(job.options, book), work, now())
        const { materialG, supportG, machineSeconds, layers } = work
        await givePrice(
          tools,
          tx,
          job,
          {
            currency: price.currency,
            unitPrice: price.unitPrice,
            total: price.total,
            breakdown: price.breakdown.map(({ code, amount }) => ({ code, amount })),
            work: { materialG, supportG, machineSeconds, layers },
            bookVersion: answer.bookVersion,
            validUntil: validUntil(own, now()).toISOString(),
            byHand: false,
          },
          { measured: true },
        )
        return true
      })
      if (!accepted) tools.count('late_answers')
      return { accepted }
    },

    fail: async ({ lease, code, detail, factsJson, final }) => {
      const held = heldOf(lease)
      if (!(code in priceReasons)) throw invalid('code is not among the reasons')
      const facts =
        factsJson === '' ? undefined : parsed<NonNullable<Reason['facts']>>(factsJson, 'facts_json')
      const reason: Reason = { code, detail: detail.slice(0, 1000), ...(facts ? { facts } : {}) }
      const accepted = await transact(async (tx) => {
        const job = await queue.lockLeased(tx, held)
        if (!job) return false
        const { book } = await own.shelf.inForce(tx, now())
        const model = await findModel(tx, job.modelId, job.version)
        const impossible = model && reasonImpossible(model.sizeMm, book)
        if (impossible && code === 'partTooLarge') await refuse(tools, tx, job, impossible)
        else if (final || job.attempts >= own.config.MES_ATTEMPTS) await handToHuman(tools, tx, job, reason)
        else {
          const rest = restMs(job.attempts, own.config.MES_REST_SECONDS)
          tellOwner(tx, await queue.restJob(tx, job.requestId, new Date(now().getTime() + rest)))
        }
        return true
      })
      if (!accepted) tools.count('late_answers')
      return { accepted }
    },

    release: async ({ leases }) => {
      if (leases.length > 1024) throw invalid('leases: at most 1024')
      const held = leases.map(heldOf)
      if (held.length > 0 && (await queue.releaseLeases(sql, held)) > 0) own.bell.ring()
      return {}
    },

    getBook: async ({ version }) => {
      const book = await own.shelf.find(sql, version)
      if (!book) throw new ConnectError('there is no such version', Code.NotFound)
      return { bookJson: JSON.stringify(book) }
    },
  })
}

function addRequests(router: ConnectRouter, tools: Tools<MesConfig>, own: Own): void {
  const { sql, now } = tools
  router.service(PriceRequests, {
    getPriceJobs: async ({ requestIds }) => {
      if (requestIds.length > 100) throw invalid('request_ids: at most a hundred')
      if (!requestIds.every((id) => UUID.test(id))) throw invalid('request_ids is not right')
      const found = await findJobs(sql, requestIds)
      const views = found.map(async (job) => viewJob(job, await findPlace(sql, job, now())))
      return { jobsJson: (await Promise.all(views)).map((view) => JSON.stringify(view)) }
    },
    cancelPriceJob: async ({ requestId }) => {
      if (!UUID.test(requestId)) throw invalid('request_id is not right')
      const outcome = await tools.transact((tx) => callOff(tools, tx, requestId))
      if (outcome === 'unknown') throw new ConnectError('there is no such request', Code.NotFound)
      if (outcome === 'done') own.bell.ring()
      return { cancelled: outcome === 'done' }
    },
  })
}
