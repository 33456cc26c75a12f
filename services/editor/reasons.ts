/** Why a version is rejected, in words for its owner: what is wrong, and what to do about it. */
import type { MeshErrorCode } from '@pleiad/workshop/mesh/mesh'
import type { Reason, ReasonCode } from './contract.ts'

const MIB = 1024 * 1024

/** The work on a version ends here, with a reason for its owner. */
export class Rejected extends Error {
  readonly reason: Reason
  constructor(reason: Reason) {
    super(reason.detail)
    this.name = 'Rejected'
    this.reason = reason
  }
}

/** What reading a mesh ends with, in codes of the contract. */
const meshReasons: Readonly<Record<MeshErrorCode, ReasonCode>> = {
  meshEmpty: 'noTriangles',
  meshTruncated: 'fileDamaged',
  meshNotAModel: 'formatUnknown',
  meshMalformed: 'fileDamaged',
  meshNotFinite: 'coordinatesNotRight',
  meshTooManyTriangles: 'tooManyTriangles',
  meshTooLarge: 'tooLarge',
  meshFlat: 'noVolume',
  meshArchiveUnsafe: 'fileUnsafe',
  meshArchiveBomb: 'fileUnsafe',
  meshXmlUnsafe: 'fileUnsafe',
  meshUnitUnknown: 'fileDamaged',
}

/** Why a model is rejected; undefined when it is not the model's fault. */
export function reasonOf(error: unknown): Reason | undefined {
  if (error instanceof Rejected) return error.reason
  const { name, code, message } = error as {
    name?: string
    code?: MeshErrorCode | 'notRepairable' | 'plateTooSmall'
    message: string
  }
  return name === 'MeshError' && code
    ? {
        code: code === 'notRepairable' || code === 'plateTooSmall' ? code : meshReasons[code],
        detail: message,
      }
    : undefined
}

const unfinished = {
  time: 'Working on it takes longer than a model may. Simplify it, or export it with a coarser tolerance.',
  memory:
    'Working on it takes more memory than a model may. Simplify it, or export it with a coarser tolerance.',
  died: 'It could not be worked on to the end. Simplify it, or export it in another way.',
  bug: 'It could not be worked on to the end. Export it in another format.',
}
/** The work has failed as often as it may: by what last. */
export const tooComplex = (trouble: keyof typeof unfinished): Reason => ({
  code: 'tooComplex',
  detail: unfinished[trouble],
})

export const fileMissing = () =>
  new Rejected({ code: 'fileMissing', detail: 'The file is not there any more. Upload it again.' })

export const fileTooLarge = (bytes: number, maxBytes: number) =>
  new Rejected({
    code: 'fileTooLarge',
    detail: `The file has ${Math.ceil(bytes / MIB)} MiB; models of at most ${maxBytes / MIB} MiB are read. Export it with a coarser tolerance, or as binary STL.`,
  })

export const partsTooLarge = () =>
  new Rejected({
    code: 'tooManyTriangles',
    detail: 'The parts together have too many triangles for one plate. Put fewer of them on it.',
  })

export const noRoom = () =>
  new Rejected({
    code: 'noRoom',
    detail: 'There is no room left for what is made of the model. Delete files that are not needed.',
  })
