/** The guard of published schemas: what breaks callers or readers is refused, what does not is let through. */
import { type Contract, defineContract, pathOf, Type } from '@pleiad/platform/contract'
import { describe, expect, test } from 'vitest'
import { breakingChanges, publish } from '../../tools/guards/compatibility.ts'
import { type Schema, widerThan } from '../../tools/guards/schemas.ts'

const shop = defineContract({
  name: 'shop',
  version: '1.0.0',
  summary: 'Sells things.',
  permissions: { 'shop:run': 'Run the shop' },
  scopes: { 'shop:read': 'Read the shop' },
  errors: { soldOut: { status: 409, title: 'Sold out.', description: 'Come back later.' } },
  operations: {
    buy: {
      method: 'POST',
      path: '/things/:id/buy',
      summary: 'Buy a thing',
      access: 'user',
      params: Type.Object({ id: Type.String() }),
      body: Type.Object({
        count: Type.Integer({ minimum: 1, maximum: 10 }),
        note: Type.Optional(Type.String()),
      }),
      returns: Type.Object({
        price: Type.Integer(),
        state: Type.Enum(['paid', 'open']),
        gift: Type.Optional(Type.Boolean()),
      }),
    },
    look: { method: 'GET', path: '/things', summary: 'Look around', access: 'user' },
    manage: {
      method: 'GET',
      path: '/:projectId/things',
      summary: 'Manage',
      access: { project: 'developer', scope: 'shop:read' },
      params: Type.Object({ projectId: Type.String() }),
    },
  },
  events: {
    'thing.bought': {
      version: 1,
      description: 'Bought.',
      key: 'id',
      data: Type.Object({ id: Type.String(), count: Type.Integer() }),
      example: { id: '1', count: 1 },
    },
  },
  topics: { 'shop.stock': { description: 'Stock.', data: Type.Object({ left: Type.Integer() }) } },
})

/** A changed contract, as JSON: the guard sees data only. */
function changed(
  change: (contract: Record<string, Record<string, Record<string, unknown>>>) => void,
  version = '1.1.0',
): Contract {
  const copy = JSON.parse(JSON.stringify(shop))
  change(copy)
  return { ...copy, version }
}
const troubles = (after: Contract) => breakingChanges(publish([shop], pathOf), publish([after], pathOf))
const set = (object: unknown, path: string, value: unknown) => {
  const keys = path.split('/')
  const last = keys.pop()!
  const target = keys.reduce((at, key) => (at as Record<string, unknown>)[key], object) as Record<
    string,
    unknown
  >
  if (value === undefined) delete target[last]
  else target[last] = value
}

test('nothing changed, nothing breaks', () => {
  expect(troubles(shop)).toEqual([])
})

describe('refused', () => {
  test.each([
    ['a removed operation', 'operations/look', undefined, /operation look is gone/],
    ['a moved operation', 'operations/look/path', '/all', /address GET/],
    ['another method', 'operations/look/method', 'POST', /address/],
    ['fewer callers', 'operations/look/access', { permission: 'shop:run' }, /fewer may call/],
    ['a higher role', 'operations/manage/access', { project: 'owner', scope: 'shop:read' }, /fewer may call/],
    ['no programs any more', 'operations/manage/access', { project: 'viewer' }, /fewer may call/],
    ['people in the place of programs', 'operations/manage/access', 'user', /fewer may call/],
    [
      'a new required field',
      'operations/buy/body/required',
      ['count', 'note'],
      /body is narrower: note may be absent/,
    ],
    ['a removed request field', 'operations/buy/body/properties/note', undefined, /note is not known/],
    ['a narrower request', 'operations/buy/body/properties/count/maximum', 5, /maximum 10 against 5/],
    [
      'another type of request field',
      'operations/buy/body/properties/note/type',
      'integer',
      /may be string, not only integer/,
    ],
    ['a body where there was none', 'operations/look/body', { type: 'object' }, /a body became required/],
    ['If-Match where there was none', 'operations/look/ifMatch', true, /If-Match became required/],
    ['another status', 'operations/buy/status', 201, /status 200 became 201/],
    ['a removed answer', 'operations/buy/returns', undefined, /answers nothing now/],
    ['a removed answer field', 'operations/buy/returns/properties/gift', undefined, /the field gift is gone/],
    [
      'an answer field that may be absent',
      'operations/buy/returns/required',
      ['state'],
      /price may be absent/,
    ],
    [
      'a new value of an answer’s enum',
      'operations/buy/returns/properties/state/enum',
      ['paid', 'open', 'lost'],
      /may be "lost"/,
    ],
    ['a removed event', 'events/thing.bought', undefined, /event thing.bought is gone/],
    ['another event key', 'events/thing.bought/key', 'count', /its key id became count/],
    ['a removed event field', 'events/thing.bought/data/properties/count', undefined, /count is gone/],
    [
      'a new event version in the place of the old',
      'events/thing.bought/version',
      2,
      /version 1 is gone; put version 2 beside it, as thing.bought@2/,
    ],
    ['an older event version', 'events/thing.bought/version', 0, /went back/],
    ['a removed topic', 'topics/shop.stock', undefined, /topic shop.stock is gone/],
    ['another topic type', 'topics/shop.stock/data/properties/left/type', 'string', /topic shop.stock/],
    ['a removed error', 'errors/soldOut', undefined, /error soldOut is gone/],
    ['another error status', 'errors/soldOut/status', 410, /status 409 became 410/],
  ])('%s', (_what, path, value, why) => {
    const found = troubles(changed((contract) => set(contract, path, value)))
    expect(found.length).toBeGreaterThan(0)
    expect(found.join('\n')).toMatch(why)
  })

  test('a removed service', () => {
    expect(breakingChanges(publish([shop], pathOf), { services: {} })).toEqual(['shop: the service is gone'])
  })
})

