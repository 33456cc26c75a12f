/** Runs in a thread of the pool: one task after another, until the thread is ended. */
import { parentPort } from 'node:worker_threads'
import { examine } from './examine.ts'
import { buffersOf, type Task } from './tasks.ts'

parentPort!.on('message', (task: Task) => {
  try {
    const answer = examine(task, (stage) => parentPort!.postMessage({ stage }))
    parentPort!.postMessage({ answer }, buffersOf(answer))
  } catch (error) {
    const { name, message, code } = error as Error & { code?: string }
    parentPort!.postMessage({ thrown: { name, message, code } })
  }
})
