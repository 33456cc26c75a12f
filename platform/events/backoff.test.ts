import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs, defaultBackoff } from './backoff.ts'

const backoff = fc.record({
  baseMs: fc.integer({ min: 1, max: 60_000 }),
  capMs: fc.integer({ min: 1, max: 86_400_000 }),
  factor: fc.integer({ min: 1, max: 10 }),
})
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('a wait is whole, never negative and never over the cap, however many attempts there were', () => {
  fc.assert(
    fc.property(fc.integer({ min: -5, max: 10_000 }), random, backoff, (attempt, share, settings) => {
      const ms = backoffMs(attempt, share, settings)
      expect(Number.isInteger(ms)).toBe(true)
      expect(ms).toBeGreaterThanOrEqual(0)
      expect(ms).toBeLessThanOrEqual(settings.capMs)
    }),
  )
})

test('the bound grows by the factor until the cap, and the jitter is the whole of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), random, backoff, (attempt, share, settings) => {
      const bound = Math.min(settings.capMs, settings.baseMs * settings.factor ** (attempt - 1))
      expect(backoffMs(attempt, share, settings)).toBe(Math.floor(bound * share))
      expect(backoffMs(attempt, 0, settings)).toBe(0)
      expect(backoffMs(attempt + 1, share, settings)).toBeGreaterThanOrEqual(
        backoffMs(attempt, share, settings),
      )
    }),
  )
})

test('the default eight attempts take between a quarter of an hour and two hours on average', () => {
  let total = 0
  for (let attempt = 1; attempt < 8; attempt++) total += backoffMs(attempt, 0.5, defaultBackoff)
  expect(total).toBeGreaterThan(15 * 60_000)
  expect(total).toBeLessThan(120 * 60_000)
})
