import { expect, test } from 'vitest'
import { defineContract, type Operation, Type } from './contract.ts'
import { openApi } from './openapi.ts'

const contractWith = (more: Partial<Operation>) =>
  defineContract({
    name: 'shelf',
    version: '1.0.0',
    summary: 'Books.',
    operations: {
      listBooks: {
        method: 'GET',
        path: '/books',
        summary: 'The books',
        access: 'public',
        returns: Type.Object({ version: Type.Integer() }),
        ...more,
      },
    },
  })

test.each([
  [{ method: 'POST' }, 'only a GET may have maxStalenessMs'],
  [{ etag: 'version' }, 'no maxStalenessMs with etag'],
  [{ maxStalenessMs: 1_999 }, 'a whole number from 2,000 to 60,000'],
  [{ maxStalenessMs: 60_001 }, 'a whole number from 2,000 to 60,000'],
  [{ maxStalenessMs: 2_000.5 }, 'a whole number from 2,000 to 60,000'],
] as const)('%j is refused', (more, problem) => {
  expect(() => contractWith({ maxStalenessMs: 5_000, ...more })).toThrow(problem)
})

test('the API document says how old an answer may be', () => {
  const info = { title: 'x', version: '1', description: 'x' }
  const of = (more: Partial<Operation>) =>
    Object.values(openApi([contractWith(more)], info)['paths'] as Record<string, { get: unknown }>)[0]!.get
  expect(of({ maxStalenessMs: 2_000 })).toMatchObject({
    'x-max-staleness-ms': 2_000,
    description: expect.stringContaining('may be up to 2 seconds old'),
  })
  expect(of({ maxStalenessMs: 60_000 })).toMatchObject({ 'x-max-staleness-ms': 60_000 })
  expect(of({})).not.toHaveProperty('x-max-staleness-ms')
})
