/** The plan of the workshop, sorted for those who read it. */
import type { Machine, Material, Planned } from './data.ts'

const begins = ({ startsAt }: Planned) => (startsAt ? Date.parse(startsAt) : Number.POSITIVE_INFINITY)
export const byBegin = (one: Planned, other: Planned) => begins(one) - begins(other)

/** What a machine is to make after what it makes now, in order. */
export function nextOn(plan: readonly Planned[], machine: Machine): Planned[] {
  return plan
    .filter((one) => one.machineId === machine.machineId && one.workId !== machine.work?.workId)
    .sort(byBegin)
}

/** What would be late, the most urgent first; what cannot be planned is not among it. */
export function lateOf(plan: readonly Planned[]): Planned[] {
  return plan
    .filter(({ late, lacking }) => late && !lacking)
    .sort((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt))
}

/** The materials a machine takes; all of them when it is not told which. */
export function takenBy(machine: Machine, materials: readonly Material[]): Material[] {
  return materials.filter(
    ({ material }) => machine.materials.length === 0 || machine.materials.includes(material),
  )
}
