/** What the test of the pool runs in its threads: what can go wrong there. */
import { parentPort, threadId } from 'node:worker_threads'

const kept: unknown[] = []
const tricks: Record<string, () => string> = {
  answer: () => String(threadId),
  stages: () => {
    parentPort!.postMessage({ stage: 'checking' })
    parentPort!.postMessage({ stage: 'repairing' })
    return 'done'
  },
  loop: () => {
    for (;;);
  },
  heap: () => {
    for (;;) kept.push({ some: 'thing', more: [kept.length] })
  },
  buffers: () => {
    for (let n = 0; n < 200; n++) {
      kept.push(new Uint8Array(4 * 1024 * 1024).fill(n))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
    return 'it was not noticed'
  },
  exit: () => process.exit(3),
  kill: () => {
    setImmediate(() => {
      throw new Error('nobody catches this')
    })
    return ''
  },
  murder: () => {
    process.kill(process.pid, 'SIGKILL')
    return ''
  },
  throw: () => {
    throw Object.assign(new Error('It is flat.'), { name: 'MeshError', code: 'meshFlat' })
  },
}

parentPort!.on('message', (task: { do: string }) => {
  try {
    const answer = tricks[task.do]!()
    if (answer !== '') parentPort!.postMessage({ answer })
  } catch (error) {
    const { name, message, code } = error as Error & { code?: string }
    parentPort!.postMessage({ thrown: { name, message, code } })
  }
})
