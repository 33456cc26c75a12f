/** Works and stages: what may be done when, and by whom. */
import type { OrderedLine } from '@pleiad/shop/contract'
import type { Stage, Technique, WorkState } from './contract-schemas.ts'

export interface NewWork {
  readonly lineId: string
  readonly name: string
  readonly technique: Technique
  readonly material: string | null
  readonly color: string | null
  readonly options: unknown
  readonly modelId: string | null
  readonly modelVersion: number | null
  readonly fileId: string | null
  readonly sku: string | null
  readonly quantity: number
  readonly machineSeconds: number
  readonly materialG: number
}

/** The works of an order: one for each line. Ready-made items are picked. */
export function worksOf(lines: readonly OrderedLine[]): NewWork[] {
  return lines.map((line) => ({
    lineId: line.lineId,
    name: line.name,
    technique: line.kind === 'made' ? (line.options?.technology ?? 'fdm') : 'pick',
    material: line.options?.material ?? null,
    color: line.options?.color ?? null,
    options: line.options ?? null,
    modelId: line.modelId ?? null,
    modelVersion: line.version ?? null,
    fileId: line.fileId ?? null,
    sku: line.sku ?? null,
    quantity: line.quantity,
    machineSeconds: Math.round(line.machineSeconds ?? 0),
    materialG: line.materialG ?? 0,
  }))
}

/** The share of a work that `quantity` of its pieces take. */
export function shareOf<W extends NewWork>(work: W, quantity: number): NewWork {
  const share = quantity / work.quantity
  return {
    ...work,
    quantity,
    machineSeconds: Math.round(work.machineSeconds * share),
    materialG: work.materialG * share,
  }
}

export type Step = 'claim' | 'release' | 'assign' | 'start' | 'pause' | 'resume' | 'scrap' | 'finish'

const from: Readonly<Record<Step, readonly WorkState[]>> = {
  claim: ['free'],
  release: ['claimed', 'paused'],
  assign: ['free', 'claimed', 'paused'],
  start: ['claimed'],
  pause: ['started'],
  resume: ['paused'],
  scrap: ['started', 'paused'],
  finish: ['started'],
}

/** Whether a work in `state` can take `step`. */
export function canStep(state: WorkState, step: Step): boolean {
  return from[step].includes(state)
}

export type OrderStep = 'check' | 'pack' | 'ship' | 'deliver' | 'return'

const stagesFor: Readonly<Record<OrderStep, readonly Stage[]>> = {
  check: ['qualityCheck'],
  pack: ['passed'],
  ship: ['packed'],
  deliver: ['shipped'],
  return: ['shipped', 'delivered'],
}

/** Whether an order at `stage` can take `step`. */
export function canTake(stage: Stage, step: OrderStep): boolean {
  return stagesFor[step].includes(stage)
}

export interface Floor {
  readonly technique: Technique
  readonly materials: readonly string[]
  readonly state: 'ready' | 'down' | 'retired'
  readonly name: string
}

/** Why a machine cannot make a work, in words; undefined when it can. */
export function machineTrouble(
  work: { readonly technique: Technique; readonly material: string | null },
  machine: Floor | undefined,
): string | undefined {
  if (work.technique === 'pick')
    return machine ? 'It is taken from the shelf; no machine makes it.' : undefined
  if (!machine) return 'Say which machine makes it.'
  if (machine.state !== 'ready') return `${machine.name} is ${machine.state}.`
  if (machine.technique !== work.technique)
    return `${machine.name} makes ${machine.technique}, the work needs ${work.technique}.`
  if (work.material && machine.materials.length > 0 && !machine.materials.includes(work.material))
    return `${machine.name} does not take ${work.material}.`
  return undefined
}
