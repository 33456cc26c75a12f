/** What becomes of a price request, and who hears of it: rows, events, pushes and figures in one place. */
import { emit, push, pushToHolders, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { mes, type Price, type Reason } from './contract.ts'
import { type StoredJob, viewJob } from './requests.ts'
import { type Decision, decide } from './store-jobs.ts'

type Counting = Pick<Tools, 'count' | 'now'>

function announced(job: StoredJob) {
  const { requestId, source, modelId, version, ownerId, options } = job
  return { requestId, source, modelId, version, ownerId, options }
}

export function tellOwner(tx: Tx, job: StoredJob): void {
  push(tx, mes, 'price.job', job.ownerId, viewJob(job))
}

/** Tells whoever may decide that what waits for a person has changed. */
export function tellDeciders(tx: Tx, { requestId }: StoredJob): void {
  pushToHolders(tx, mes, 'prices.waiting', { requestId })
}

/** `result` is what the metric calls it. */
async function settle(
  { count }: Counting,
  tx: Tx,
  before: StoredJob,
  decision: Decision,
  result: string,
): Promise<StoredJob> {
  const job = await decide(tx, before.requestId, decision)
  tellOwner(tx, job)
  if (before.state === 'waitingForHuman' || job.state === 'waitingForHuman') tellDeciders(tx, job)
  tx.afterCommit(() => {
    count('jobs', { lane: job.lane, result })
    if (!before.startedAt || before.state !== 'working') return
    count('wait_seconds', { lane: job.lane }, secondsBetween(before.queuedAt, before.startedAt))
    count('work_seconds', { lane: job.lane }, secondsBetween(before.startedAt, decision.at))
  })
  return job
}

const secondsBetween = (from: Date, to: Date) => Math.max(0, (to.getTime() - from.getTime()) / 1000)

/** A price is there. `measured`: a worker made it just now, so that its time counts for those who wait. */
export async function givePrice(
  tools: Counting,
  tx: Tx,
  job: StoredJob,
  price: Price,
  by: { readonly userId?: string; readonly note?: string; readonly measured?: true } = {},
): Promise<StoredJob> {
  const at = tools.now()
  const decided = await settle(
    tools,
    tx,
    job,
    {
      state: 'priced',
      at,
      price,
      ...(by.userId ? { decidedBy: by.userId } : {}),
      ...(by.note ? { note: by.note } : {}),
      ...(by.measured && job.startedAt
        ? { workMs: Math.max(0, at.getTime() - job.startedAt.getTime()) }
        : {}),
    },
    price.byHand ? 'pricedByHand' : 'priced',
  )
  emit(tx, mes, 'order.price.calculated', { ...announced(job), ...price })
  return decided
}

/** A person has to decide. */
export async function handToHuman(
  tools: Counting,
  tx: Tx,
  job: StoredJob,
  reason: Reason,
): Promise<StoredJob> {
  const decision = { state: 'waitingForHuman', at: tools.now(), reason } as const
  const decided = await settle(tools, tx, job, decision, 'human')
  emit(tx, mes, 'order.price.delayed', { ...announced(job), reason })
  return decided
}

/** There will be no price. */
export async function refuse(
  tools: Counting,
  tx: Tx,
  job: StoredJob,
  reason: Reason,
  by: { readonly userId?: string; readonly note?: string; readonly cancelled?: true } = {},
): Promise<StoredJob> {
  const state = by.cancelled ? 'cancelled' : 'refused'
  const decided = await settle(
    tools,
    tx,
    job,
    {
      state,
      at: tools.now(),
      reason,
      ...(by.userId ? { decidedBy: by.userId } : {}),
      ...(by.note ? { note: by.note } : {}),
    },
    state,
  )
  emit(tx, mes, 'order.price.refused', { ...announced(job), reason })
  return decided
}
