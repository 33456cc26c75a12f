/** What a file is not, by its first bytes and its size: many bad files are told without reading them whole. */
import { defaultLimits, type MeshLimits } from '@pleiad/workshop/mesh/mesh'
import { foreignKind } from '@pleiad/workshop/mesh/sniff'
import type { Reason, ReasonCode } from './contract.ts'

/** How much of a file `refuseEarly` wants to see; less if the file is shorter. */
export const HEAD_BYTES = 64 * 1024

const STL_HEADER = 84
const STL_FACE = 50

/** What may be read of a task's files. */
export const limitsOf = (task: {
  readonly maxTriangles: number
  readonly maxTextBytes?: number
}): MeshLimits => ({
  ...defaultLimits,
  triangles: task.maxTriangles,
  ...(task.maxTextBytes === undefined ? {} : { textBytes: task.maxTextBytes }),
})

const no = (code: ReasonCode, detail: string): Reason => ({ code, detail })

/** Whether the file is STEP, which a program of the operator's has to convert. */
export const isStep = (head: Uint8Array): boolean =>
  /^\s*ISO-10303-21\s*;/.test(String.fromCharCode(...head.subarray(0, 1024)))

/**
 * Why a file cannot be a model, where its beginning says so; the rest is found when it is read.
 * @param head the first `HEAD_BYTES` of the file
 * @param size of the whole file in bytes
 * @param maxTriangles more than those are refused where the file announces them
 */
export function refuseEarly(head: Uint8Array, size: number, maxTriangles: number): Reason | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const announced = head.length >= STL_HEADER ? view.getUint32(80, true) : 0
  if (STL_HEADER + announced * STL_FACE === size)
    return announced > maxTriangles
      ? no(
          'tooManyTriangles',
          `The model has ${announced} triangles; at most ${maxTriangles} are read. Export it with a coarser tolerance.`,
        )
      : undefined
  const other = foreignKind(head)
  return other === undefined || other === 'a ZIP archive' || other === 'a STEP file'
    ? undefined
    : no('formatUnknown', `The file is ${other}. Export the model as STL, OBJ or 3MF and upload that file.`)
}
