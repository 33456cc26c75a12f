/** What a thread is asked, and what it answers. */
import type { Placement, Report, Unit, WarningCode } from './contract.ts'
import type { Format, Plate, Repair } from './versions.ts'

type Bytes = Uint8Array<ArrayBuffer>

export type Task =
  | {
      readonly kind: 'read'
      readonly bytes: Bytes
      /** The bytes were converted from STEP. */
      readonly step?: true
      /** As its owner says; null: as the file says, or millimetres. */
      readonly unit: Unit | null
      readonly acceptRepair: boolean
      readonly maxTriangles: number
      /** That an archive may unpack to. */
      readonly maxTextBytes: number
    }
  | { readonly kind: 'placed'; readonly bytes: Bytes; readonly placement: Placement }
  | {
      readonly kind: 'plate'
      readonly parts: readonly {
        readonly bytes: Bytes
        readonly quantity: number
        readonly placement: Placement
      }[]
      readonly plateMm: Plate['plateMm']
      readonly gapMm: number
      readonly maxTriangles: number
    }

/** What a mesh is found to be. Meshes are binary STL in millimetres, pictures PNG. */
export type Answer = {
  /** Of the file; absent on what was made of other versions. */
  readonly format?: Format
  readonly unit: Unit
  readonly report: Report
  readonly mesh: Bytes
  readonly thumbnail: Bytes
} & (
  | { readonly state: 'needsUnits' }
  | { readonly state: 'ready'; readonly warnings: readonly WarningCode[]; readonly repaired: boolean }
  | {
      readonly state: 'needsRepair'
      readonly repair: Repair
      readonly repairedMesh: Bytes
      /** Of the repaired mesh. */
      readonly warnings: readonly WarningCode[]
    }
)

/** The buffers of an answer, to be handed over instead of copied. */
export function buffersOf(answer: Answer): ArrayBuffer[] {
  const repaired = 'repairedMesh' in answer ? answer.repairedMesh : undefined
  const bytes = [answer.mesh, answer.thumbnail, repaired].filter((each) => each !== undefined)
  return [...new Set(bytes.map(({ buffer }) => buffer))]
}
