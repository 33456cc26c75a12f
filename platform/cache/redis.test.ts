/**
 * The cache in Redis passes the same suite as the one in the process. Redis is a server of its own, so the suite runs
 * against the one that TEST_REDIS_URL names; without it only what needs no server is tested here.
 */
import { type AddressInfo, createServer } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, expect, test } from 'vitest'
import { StartError } from '../service/refuse.ts'
import { cacheConformance } from './conformance.ts'
import { openRedis, type RedisLinkOptions } from './redis.ts'
import { createRedisCache } from './redis-cache.ts'
import { unreliableWayTo } from './unreliable.ts'

const { TEST_REDIS_URL } = process.env
const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

async function open(url: string, more: Partial<RedisLinkOptions> = {}) {
  const lines: string[] = []
  const say = (_: object | string, message?: string) => void lines.push(message ?? String(_))
  const missed: string[] = []
  const link = await openRedis({
    url,
    log: { warn: say, info: say } as RedisLinkOptions['log'],
    missed: (use) => void missed.push(use),
    ...more,
  })
  ends.push(() => link.close())
  return { link, lines, missed, driver: createRedisCache(link) }
}

test('a Redis that is not there is one clear line at the start, without the password', async () => {
  const refused = await open('redis://ann:hunter2@127.0.0.1:1').catch((error) => error)
  expect(refused).toBeInstanceOf(StartError)
  expect(refused.message).toMatch(
    /^REDIS_URL: Redis at 127\.0\.0\.1:1 cannot be reached \(.*ECONNREFUSED.*\)\. Check that it runs, or leave REDIS_URL out\.$/,
  )
  expect(JSON.stringify(refused) + refused.stack).not.toContain('hunter2')
})

/** A server that answers each command of the Redis protocol as `answer` says by its name. */
async function answering(answer: (command: string) => string): Promise<string> {
  const server = createServer((socket) => {
    ends.push(() => socket.destroy())
    socket.on('data', (data) => {
      for (const [, name] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(`${answer(name!.toLowerCase())}\r\n`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => server.close())
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each<[string, (command: string) => string, RegExp]>([
  ['refuses the password', () => '-WRONGPASS invalid username-password pair', /refuses the user name or/],
  ['wants a password', () => '-NOAUTH Authentication required.', /refuses the user name or password\.$/],
  [
    'permits too little',
    (command) => (command === 'eval' ? "-NOPERM User x has no permissions to run the 'eval' command" : '+OK'),
    /does not let this user do what is needed: all commands on the keys pleiad:\*, and scripts\.$/,
  ],
  [
    'is too old',
    (command) =>
      /hello|getdel/.test(command)
        ? `-ERR unknown command '${command}'`
        : command === 'info'
          ? '$0\r\n'
          : '+OK',
    /is too old: version 6\.2 or newer is needed\.$/,
  ],
])('a Redis that %s cannot be used', async (_, answer, words) => {
  await expect(open(await answering(answer))).rejects.toThrow(words)
})

if (TEST_REDIS_URL) {
  const url = TEST_REDIS_URL
  cacheConformance('Redis', async () => (await open(url)).driver, true)

  test('a lost Redis is an empty cache: no request fails, one line is logged, all is well when it is back', async () => {
    const way = await unreliableWayTo(url)
    ends.push(way.close)
    const { driver, lines, missed } = await open(`redis://127.0.0.1:${way.port}`, {
      timeoutMs: 2_000,
      pauseMs: 50,
    })
    const cache = driver.cacheOf(`lost-${process.pid}-${Date.now()}`)
    await cache.set('key', 1, 60)
    await way.cut()
    for (let n = 0; n < 50; n++) {
      expect(await cache.get('key')).toBeUndefined()
      expect(await cache.take('key')).toBeUndefined()
      expect(await cache.setIfAbsent('key', 2, 60)).toBe(true)
      await cache.set('other', 2, 60)
    }
    expect(lines).toEqual([expect.stringContaining('does not answer')])
    expect(missed).toHaveLength(200)
    await way.mend()
    await expect.poll(() => cache.get('key')).toBe(1)
    expect(lines).toEqual([
      expect.stringContaining('does not answer'),
      expect.stringContaining('answers again'),
    ])
  })

  test('a Redis that says nothing costs one short wait, not one for each request', async () => {
    const way = await unreliableWayTo(url)
    ends.push(way.close)
    const { link, driver } = await open(`redis://127.0.0.1:${way.port}`, { timeoutMs: 500, pauseMs: 60_000 })
    const cache = driver.cacheOf(`silent-${process.pid}-${Date.now()}`)
    await cache.set('key', 1, 60)
    way.silence()
    expect(await cache.get('key')).toBeUndefined()
    let asked = 0
    const ask = async () => {
      asked++
      return 1
    }
    for (let n = 0; n < 20; n++) expect(await link.ask('cache', ask, () => 0)).toBe(0)
    expect(asked).toBe(0)
  })

  test('a connection that stays silent is made anew', async () => {
    const way = await unreliableWayTo(url)
    ends.push(way.close)
    const { driver } = await open(`redis://127.0.0.1:${way.port}`, { timeoutMs: 300, pauseMs: 20 })
    const cache = driver.cacheOf(`stuck-${process.pid}-${Date.now()}`)
    await cache.set('key', 1, 60)
    way.silence()
    expect(await cache.get('key')).toBeUndefined()
    await way.cut()
    await way.mend()
    await expect.poll(() => cache.get('key')).toBe(1)
  })

  test('what was changed while Redis was away is not served out of date when it is back', async () => {
    const way = await unreliableWayTo(url)
    ends.push(way.close)
    const { driver, missed } = await open(`redis://127.0.0.1:${way.port}`, { timeoutMs: 2_000, pauseMs: 50 })
    const service = `stale-${process.pid}-${Date.now()}`
    const cache = driver.cacheOf(service)
    for (const key of ['deleted', 'changed', 'kept']) await cache.set(key, 'old', 60)
    await way.cut()
    await cache.delete('deleted')
    await cache.set('changed', 'new', 60)
    expect(missed.length).toBeGreaterThan(0)
    await way.mend()
    await expect.poll(() => cache.get('kept')).toBe('old')
    expect(await cache.get('deleted')).toBeUndefined()
    expect(await cache.get('changed')).toBeUndefined()
  })

  test('what somebody else wrote there and is no JSON is absent', async () => {
    const { driver, lines } = await open(url)
    const service = `foreign-${process.pid}-${Date.now()}`
    const redis = new Redis(url)
    ends.push(() => redis.disconnect())
    await redis.set(`pleiad:cache:${service}:key`, 'not JSON', 'EX', 60)
    expect(await driver.cacheOf(service).get('key')).toBeUndefined()
    expect(lines).toEqual([])
  })

  test('a wrong command does not make Redis count as lost for long, and its arguments are not logged', async () => {
    const entries: unknown[] = []
    const { link } = await open(url, {
      pauseMs: 0,
      log: {
        warn: (...line: unknown[]) => void entries.push(line),
        info: () => {},
      } as unknown as RedisLinkOptions['log'],
    })
    const bad = await link.ask(
      'cache',
      (redis) => redis.call('set', 'key', 'a-secret-value', 'WRONG') as never,
      () => 'own',
    )
    expect(bad).toBe('own')
    expect(JSON.stringify(entries)).not.toContain('a-secret-value')
    await expect
      .poll(
        () =>
          link.ask(
            'cache',
            (redis) => redis.echo('here'),
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toBe('here')
  })
}
