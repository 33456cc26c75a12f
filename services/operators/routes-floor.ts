/** Operators, shifts, machines, materials. */
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { operators } from './contract.ts'
import type { floorOperations } from './contract-floor.ts'
import { type Part, pageFrom, placeFrom } from './routes-part.ts'
import { stopRunning, tellBoards, told } from './service-steps.ts'
import * as store from './store-floor.ts'
import { lockOrder } from './store-orders.ts'
import * as works from './store-work.ts'

export const MAX_MACHINES = 200
const DAY_MS = 86_400_000
const SHIFTS_MS = 62 * DAY_MS
const LONGEST_SHIFT_MS = DAY_MS

type Operations = typeof floorOperations
type Named = Exclude<keyof Operations, 'getBoard' | 'getSchedule' | 'getFigures'>

/** Gives back what somebody has claimed and not begun. */
async function freeClaimed(tx: Tx, held: readonly works.StoredWork[]): Promise<void> {
  for (const work of held) {
    await lockOrder(tx, work.orderId)
    const current = (await works.findWork(tx, work.workId))!
    if (current.state === 'claimed' && current.operatorId === work.operatorId)
      await works.saveWork(tx, current, { state: 'free', operatorId: null })
  }
}

/** Pauses what runs on a machine; its order is held first, as everywhere. */
async function pauseOn(
  tx: Tx,
  call: Tools & { readonly caller: { readonly id: string } },
  machineId: string,
  reason: string,
): Promise<void> {
  const running = await works.runningOn(tx, machineId)
  if (!running) return
  await lockOrder(tx, running.orderId)
  const work = (await works.findWork(tx, running.workId))!
  if (work.state !== 'started' || work.machineId !== machineId) return
  const stopped = await stopRunning(tx, call, work, call.now())
  const next = await works.saveWork(tx, work, { ...stopped, state: 'paused', pauseReason: reason })
  emit(tx, operators, 'production.paused', { ...told(next, call.caller), reason })
}

export const floorRoutes: Part<Pick<Operations, Named>> = {
  async getMe({ sql, caller, now }) {
    const operator = await store.findOperator(sql, caller.id)
    const shift = operator && (await store.nextShift(sql, caller.id, now()))
    return { ...(operator ? { operator } : {}), ...(shift ? { shift } : {}) }
  },

  async listOperators({ sql, query }) {
    const limit = query.limit ?? 25
    const place = placeFrom(query.cursor)
    const rows = await store.listOperators(sql, place && { name: place.at, operatorId: place.id }, limit)
    return pageFrom(
      rows,
      limit,
      (operator) => operator,
      ({ name, operatorId }) => [name, operatorId],
    )
  },

  setOperator: (call) =>
    call.transact(async (tx) => {
      const { operatorId } = call.params
      const { skills, active } = call.body
      const known = await store.lockOperator(tx, operatorId)
      if (!known && !(await store.isKnown(tx, operatorId))) return call.fail('personNotFound')
      if (known?.active && !active) {
        const held = await works.heldBy(tx, operatorId)
        if (held.some(({ state }) => state !== 'claimed')) return call.fail('operatorBusy')
        await freeClaimed(tx, held)
      }
      const operator = await store.saveOperator(tx, operatorId, skills, active)
      tellBoards(tx, call, 'work')
      return operator
    }),

  async listShifts({ sql, query, fail }) {
    const [from, until] = [new Date(query.from), new Date(query.until)]
    const length = until.getTime() - from.getTime()
    if (!(length > 0 && length <= SHIFTS_MS)) return fail('periodNotRight', 'At most 62 days.')
    return { items: await store.listShifts(sql, from, until) }
  },

  createShift: (call) =>
    call.transact(async (tx) => {
      const { operatorId } = call.body
      const [startsAt, endsAt] = [new Date(call.body.startsAt), new Date(call.body.endsAt)]
      const length = endsAt.getTime() - startsAt.getTime()
      if (!(length > 0 && length <= LONGEST_SHIFT_MS))
        return call.fail('periodNotRight', 'A shift lasts a day at most.')
      if (!(await store.lockOperator(tx, operatorId))?.active) return call.fail('notAnOperator')
      if (await store.hasShift(tx, operatorId, startsAt, endsAt)) return call.fail('shiftOverlaps')
      return store.insertShift(tx, { shiftId: call.newId(), operatorId, startsAt, endsAt })
    }),

  removeShift: ({ transact, params, fail }) =>
    transact(async (tx) => {
      if (!(await store.deleteShift(tx, params.shiftId))) fail('notFound')
    }),

  listMachines: async ({ sql }) => ({ items: await store.listMachines(sql, MAX_MACHINES) }),

  createMachine: (call) =>
    call.transact(async (tx) => {
      if ((await store.countMachines(tx)) >= MAX_MACHINES) return call.fail('tooManyMachines')
      const machine = await store.insertMachine(tx, call.newId(), call.body, call.now())
      tellBoards(tx, call, 'machine')
      return machine
    }),

  updateMachine: (call) =>
    call.transact(async (tx) => {
      const machine = await store.lockMachine(tx, call.params.machineId)
      if (!machine) return call.fail('notFound')
      if (call.ifMatch !== String(machine.version)) return call.fail('preconditionFailed')
      const saved = await store.saveMachine(tx, machine.machineId, call.body)
      tellBoards(tx, call, 'machine')
      return saved
    }),

  async setMachineState(call) {
    const { machineId } = call.params
    const { state, reason } = call.body
    if (state !== 'ready' && reason === undefined) return call.fail('reasonMissing')
    if (state === 'retired' && !call.caller.permissions.includes('production:configure'))
      return call.fail('forbidden')
    return call.transact(async (tx) => {
      // Work is paused before the machine is held: everybody holds orders first, then machines.
      if (state !== 'ready') await pauseOn(tx, call, machineId, reason!)
      const machine = await store.lockMachine(tx, machineId)
      if (!machine) return call.fail('notFound')
      if (state !== 'ready' && machine.work) return call.fail('machineBusy')
      const saved = await store.saveMachineState(tx, machineId, state, reason ?? null)
      tellBoards(tx, call, 'machine')
      return saved
    })
  },

  listMaterials: async ({ sql }) => ({ items: await store.listMaterials(sql) }),

  adjustMaterial: (call) =>
    call.transact(async (tx) => {
      const { material, color } = call.params
      const { grams, gramsMinimum, reason } = call.body
      const move = { moveId: call.newId(), material, color, grams, reason, by: call.caller.id, workId: null }
      await store.moveMaterial(tx, { ...move, at: call.now() }, { minimum: gramsMinimum })
      return (await store.listMaterials(tx, { material, color }))[0]!
    }),
}
