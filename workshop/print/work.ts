import type { Technology } from '../price/book.ts'

/** What making one piece takes. */
export interface Work {
  readonly technology: Technology
  /** Of the part itself, skirt and purge included, in grams. */
  readonly materialG: number
  /** Of what holds it up and is thrown away, in grams. */
  readonly supportG: number
  readonly machineSeconds: number
  readonly layers: number
  /** Surface of the part, for finishes. */
  readonly areaCm2: number
}

/** Why a part cannot be made so. `detail` are the numbers of the sentence that belongs to the code. */
export interface MakeProblem {
  readonly code: 'partEmpty' | 'partFlat' | 'partTooLarge' | 'partWallsThin' | 'partNotSliced'
  readonly detail: Readonly<Record<string, string | number>>
}

export type WorkResult =
  | { readonly ok: true; readonly work: Work }
  | { readonly ok: false; readonly problem: MakeProblem }
