/** Limits in Redis decide as those in the process. Runs against the Redis that TEST_REDIS_URL names. */
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { openRedis, type RedisLink } from '../cache/redis.ts'
import { unreliableWayTo } from '../cache/unreliable.ts'
import { createLimits, createMemoryStore, type Decision } from './limits.ts'
import { createRedisStore } from './limits-redis.ts'

const { TEST_REDIS_URL } = process.env
const quiet = { warn: () => {}, info: () => {} } as never
const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

let count = 0
/** A name that no other run uses. */
const fresh = () => `test-${process.pid}-${Date.now()}-${count++}`

test('without Redis budgets are kept in the process', async () => {
  const away: RedisLink = { ask: async (_use, _work, otherwise) => otherwise(), onBack() {}, close() {} }
  const store = createRedisStore(away, 'x')
  const taken = await Promise.all([1, 2, 3].map(() => store.take('k', 1_000_000, 2, 0)))
  expect(taken.map(({ allowed }) => allowed)).toEqual([true, true, false])
})

test('each budget has a store of its own, by name', () => {
  const names: string[] = []
  createLimits({}, (name) => {
    names.push(name)
    return createMemoryStore()
  })
  expect(new Set(names).size).toBe(8)
  expect(names).toContain('auth-address')
})

if (TEST_REDIS_URL) {
  const url = TEST_REDIS_URL
  const open = async (address: string, pauseMs = 50) => {
    const link = await openRedis({ url: address, log: quiet, missed: () => {}, timeoutMs: 2_000, pauseMs })
    ends.push(() => link.close())
    return link
  }

  test('both decide alike, whatever comes when', async () => {
    const link = await open(url)
    const rate = fc.record({
      limit: fc.integer({ min: 1, max: 50 }),
      seconds: fc.integer({ min: 1, max: 3600 }),
    })
    // Clocks are set back, too, and microseconds have all their digits.
    const gaps = fc.array(fc.integer({ min: -50_000_000, max: 120_000_000 }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(rate, gaps, async ({ limit, seconds }, pauses) => {
        const shared = createRedisStore(link, fresh())
        const own = createMemoryStore()
        const interval = Math.ceil((seconds * 1e6) / limit)
        let now = 1_790_000_000_123_457
        const [theirs, ours]: Decision[][] = [[], []]
        for (const pause of pauses) {
          now += pause
          theirs!.push(await shared.take('k', interval, limit, now))
          ours!.push((await own.take('k', interval, limit, now)) as Decision)
        }
        expect(theirs).toEqual(ours)
      }),
      { numRuns: 60 },
    )
  })

  test('two processes spend one budget, exactly', async () => {
    const name = fresh()
    const stores = [createRedisStore(await open(url), name), createRedisStore(await open(url), name)]
    const now = Date.now() * 1000
    const taken = await Promise.all(
      Array.from({ length: 200 }, (_, n) => stores[n % 2]!.take('k', 60_000_000, 50, now)),
    )
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(50)
    expect(await stores[0]!.take('other', 60_000_000, 50, now)).toMatchObject({
      allowed: true,
      remaining: 49,
    })
  })

  test('what is kept ends with the budget it is for', async () => {
    const link = await open(url)
    const name = fresh()
    await createRedisStore(link, name).take('k', 2_000_000, 10, Date.now() * 1000)
    const left = await link.ask(
      'limits',
      (redis) => redis.pttl(`pleiad:limit:${name}:k`),
      () => -3,
    )
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(2_000)
  })

  test('a lost Redis leaves the limits of the process, and comes back', async () => {
    const way = await unreliableWayTo(url)
    ends.push(way.close)
    const name = fresh()
    const store = createRedisStore(await open(`redis://127.0.0.1:${way.port}`), name)
    const other = createRedisStore(await open(url), name)
    const allowed = async (from: typeof store, key: string) =>
      (await from.take(key, 60_000_000, 2, 1_790_000_000_000_000)).allowed
    expect([await allowed(store, 'k'), await allowed(other, 'k'), await allowed(store, 'k')]).toEqual([
      true,
      true,
      false,
    ])
    await way.cut()
    expect([await allowed(store, 'k'), await allowed(store, 'k'), await allowed(store, 'k')]).toEqual([
      true,
      true,
      false,
    ])
    await way.mend()
    let key = 0
    const sharedAgain = async () => {
      key++
      await allowed(other, `after ${key}`)
      await allowed(other, `after ${key}`)
      return allowed(store, `after ${key}`)
    }
    await expect.poll(sharedAgain).toBe(false)
  })
}
