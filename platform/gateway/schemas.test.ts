import { expect, test } from 'vitest'
import { Type } from '../contract/contract.ts'
import { compileSerialiser, compileValidator } from './schemas.ts'
import { listOf, trustOf } from './settings.ts'

test('every rule is told in words', () => {
  const cases: [ReturnType<typeof Type.Object>['properties'][string], unknown, string][] = [
    [Type.String(), 1, 'must be a text'],
    [Type.Boolean(), 1, 'must be true or false'],
    [Type.Array(Type.String()), {}, 'must be a list'],
    [Type.Null(), 1, 'must be null'],
    [Type.String({ minLength: 1 }), '', 'must have at least 1 character'],
    [Type.String({ maxLength: 2 }), 'abc', 'must have at most 2 characters'],
    [Type.Array(Type.String(), { minItems: 1 }), [], 'must have at least 1 item'],
    [Type.Array(Type.String(), { maxItems: 1 }), ['a', 'b'], 'must have at most 1 item'],
    [
      Type.Array(Type.String(), { uniqueItems: true }),
      ['a', 'a'],
      'must not have the same item twice (0 and 1)',
    ],
    [Type.Record(Type.String(), Type.String(), { minProperties: 1 }), {}, 'must have at least 1 field'],
    [
      Type.Record(Type.String(), Type.String(), { maxProperties: 1 }),
      { a: 'a', b: 'b' },
      'must have at most 1 field',
    ],
    [Type.Number({ minimum: 2 }), 1, 'must be 2 or more'],
    [Type.Number({ maximum: 2 }), 3, 'must be 2 or less'],
    [Type.Number({ exclusiveMinimum: 2 }), 2, 'must be more than 2'],
    [Type.Number({ exclusiveMaximum: 2 }), 2, 'must be less than 2'],
    [Type.Number({ multipleOf: 5 }), 7, 'must be a multiple of 5'],
    [Type.Literal('a'), 'b', 'must be exactly "a"'],
    [Type.Enum(['a', 'b']), 'c', 'must be one of "a", "b"'],
    [Type.String({ pattern: '^a$' }), 'b', 'must match ^a$'],
    [Type.String({ format: 'email' }), 'b', 'must be an e-mail address'],
    [Type.String({ format: 'ipv4' }), 'b', 'must be of format ipv4'],
    [Type.Unsafe<string>({ not: {} }), 'b', 'must NOT be valid'],
  ]
  for (const [schema, value, message] of cases)
    expect(compileValidator(Type.Object({ x: schema }), 'body')({ x: value })).toContainEqual({
      path: '/body/x',
      message,
    })
})

test('unknown fields are refused at every depth, and in intersections only when no member knows them', () => {
  const nested = compileValidator(
    Type.Object({
      list: Type.Array(Type.Object({ a: Type.Optional(Type.Integer()) })),
      map: Type.Record(Type.String(), Type.Object({})),
    }),
    'body',
  )
  expect(
    nested({ list: [{}, { b: 1 }], map: { x: { y: 1 } } })!
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['/body/list/1/b', '/body/map/x/y'])
  const both = compileValidator(
    Type.Intersect([Type.Object({ a: Type.Integer() }), Type.Object({ b: Type.Integer() })]),
    'body',
  )
  expect(both({ a: 1, b: 2 })).toBeUndefined()
  expect(both({ a: 1, b: 2, c: 3 })).toEqual([
    { path: '/body/c', message: 'is not a field that is known here' },
  ])
  const open = compileValidator(Type.Object({}, { additionalProperties: true }), 'body')
  expect(open({ a: 1 })).toBeUndefined()
})

test('a million bad items do not make a million errors', () => {
  const validate = compileValidator(Type.Array(Type.String()), 'body')
  expect(validate(Array(10_000).fill(1))).toHaveLength(50)
})

test('a serialiser writes what the schema names, and throws without it', () => {
  const serialise = compileSerialiser(
    Type.Object({ a: Type.Integer(), at: Type.Optional(Type.String({ format: 'date-time' })) }),
  )
  expect(serialise({ a: 1, b: 2, at: new Date(0) })).toBe('{"a":1,"at":"1970-01-01T00:00:00.000Z"}')
  expect(() => serialise({})).toThrow(/required/)
})

test('settings are read as people write them', () => {
  expect(listOf(' https://a.example/, ,https://b.example')).toEqual([
    'https://a.example',
    'https://b.example',
  ])
  expect(listOf(undefined)).toEqual([])
  expect([undefined, true, 'false', '0', '', 'true', '2', 2, '10.0.0.0/8, ::1'].map(trustOf)).toEqual([
    false,
    true,
    false,
    false,
    false,
    true,
    2,
    2,
    ['10.0.0.0/8', '::1'],
  ])
})

test('nothing is compiled before it is used: a start has hundreds of operations', () => {
  const broken = Type.Unsafe<string>({ type: 'nothing' })
  const validate = compileValidator(broken, 'body')
  const serialise = compileSerialiser(broken)
  expect(() => validate('a')).toThrow(/invalid/)
  expect(() => serialise('a')).toThrow(/invalid/)
})