describe('let through', () => {
  test.each([
    ['a new operation', 'operations/sell', { method: 'GET', path: '/sell', summary: 's', access: 'public' }],
    ['more callers', 'operations/look/access', 'public'],
    ['a lower role in the project', 'operations/manage/access', { project: 'viewer', scope: 'shop:read' }],
    ['a new optional request field', 'operations/buy/body/properties/colour', { type: 'string' }],
    ['a wider request', 'operations/buy/body/properties/count/maximum', 100],
    ['a new answer field', 'operations/buy/returns/properties/tax', { type: 'integer' }],
    ['fewer values of an answer’s enum', 'operations/buy/returns/properties/state/enum', ['paid']],
    ['other words', 'operations/buy/summary', 'Purchase'],
    ['a new event field', 'events/thing.bought/data/properties/by', { type: 'string' }],
    ['a new error', 'errors/closed', { status: 409, title: 't', description: 'd' }],
  ])('%s', (_what, path, value) => {
    expect(troubles(changed((contract) => set(contract, path, value)))).toEqual([])
  })

  test('a new version of an event beside the old one, however different', () => {
    expect(
      troubles(
        changed((contract) =>
          set(contract, 'events/thing.bought@2', {
            version: 2,
            description: 'Bought.',
            key: 'thing',
            data: { type: 'object', properties: { thing: { type: 'string' } } },
            example: { thing: '1' },
          }),
        ),
      ),
    ).toEqual([])
  })

  test('anything under a new major version', () => {
    expect(troubles(changed((contract) => set(contract, 'operations/look', undefined), '2.0.0'))).toEqual([])
  })
})

describe('widerThan', () => {
  const text: Schema = { type: 'string' }
  const number: Schema = { type: 'number' }
  test.each<[string, Schema, Schema, boolean]>([
    ['an integer is a number', { type: 'integer' }, number, true],
    ['a number is no integer', number, { type: 'integer' }, false],
    ['anything fits the empty schema', text, {}, true],
    ['the empty schema does not fit a type', {}, text, false],
    [
      'a union fits when all branches do',
      { anyOf: [{ const: 'a' }, { const: 'b' }] },
      { enum: ['a', 'b', 'c'] },
      true,
    ],
    ['a union with a branch too many', { anyOf: [text, number] }, text, false],
    ['a value fits one branch', { const: 1 }, { oneOf: [text, number] }, true],
    ['a type does not fit its values', text, { enum: ['a'] }, false],
    ['null is one of the types', { const: null }, { type: ['string', 'null'] }, true],
    ['a pattern appeared', text, { type: 'string', pattern: '^a' }, false],
    ['a format went away', { type: 'string', format: 'uuid' }, text, true],
    ['longer texts', { type: 'string', maxLength: 9 }, { type: 'string', maxLength: 8 }, false],
    [
      'shorter texts',
      { type: 'string', minLength: 3, maxLength: 4 },
      { type: 'string', minLength: 2, maxLength: 8 },
      true,
    ],
    ['items of lists', { type: 'array', items: number }, { type: 'array', items: text }, false],
    [
      'intersections',
      { allOf: [{ type: 'object', properties: { a: text }, required: ['a'] }] },
      { type: 'object', properties: { a: text }, required: ['a'] },
      true,
    ],
    [
      'intersections that miss a field',
      { type: 'object', properties: { a: text }, required: ['a'] },
      { allOf: [{ type: 'object', properties: { b: text }, required: ['b'] }] },
      false,
    ],
  ])('%s', (_what, inner, outer, fits) => {
    expect(widerThan(inner, outer, true).length === 0).toBe(fits)
  })
})
