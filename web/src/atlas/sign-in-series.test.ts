import { describe, expect, it } from 'vitest'
import { bucketsOf, type Counted, sumsBy } from './sign-in-series.ts'

const now = new Date('2026-03-10T15:30:00Z')
const item = (at: string, more: Partial<Counted> = {}): Counted => ({
  at,
  outcome: 'success',
  method: 'password',
  reason: '',
  count: 1,
  ...more,
})

describe('bucketsOf', () => {
  it('has every day, also without a sign-in, up to today', () => {
    const buckets = bucketsOf(
      [
        item('2026-03-08T00:00:00Z', { count: 2 }),
        item('2026-03-08T00:00:00Z', { outcome: 'failure', reason: 'wrongCredentials' }),
        item('2026-03-08T00:00:00Z', { method: 'google' }),
      ],
      'day',
      3,
      now,
    )
    expect(buckets).toEqual([
      { at: '2026-03-08T00:00:00.000Z', success: 3, failure: 1 },
      { at: '2026-03-09T00:00:00.000Z', success: 0, failure: 0 },
      { at: '2026-03-10T00:00:00.000Z', success: 0, failure: 0 },
    ])
  })

  it('counts by the hour', () => {
    const buckets = bucketsOf([item('2026-03-10T15:00:00Z')], 'hour', 1, now)
    expect(buckets).toHaveLength(24)
    expect(buckets.at(-1)).toEqual({ at: '2026-03-10T15:00:00.000Z', success: 1, failure: 0 })
    expect(buckets[0]!.at).toBe('2026-03-09T16:00:00.000Z')
  })
})

describe('sumsBy', () => {
  it('sums what has the outcome, the largest first', () => {
    const items = [
      item('2026-03-08T00:00:00Z', { count: 2 }),
      item('2026-03-09T00:00:00Z', { method: 'google', count: 5 }),
      item('2026-03-09T00:00:00Z', { outcome: 'failure', reason: 'blocked', count: 9 }),
    ]
    expect(sumsBy(items, 'success', 'method')).toEqual([
      { name: 'google', count: 5 },
      { name: 'password', count: 2 },
    ])
    expect(sumsBy(items, 'failure', 'reason')).toEqual([{ name: 'blocked', count: 9 }])
  })
})
