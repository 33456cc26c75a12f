/** Gives jobs to workers, and takes those over whose worker fell silent. */
import type { Tools } from '@pleiad/platform/service'
import type { PriceBook } from '@pleiad/workshop/price/book'
import type { Work } from '@pleiad/workshop/print/work'
import { basisOf } from './prices.ts'
import { chooseClaims } from './queue.ts'
import { handToHuman } from './service-decide.ts'
import type { Own } from './service-own.ts'
import { findWorks } from './store-models.ts'
import * as queue from './store-queue.ts'

const TAKEN_OVER_AT_ONCE = 50

export interface Claimed extends queue.ClaimedJob {
  readonly bookVersion: number
  /** What making it takes, if that is known. */
  readonly work: Work | undefined
}

/** At most `wanted` jobs, leased to the worker; none when nothing waits. */
export async function claim(
  tools: Tools,
  own: Own,
  worker: { readonly workerId: string; readonly wanted: number },
): Promise<Claimed[]> {
  if (!(await queue.hasWork(tools.sql, tools.now()))) return []
  return tools.transact(async (tx) => {
    const sinceRegular = await queue.lockQueue(tx)
    const now = tools.now()
    const due = await queue.lockDue(tx, now, TAKEN_OVER_AT_ONCE)
    const spent = due.filter((job) => job.state === 'working' && job.attempts >= own.config.MES_ATTEMPTS)
    for (const job of spent)
      await handToHuman(tools, tx, job, {
        code: 'workerFailed',
        detail: `${job.attempts} workers took it and fell silent.`,
        facts: { attempts: job.attempts },
      })
    const back = due.filter((job) => !spent.includes(job))
    if (back.length > 0)
      await queue.requeue(
        tx,
        back.map(({ requestId }) => requestId),
      )
    const takenOver = back.filter(({ state }) => state === 'working').length
    if (takenOver > 0) tx.afterCommit(() => tools.count('taken_over', {}, takenOver))

    const priority = await queue.lockHeads(tx, 'priority', worker.wanted)
    const regular = await queue.lockHeads(tx, 'regular', worker.wanted)
    const choice = chooseClaims(priority, regular, sinceRegular, worker.wanted)
    if (choice.chosen.length === 0) return []
    const claimed = await queue.claimJobs(
      tx,
      choice.chosen.map(({ requestId }) => requestId),
      {
        leases: choice.chosen.map(() => tools.newId()),
        workerId: worker.workerId,
        now,
        until: leaseEnd(own, now),
        sinceRegular: choice.sinceRegular,
      },
    )
    const { version, book } = await own.shelf.inForce(tx, now)
    const works = await findKnownWorks(tx, claimed, book)
    return claimed.map((job) => ({ ...job, bookVersion: version, work: works.get(job.requestId) }))
  })
}

export function leaseEnd(own: Own, now: Date): Date {
  return new Date(now.getTime() + own.config.MES_LEASE_SECONDS * 1000)
}

/** By request: another job of the same mesh may have been finished while this one waited. */
async function findKnownWorks(
  sql: Parameters<typeof findWorks>[0],
  claimed: readonly queue.ClaimedJob[],
  book: PriceBook,
): Promise<Map<string, Work>> {
  const wanted = claimed.flatMap(({ requestId, sha256, options }) =>
    sha256 === null ? [] : [{ requestId, sha256, basis: basisOf(options, book) }],
  )
  if (wanted.length === 0) return new Map()
  const found = await findWorks(sql, wanted)
  return new Map(
    wanted.flatMap(({ requestId, sha256, basis }) => {
      const work = found.get(`${sha256} ${basis}`)
      return work ? [[requestId, work] as const] : []
    }),
  )
}
