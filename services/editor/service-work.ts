/**
 * Works on versions outside of any transaction, under a lease. Whatever ends this process, the lease runs out and
 * another takes the version up (`model.work.due`); an answer that comes after that is not recorded.
 */
import { availableParallelism } from 'node:os'
import { ConnectError } from '@connectrpc/connect'
import { faultPoint } from '@pleiad/platform/fault'
import { emit, push, type Tools } from '@pleiad/platform/service'
import { editor, type Intake } from './contract.ts'
import { reasonOf, tooComplex } from './reasons.ts'
import { announce } from './service-announce.ts'
import { deleteFile } from './service-files.ts'
import { keepAnswer } from './service-keep.ts'
import { type Pool, ThreadError } from './service-pool.ts'
import { startPresses } from './service-press.ts'
import { readTask } from './service-source.ts'
import type { EditorConfig } from './settings.ts'
import { lockModel, touchModel } from './store.ts'
import * as store from './store-work.ts'
import type { Answer, Task } from './tasks.ts'
import type { StoredVersion } from './versions.ts'

const DAY_MS = 86_400_000
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

/** Files or the database is away: that says nothing of the model. */
function isAway(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return (
    error instanceof ConnectError ||
    (typeof code === 'string' && /^(CONNECTION|ECONN|EPIPE|57P|08)/.test(code))
  )
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
    const task = await readTask(tools, version, signal)
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
