import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeableAt, checkUsername, normalizeUsername, numbered, skeletonOf } from './usernames.ts'

describe('checkUsername', () => {
  test.each([
    ['anna', 'anna'],
    ['  Anna.K ', 'anna.k'],
    ['анна', 'анна'],
    ['АЁ-7', 'аё-7'],
    ['ａｎｎａ', 'anna'],
    ['a1_b2', 'a1_b2'],
  ])('allows %j as %j', (input, username) => {
    expect(checkUsername(input)).toEqual({ username, skeleton: skeletonOf(username) })
  })

  test.each([
    ['ab', 'length'],
    ['a'.repeat(31), 'length'],
    ['аnna', 'mixedScripts'],
    ['ivan-иван', 'mixedScripts'],
    ['12345', 'characters'],
    ['an na', 'characters'],
    ['anna\u200b', 'characters'],
    ['an\u0000na', 'characters'],
    ['\ud800anna', 'characters'],
    ['αννα', 'characters'],
    ['名前名前', 'characters'],
    ['.anna', 'separators'],
    ['anna_', 'separators'],
    ['an..na', 'separators'],
    ['an.-na', 'separators'],
    ['Admin', 'reserved'],
    ['админ', 'reserved'],
    ['adm1n', undefined],
    ['r00t', 'reserved'],
    ['no_reply', 'reserved'],
  ])('says of %j: %s', (input, trouble) => {
    expect(checkUsername(input).trouble).toBe(trouble)
  })

  test('never throws, and what it allows is stable under checking again', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-zA-Zа-яА-Я0-9._-]{3,30}$/)),
        (input) => {
          const check = checkUsername(input)
          if (check.trouble !== undefined) return
          expect(checkUsername(check.username)).toEqual(check)
          expect(normalizeUsername(check.username)).toBe(check.username)
          expect(check.username).toMatch(/^[a-zа-яёіїґєў0-9][a-zа-яёіїґєў0-9._-]{1,28}[a-zа-яёіїґєў0-9]$/)
        },
      ),
    )
  })
})

describe('skeletonOf', () => {
  test.each([
    ['раура1', 'paypal'],
    ['mom', 'rnorn'],
    ['anna.k', 'anna_k'],
    ['c00l', 'cool'],
    ['wow', 'vvovv'],
  ])('%s looks like %s', (one, other) => {
    expect(skeletonOf(one)).toBe(skeletonOf(other))
  })

  test('anna does not look like anne', () => {
    expect(skeletonOf('anna')).not.toBe(skeletonOf('anne'))
  })
})

test('numbered names are allowed and fit, whatever they begin with', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z][a-z0-9]{1,27}[a-z]$/),
      fc.integer({ min: 2, max: 999 }),
      (name, attempt) => {
        const next = numbered(name, attempt)
        expect(next.endsWith(String(attempt))).toBe(true)
        expect(['length', 'separators']).not.toContain(checkUsername(next).trouble)
      },
    ),
  )
  expect(numbered('anna', 1)).toBe('anna')
  expect(numbered(`${'a'.repeat(28)}.b`, 2)).toBe(`${'a'.repeat(28)}2`)
})

test('a name may change again after the days of waiting', () => {
  const changed = new Date('2026-01-01T00:00:00Z')
  expect(changeableAt(undefined, 14, changed)).toBeUndefined()
  expect(changeableAt(changed, 14, new Date('2026-01-14T23:59:59Z'))).toEqual(
    new Date('2026-01-15T00:00:00Z'),
  )
  expect(changeableAt(changed, 14, new Date('2026-01-15T00:00:00Z'))).toBeUndefined()
})
