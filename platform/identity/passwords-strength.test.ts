import { describe, expect, test } from 'vitest'
import { normalizeEmail } from './emails.ts'
import { weaknessOf } from './passwords-strength.ts'

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

test('addresses are one in any case and Unicode spelling', () => {
  expect(normalizeEmail(' Ada@Example.COM ')).toBe('ada@example.com')
  expect(normalizeEmail('e\u0301@example.com')).toBe(normalizeEmail('\u00e9@example.com'))
})
