import { expect, test } from 'vitest'
import { cacheConformance } from './conformance.ts'
import { createMemoryCache } from './memory.ts'

cacheConformance('the process', async () => createMemoryCache(), false)

test('memory is bounded, and what is used stays', async () => {
  const cache = createMemoryCache({ maxBytes: 100_000 }).cacheOf('users')
  await cache.set('used', 'x', 3600)
  for (let n = 0; n < 2_000; n++) {
    await cache.set(`key ${n}`, 'x'.repeat(100), 3600)
    await cache.get('used')
  }
  const kept = await Promise.all(Array.from({ length: 2_000 }, (_, n) => cache.get(`key ${n}`)))
  expect(kept.filter((value) => value !== undefined).length).toBeLessThan(100_000 / 200)
  expect(await cache.get('key 1999')).toBe('x'.repeat(100))
  expect(await cache.get('used')).toBe('x')
})

test('a value larger than the whole cache is not kept, and displaces nothing', async () => {
  const cache = createMemoryCache({ maxBytes: 10_000 }).cacheOf('users')
  await cache.set('small', 1, 60)
  await cache.set('large', 1, 60)
  await cache.set('large', 'x'.repeat(10_000), 60)
  expect(await cache.get('large')).toBeUndefined()
  expect(await cache.get('small')).toBe(1)
})

test('entries age by the clock that is given', async () => {
  let now = 1_000_000
  const cache = createMemoryCache({ now: () => now }).cacheOf('users')
  await cache.set('key', 1, 600)
  now += 599_999
  expect(await cache.get('key')).toBe(1)
  now += 2
  expect(await cache.get('key')).toBeUndefined()
  expect(await cache.take('key')).toBeUndefined()
})
