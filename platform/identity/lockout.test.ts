import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attempt, delayMs, networkOf, perIdentifier, perOrigin, type Throttle } from './lockout.ts'

const at = new Date('2026-11-21T10:00:00Z')
const later = (ms: number) => new Date(at.getTime() + ms)

function play(count: number, waitMs: number): { throttle: Throttle | undefined; blocked: number } {
  let throttle: Throttle | undefined
  let blocked = 0
  for (let index = 0; index < count; index++) {
    const result = attempt(perOrigin, throttle, later(index * waitMs))
    if (result.kind === 'blocked') blocked++
    else throttle = result.throttle
  }
  return { throttle, blocked }
}

describe('attempt', () => {
  test('the first five attempts are free, then the delay doubles up to the cap', () => {
    expect([4, 5, 6, 7, 40].map((failures) => delayMs(perOrigin, failures))).toEqual([
      0, 1000, 2000, 4000, 900_000,
    ])
  })

  test('a thousand attempts at once count five', () => {
    const { throttle, blocked } = play(1000, 0)
    expect(throttle?.failures).toBe(5)
    expect(blocked).toBe(995)
  })

  test('attempts during a delay do not prolong it', () => {
    const throttle: Throttle = { failures: 7, lastAt: at, blockedUntil: later(4000) }
    expect(attempt(perOrigin, throttle, later(3000))).toEqual({ kind: 'blocked', retryAfterMs: 1000 })
    expect(attempt(perOrigin, throttle, later(4000)).kind).toBe('counted')
  })

  test('after an hour without attempts the count starts over', () => {
    const throttle: Throttle = { failures: 30, lastAt: at, blockedUntil: later(900_000) }
    const result = attempt(perOrigin, throttle, later(3_600_001))
    expect(result).toEqual({
      kind: 'counted',
      throttle: { failures: 1, lastAt: later(3_600_001), blockedUntil: later(3_600_001) },
    })
  })

  test('property: nobody waits longer than the cap, and a day of guessing gets a bounded number of guesses', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(perOrigin, perIdentifier),
        fc.integer({ min: 1, max: 60_000 }),
        (policy, everyMs) => {
          let throttle: Throttle | undefined
          let guesses = 0
          for (let now = 0, turn = 0; now < 86_400_000 && turn < 5000; now += everyMs, turn++) {
            const result = attempt(policy, throttle, later(now))
            if (result.kind === 'blocked') expect(result.retryAfterMs).toBeLessThanOrEqual(policy.capMs)
            else {
              throttle = result.throttle
              guesses++
            }
          }
          expect(guesses).toBeLessThanOrEqual(policy.free + 31 + 86_400_000 / policy.capMs)
        },
      ),
      { numRuns: 30 },
    )
  })
})

test('one network: an IPv4 address, or the /64 of an IPv6 one, in any spelling', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.7')
  expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(networkOf('2001:db8:0:1::5')).toBe('2001:db8:0:1::/64')
  expect(networkOf('2001:0DB8:0000:0001:ffff:1:2:3')).toBe('2001:db8:0:1::/64')
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(networkOf('2001:db8::')).toBe('2001:db8:0:0::/64')
})
