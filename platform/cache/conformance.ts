/** What every cache must do. The cache in the process and the one in Redis pass the same suite. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CacheDriver } from './cache.ts'

/** Registers the tests. `make` opens the cache of a process; `shared` says that processes have one store. */
export function cacheConformance(name: string, make: () => Promise<CacheDriver>, shared: boolean): void {
  // Services of other runs on the same store must not meet.
  let count = 0
  const fresh = () => `test-${process.pid}-${Date.now()}-${count++}`
  const open = async () => (await make()).cacheOf(fresh())

  describe(`the cache in ${name}`, () => {
    test('gives back any JSON value, and nothing for what it does not know', async () => {
      const cache = await open()
      expect(await cache.get('nothing')).toBeUndefined()
      await fc.assert(
        fc.asyncProperty(fc.string(), fc.jsonValue(), async (key, value) => {
          await cache.set(key, value, 60)
          expect(await cache.get(key)).toEqual(JSON.parse(JSON.stringify(value)))
        }),
        { numRuns: 50 },
      )
    })

    test('a value that was read may be changed without changing what is kept', async () => {
      const cache = await open()
      const value = { list: [1] }
      await cache.set('key', value, 60)
      value.list.push(2)
      const read = await cache.get<{ list: number[] }>('key')
      read!.list.push(3)
      expect(await cache.get('key')).toEqual({ list: [1] })
    })

    test('entries end when their time is over, and setting one again begins anew', async () => {
      const cache = await open()
      await cache.set('short', 1, 0.05)
      await cache.set('renewed', 1, 0.05)
      await cache.set('renewed', 2, 60)
      expect(await cache.setIfAbsent('claim', 1, 0.05)).toBe(true)
      await expect.poll(() => cache.get('short')).toBeUndefined()
      await expect.poll(() => cache.setIfAbsent('claim', 2, 60)).toBe(true)
      expect(await cache.get('renewed')).toBe(2)
    })

    test('no lifetime forgets; one that is no number is a mistake, and so is undefined', async () => {
      const cache = await open()
      for (const seconds of [0, -1]) {
        await cache.set('key', 1, 60)
        await cache.set('key', 2, seconds)
        expect(await cache.get('key')).toBeUndefined()
        expect(await cache.setIfAbsent('key', 1, seconds)).toBe(true)
        expect(await cache.get('key')).toBeUndefined()
      }
      await expect(cache.set('key', 1, Number.NaN)).rejects.toThrow(RangeError)
      await expect(cache.setIfAbsent('key', 1, Number.POSITIVE_INFINITY)).rejects.toThrow(RangeError)
      await expect(cache.set('key', undefined, 60)).rejects.toThrow(TypeError)
    })

    test('deletes what it is told to, and nothing else', async () => {
      const cache = await open()
      for (const key of ['a', 'b', 'c']) await cache.set(key, key, 60)
      await cache.delete()
      await cache.delete('a', 'b', 'unknown')
      expect(await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)))).toEqual([
        undefined,
        undefined,
        'c',
      ])
    })

    test('of many that set if absent one does, and of many that take one gets', async () => {
      const one = await make()
      const two = shared ? await make() : one
      const service = fresh()
      const caches = Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).cacheOf(service))
      const set = await Promise.all(caches.map((cache, n) => cache.setIfAbsent('key', n, 60)))
      expect(set.filter(Boolean)).toHaveLength(1)
      const taken = await Promise.all(caches.map((cache) => cache.take('key')))
      expect(taken.filter((value) => value !== undefined)).toEqual([set.indexOf(true)])
      expect(await caches[0]!.take('key')).toBeUndefined()
    })

    test('the keys of one service are unknown to another', async () => {
      const driver = await make()
      const [ann, ben] = [fresh(), fresh()]
      await driver.cacheOf(ann).set('key', 'of ann', 60)
      expect(await driver.cacheOf(ben).get('key')).toBeUndefined()
      await driver.cacheOf(ben).delete('key')
      expect(await driver.cacheOf(ann).get('key')).toBe('of ann')
    })
  })
}
