/** Calls price requests off. */
import type { Tx } from '@pleiad/platform/store'
import type { Reason } from './contract.ts'
import { isOpen, type StoredJob } from './requests.ts'
import { refuse } from './service-decide.ts'
import type { Enqueuing } from './service-enqueue.ts'
import { lockJob, lockUndecided } from './store-jobs.ts'

const cancelled: Reason = { code: 'cancelled', detail: 'It was called off by who asked for it.' }
const modelDeleted: Reason = { code: 'modelDeleted', detail: 'The model was deleted before it had a price.' }

/** `decided`: it has a price or was refused, and nothing happened. */
export async function callOff(
  tools: Enqueuing,
  tx: Tx,
  requestId: string,
): Promise<'done' | 'decided' | 'unknown'> {
  const job = await lockJob(tx, requestId)
  if (!job) return 'unknown'
  if (!isOpen(job.state) && job.state !== 'waitingForHuman') return 'decided'
  await refuse(tools, tx, job, cancelled, { cancelled: true })
  return 'done'
}

/** Calls off everything undecided of a model that is gone, or of a person who is. */
export async function callOffAll(
  tools: Enqueuing,
  tx: Tx,
  of: { readonly modelId: string } | { readonly ownerId: string },
): Promise<readonly StoredJob[]> {
  const jobs = await lockUndecided(tx, of)
  for (const job of jobs) await refuse(tools, tx, job, modelDeleted, { cancelled: true })
  return jobs
}
