/**
 * Processes that work on models, each with one thread. A thread that hangs or grows is ended by its process
 * (`service-pool.ts`); but V8 ends the whole process when a heap runs full at the wrong moment, and nobody's model may
 * end this one. So each model has a process around its thread, with nothing of our environment.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type Message, type Pool, ThreadError, type Trouble } from './service-pool.ts'

/** What a process says: what its thread says, or what became of the thread. */
export type PressMessage<Answer> = Message<Answer> | { readonly trouble: Trouble }

export interface PressOptions {
  /** The script of the thread. */
  readonly script: URL
  readonly size: number
  readonly memoryMb: number
  readonly timeMs: number
}

/** The process has its own watch; when it says nothing for this much longer, it is ended as well. */
const GRACE_MS = 10_000
const thrownBy = ({ thrown }: Extract<Message<never>, { thrown: unknown }>) =>
  Object.assign(new Error(thrown.message), thrown)

export function startPresses<Task, Answer>(options: PressOptions): Pool<Task, Answer> {
  const { script, size, memoryMb, timeMs } = options
  const idle: ChildProcess[] = []
  const all = new Set<ChildProcess>()
  let ended = 0

  function start(): ChildProcess {
    const child = fork(
      new URL('./service-press-child.ts', import.meta.url),
      [JSON.stringify({ script: script.href, memoryMb, timeMs })],
      { env: {}, execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    )
    all.add(child)
    child.on('error', () => {})
    child.once('exit', () => {
      all.delete(child)
      const at = idle.indexOf(child)
      if (at >= 0) idle.splice(at, 1)
    })
    return child
  }

  const run: Pool<Task, Answer>['run'] = (task, { signal, onStage }) => {
    if (signal.aborted) return Promise.reject(signal.reason)
    const child = idle.pop() ?? start()
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const settle = (finish: () => void, healthy: boolean) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      child.off('message', hear).off('exit', exit)
      if (healthy && child.connected) idle.push(child)
      else {
        ended++
        child.kill('SIGKILL')
      }
      finish()
    }
    const lose = (trouble: Trouble, healthy: boolean, cause?: unknown) =>
      settle(() => {
        if (healthy) ended++
        reject(new ThreadError(trouble, cause))
      }, healthy)
    const hear = (message: PressMessage<Answer>) => {
      if ('stage' in message) onStage(message.stage)
      else if ('trouble' in message) lose(message.trouble, true)
      else if ('answer' in message) settle(() => resolve(message.answer), true)
      else settle(() => reject(thrownBy(message)), true)
    }
    // V8 aborts when a heap is full.
    const exit = (code: number | null, by: string | null) =>
      lose(by === 'SIGABRT' || code === 134 ? 'memory' : 'died', false, new Error(`ended: ${by ?? code}`))
    const abort = () => settle(() => reject(signal.reason), false)
    const timer = setTimeout(() => lose('time', false), timeMs + GRACE_MS)
    signal.addEventListener('abort', abort, { once: true })
    child.on('message', hear).on('exit', exit)
    child.send(task as never, (error) => {
      if (error) lose('died', false, error)
    })
    return promise
  }

  return {
    size,
    run,
    ended: () => ended,
    close: async () => {
      await Promise.all(
        [...all].map((child) => {
          const gone = once(child, 'exit')
          child.kill('SIGKILL')
          return gone
        }),
      )
    },
  }
}
