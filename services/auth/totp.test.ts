import { generateSync } from 'otplib'
import { expect, test } from 'vitest'
import { newTotpSecret, totpUri, verifyTotp } from './totp.ts'

const secret = newTotpSecret()
const at = new Date('2026-11-21T10:00:10Z')
const step = Math.floor(at.getTime() / 30_000)
const codeOf = (offset: number) => generateSync({ secret, epoch: Math.floor(at.getTime() / 1000) + offset })

test('codes of this step and its neighbours are right, others are not', () => {
  expect(verifyTotp(secret, codeOf(0), 0, at)).toBe(step)
  expect(verifyTotp(secret, codeOf(-30), 0, at)).toBe(step - 1)
  expect(verifyTotp(secret, codeOf(30), 0, at)).toBe(step + 1)
  expect(verifyTotp(secret, codeOf(-120), 0, at)).toBeUndefined()
  expect(verifyTotp(secret, codeOf(120), 0, at)).toBeUndefined()
})

test('a code works once, and those before it no more', () => {
  expect(verifyTotp(secret, codeOf(0), step, at)).toBeUndefined()
  expect(verifyTotp(secret, codeOf(-30), step, at)).toBeUndefined()
  expect(verifyTotp(secret, codeOf(30), step, at)).toBe(step + 1)
})

test('what is not six digits is not a code', () => {
  for (const code of ['', '12345', '1234567', 'abcdef', '12 456', '١٢٣٤٥٦'])
    expect(verifyTotp(secret, code, 0, at)).toBeUndefined()
})

/** RFC 6238, appendix B (SHA-1), cut to six digits. */
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [20_000_000_000, '353130'],
])('the code at %i is %s', (seconds, code) => {
  expect(verifyTotp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', code, 0, new Date(seconds * 1000))).toBe(
    Math.floor(seconds / 30),
  )
})

test('the address for the QR code names issuer, person and secret', () => {
  const uri = new URL(totpUri(secret, 'ada@example.com', 'Pleiad'))
  expect(uri.protocol).toBe('otpauth:')
  expect(decodeURIComponent(uri.pathname)).toBe('/Pleiad:ada@example.com')
  expect(uri.searchParams.get('secret')).toBe(secret)
  expect(uri.searchParams.get('issuer')).toBe('Pleiad')
})
