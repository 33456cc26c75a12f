/** Runs in a thread of the pool: reads a mesh, works out what making it takes. */
import { parentPort } from 'node:worker_threads'
import { MeshError } from '@pleiad/workshop/mesh/mesh'
import { readStl } from '@pleiad/workshop/mesh/stl'
import { calculateWork } from '@pleiad/workshop/print/calculate'
import type { Answer, Task } from './tasks.ts'

function answerTo({ bytes, options, book }: Task): Answer {
  try {
    return { kind: 'result', result: calculateWork(readStl(bytes), options, book) }
  } catch (error) {
    if (error instanceof MeshError) return { kind: 'unreadable', detail: error.message }
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return { kind: 'thrown', name, message }
  }
}

parentPort!.on('message', (task: Task) => parentPort!.postMessage(answerTo(task)))
