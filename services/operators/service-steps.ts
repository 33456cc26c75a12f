/** What a step of a work or an order consists of: rows, events, and word to those who look at the board. */
import { type Caller, pushToHolders, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { operators } from './contract.ts'
import { lockOrder, type StoredOrder } from './store-orders.ts'
import * as works from './store-work.ts'
import { canStep, type Step } from './work.ts'

export type What = 'confirmed' | 'work' | 'order' | 'withdrawn' | 'machine'

/** Tells every board what has changed, after the commit. */
export function tellBoards(
  tx: Tx,
  { now }: Pick<Tools, 'now'>,
  what: What,
  about: { orderId?: string; workId?: string } = {},
): void {
  pushToHolders(tx, operators, 'production', { ...about, what, at: now().toISOString() })
}

export const mayAssign = (caller: Pick<Caller, 'permissions'>) =>
  caller.permissions.includes('production:assign')

export interface Stepping<Code extends string> extends Tools {
  readonly caller: Caller
  readonly params: { readonly workId: string }
  readonly fail: (code: Code, detail?: string, extensions?: Record<string, unknown>) => never
}

/** Holds the order of a work and the work, which must be in a state for the step; a claim looks at that itself. */
export async function holdWork(
  tx: Tx,
  { params, fail }: Stepping<'notFound' | 'workStateRefuses'>,
  step: Step,
): Promise<{ work: works.StoredWork; order: StoredOrder }> {
  const orderId = await works.orderOfWork(tx, params.workId)
  const order = orderId && (await lockOrder(tx, orderId))
  const work = order && (await works.findWork(tx, params.workId))
  if (!order || !work) return fail('notFound')
  if (step !== 'claim' && !canStep(work.state, step))
    return fail('workStateRefuses', `The work is ${work.state}.`, { state: work.state })
  return { work, order }
}

/** The same for steps that only the operator who has the work may take, and who may assign. */
export async function holdOwnWork(
  tx: Tx,
  call: Stepping<'notFound' | 'workStateRefuses' | 'notYourWork'>,
  step: Step,
): Promise<{ work: works.StoredWork; order: StoredOrder }> {
  const held = await holdWork(tx, call, step)
  if (held.work.operatorId !== call.caller.id && !mayAssign(call.caller)) return call.fail('notYourWork')
  return held
}

/** What a work's row becomes when it stops running at `at`; its stretch of time is kept. */
export async function stopRunning(
  tx: Tx,
  { newId }: Pick<Tools, 'newId'>,
  work: works.StoredWork,
  at: Date,
): Promise<works.Change> {
  if (!work.runningSince || !work.operatorId) return { runningSince: null }
  const until = at > work.runningSince ? at : work.runningSince
  await works.insertStretch(tx, {
    stretchId: newId(),
    workId: work.workId,
    operatorId: work.operatorId,
    machineId: work.machineId,
    from: work.runningSince,
    until,
  })
  const seconds = Math.round((until.getTime() - work.runningSince.getTime()) / 1000)
  return { runningSince: null, workedSeconds: work.workedSeconds + seconds }
}

/** What events say of a work. */
export function told(work: works.StoredWork, caller: Pick<Caller, 'id'>) {
  return {
    orderId: work.orderId,
    lineId: work.lineId,
    workId: work.workId,
    operatorId: work.operatorId ?? caller.id,
    ...(work.machineId === null ? {} : { machineId: work.machineId }),
  }
}
