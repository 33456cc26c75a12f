/** Keeps threads within the memory that they may have. */
import type { Worker } from 'node:worker_threads'

const WATCH_MS = 200
const ASK_AGAIN_MS = 1000

/**
 * Calls `over` when a thread has more than `maxBytes`: buffers do not count for the limits that Node itself keeps. Returns
 * what ends the watch.
 */
export function watchMemory(
  worker: Pick<Worker, 'getHeapStatistics'>,
  maxBytes: number,
  over: () => void,
): () => void {
  let asked = 0
  const timer = setInterval(() => {
    // A question that came while the thread was starting is refused, or never answered.
    if (asked > Date.now() - ASK_AGAIN_MS) return
    asked = Date.now()
    worker.getHeapStatistics().then(
      ({ used_heap_size, external_memory }) => {
        asked = 0
        if (used_heap_size + external_memory > maxBytes) over()
      },
      () => {
        asked = 0
      },
    )
  }, WATCH_MS)
  return () => clearInterval(timer)
}
