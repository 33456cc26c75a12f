/** What threads are asked and answer, and what a failure is called. */

import type { ReasonCode } from '@pleiad/mes/contract'
import type { PriceBook } from '@pleiad/workshop/price/book'
import type { PrintOptions } from '@pleiad/workshop/print/options'
import type { MakeProblem, WorkResult } from '@pleiad/workshop/print/work'

/** One mesh to be sliced: a binary STL in millimetres. */
export interface Task {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly options: PrintOptions
  readonly book: PriceBook
}

/** What a thread says at the end. `unreadable`: the file is no mesh that can be worked on. */
export type Answer =
  | { readonly kind: 'result'; readonly result: WorkResult }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'thrown'; readonly name: string; readonly message: string }

/** Why a job has no price. */
export interface Failure {
  readonly code: ReasonCode
  readonly detail: string
  readonly facts?: Readonly<Record<string, string | number>>
  /** Trying again changes nothing: a person has to see it. */
  readonly final: boolean
}

type Figures = MakeProblem['detail']
const sentences: Readonly<Record<MakeProblem['code'], (figures: Figures) => string>> = {
  partEmpty: () => 'The mesh encloses nothing.',
  partFlat: () => 'The part is thinner than one layer. Scale it up, or choose thinner layers.',
  partTooLarge: ({ x, y, z, maxX, maxY, maxZ }) =>
    `The part is larger than the machines of this technology, also when it is turned: it takes ${x} × ${y} × ${z} mm, and they have ${maxX} × ${maxY} × ${maxZ} mm.`,
  partWallsThin: ({ wallMm, minWallMm }) =>
    `Walls are thinner than this technology can make: about ${wallMm} mm, where ${minWallMm} mm are needed.`,
  partNotSliced: () => 'The mesh could not be cut into layers.',
}

/** A part that cannot be made so, with its figures. */
export function failureOf({ code, detail }: MakeProblem): Failure {
  return { code, detail: sentences[code](detail), facts: detail, final: true }
}

/** What works are the same by: everything but quantity, colour and finish, which only the price depends on. */
export function workKey(sha256: string, bookVersion: number, options: PrintOptions): string {
  const { technology, material, layerHeightMm, infillPercent, supports } = options
  return JSON.stringify([sha256, bookVersion, technology, material, layerHeightMm, infillPercent, supports])
}
