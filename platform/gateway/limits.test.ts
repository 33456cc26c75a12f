import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressKey, createLimiter, createLimits, createMemoryStore, type Decision } from './limits.ts'

const rate = fc.record({
  limit: fc.integer({ min: 1, max: 50 }),
  windowSeconds: fc.integer({ min: 1, max: 3600 }),
})
const gaps = fc.array(fc.integer({ min: 0, max: 120_000 }), { minLength: 1, maxLength: 300 })

describe('GCRA', () => {
  test('never admits more than the burst and what its rate has given back since', () => {
    fc.assert(
      fc.property(rate, gaps, (budget, pauses) => {
        const limiter = createLimiter('x', budget)!
        const admitted: number[] = []
        let now = 1_700_000_000_000
        for (const pause of pauses) {
          now += pause
          if ((limiter.take('k', now) as Decision).allowed) admitted.push(now)
        }
        // For every span of time between two admissions, not only from the start.
        for (let from = 0; from < admitted.length; from++)
          for (let to = from; to < admitted.length; to++) {
            const seconds = (admitted[to]! - admitted[from]!) / 1000
            expect(to - from + 1).toBeLessThanOrEqual(
              budget.limit + (budget.limit * seconds) / budget.windowSeconds + 1e-6,
            )
          }
      }),
    )
  })

  test('admits the whole budget at once, then one per interval, and tells the truth about it', () => {
    fc.assert(
      fc.property(rate, (budget) => {
        const limiter = createLimiter('x', budget)!
        const now = 1_700_000_000_000
        for (let left = budget.limit - 1; left >= 0; left--)
          expect(limiter.take('k', now)).toMatchObject({ allowed: true, remaining: left })
        const refused = limiter.take('k', now) as Decision
        expect(refused).toMatchObject({ allowed: false, remaining: 0 })
        expect(refused.seconds).toBeGreaterThan(0)
        expect(limiter.take('k', now + refused.seconds * 1000)).toMatchObject({ allowed: true })
        expect(limiter.take('other', now)).toMatchObject({ allowed: true })
      }),
    )
  })

  test('a clock that was set back locks nobody out for longer than a window', () => {
    const limiter = createLimiter('x', { limit: 10, windowSeconds: 60 })!
    for (let count = 0; count < 10; count++) limiter.take('k', 1_700_000_000_000)
    const back = 1_600_000_000_000
    limiter.take('k', back)
    expect((limiter.take('k', back + 61_000) as Decision).allowed).toBe(true)
  })
})

test('memory is bounded; who was seen last stays', () => {
  const store = createMemoryStore(100)
  for (let count = 0; count < 5_000; count++) {
    store.take(`k${count}`, 1_000_000, 1, 0)
    store.take('regular', 1, 1_000_000, count)
  }
  expect(store.size()).toBe(100)
  expect(store.take('k4999', 1_000_000, 1, 0)).toMatchObject({ allowed: false })
  expect(store.take('k1', 1_000_000, 1, 0)).toMatchObject({ allowed: true })
})

test('0 disables a class', () => {
  const limits = createLimits({ RATE_LIMIT: 0, AUTH_RATE_LIMIT: 0 })
  for (const { address, person, program } of [limits.default, limits.auth, limits.heavy])
    expect([address, person, program, limits.raw]).toEqual(Array(4).fill(undefined))
  const usual = createLimits({})
  expect(usual.auth.person?.policy).toBe('"auth-person";q=100;w=3600')
  // Many people share an address.
  expect(usual.auth.address?.policy).toBe('"auth-address";q=1000;w=3600')
  expect(createLimits({ AUTH_ADDRESS_RATE_LIMIT: 50 }).auth.address?.policy).toBe(
    '"auth-address";q=50;w=3600',
  )
  expect(usual.default.program?.policy).toBe('"default-program";q=12000;w=60')
  // What is costly is so for a program too.
  expect(usual.heavy.program?.policy).toBe('"heavy-person";q=60;w=60')
})

test('IPv6 counts by /64, mapped IPv4 as IPv4', () => {
  expect(addressKey('192.0.2.7')).toBe('192.0.2.7')
  expect(addressKey('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
  expect(addressKey('2001:0db8:0001:0002::9')).toBe('2001:db8:1:2')
  expect(addressKey('2001:db8::1')).toBe('2001:db8:0:0')
  expect(addressKey('::1')).toBe('0:0:0:0')
  expect(addressKey('fe80::1%eth0')).toBe('fe80:0:0:0')
  fc.assert(
    fc.property(fc.ipV6(), (ip) => {
      expect(addressKey(ip).length).toBeLessThanOrEqual(39)
    }),
  )
})
