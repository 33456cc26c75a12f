/**
 * Threads that work on models. A thread that takes too long, needs too much memory or dies is ended and replaced; the
 * models of others do not notice.
 */
import { Worker } from 'node:worker_threads'
import { watchMemory } from '@pleiad/platform/threads'

const MIB = 1024 * 1024
/** A thread is replaced after so many models, whatever they left behind. */
const WORN_OUT = 500

/** Why a thread gave no answer. */
export type Trouble = 'time' | 'memory' | 'died'
export class ThreadError extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble, cause?: unknown) {
    super(`a thread that worked on a model was ended: ${trouble}`, { cause })
    this.name = 'ThreadError'
    this.trouble = trouble
  }
}

/** What a thread says: any number of stages, then an answer or what was thrown. */
export type Message<Answer> =
  | { readonly stage: string }
  | { readonly answer: Answer }
  | { readonly thrown: { readonly name: string; readonly message: string; readonly code?: string } }

export interface PoolOptions {
  readonly script: URL
  readonly size: number
  readonly memoryMb: number
  readonly timeMs: number
}

export interface Run {
  /** Buffers that the thread may have for itself. */
  readonly give: readonly ArrayBuffer[]
  readonly signal: AbortSignal
  readonly onStage: (stage: string) => void
}

export interface Pool<Task, Answer> {
  readonly size: number
  /**
   * Gives the task to a thread. Rejects with a `ThreadError`, with what the thread threw (an `Error` with its name and
   * code), or with the signal's reason. The caller sees to it that no more than `size` run at once.
   */
  readonly run: (task: Task, run: Run) => Promise<Answer>
  /** Threads that were ended before their time. */
  readonly ended: () => number
  readonly close: () => Promise<void>
}

interface Thread {
  readonly worker: Worker
  done: number
}

export function startPool<Task, Answer>(options: PoolOptions): Pool<Task, Answer> {
  const { script, size, memoryMb, timeMs } = options
  const idle: Thread[] = []
  const all = new Set<Thread>()
  let ended = 0

  function start(): Thread {
    const worker = new Worker(script, {
      // Nothing of the environment, where secrets are.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16 },
    })
    const thread = { worker, done: 0 }
    all.add(thread)
    worker.unref()
    // While idle; those that work are listened to by `run`.
    worker.on('error', () => {})
    worker.once('exit', () => {
      all.delete(thread)
      const at = idle.indexOf(thread)
      if (at >= 0) idle.splice(at, 1)
    })
    return thread
  }

  function run(task: Task, { give, signal, onStage }: Run): Promise<Answer> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const thread = idle.pop() ?? start()
    const { worker } = thread
    worker.ref()
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const settle = (finish: () => void, healthy: boolean) => {
      clearTimeout(timer)
      unwatch()
      signal.removeEventListener('abort', abort)
      worker.off('message', hear).off('error', fail).off('exit', exit)
      worker.unref()
      thread.done++
      if (healthy && thread.done < WORN_OUT) idle.push(thread)
      else {
        if (!healthy) ended++
        all.delete(thread)
        void worker.terminate()
      }
      finish()
    }
    const lose = (trouble: Trouble, cause?: unknown) =>
      settle(() => reject(new ThreadError(trouble, cause)), false)
    const hear = (message: Message<Answer>) => {
      if ('stage' in message) onStage(message.stage)
      else if ('answer' in message) settle(() => resolve(message.answer), true)
      else {
        const { thrown } = message
        // What is too large for the thread is thrown in it; it goes on with whatever is left.
        if (thrown.name === 'RangeError' && /allocation|invalid.*length/i.test(thrown.message))
          return lose('memory', new Error(thrown.message))
        settle(() => reject(Object.assign(new Error(thrown.message), thrown)), true)
      }
    }
    const fail = (error: Error & { code?: string }) =>
      lose(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'died', error)
    const exit = (code: number) => lose('died', new Error(`exit code ${code}`))
    const abort = () => settle(() => reject(signal.reason), false)
    const timer = setTimeout(() => lose('time'), timeMs)
    const unwatch = watchMemory(worker, memoryMb * MIB, () => lose('memory'))
    signal.addEventListener('abort', abort, { once: true })
    worker.on('message', hear).on('error', fail).on('exit', exit)
    worker.postMessage(task, [...give])
    return promise
  }

  return {
    size,
    run,
    ended: () => ended,
    close: async () => {
      await Promise.all([...all].map(({ worker }) => worker.terminate()))
    },
  }
}
