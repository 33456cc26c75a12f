import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { watchMemory } from './watch.ts'

const MIB = 1024 * 1024

test('a thread that has too many buffers is told', async () => {
  const worker = new Worker(
    `globalThis.kept = new Uint8Array(64 * ${MIB}).fill(1)
     setInterval(() => {}, 1000)`,
    { eval: true },
  )
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = watchMemory(worker, 32 * MIB, resolve)
  await promise
  stop()
  await worker.terminate()
})

test('a question that is never answered, or refused, as while a thread starts, is asked again; after the end nothing is asked', async () => {
  let asked = 0
  const answers = [
    () => new Promise<never>(() => {}),
    () => Promise.reject(new Error('not running yet')),
    () => Promise.resolve({ used_heap_size: 6 * MIB, external_memory: 6 * MIB }),
    () => Promise.resolve({ used_heap_size: 6 * MIB, external_memory: 11 * MIB }),
  ]
  const worker = { getHeapStatistics: () => (answers[asked++] ?? answers.at(-1)!)() as never }
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = watchMemory(worker, 16 * MIB, resolve)
  await promise
  stop()
  expect(asked).toBe(4)
  await new Promise((done) => setTimeout(done, 500))
  expect(asked).toBe(4)
})
