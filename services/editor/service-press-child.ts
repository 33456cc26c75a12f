/** The process around a thread that works on models: says what the thread says, and what becomes of it. */
import { startPool, ThreadError } from './service-pool.ts'
import type { PressMessage } from './service-press.ts'

const { script, memoryMb, timeMs } = JSON.parse(process.argv[2]!) as {
  script: string
  memoryMb: number
  timeMs: number
}
const pool = startPool<Record<string, unknown>, unknown>({
  script: new URL(script),
  size: 1,
  memoryMb,
  timeMs,
})
const say = (message: PressMessage<unknown>) => void process.send!(message)

/** Buffers of a task, which the thread may have for itself. */
const buffersOf = (task: Record<string, unknown>): ArrayBuffer[] => {
  const { bytes } = task
  return bytes instanceof Uint8Array && bytes.byteLength === bytes.buffer.byteLength
    ? [bytes.buffer as ArrayBuffer]
    : []
}

process.on('message', (task: Record<string, unknown>) => {
  pool
    .run(task, {
      give: buffersOf(task),
      signal: new AbortController().signal,
      onStage: (stage) => say({ stage }),
    })
    .then(
      (answer) => say({ answer }),
      (error: Error & { code?: string }) => {
        if (error instanceof ThreadError) return say({ trouble: error.trouble })
        const { name, message, code } = error
        say({ thrown: { name, message, ...(code === undefined ? {} : { code }) } })
      },
    )
})
// Whoever gave the work is gone.
process.on('disconnect', () => process.exit())
