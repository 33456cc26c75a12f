import { describe, expect, test } from 'vitest'
import { backoffSeconds, decideReading, type Kept, readTokens } from './tokens.ts'

const now = new Date('2026-11-21T12:00:00Z')

describe('a token answer', () => {
  const read = (more: object) => readTokens({ access_token: 'a', token_type: 'bearer', ...more }, now)

  test('is read as RFC 6749 writes it, and as others do', () => {
    expect(read({ expires_in: 3600, refresh_token: 'r', scope: 'a  b' })).toMatchObject({
      accessToken: 'a',
      tokenType: 'Bearer',
      refreshToken: 'r',
      expiresIn: 3600,
      scopes: ['a', 'b'],
    })
    expect(read({ expires_in: '3600' })?.expiresIn).toBe(3600)
    expect(read({ expires_at_epoch: now.getTime() / 1000 + 90, expires_in: 3600 })?.expiresIn).toBe(90)
    expect(read({ token_type: 'mac' })?.tokenType).toBe('mac')
  })

  test('without an end: none without a refresh token, an assumed one with it', () => {
    expect(read({})?.expiresIn).toBeUndefined()
    expect(read({ refresh_token: 'r' })?.expiresIn).toBe(3600)
    for (const expires_in of [0, -1, 'soon', null, Number.NaN])
      expect(read({ expires_in })?.expiresIn).toBeUndefined()
  })

  test('without an access token is none', () => {
    for (const access_token of [undefined, '', null, {}, 'x'.repeat(20_001)])
      expect(readTokens({ access_token }, now)).toBeUndefined()
  })
})

describe('what to do with a kept token', () => {
  const kept = (secondsLeft: number | undefined, more: Partial<Kept> = {}): Kept => ({
    state: 'active',
    hasToken: true,
    refreshable: true,
    expiresAt: secondsLeft === undefined ? undefined : new Date(now.getTime() + secondsLeft * 1000),
    lifetime: 3600,
    retryAt: undefined,
    ...more,
  })
  const decide = (of: Kept, minValidity = 60) => decideReading(of, minValidity, 300, now)

  test('valid long enough: served, and refreshed beside that when it ends soon', () => {
    expect(decide(kept(3000))).toEqual({ is: 'valid', soonOver: false })
    expect(decide(kept(299))).toEqual({ is: 'valid', soonOver: true })
    expect(decide(kept(299, { refreshable: false }))).toEqual({ is: 'valid', soonOver: false })
    expect(decide(kept(60))).toMatchObject({ is: 'valid' })
    expect(decide(kept(undefined), 86_400)).toEqual({ is: 'valid', soonOver: false })
  })

  test('not long enough: refreshed where that can help', () => {
    expect(decide(kept(59))).toEqual({ is: 'refresh' })
    expect(decide(kept(-5))).toEqual({ is: 'refresh' })
    expect(decide(kept(0), 0)).toEqual({ is: 'refresh' })
    expect(decide(kept(3000), 3590)).toEqual({ is: 'tooLong', longest: 3570 })
    expect(decide(kept(20, { lifetime: 40 }), 39)).toEqual({ is: 'tooLong', longest: 36 })
    expect(decide(kept(20, { lifetime: undefined }), 39)).toEqual({ is: 'refresh' })
    expect(decide(kept(59, { refreshable: false }))).toEqual({ is: 'tooLong', longest: 59 })
    expect(decide(kept(-5, { refreshable: false }))).toEqual({ is: 'over' })
  })

  test('broken, revoked or without a token: said', () => {
    expect(decide(kept(3000, { state: 'broken' }))).toEqual({ is: 'broken' })
    expect(decide(kept(3000, { state: 'revoked' }))).toEqual({ is: 'broken' })
    expect(decide(kept(undefined, { hasToken: false }))).toEqual({ is: 'noToken' })
  })
})

test('pauses grow to 15 minutes, differ from each other, and respect what the provider asks', () => {
  const middle = (failures: number) => backoffSeconds(failures, 0.5, undefined)
  expect([1, 2, 3, 4].map(middle)).toEqual([5, 10, 20, 40])
  expect(middle(50)).toBe(900)
  expect(backoffSeconds(1, 0, undefined)).toBeLessThan(backoffSeconds(1, 0.99, undefined))
  expect(backoffSeconds(1, 0.5, 120)).toBe(120)
  expect(backoffSeconds(1, 0.5, 1_000_000)).toBe(3600)
})
