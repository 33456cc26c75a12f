/**
 * Works on versions outside of any transaction, under a lease. Whatever ends this process, the lease runs out and
 * another takes the version up (`model.work.due`); an answer that comes after that is not recorded.
 */
import { availableParallelism } from 'node:os'
import { ConnectError } from '@connectrpc/connect'
import { faultPoint } from '@pleiad/platform/fault'
import { emit, push, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import type { MeshErrorCode } from '@pleiad/workshop/mesh/mesh'
import { editor, type Intake, type Reason } from './contract.ts'
import { HEAD_BYTES, isStep, meshReasons, refuseEarly } from './formats.ts'
import { deleteFile, findFiles, Rejected, readFile } from './service-files.ts'
import { keepAnswer } from './service-keep.ts'
import { type Pool, ThreadError, type Trouble } from './service-pool.ts'
import { startPresses } from './service-press.ts'
import { convertStep } from './service-step.ts'
import type { EditorConfig } from './settings.ts'
import { lockModel, touchModel } from './store.ts'
import * as store from './store-work.ts'
import type { Answer, Task } from './tasks.ts'
import type { StoredModel, StoredVersion } from './versions.ts'

const MIB = 1024 * 1024
const DAY_MS = 86_400_000
/** How many times the largest file an archive may unpack to. */
const UNPACKED = 2
/** Versions that wait here for a thread, for each thread. */
const WAITING = 2
/** A thread that died is replaced at once, but not in a tight loop. */
const AGAIN_MS = 500
/** When files, or the database, is away. */
const AWAY_MS = 15_000

export interface Handed extends store.Place {
  readonly lease: string
}

export interface Own {
  readonly pool: Pool<Task, Answer>
  readonly leaseMs: number
  readonly maxAttempts: number
  readonly retentionMs: number
  readonly intake: Intake
  /** False while so many wait that more would only hold leases. */
  readonly hasRoom: () => boolean
  readonly hand: (handed: Handed) => void
  /** Ends what is being done; it is taken up by another process at once. */
  readonly close: () => Promise<void>
}

const words: Record<Trouble | 'bug', string> = {
  time: 'Working on it takes longer than a model may. Simplify it, or export it with a coarser tolerance.',
  memory:
    'Working on it takes more memory than a model may. Simplify it, or export it with a coarser tolerance.',
  died: 'It could not be worked on to the end. Simplify it, or export it in another way.',
  bug: 'It could not be worked on to the end. Export it in another format.',
}
export const tooComplex = (trouble: Trouble | 'bug'): Reason => ({
  code: 'tooComplex',
  detail: words[trouble],
})

/** Why a model is rejected; undefined when it is not the model's fault. */
function reasonOf(error: unknown): Reason | undefined {
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

/** Files or the database is away: that says nothing of the model. */
function isAway(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return (
    error instanceof ConnectError ||
    (typeof code === 'string' && /^(CONNECTION|ECONN|EPIPE|57P|08)/.test(code))
  )
}

/** Tells what became of a version, in the transaction of the change. */
export function announce(tx: Tx, model: StoredModel, version: StoredVersion): void {
  const { modelId, ownerId, name } = model
  const of = { modelId, version: version.version, ownerId, name }
  const { state, report } = version
  if (state === 'ready' && report)
    emit(tx, editor, 'model.ready', {
      ...of,
      fileId: version.meshFileId!,
      sha256: version.sha256!,
      ...(version.thumbnailFileId ? { thumbnailFileId: version.thumbnailFileId } : {}),
      triangles: report.triangles,
      volumeMm3: report.volumeMm3,
      areaMm2: report.areaMm2,
      sizeMm: report.sizeMm,
      shells: report.shells,
      repaired: version.repaired,
      warnings: [...(version.warnings ?? [])],
      ...(version.options ? { options: version.options } : {}),
    })
  if (state === 'rejected') emit(tx, editor, 'model.rejected', { ...of, reasons: [...version.reasons!] })
  if (state === 'needsUnits' || state === 'needsRepair')
    emit(tx, editor, 'model.decision.needed', { ...of, needs: state === 'needsUnits' ? 'units' : 'repair' })
  push(tx, editor, 'models', ownerId, {
    modelId,
    version: version.version,
    state,
    ...(version.stage ? { stage: version.stage } : {}),
  })
}

export function createOwn(tools: Tools<EditorConfig>): Own {
  const { config, log, now } = tools
  const pool = startPresses<Task, Answer>({
    script: new URL('./service-thread.ts', import.meta.url),
    size: config.EDITOR_WORKERS || Math.max(1, Math.floor(availableParallelism() / 2)),
    memoryMb: config.EDITOR_MEMORY_MB,
    timeMs: config.EDITOR_SECONDS * 1000,
  })
  const leaseMs = config.EDITOR_LEASE_SECONDS * 1000
  const maxAttempts = config.EDITOR_ATTEMPTS
  const retentionMs = config.EDITOR_MODEL_DAYS * DAY_MS
  const maxBytes = config.EDITOR_MAX_MB * MIB
  const waiting: { handed: Handed; aborter: AbortController; release: () => void }[] = []
  const running = new Set<Promise<void>>()
  const aborters = new Set<AbortController>()
  let closed = false

  /** Keeps a lease until it is released; aborts when it is lost. */
  function keepLease(handed: Handed): { aborter: AbortController; release: () => void } {
    const aborter = new AbortController()
    aborters.add(aborter)
    let renewed = Date.now()
    const timer = setInterval(() => {
      store.renewLease(tools.sql, handed, handed.lease, new Date(now().getTime() + leaseMs)).then(
        (still) => {
          if (still) renewed = Date.now()
          else aborter.abort(new Error('the lease was lost'))
        },
        () => {
          if (Date.now() - renewed > leaseMs) aborter.abort(new Error('the lease could not be renewed'))
        },
      )
    }, leaseMs / 3)
    return {
      aborter,
      release: () => {
        clearInterval(timer)
        aborters.delete(aborter)
      },
    }
  }

  async function readSource(version: StoredVersion, signal: AbortSignal): Promise<Task> {
    const fileId = version.sourceFileId
    const found = fileId && (await findFiles(tools, [fileId])).get(fileId)
    if (!found)
      throw new Rejected({ code: 'fileMissing', detail: 'The file is not there any more. Upload it again.' })
    const { size } = found
    if (size > maxBytes)
      throw new Rejected({
        code: 'fileTooLarge',
        detail: `The file has ${Math.ceil(size / MIB)} MiB; models of at most ${config.EDITOR_MAX_MB} MiB are read. Export it with a coarser tolerance, or as binary STL.`,
      })
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
  async function readPlan(version: StoredVersion, signal: AbortSignal): Promise<Task> {
    const plan = version.plan!
    const ids = plan.kind === 'placed' ? [plan.fileId] : plan.parts.map(({ fileId }) => fileId)
    const meshes = new Map<string, Uint8Array<ArrayBuffer>>()
    const found = await findFiles(tools, [...new Set(ids)])
    const sum = [...found.values()].reduce((bytes, { size }) => bytes + size, 0)
    if (sum > maxBytes)
      throw new Rejected({
        code: 'tooManyTriangles',
        detail: 'The parts together have too many triangles for one plate. Put fewer of them on it.',
      })
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

  async function setStage(
    handed: Handed,
    ownerId: string,
    stage: 'reading' | 'checking' | 'repairing' | 'storing',
  ) {
    const { modelId, version, lease } = handed
    await tools.transact(async (tx) => {
      if (await store.setStage(tx, handed, lease, stage))
        push(tx, editor, 'models', ownerId, { modelId, version, state: 'processing', stage })
    })
  }

  async function record(handed: Handed, outcome: store.Outcome): Promise<boolean> {
    const finished = await tools.transact(async (tx) => {
      if (!(await lockModel(tx, handed.modelId))) return undefined
      const version = await store.finishWork(tx, handed, handed.lease, outcome)
      if (version) announce(tx, await touchModel(tx, handed.modelId), version)
      return version
    })
    if (finished) tools.count('models_worked_on', { result: outcome.state })
    return finished !== undefined
  }

  async function process(handed: Handed, version: StoredVersion, signal: AbortSignal): Promise<void> {
    const stage = (name: string) => {
      setStage(handed, version.ownerId, name as 'checking').catch((error: unknown) =>
        log.debug({ err: error }, 'a stage was not told'),
      )
    }
    await setStage(handed, version.ownerId, 'reading')
    const task = await (version.plan ? readPlan : readSource)(version, signal)
    faultPoint('editor.read')
    const answer = await pool.run(task, { give: [], signal, onStage: stage })
    await setStage(handed, version.ownerId, 'storing')
    const deleteAfter = new Date(now().getTime() + retentionMs)
    const { outcome, made } = await keepAnswer(tools, version, answer, deleteAfter, signal)
    faultPoint('editor.stored')
    // Somebody else's by now, or deleted: nobody knows of these files.
    if (!(await record(handed, outcome))) for (const fileId of made) await deleteFile(tools, fileId)
  }

  async function giveBack(handed: Handed, counted: boolean, waitMs: number): Promise<void> {
    const { modelId, version, lease } = handed
    await tools.transact(async (tx) => {
      if (await store.giveBack(tx, handed, lease, counted))
        emit(tx, editor, 'model.work.due', { modelId, version }, { at: new Date(now().getTime() + waitMs) })
    })
  }

  async function work(handed: Handed, signal: AbortSignal): Promise<void> {
    const version = await store.beginWork(tools.sql, handed, handed.lease)
    if (!version) return
    const { modelId } = handed
    try {
      await process(handed, version, signal)
    } catch (error) {
      if (closed) return giveBack(handed, false, 0)
      if (signal.aborted) return
      const reason = reasonOf(error)
      if (reason) {
        if ((error as Error).cause)
          log.error({ err: (error as Error).cause, modelId }, 'a model was rejected for want of something')
        await record(handed, { state: 'rejected', reasons: [reason] })
        return
      }
      const trouble = error instanceof ThreadError ? error.trouble : undefined
      log.warn({ err: error, modelId, attempt: version.attempts }, 'the work on a model failed')
      if (trouble) tools.count('threads_ended', { trouble })
      const counted = !isAway(error)
      if (counted && version.attempts >= maxAttempts)
        await record(handed, { state: 'rejected', reasons: [tooComplex(trouble ?? 'bug')] })
      else await giveBack(handed, counted, counted ? AGAIN_MS : AWAY_MS)
    }
  }

  function next(): void {
    while (!closed && running.size < pool.size && waiting.length > 0) {
      const { handed, aborter, release } = waiting.shift()!
      const doing: Promise<void> = work(handed, aborter.signal)
        // The lease ends and the version is taken up again: only the log has to know.
        .catch((error) =>
          log.error({ err: error, modelId: handed.modelId }, 'the work on a model was not recorded'),
        )
        .finally(() => {
          running.delete(doing)
          release()
          next()
        })
      running.add(doing)
    }
  }

  return {
    pool,
    leaseMs,
    maxAttempts,
    retentionMs,
    intake: {
      formats: ['stl', 'obj', '3mf', ...(config.EDITOR_STEP_COMMAND ? (['step'] as const) : [])],
      maxMb: config.EDITOR_MAX_MB,
      maxTriangles: config.EDITOR_MAX_TRIANGLES,
    },
    hasRoom: () => !closed && waiting.length < pool.size * WAITING,
    hand: (handed) => {
      waiting.push({ handed, ...keepLease(handed) })
      next()
    },
    close: async () => {
      closed = true
      const left = waiting.splice(0)
      for (const aborter of aborters) aborter.abort(new Error('the process ends'))
      await Promise.all(running)
      for (const { handed, release } of left) {
        release()
        await giveBack(handed, true, 0).catch(() => {})
      }
      await pool.close()
    },
  }
}
