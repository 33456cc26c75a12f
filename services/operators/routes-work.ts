/** What operators do with works. */
import { type Caller, emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { operators } from './contract.ts'
import type { workOperations } from './contract-work.ts'
import { type Part, pageFrom, placeFrom } from './routes-part.ts'
import { holdOwnWork, holdWork, mayAssign, stopRunning, tellBoards, told } from './service-steps.ts'
import { findOperator, lockMachine, moveMaterial } from './store-floor.ts'
import { saveStage } from './store-orders.ts'
import * as store from './store-work.ts'
import { machineTrouble, shareOf } from './work.ts'

type Operations = typeof workOperations
type Named =
  | 'listWork'
  | 'getWork'
  | 'claimWork'
  | 'releaseWork'
  | 'assignWork'
  | 'startWork'
  | 'pauseWork'
  | 'resumeWork'
  | 'scrapWork'
  | 'finishWork'

/** Checks that somebody takes work of this technique. */
async function checkSkill(
  tx: Tx,
  operatorId: string,
  work: store.StoredWork,
  fail: (code: 'notAnOperator' | 'skillMissing', detail?: string) => never,
): Promise<void> {
  const operator = await findOperator(tx, operatorId)
  if (!operator?.active) return fail('notAnOperator')
  if (!operator.skills.includes(work.technique))
    return fail('skillMissing', `The work needs ${work.technique}.`)
}

/** Puts a work on a machine, which must fit and be free. */
async function takeMachine(
  tx: Tx,
  work: store.StoredWork,
  machineId: string | undefined,
  fail: (code: 'machineNotRight' | 'machineBusy', detail?: string) => never,
): Promise<string | null> {
  const machine = machineId === undefined ? undefined : await lockMachine(tx, machineId)
  if (machineId !== undefined && !machine) return fail('machineNotRight', 'There is no such machine.')
  const trouble = machineTrouble(work, machine)
  if (trouble) return fail('machineNotRight', trouble)
  if (machine?.work && machine.work.workId !== work.workId)
    return fail(
      'machineBusy',
      `${machine.name} works on ${machine.work.name} of ${machine.work.orderNumber}.`,
    )
  return machine?.machineId ?? null
}

async function saved(
  tx: Tx,
  call: Tools & { readonly caller: Caller },
  work: store.StoredWork,
  change: store.Change,
): Promise<store.StoredWork> {
  const next = await store.saveWork(tx, work, change)
  tellBoards(tx, call, 'work', { orderId: work.orderId, workId: work.workId })
  return next
}

export const workRoutes: Part<Pick<Operations, Named>> = {
  async listWork({ sql, query, caller }) {
    const { limit = 25, cursor, mine, ...listing } = query
    const place = placeFrom(cursor)
    const rows = await store.listWorks(sql, {
      ...listing,
      ...(mine ? { operatorId: caller.id } : mayAssign(caller) ? {} : { visibleTo: caller.id }),
      ...(place ? { after: { at: new Date(place.at), workId: place.id } } : {}),
      limit,
    })
    return pageFrom(rows, limit, store.viewWork, ({ dueAt, workId }) => [dueAt.toISOString(), workId])
  },

  async getWork({ sql, params, caller, fail }) {
    const work = await store.findWork(sql, params.workId)
    const visible = work && (work.state === 'free' || work.operatorId === caller.id || mayAssign(caller))
    return visible ? store.viewWork(work) : fail('notFound')
  },

  claimWork: (call) =>
    call.transact(async (tx) => {
      const { work } = await holdWork(tx, call, 'claim')
      const { caller, fail } = call
      // Asked twice, it is still theirs.
      if (work.state === 'claimed' && work.operatorId === caller.id) return store.viewWork(work)
      if (work.operatorId !== null && work.operatorId !== caller.id)
        return fail('workTaken', undefined, { operatorName: work.operatorName ?? '' })
      if (work.state !== 'free')
        return fail('workStateRefuses', `The work is ${work.state}.`, { state: work.state })
      await checkSkill(tx, caller.id, work, fail)
      return store.viewWork(await saved(tx, call, work, { state: 'claimed', operatorId: caller.id }))
    }),

  releaseWork: (call) =>
    call.transact(async (tx) => {
      const { work } = await holdOwnWork(tx, call, 'release')
      const change = { state: 'free', operatorId: null, machineId: null, pauseReason: null } as const
      return store.viewWork(await saved(tx, call, work, change))
    }),

  assignWork: (call) =>
    call.transact(async (tx) => {
      const { work } = await holdWork(tx, call, 'assign')
      const { operatorId } = call.body
      await checkSkill(tx, operatorId, work, call.fail)
      const state = work.state === 'paused' ? 'paused' : 'claimed'
      return store.viewWork(await saved(tx, call, work, { state, operatorId }))
    }),

  startWork: (call) =>
    call.transact(async (tx) => {
      const { work, order } = await holdOwnWork(tx, call, 'start')
      const machineId = await takeMachine(tx, work, call.body.machineId, call.fail)
      const at = call.now()
      const next = await saved(tx, call, work, {
        state: 'started',
        machineId,
        startedAt: at,
        runningSince: at,
      })
      if (order.stage === 'queued') await saveStage(tx, order.orderId, 'inProduction')
      emit(tx, operators, 'production.started', told(next, call.caller))
      return store.viewWork(next)
    }),

  pauseWork: (call) =>
    call.transact(async (tx) => {
      const { work } = await holdOwnWork(tx, call, 'pause')
      const { reason } = call.body
      const stopped = await stopRunning(tx, call, work, call.now())
      const next = await saved(tx, call, work, { ...stopped, state: 'paused', pauseReason: reason })
      emit(tx, operators, 'production.paused', { ...told(next, call.caller), reason })
      return store.viewWork(next)
    }),

  resumeWork: (call) =>
    call.transact(async (tx) => {
      const { work } = await holdOwnWork(tx, call, 'resume')
      const machineId = await takeMachine(
        tx,
        work,
        call.body.machineId ?? work.machineId ?? undefined,
        call.fail,
      )
      const change = { state: 'started', machineId, pauseReason: null, runningSince: call.now() } as const
      const next = await saved(tx, call, work, change)
      emit(tx, operators, 'production.resumed', told(next, call.caller))
      return store.viewWork(next)
    }),

  scrapWork: (call) =>
    call.transact(async (tx) => {
      const { work, order } = await holdOwnWork(tx, call, 'scrap')
      const { quantity, reason } = call.body
      const left = work.quantity - work.scrapped
      if (quantity > left) return call.fail('scrapNotRight', `${left} pieces are left.`)
      const next = await saved(tx, call, work, { scrapped: work.scrapped + quantity })
      const remake = { ...shareOf(work, quantity), workId: call.newId(), remakeOf: work.workId }
      await store.insertWorks(tx, order.orderId, [remake], order.dueAt, call.now())
      const about = told(next, call.caller)
      await store.insertScrap(tx, {
        scrapId: call.newId(),
        workId: work.workId,
        operatorId: about.operatorId,
        machineId: work.machineId,
        quantity,
        reason,
        at: call.now(),
      })
      emit(tx, operators, 'production.scrapped', { ...about, quantity, reason })
      call.count('scrapped', {}, quantity)
      return {
        work: store.viewWork(next),
        remake: store.viewWork((await store.findWork(tx, remake.workId))!),
      }
    }),

  finishWork: (call) =>
    call.transact(async (tx) => {
      const { work, order } = await holdOwnWork(tx, call, 'finish')
      const at = call.now()
      const stopped = await stopRunning(tx, call, work, at)
      const next = await saved(tx, call, work, { ...stopped, state: 'finished', finishedAt: at })
      if (work.material !== null && work.materialG > 0)
        await moveMaterial(
          tx,
          {
            moveId: call.newId(),
            material: work.material,
            color: work.color ?? '',
            grams: -work.materialG,
            reason: `${work.orderNumber}: ${work.name}`,
            by: call.caller.id,
            workId: work.workId,
            at,
          },
          { onlyKnown: true },
        )
      if (!(await store.hasOpenWork(tx, order.orderId))) {
        await saveStage(tx, order.orderId, 'qualityCheck')
        emit(tx, operators, 'production.finished', { orderId: order.orderId })
        tellBoards(tx, call, 'order', { orderId: order.orderId })
      }
      call.count('finished', { technique: work.technique }, work.quantity - work.scrapped)
      return store.viewWork(next)
    }),
}
