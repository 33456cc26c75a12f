/** What a model is: reads it, checks it, repairs it, places it. Pure; threads run it (`service-thread.ts`). */
import { check, type Report as Found, refuseUnmakeable } from '@pleiad/workshop/mesh/check'
import { checkDeep } from '@pleiad/workshop/mesh/deep'
import { type Mesh, MeshError } from '@pleiad/workshop/mesh/mesh'
import { type Model, readModel } from '@pleiad/workshop/mesh/read'
import { type Mended, repair } from '@pleiad/workshop/mesh/repair'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { toMillimetres } from '@pleiad/workshop/mesh/units'
import type { Report, Stage, WarningCode } from './contract.ts'
import { limitsOf } from './formats.ts'
import { drawPicture, placed, plated } from './layout.ts'
import type { Answer, Task } from './tasks.ts'
import type { Format, Repair } from './versions.ts'

type Bytes = Uint8Array<ArrayBuffer>
export type TellStage = (stage: Stage) => void

function formatOf({ step }: Extract<Task, { kind: 'read' }>, format: Model['format']): Format {
  if (step) return 'step'
  return format === 'stl-ascii' || format === 'stl-binary' ? 'stl' : format
}

function reportOf(found: Found): Report {
  const { triangles, shells, cavities, sizeMm, volumeMm3, areaMm2, watertight, problems } = found
  return {
    triangles,
    shells,
    cavities,
    sizeMm,
    volumeMm3,
    areaMm2,
    watertight,
    problems: problems.map(({ code, count, faces, lines }) => ({
      code,
      count,
      faces: [...faces],
      lines: [...lines],
    })),
  }
}

/** Beyond it walls and intersections are not looked for: it would take longer than a customer waits. */
const DEEP_TRIANGLES = 300_000

interface Deep {
  readonly report: Report
  readonly warnings: WarningCode[]
}

/** The report of a mesh that can be made, with walls and intersections, and what of it is worth knowing. */
function deepOf(mesh: Mesh, found: Found): Deep {
  const looked = found.triangles <= DEEP_TRIANGLES
  const deep = looked ? checkDeep(mesh) : undefined
  const report = reportOf({ ...found, problems: [...found.problems, ...(deep?.problems ?? [])] })
  const warnings: WarningCode[] = report.problems.map(({ code }) => code)
  if (found.shells - found.cavities > 1) warnings.push('severalShells')
  if (!looked || deep?.bounded) warnings.push('notAllChecked')
  return { report, warnings }
}

function repairOf(report: Report, mended: Mended): Repair {
  const { removedDegenerate, removedDuplicates, removedSheets, ...changes } = mended
  return {
    report,
    changes: { ...changes, removedFaces: removedDegenerate + removedDuplicates + removedSheets },
  }
}

/** Faces without area alone do no harm; what is not closed, or inside out, has no inside to be filled. */
const isSound = (found: Found) => found.watertight && found.insideOutShells === 0

/** Whoever sent STEP can do nothing about the STL that a converter made of it. */
function readFile(task: Extract<Task, { kind: 'read' }>): Model {
  try {
    return readModel(task.bytes, limitsOf(task))
  } catch (error) {
    if (!task.step || !(error instanceof MeshError) || !UNREADABLE.has(error.code)) throw error
    throw new MeshError(
      error.code,
      'What became of the STEP file cannot be read. Export the model as STL or 3MF.',
    )
  }
}
const UNREADABLE = new Set<string>([
  'meshEmpty',
  'meshTruncated',
  'meshNotAModel',
  'meshMalformed',
  'meshNotFinite',
])

/** @throws MeshError when nobody can make it */
function examineFile(task: Extract<Task, { kind: 'read' }>, tell: TellStage): Answer {
  const model = readFile(task)
  const format = formatOf(task, model.format)
  const unit = model.format === '3mf' ? 'mm' : (task.unit ?? model.unit)
  const mesh = toMillimetres(model.mesh, unit)
  tell('checking')
  const found = check(mesh)
  if (model.endMissing && !found.watertight)
    throw new MeshError(
      'meshTruncated',
      'The file breaks off: its last line, “endsolid”, is missing, and the surface is open. Export or upload it again.',
    )
  const original = {
    format,
    unit,
    report: reportOf(found),
    mesh: writeStl(mesh) as Bytes,
    thumbnail: drawPicture(mesh),
  }
  if (!model.unitCertain && task.unit === null) return { state: 'needsUnits', ...original }
  refuseUnmakeable(found)
  if (isSound(found)) return { ...original, state: 'ready', ...deepOf(mesh, found), repaired: false }

  tell('repairing')
  const { mesh: mended, mended: changes, after } = repair(mesh)
  if (!isSound(after))
    throw Object.assign(
      new MeshError(
        'meshMalformed',
        `The surface does not close, and could not be repaired: ${after.holes} holes and ${after.nonManifoldEdges} edges of more than two faces are left. Repair it in the program it was made with.`,
      ),
      { code: 'notRepairable' },
    )
  refuseUnmakeable(after)
  const { report, warnings } = deepOf(mended, after)
  if (task.acceptRepair)
    return {
      ...original,
      state: 'ready',
      report,
      mesh: writeStl(mended) as Bytes,
      thumbnail: drawPicture(mended),
      warnings,
      repaired: true,
    }
  return {
    state: 'needsRepair',
    ...original,
    repair: repairOf(report, changes),
    repairedMesh: writeStl(mended) as Bytes,
    warnings,
  }
}

/** A mesh that was made of others that were ready. */
function examineMade(mesh: Mesh, tell: TellStage): Answer {
  tell('checking')
  const found = check(mesh)
  refuseUnmakeable(found)
  return {
    state: 'ready',
    unit: 'mm',
    ...deepOf(mesh, found),
    mesh: writeStl(mesh) as Bytes,
    thumbnail: drawPicture(mesh),
    repaired: false,
  }
}

/** @throws MeshError, fit for the owner, when it cannot be made */
export function examine(task: Task, tell: TellStage): Answer {
  if (task.kind === 'read') return examineFile(task, tell)
  return examineMade(task.kind === 'placed' ? placed(task) : plated(task), tell)
}
