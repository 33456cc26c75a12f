/** Threads that hang, grow and die, with a script that does so when it is told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test, vi } from 'vitest'
import { startPool, ThreadError } from './service-pool.ts'
import type { Task } from './tasks.ts'

const folder = mkdtempSync(join(tmpdir(), 'pleiad-pool-'))
const script = join(folder, 'thread.mjs')
writeFileSync(
  script,
  `import { parentPort, threadId } from 'node:worker_threads'
   parentPort.on('message', ({ options }) => {
     if (options === 'hang') for (;;) {}
     if (options === 'die') process.exit(3)
     if (options === 'throw') throw new Error('outside of everything')
     if (options === 'heap') { const kept = []; for (;;) kept.push({ at: kept.length }) }
     if (options === 'buffers') {
       const kept = []
       const grow = () => { kept.push(new Uint8Array(16 * 1024 * 1024).fill(1)); setTimeout(grow, 20) }
       return grow()
     }
     parentPort.postMessage({ kind: 'unreadable', detail: String(threadId) + process.env.HOME })
   })`,
)
const pool = startPool({ script: pathToFileURL(script), memoryMb: 128, timeMs: 4000 })
/** Nothing here ends by its time: what grows may do so as slowly as the machine does it. */
const patient = startPool({ script: pathToFileURL(script), memoryMb: 128, timeMs: 3_600_000 })
afterAll(async () => {
  await Promise.all([pool.close(), patient.close()])
  rmSync(folder, { recursive: true, force: true })
})

const run = (options: string, signal = new AbortController().signal, by = pool) =>
  by.run({ bytes: new Uint8Array(), options, book: {} } as unknown as Task, signal)

test('one thread after the other is used, and sees nothing of the environment', async () => {
  const first = await run('answer')
  expect(await run('answer')).toEqual(first)
  expect(first).toMatchObject({ detail: expect.stringMatching(/^\d+undefined$/) })
  expect(pool.size()).toBe(1)
})

test.each([
  ['hang', 'time'],
  ['die', 'died'],
  ['throw', 'died'],
  ['heap', 'memory', patient],
  ['buffers', 'memory', patient],
])('a thread that does %s is ended (%s), and the next job has another', async (what, trouble, by = pool) => {
  const error = await run(what, undefined, by).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ThreadError)
  expect((error as ThreadError).trouble).toBe(trouble)
  expect(await run('answer', undefined, by)).toMatchObject({ kind: 'unreadable' })
})

test('a thread that had not started when it was first asked for its memory is watched all the same', async () => {
  // On a busy machine that takes longer than until the first question.
  const asked = vi.spyOn(Worker.prototype, 'getHeapStatistics')
  asked.mockRejectedValueOnce(new Error('Worker instance not running'))
  const error = await run('buffers', undefined, patient).catch((thrown: unknown) => thrown)
  expect(asked.mock.settledResults[0]!.type).toBe('rejected')
  asked.mockRestore()
  expect(error).toMatchObject({ trouble: 'memory' })
})

test('others do not notice, and what is called off ends', async () => {
  const controller = new AbortController()
  const hanging = run('hang', controller.signal)
  const reason = new Error('called off')
  expect(await run('answer')).toMatchObject({ kind: 'unreadable' })
  controller.abort(reason)
  await expect(hanging).rejects.toBe(reason)
  await expect(run('answer', controller.signal)).rejects.toBe(reason)
})
