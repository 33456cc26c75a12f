/** The plan of the workshop: the most urgent work first, on the machine that is free first. */
import type { Technique } from './contract-schemas.ts'
import { type Floor, machineTrouble } from './work.ts'

export interface Open {
  readonly workId: string
  readonly technique: Technique
  readonly material: string | null
  readonly color: string | null
  readonly materialG: number
  /** Seconds of machine time that are still to go. */
  readonly seconds: number
  readonly dueAt: Date
  /** It is on this machine already. */
  readonly machineId: string | null
  readonly running: boolean
}

export interface Place {
  readonly workId: string
  readonly machineId?: string
  readonly startsAt?: Date
  readonly endsAt?: Date
  readonly late: boolean
  readonly lacking?: 'machine' | 'material'
}

/** Hands take about this long to pick an item; it needs no machine. */
const PICK_SECONDS = 120

/**
 * Lays works, the most urgent first, on machines: what runs stays where it is, the rest goes to the fitting machine that
 * is free first (earliest due date first, a list schedule). Work whose material does not last is left out of the plan
 * and says so. O(works × machines).
 * @param onHand grams by `material/color`; absent: none of it is kept count of, and it lasts.
 */
export function planWorks(
  works: readonly Open[],
  machines: readonly (Floor & { readonly machineId: string })[],
  onHand: ReadonlyMap<string, number>,
  now: Date,
): Place[] {
  const freeAt = new Map(machines.map(({ machineId }) => [machineId, now.getTime()]))
  const left = new Map(onHand)
  const byUrgency = [...works].sort(
    (a, b) =>
      Number(b.running) - Number(a.running) ||
      a.dueAt.getTime() - b.dueAt.getTime() ||
      (a.workId < b.workId ? -1 : 1),
  )
  const placed = new Map<string, Place>()
  for (const work of byUrgency) placed.set(work.workId, place(work))
  return works.map(({ workId }) => placed.get(workId)!)

  function place(work: Open): Place {
    const { workId, dueAt } = work
    if (work.technique === 'pick') return timed(work, now.getTime(), PICK_SECONDS, undefined)
    const key = `${work.material}/${work.color}`
    const stock = left.get(key)
    if (!work.running && stock !== undefined && stock < work.materialG)
      return { workId, late: dueAt < now, lacking: 'material' }
    if (stock !== undefined) left.set(key, stock - work.materialG)
    const fitting = work.running
      ? machines.filter(({ machineId }) => machineId === work.machineId)
      : machines.filter((machine) => machineTrouble(work, machine) === undefined)
    const first = fitting.reduce<(typeof fitting)[number] | undefined>(
      (best, each) => (!best || freeAt.get(each.machineId)! < freeAt.get(best.machineId)! ? each : best),
      undefined,
    )
    if (!first) return { workId, late: dueAt < now, lacking: 'machine' }
    const startsAt = freeAt.get(first.machineId)!
    const planned = timed(work, startsAt, work.seconds, first.machineId)
    freeAt.set(first.machineId, planned.endsAt!.getTime())
    return planned
  }

  function timed(work: Open, startsAt: number, seconds: number, machineId: string | undefined): Place {
    const endsAt = new Date(startsAt + Math.max(0, seconds) * 1000)
    return {
      workId: work.workId,
      ...(machineId === undefined ? {} : { machineId }),
      startsAt: new Date(startsAt),
      endsAt,
      late: endsAt > work.dueAt,
    }
  }
}
