import { randomBytes, randomUUID } from 'node:crypto'
import { seal, unseal } from '@pleiad/platform/sealing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  hashToken,
  keyedHash,
  newPersonalToken,
  newRecoveryCodes,
  newRefreshToken,
  newToken,
  normalizeRecoveryCode,
  readRefreshToken,
  successorKey,
} from './tokens.ts'

const key = randomBytes(32)

describe('refresh tokens', () => {
  test('property: a token names its session, and no change of one character does', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(), fc.constantFrom(...'AZaz09-_'), (sid, place, character) => {
        const token = newRefreshToken(sid, key)
        expect(readRefreshToken(token, key)).toEqual({ sid })
        const at = place % token.length
        const changed = token.slice(0, at) + character + token.slice(at + 1)
        if (changed !== token) expect(readRefreshToken(changed, key)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('property: anything else is not a token', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 120 }), fc.base64String({ maxLength: 120 }), (text, encoded) => {
        for (const made of [text, `plr_${encoded}`]) expect(readRefreshToken(made, key)).toBeUndefined()
      }),
    )
  })

  test('a token of another installation is not ours', () => {
    expect(readRefreshToken(newRefreshToken(randomUUID(), randomBytes(32)), key)).toBeUndefined()
  })
})

test('secrets are long and never the same', () => {
  const many = new Set(Array.from({ length: 1000 }, newToken))
  expect(many.size).toBe(1000)
  for (const token of many) expect(Buffer.from(token, 'base64url')).toHaveLength(32)
})

test('a personal access token shows its beginning only', () => {
  const { secret, hint } = newPersonalToken()
  expect(secret).toMatch(/^plt_[\w-]{43}$/)
  expect(secret.startsWith(hint)).toBe(true)
  expect(hint).toHaveLength(9)
})

describe('recovery codes', () => {
  test('ten different codes without letters that are misread', () => {
    const codes = newRecoveryCodes()
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^[2-9a-hjkmnp-tv-z]{5}-[2-9a-hjkmnp-tv-z]{5}$/)
  })

  test('bytes that would favour some characters are skipped', () => {
    const [code] = newRecoveryCodes((bytes) =>
      Buffer.from(Array.from({ length: bytes }, (_, index) => (index % 2 ? 255 : index))),
    )
    expect(code).not.toContain(undefined)
    expect(normalizeRecoveryCode(code!)).toHaveLength(10)
  })

  test('are read however they are typed', () => {
    expect(normalizeRecoveryCode(' X7K2M 9QPRT')).toBe('x7k2m9qprt')
  })
})

test('hashes depend on every part and on the key', () => {
  expect(hashToken('a')).not.toEqual(hashToken('b'))
  expect(keyedHash(key, 'a', 'bc')).not.toEqual(keyedHash(key, 'ab', 'c'))
  expect(keyedHash(key, 'a')).not.toEqual(keyedHash(randomBytes(32), 'a'))
})

test('a successor opens only with the token before it', () => {
  const sealed = seal(successorKey(key, 'before'), 'after', 'session')
  expect(unseal(successorKey(key, 'before'), sealed, 'session').toString()).toBe('after')
  expect(() => unseal(successorKey(key, 'other'), sealed, 'session')).toThrow()
})
