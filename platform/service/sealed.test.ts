import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { openSealed, sealFor } from './sealed.ts'

const deriveKey = (purpose: string) => createHmac('sha256', 'a secret').update(purpose).digest()

test('what is sealed for a service opens there, and says nothing on the way', () => {
  const sealed = sealFor(deriveKey, 'notifications', 'https://pleiad.example/#token=größer')
  expect(sealed).toMatch(/^[\w-]+$/)
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('token')
  expect(sealFor(deriveKey, 'notifications', 'https://pleiad.example/#token=größer')).not.toBe(sealed)
  expect(openSealed(deriveKey, 'notifications', sealed)).toBe('https://pleiad.example/#token=größer')
})

test('another service, another secret or a changed byte opens nothing', () => {
  const sealed = sealFor(deriveKey, 'notifications', 'secret')
  expect(() => openSealed(deriveKey, 'users', sealed)).toThrow()
  expect(() => openSealed((purpose) => deriveKey(`${purpose}!`), 'notifications', sealed)).toThrow()
  // The same key for every receiver: the name it is sealed with still refuses.
  const oneKey = () => Buffer.alloc(32, 7)
  expect(() => openSealed(oneKey, 'users', sealFor(oneKey, 'notifications', 'secret'))).toThrow()
  const bytes = Buffer.from(sealed, 'base64url')
  for (const at of [0, 12, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    expect(() => openSealed(deriveKey, 'notifications', changed.toString('base64url'))).toThrow()
  }
  expect(() => openSealed(deriveKey, 'notifications', '')).toThrow()
})
