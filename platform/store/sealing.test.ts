import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seal, unseal } from './sealing.ts'

const key = randomBytes(32)

test('property: what was sealed comes back, and only whole, with its key, in its place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.nat(), (plain, place, bit) => {
      const sealed = seal(key, Buffer.from(plain), place)
      expect(unseal(key, sealed, place)).toEqual(Buffer.from(plain))
      expect(() => unseal(randomBytes(32), sealed, place)).toThrow()
      expect(() => unseal(key, sealed, `${place}x`)).toThrow()
      const broken = Buffer.from(sealed)
      broken[bit % broken.length]! ^= 1
      expect(() => unseal(key, broken, place)).toThrow()
    }),
  )
})
