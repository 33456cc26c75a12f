import { describe, expect, test } from 'vitest'
import { hashKind, normalizeEmail, weaknessOf } from './passwords.ts'

describe('weaknessOf', () => {
  test.each([
    ['short', 'tooShort'],
    ['123456789', 'tooShort'],
    ['aaaaaaaaaaaa', 'tooSimple'],
    ['abababababab', 'tooSimple'],
    ['1234567890', 'tooSimple'],
    ['9876543210', 'tooSimple'],
    ['abcdefghijklm', 'tooSimple'],
    ['qwertyuiop1', 'tooSimple'],
    ['Password123', 'tooCommon'],
    ['!!P@ssw0rd!!', 'tooCommon'],
    ['passwordpassword', 'tooCommon'],
    ['iloveyou2026', 'tooCommon'],
    ['Пароль123456', 'tooCommon'],
  ])('%s is refused as %s', (password, reason) => {
    expect(weaknessOf(password)).toBe(reason)
  })

  test.each([
    'correct horse battery',
    'tr4in-under-th3-lake',
    'зелёный чай утром',
    'x9$kQ2mv!p',
    '漢字かな交じり文です九十',
  ])('%s is taken', (password) => {
    expect(weaknessOf(password, ['ada@example.com', 'Ada Lovelace'])).toBeUndefined()
  })

  test('a name with little around it is refused', () => {
    expect(weaknessOf('lovelace1815', ['lovelace@example.com'])).toBe('containsYourName')
    expect(weaknessOf('the lovelace engine of 1843', ['lovelace@example.com'])).toBeUndefined()
  })

  test('characters are counted, not bytes', () => {
    expect(weaknessOf('🦊🐻🐼🐨🐯🦁🐮🐷🐸')).toBe('tooShort')
    expect(weaknessOf('🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵')).toBeUndefined()
  })
})

describe('hashKind', () => {
  const body = 'abcdefghijklmnopqrstuv0123456789ABCDEFGHIJKLMNOPQRSTU'
  test('Argon2 and bcrypt are known', () => {
    expect(hashKind('$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g')).toBe('argon2')
    expect(hashKind(`$2b$12$${body}`)).toBe('bcrypt')
    expect(hashKind(`$2y$10$${body}`)).toBe('bcrypt')
  })

  test('what costs too much to check, or is something else, is not', () => {
    expect(hashKind(`$2b$31$${body}`)).toBeUndefined()
    expect(hashKind(`$2b$03$${body}`)).toBeUndefined()
    expect(hashKind('$argon2id$v=19$m=9999999,t=2,p=1$c2FsdA$aGFzaA')).toBeUndefined()
    expect(hashKind('$argon2id$v=19$m=19456,t=99,p=1$c2FsdA$aGFzaA')).toBeUndefined()
    expect(hashKind('5f4dcc3b5aa765d61d8327deb882cf99')).toBeUndefined()
    expect(hashKind('')).toBeUndefined()
  })
})

test('addresses are one in any case and Unicode spelling', () => {
  expect(normalizeEmail(' Ada@Example.COM ')).toBe('ada@example.com')
  expect(normalizeEmail('e\u0301@example.com')).toBe(normalizeEmail('\u00e9@example.com'))
})
