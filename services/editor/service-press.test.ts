/** Threads that hang, grow, die or fail, and processes that are killed, are replaced, and nobody waits for them. */
import { afterAll, expect, test } from 'vitest'
import { type Pool, ThreadError } from './service-pool.ts'
import { startPresses } from './service-press.ts'

type Task = {
  readonly do: 'answer' | 'loop' | 'heap' | 'buffers' | 'exit' | 'kill' | 'throw' | 'stages' | 'murder'
}
const pools: Pool<Task, string>[] = []
const start = (timeMs = 60_000) => {
  const pool = startPresses<Task, string>({
    script: new URL('./testing-thread.ts', import.meta.url),
    size: 2,
    memoryMb: 96,
    timeMs,
  })
  pools.push(pool)
  return pool
}
afterAll(() => Promise.all(pools.map((pool) => pool.close())))

const run = (pool: Pool<Task, string>, what: Task['do'], signal = new AbortController().signal) => {
  const stages: string[] = []
  return pool
    .run({ do: what }, { give: [], signal, onStage: (stage) => stages.push(stage) })
    .then((answer) => ({ answer, stages }))
}

test('an answer comes with the stages before it, and the thread is used again', async () => {
  const pool = start()
  expect(await run(pool, 'stages')).toEqual({ answer: 'done', stages: ['checking', 'repairing'] })
  const [first, second] = [await run(pool, 'answer'), await run(pool, 'answer')]
  expect(first.answer).toBe(second.answer)
  expect(pool.ended()).toBe(0)
})

test.each([
  ['needs too much memory in its heap', 'heap', 'memory'],
  ['needs too much memory in buffers, which no limit of Node counts', 'buffers', 'memory'],
  ['exits', 'exit', 'died'],
  ['is killed by an error that nobody catches', 'kill', 'died'],
] as const)('a thread that %s is replaced', async (_what, task, trouble) => {
  const pool = start()
  const error = await run(pool, task).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ThreadError)
  expect(error).toMatchObject({ trouble })
  expect(pool.ended()).toBe(1)
  expect((await run(pool, 'stages')).answer).toBe('done')
})

test('a process that is killed is replaced', async () => {
  const pool = start()
  const error = await run(pool, 'murder').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ trouble: 'died' })
  expect((await run(pool, 'stages')).answer).toBe('done')
})

test('one that never ends is ended after its time, while another one works on', async () => {
  const pool = start(2500)
  const hanging = run(pool, 'loop').catch((thrown: unknown) => thrown)
  expect((await run(pool, 'stages')).answer).toBe('done')
  expect(await hanging).toMatchObject({ trouble: 'time' })
  expect((await run(pool, 'stages')).answer).toBe('done')
})

test('what a task throws comes back with its name and code, and the thread stays', async () => {
  const pool = start()
  const before = await run(pool, 'answer')
  await expect(run(pool, 'throw')).rejects.toMatchObject({
    name: 'MeshError',
    code: 'meshFlat',
    message: 'It is flat.',
  })
  expect(await run(pool, 'answer')).toEqual(before)
})

test('who is not wanted any more is ended at once', async () => {
  const pool = start()
  const aborter = new AbortController()
  const hanging = run(pool, 'loop', aborter.signal)
  aborter.abort(new Error('the lease was lost'))
  await expect(hanging).rejects.toThrow('the lease was lost')
  await expect(run(pool, 'answer', aborter.signal)).rejects.toThrow('the lease was lost')
})
