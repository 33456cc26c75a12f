import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../contract/problem.ts'
import { parseJson } from './json.ts'

const parse = (text: string) => parseJson(Buffer.from(text))
const detail = (bytes: Buffer | string) => {
  try {
    parseJson(Buffer.from(bytes as string))
  } catch (error) {
    return error instanceof Refusal && error.code === 'malformedRequest' ? error.message : error
  }
  return undefined
}

/** Values without what is refused on purpose. */
const clean = fc
  .jsonValue({ maxDepth: 6, stringUnit: 'binary' })
  .filter((value) => !/\\u0000|\\ud[89a-f]|__proto__/i.test(JSON.stringify(value)))

describe('what JSON.parse accepts is accepted', () => {
  test('values', () => {
    fc.assert(
      fc.property(clean, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        expect(parse(JSON.stringify(value, null, space))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
  test('escapes, colons and quotes inside of strings', () => {
    for (const text of [
      '{"a:b":"c\\":d","e\\\\":":"}',
      '["\\\\\\"",":"]',
      '{"\\u0061":"\\ud83d\\ude00"}',
      '"a:b"',
      '12',
      'null',
      ' [ ] ',
      '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    ])
      expect(parse(text)).toEqual(JSON.parse(text))
  })
  test('64 levels', () => expect(parse(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined())
})

test('what JSON.parse refuses is refused, with line and column', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        clean.map((value) => JSON.stringify(value).slice(0, -1)),
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', 'a', '\n', '\\') }),
      ),
      (text) => {
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        const trouble = detail(text)
        if (!valid) expect(trouble).toMatch(/is empty|not valid JSON: .* at line \d+, column \d+\./)
      },
    ),
  )
  expect(detail('{\n  "a": 1,\n  "b" 2\n}')).toBe(
    'The body is not valid JSON: unexpected "2" at line 3, column 7.',
  )
})

describe('what is refused on purpose', () => {
  test('a key twice, however it is written', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), clean, {
          minKeys: 1,
          noNullPrototype: true,
        }),
        fc.nat(),
        (object, pick) => {
          fc.pre(
            !('__proto__' in Object.fromEntries(Object.entries(object))) ||
              !Object.hasOwn(object, '__proto__'),
          )
          const keys = Object.keys(object)
          const key = keys[pick % keys.length]!
          const text = `[1,{${Object.entries(object)
            .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
            .join()},${JSON.stringify(key)}:0}]`
          expect(detail(text)).toBe(`The key ${JSON.stringify(key)} appears twice in one object.`)
        },
      ),
    )
  })
  test('65 levels', () => {
    expect(detail('['.repeat(65) + ']'.repeat(65))).toMatch(/64 levels/)
    expect(detail(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toMatch(/64 levels/)
  })
  test('half a surrogate pair, wherever it is', () => {
    for (const text of [
      '"\\ud800"',
      '["a\\udfff"]',
      '{"a":"\\ud83d"}',
      '{"\\ude00":1}',
      '{"a":["x",{"b":"\\ud800\\ud800"}]}',
    ])
      expect(detail(text)).toMatch(/surrogate/)
  })
  test('NUL, wherever it is', () => {
    for (const text of ['"\\u0000"', '["a\\u0000"]', '{"a\\u0000":1}', '{"a":{"b":"\\u0000"}}'])
      expect(detail(text)).toMatch(/NUL/)
  })
  test('__proto__, also written with escapes', () => {
    expect(detail('{"__proto__":1}')).toMatch(/__proto__/)
    expect(detail('{"a":[{"\\u005f_proto__":{"x":1}}]}')).toMatch(/__proto__/)
    expect(({} as { x?: number }).x).toBeUndefined()
  })
  test('bytes that are not UTF-8, with their place', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
        fc.string({ unit: 'binary' }),
        (before, after) => {
          const good = Buffer.from(before)
          expect(detail(Buffer.concat([good, Buffer.from([0xff]), Buffer.from(after)]) as never)).toBe(
            `The body is not valid UTF-8 (first bad byte at ${good.length}).`,
          )
        },
      ),
    )
  })
})
