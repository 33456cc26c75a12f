/**
 * Threads that slice meshes. One that takes too long, needs too much memory or dies is ended and replaced; the jobs of
 * others do not notice. Threads are started when they are needed and ended when they were idle for a while.
 */
import { Worker } from 'node:worker_threads'
import { watchMemory } from '@pleiad/platform/threads'
import type { Answer, Task } from './tasks.ts'

const IDLE_MS = 60_000
const MIB = 1024 * 1024
/** A thread is replaced after so many jobs, whatever they left behind. */
const WORN_OUT = 500

/** Why a thread gave no answer. */
export type Trouble = 'time' | 'memory' | 'died'

export class ThreadError extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble, cause?: unknown) {
    super(`a thread that worked on a price job was ended: ${trouble}`, { cause })
    this.name = 'ThreadError'
    this.trouble = trouble
  }
}

export interface PoolOptions {
  readonly script: URL
  readonly memoryMb: number
  readonly timeMs: number
}

export interface Pool {
  /** Rejects with a `ThreadError`, or with the signal's reason. The caller bounds how many run at once. */
  readonly run: (task: Task, signal: AbortSignal) => Promise<Answer>
  /** Threads that live now. */
  readonly size: () => number
  readonly close: () => Promise<void>
}

interface Thread {
  readonly worker: Worker
  done: number
  idle?: NodeJS.Timeout
}

export function startPool({ script, memoryMb, timeMs }: PoolOptions): Pool {
  const idle: Thread[] = []
  const all = new Set<Thread>()

  function start(): Thread {
    const worker = new Worker(script, {
      // Nothing of the environment, where secrets are.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 64 },
    })
    const thread: Thread = { worker, done: 0 }
    all.add(thread)
    worker.unref()
    // While idle; those that work are listened to by `run`.
    worker.on('error', () => {})
    worker.once('exit', () => forget(thread))
    return thread
  }

  function forget(thread: Thread): void {
    clearTimeout(thread.idle)
    all.delete(thread)
    const at = idle.indexOf(thread)
    if (at >= 0) idle.splice(at, 1)
  }

  function end(thread: Thread): void {
    forget(thread)
    void thread.worker.terminate()
  }

  function rest(thread: Thread): void {
    idle.push(thread)
    thread.idle = setTimeout(() => end(thread), IDLE_MS)
    thread.idle.unref()
  }

  function run(task: Task, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const thread = idle.pop() ?? start()
    clearTimeout(thread.idle)
    const { worker } = thread
    worker.ref()
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    let settled = false
    const settle = (finish: () => void, healthy: boolean) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      unwatch()
      signal.removeEventListener('abort', abort)
      worker.off('message', hear).off('error', fail).off('exit', exit)
      worker.unref()
      thread.done++
      if (healthy && thread.done < WORN_OUT) rest(thread)
      else end(thread)
      finish()
    }
    const lose = (trouble: Trouble, cause?: unknown) =>
      settle(() => reject(new ThreadError(trouble, cause)), false)
    const hear = (answer: Answer) => {
      // What is too large for the thread is thrown in it.
      if (answer.kind === 'thrown' && /allocation|invalid.*length/i.test(answer.message))
        return lose('memory', new Error(answer.message))
      settle(() => resolve(answer), true)
    }
    const fail = (error: Error & { code?: string }) =>
      lose(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'died', error)
    const exit = (code: number) => lose('died', new Error(`exit code ${code}`))
    const abort = () => settle(() => reject(signal.reason), false)
    const timer = setTimeout(() => lose('time'), timeMs)
    const unwatch = watchMemory(worker, memoryMb * MIB, () => lose('memory'))
    signal.addEventListener('abort', abort, { once: true })
    worker.on('message', hear).on('error', fail).on('exit', exit)
    worker.postMessage(task)
    return promise
  }

  return {
    run,
    size: () => all.size,
    close: async () => {
      await Promise.all([...all].map(({ worker }) => worker.terminate()))
    },
  }
}
