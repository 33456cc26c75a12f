/** What a thread needs to work on a version: the bytes of its files, and what may be made of them. */
import type { Tools } from '@pleiad/platform/service'
import { HEAD_BYTES, isStep, refuseEarly } from './formats.ts'
import { fileMissing, fileTooLarge, partsTooLarge, Rejected } from './reasons.ts'
import { findFiles, readFile } from './service-files.ts'
import { convertStep } from './service-step.ts'
import type { EditorConfig } from './settings.ts'
import type { Task } from './tasks.ts'
import type { StoredVersion } from './versions.ts'

const MIB = 1024 * 1024
/** How many times the largest file an archive may unpack to. */
const UNPACKED = 2

type Needs = Pick<Tools<EditorConfig>, 'config' | 'rpc'>

/** Throws `Rejected` where the files alone say that nothing can be made of them. */
export function readTask(tools: Needs, version: StoredVersion, signal: AbortSignal): Promise<Task> {
  return (version.plan ? readPlan : readSource)(tools, version, signal)
}

async function readSource(tools: Needs, version: StoredVersion, signal: AbortSignal): Promise<Task> {
  const { config } = tools
  const maxBytes = config.EDITOR_MAX_MB * MIB
  const fileId = version.sourceFileId
  const found = fileId && (await findFiles(tools, [fileId])).get(fileId)
  if (!found) throw fileMissing()
  const { size } = found
  if (size > maxBytes) throw fileTooLarge(size, maxBytes)
  const head = await readFile(tools, fileId, Math.min(size, HEAD_BYTES), signal)
  const early = refuseEarly(head, size, config.EDITOR_MAX_TRIANGLES)
  if (early) throw new Rejected(early)
  const raw = await readFile(tools, fileId, size, signal)
  const { unit, acceptRepair } = version
  const limits = { maxTriangles: config.EDITOR_MAX_TRIANGLES, maxTextBytes: UNPACKED * maxBytes }
  const rest = { kind: 'read', acceptRepair, ...limits } as const
  if (!isStep(head)) return { ...rest, bytes: raw, unit }
  const converter = {
    command: config.EDITOR_STEP_COMMAND,
    timeMs: config.EDITOR_SECONDS * 1000,
    memoryMb: config.EDITOR_MEMORY_MB,
    maxBytes,
  }
  return { ...rest, step: true, bytes: await convertStep(raw, converter, signal), unit: 'mm' }
}

/** The meshes that a plan is made of, each once. */
async function readPlan(tools: Needs, version: StoredVersion, signal: AbortSignal): Promise<Task> {
  const { config } = tools
  const plan = version.plan!
  const ids = plan.kind === 'placed' ? [plan.fileId] : plan.parts.map(({ fileId }) => fileId)
  const meshes = new Map<string, Uint8Array<ArrayBuffer>>()
  const found = await findFiles(tools, [...new Set(ids)])
  const sum = [...found.values()].reduce((bytes, { size }) => bytes + size, 0)
  if (sum > config.EDITOR_MAX_MB * MIB) throw partsTooLarge()
  for (const id of new Set(ids)) meshes.set(id, await readFile(tools, id, found.get(id)?.size ?? 1, signal))
  if (plan.kind === 'placed')
    return { kind: 'placed', bytes: meshes.get(plan.fileId)!, placement: plan.placement }
  const parts = plan.parts.map(({ fileId, quantity, placement }) => ({
    bytes: meshes.get(fileId)!,
    quantity,
    placement,
  }))
  return { ...plan, parts, maxTriangles: config.EDITOR_MAX_TRIANGLES }
}
