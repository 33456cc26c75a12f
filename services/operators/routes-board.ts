/** The board, the plan and the figures. */
import type { floorOperations } from './contract-floor.ts'
import { MAX_MACHINES } from './routes-floor.ts'
import type { Part } from './routes-part.ts'
import { type Open, planWorks } from './schedule.ts'
import { mayAssign } from './service-steps.ts'
import { machinesUsed, operatorsUsed, throughput, type Used } from './store-figures.ts'
import { listMachines, listMaterials } from './store-floor.ts'
import { listOrders } from './store-orders.ts'
import { listWorks, type StoredWork, viewWork } from './store-work.ts'

const ON_BOARD = 200
const PLANNED = 500
const FIGURES_MS = 92 * 86_400_000

type Operations = typeof floorOperations

/** What the plan asks of a work. */
function openOf(work: StoredWork, now: Date): Open {
  const running = work.runningSince ? (now.getTime() - work.runningSince.getTime()) / 1000 : 0
  return {
    workId: work.workId,
    technique: work.technique,
    material: work.material,
    color: work.color,
    materialG: work.materialG,
    seconds: Math.max(0, work.machineSeconds - work.workedSeconds - running),
    dueAt: work.dueAt,
    machineId: work.machineId,
    running: work.state === 'started',
  }
}

const share = ({ shiftSeconds, ...used }: Used, of: number) => ({
  ...used,
  share: of > 0 ? used.workedSeconds / of : 0,
})

export const boardRoutes: Part<Pick<Operations, 'getBoard' | 'getSchedule' | 'getFigures'>> = {
  async getBoard({ sql, caller, now }) {
    const own = mayAssign(caller) ? {} : { visibleTo: caller.id }
    const inState = async (state: StoredWork['state']) =>
      (await listWorks(sql, { state, ...own, limit: ON_BOARD - 1 })).map(viewWork)
    const atStage = (stage: 'qualityCheck' | 'passed' | 'packed') =>
      listOrders(sql, { stage, limit: ON_BOARD - 1 })
    const [free, claimed, started, paused, qualityCheck, passed, packed] = await Promise.all([
      inState('free'),
      inState('claimed'),
      inState('started'),
      inState('paused'),
      atStage('qualityCheck'),
      atStage('passed'),
      atStage('packed'),
    ])
    return { free, claimed, started, paused, qualityCheck, passed, packed, at: now().toISOString() }
  },

  async getSchedule({ sql, now }) {
    const at = now()
    const [works, machines, materials] = await Promise.all([
      listWorks(sql, { limit: PLANNED - 1 }),
      listMachines(sql, MAX_MACHINES),
      listMaterials(sql),
    ])
    const onHand = new Map(
      materials.map(({ material, color, gramsOnHand }) => [`${material}/${color}`, gramsOnHand]),
    )
    const places = planWorks(
      works.map((work) => openOf(work, at)),
      machines,
      onHand,
      at,
    )
    return {
      items: places.map(({ startsAt, endsAt, ...place }, index) => ({
        ...place,
        orderNumber: works[index]!.orderNumber,
        name: works[index]!.name,
        ...(startsAt ? { startsAt: startsAt.toISOString() } : {}),
        ...(endsAt ? { endsAt: endsAt.toISOString() } : {}),
        dueAt: works[index]!.dueAt.toISOString(),
      })),
      at: at.toISOString(),
    }
  },

  async getFigures({ sql, query, fail }) {
    const [from, until] = [new Date(query.from), new Date(query.until)]
    const length = until.getTime() - from.getTime()
    if (!(length > 0 && length <= FIGURES_MS)) return fail('periodNotRight', 'At most 92 days.')
    const [days, machines, operators] = await Promise.all([
      throughput(sql, from, until),
      machinesUsed(sql, from, until),
      operatorsUsed(sql, from, until),
    ])
    return {
      days,
      machines: machines.map((used) => share(used, length / 1000)),
      operators: operators.map((used) => share(used, used.shiftSeconds)),
    }
  },
}
