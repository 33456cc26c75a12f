import { expect, test } from 'vitest'
import { expiredKeys, KEY_LIFE_MS, type KeyRecord, rotateKeys, rotationDue } from './keys.ts'

const at = new Date('2026-11-21T10:00:00Z')
const later = (ms: number) => new Date(at.getTime() + ms)
const active: KeyRecord = { kid: 'a', state: 'active', activatedAt: at, expiresAt: undefined }
const next: KeyRecord = { kid: 'b', state: 'next', activatedAt: undefined, expiresAt: undefined }
const retired: KeyRecord = {
  kid: 'z',
  state: 'retired',
  activatedAt: later(-KEY_LIFE_MS),
  expiresAt: later(1),
}

test('without keys the active and the next are made', () => {
  expect(rotateKeys([], at)).toEqual({
    retire: [],
    remove: [],
    activate: undefined,
    make: ['active', 'next'],
  })
  expect(rotationDue([], at)).toBe(true)
})

test('the next key signs, the old one stays until its tokens have expired, those before it go', () => {
  expect(rotateKeys([retired, active, next], later(2))).toEqual({
    retire: [{ kid: 'a', expiresAt: later(2 + 20 * 60_000) }],
    remove: ['z'],
    activate: 'b',
    make: ['next'],
  })
})

test('compromised keys are all replaced', () => {
  expect(rotateKeys([retired, active, next], at, true)).toEqual({
    retire: [],
    remove: ['z', 'a', 'b'],
    activate: undefined,
    make: ['active', 'next'],
  })
})

test('a key serves thirty days', () => {
  expect(rotationDue([active], later(KEY_LIFE_MS - 1))).toBe(false)
  expect(rotationDue([active], later(KEY_LIFE_MS))).toBe(true)
})

test('retired keys go when their time has come', () => {
  expect(expiredKeys([retired, active, next], at)).toEqual([])
  expect(expiredKeys([retired, active, next], later(1))).toEqual(['z'])
})
