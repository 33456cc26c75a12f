import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import { defineRoutes, type Tools } from '@pleiad/platform/service'
import { mes } from './contract.ts'
import { viewJob } from './requests.ts'
import { bookRoutes } from './routes-books.ts'
import { estimateRoutes } from './routes-estimate.ts'
import { humanRoutes } from './routes-human.ts'
import { callOff } from './service-cancel.ts'
import type { Own } from './service-own.ts'
import { findPlace, SEEN_MS } from './service-place.ts'
import { findJob, listJobs } from './store-jobs.ts'
import { countHuman, countQueued, findHead, findPace, listWorkers } from './store-queue.ts'

const COUNTED = 10_000

async function viewLane({ sql, now }: Pick<Tools, 'sql' | 'now'>, lane: 'regular' | 'priority') {
  const [queued, oldest] = await Promise.all([countQueued(sql, lane, COUNTED), findHead(sql, lane)])
  return {
    lane,
    queued,
    ...(oldest ? { oldestSeconds: Math.max(0, (now().getTime() - oldest.getTime()) / 1000) } : {}),
  }
}

export const routes = defineRoutes<typeof mes, Own>(mes, (own) => ({
  ...estimateRoutes(own),
  ...humanRoutes(own),
  ...bookRoutes(own),

  listPriceJobs: async ({ sql, caller, query }) => {
    const limit = query.limit ?? 25
    const cursor = query.cursor ? String(decodeCursor(query.cursor, 1)[0]) : undefined
    const found = await listJobs(sql, caller.id, {
      limit,
      ...(cursor ? { cursor } : {}),
      ...(query.state ? { state: query.state } : {}),
    })
    const page = found.slice(0, limit)
    return {
      items: page.map((job) => viewJob(job)),
      ...(found.length > limit ? { next: encodeCursor([page.at(-1)!.requestId]) } : {}),
    }
  },

  getPriceJob: async ({ sql, caller, params, now, fail }) => {
    const job = await findJob(sql, params.requestId)
    if (job?.ownerId !== caller.id) return fail('notFound')
    return viewJob(job, await findPlace(sql, job, now()))
  },

  cancelPriceJob: async (call) => {
    const { transact, caller, params, fail } = call
    return transact(async (tx) => {
      const job = await findJob(tx, params.requestId)
      if (job?.ownerId !== caller.id) return fail('notFound')
      if ((await callOff(call, tx, params.requestId)) !== 'done') return fail('jobDecided')
      return viewJob((await findJob(tx, params.requestId))!)
    })
  },

  getQueue: async (call) => {
    const { sql, now } = call
    const since = new Date(now().getTime() - SEEN_MS)
    const [regular, priority, waitingForHuman, pace, workers] = await Promise.all([
      viewLane(call, 'regular'),
      viewLane(call, 'priority'),
      countHuman(sql, COUNTED),
      findPace(sql, since),
      listWorkers(sql, since),
    ])
    return {
      lanes: [priority, regular],
      waitingForHuman,
      ...(pace.secondsPerJob === null ? {} : { secondsPerJob: pace.secondsPerJob }),
      workers: workers.map(({ workerId, slots, seenAt, working }) => ({
        workerId,
        slots,
        working,
        seenAt: seenAt.toISOString(),
      })),
    }
  },
}))
