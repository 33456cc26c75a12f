import { expect, test } from 'vitest'
import { createRemembered } from './remembered.ts'
import { createRevoked } from './service-revocation.ts'

test('what was read serves until it is old, and many who ask at once read once', async () => {
  let now = 0
  let reads = 0
  const remembered = createRemembered<number>(10, 100, () => now)
  const read = async () => ++reads
  expect(await Promise.all([remembered.get('a', read), remembered.get('a', read)])).toEqual([1, 1])
  now = 99
  expect(await remembered.get('a', read)).toBe(1)
  now = 100
  expect(await remembered.get('a', read)).toBe(2)
})

test('what is forgotten while it is read is not kept', async () => {
  const remembered = createRemembered<string>(10, 1000, () => 0)
  let give: (value: string) => void = () => {}
  const reading = remembered.get('a', () => new Promise((resolve) => (give = resolve)))
  remembered.forget(() => true)
  give('old')
  expect(await reading).toBe('old')
  expect(await remembered.get('a', async () => 'new')).toBe('new')
})

test('it is bounded, and what is not there is not remembered', async () => {
  const remembered = createRemembered<string>(3, 1000, () => 0)
  for (const key of ['a', 'b', 'c', 'd']) await remembered.get(key, async () => key)
  await remembered.get('nothing', async () => undefined)
  expect(remembered.size()).toBe(3)
})

test('a revocation counts for what was read before it or at the same moment, not after', () => {
  let now = 5
  const revoked = createRevoked(() => now)
  expect(revoked.since(['grant'], 5)).toBe(false)
  revoked.add({ ids: ['grant'] })
  expect(revoked.since(['grant', 'app'], 4)).toBe(true)
  expect(revoked.since(['grant'], 5)).toBe(true)
  expect(revoked.since(['grant'], 6)).toBe(false)
  expect(revoked.since(['app'], 4)).toBe(false)
  now += 10 * 60_000
  revoked.add({ ids: ['app'] })
  expect(revoked.since(['grant'], 4)).toBe(false)
})
