import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { Refusal } from './problem.ts'

const part = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
)

test('a cursor comes back as it went', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const text = encodeCursor(parts)
      fc.pre(text.length <= 400)
      expect(text).toMatch(/^[\w-]+$/)
      expect(decodeCursor(text, parts.length)).toEqual(parts)
    }),
  )
})

test('anything else is refused, and the field is named', () => {
  const refused = (text: string, arity: number) => {
    try {
      decodeCursor(text, arity)
    } catch (error) {
      return (
        error instanceof Refusal &&
        error.code === 'validationFailed' &&
        JSON.stringify(error.extensions).includes('/query/cursor')
      )
    }
    return false
  }
  for (const text of [
    '',
    '!',
    'e30',
    'bnVsbA',
    'W10',
    'W251bGxd',
    'W3RydWVd',
    'a'.repeat(401),
    `${encodeCursor(['a'])}=`,
  ])
    expect(refused(text, 1), text).toBe(true)
  expect(refused(encodeCursor(['a']), 2)).toBe(true)
  expect(refused(encodeCursor(['a\0b']), 1)).toBe(true)
  expect(refused(Buffer.from('["\\ud800"]').toString('base64url'), 1)).toBe(true)
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      try {
        expect(encodeCursor(decodeCursor(text, 1))).toBe(text)
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }),
  )
})
