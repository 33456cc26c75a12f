import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { until } from './harness.ts'
import { createLoop, createSlots } from './loop.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('wakes during a run become one more run', async () => {
  let runs = 0
  const loop = createLoop(
    async () => {
      runs++
      await pause(20)
      return Number.POSITIVE_INFINITY
    },
    () => {},
  )
  loop.wake()
  await pause(5)
  expect(loop.busy()).toBe(true)
  for (let n = 0; n < 10; n++) loop.wake()
  await until(() => expect(loop.busy()).toBe(false))
  expect(runs).toBe(2)
  await loop.stop()
})

test('zero runs again at once, a number waits, and the earlier timer wins', async () => {
  const answers = [0, 0, 30]
  const times: number[] = []
  const loop = createLoop(
    async () => {
      times.push(Date.now())
      return answers.shift() ?? Number.POSITIVE_INFINITY
    },
    () => {},
  )
  loop.wakeIn(60_000)
  loop.wakeIn(1)
  loop.wakeIn(50_000)
  await until(() => expect(times).toHaveLength(4))
  expect(times[3]! - times[2]!).toBeGreaterThanOrEqual(28)
  await loop.stop()
})

test('an error is told, the next run waits, and wakes do not hurry it', async () => {
  const errors: unknown[] = []
  const times: number[] = []
  const loop = createLoop(
    async () => {
      times.push(Date.now())
      if (times.length < 2) throw new Error('away')
      return Number.POSITIVE_INFINITY
    },
    (error) => errors.push(error),
  )
  loop.wake()
  await until(() => expect(errors).toHaveLength(1))
  loop.wake()
  await until(() => expect(times).toHaveLength(2))
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(95)
  await loop.stop()
})

test('stop waits for the run in progress and nothing begins after it', async () => {
  let finished = 0
  const loop = createLoop(
    async () => {
      await pause(20)
      finished++
      return 0
    },
    () => {},
  )
  loop.wake()
  await pause(1)
  await loop.stop()
  expect(finished).toBe(1)
  loop.wake()
  loop.wakeIn(1)
  await pause(30)
  expect(finished).toBe(1)
})

test('a run does not inherit the context of whoever woke it', async () => {
  const context = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const loop = createLoop(
    async () => {
      seen.push(context.getStore())
      return Number.POSITIVE_INFINITY
    },
    () => {},
  )
  context.run('a request', () => {
    loop.wake()
    loop.wakeIn(5)
  })
  await until(() => expect(seen).toEqual([undefined, undefined]))
  await loop.stop()
})

test('slots bound what runs at once and pass on in turn, also after a failure', async () => {
  const slots = createSlots(2)
  let now = 0
  let most = 0
  const order: number[] = []
  const outcomes = await Promise.allSettled(
    [0, 1, 2, 3, 4].map((n) =>
      slots(async () => {
        most = Math.max(most, ++now)
        await pause(5)
        now--
        order.push(n)
        if (n === 1) throw new Error('no')
      }),
    ),
  )
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(outcomes.map((outcome) => outcome.status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
})
