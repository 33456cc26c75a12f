/** The rules of the office, without any service. */
import { describe, expect, test } from 'vitest'
import { concernsOffice, waitingTrouble } from './orders.ts'
import { boundsOf } from './segments.ts'

describe('waitingTrouble', () => {
  test('an order that was created and not decided on waits', () => {
    expect(waitingTrouble({ state: 'created', decision: 'waiting' })).toBeUndefined()
  })
  test.each([
    ['cancelled', 'waiting', /cancelled/],
    ['cancelled', 'confirmed', /cancelled/],
    ['created', 'confirmed', /confirmed already/],
    ['created', 'rejected', /rejected already/],
    ['shipped', 'waiting', /past that: shipped/],
  ] as const)('%s, %s: says why not', (state, decision, words) => {
    expect(waitingTrouble({ state, decision })).toMatch(words)
  })
})

describe('concernsOffice', () => {
  test('what happens before an order is placed does not, nor do rehearsals', () => {
    expect(concernsOffice({ state: 'quoted', previous: 'draft' })).toBe(false)
    expect(concernsOffice({ state: 'cancelled', previous: 'quoted' })).toBe(false)
    expect(concernsOffice({ state: 'created', previous: 'quoted', test: true })).toBe(false)
  })
  test('what happens to a placed order does', () => {
    expect(concernsOffice({ state: 'created', previous: 'quoted' })).toBe(true)
    expect(concernsOffice({ state: 'cancelled', previous: 'confirmed' })).toBe(true)
  })
})

test('boundsOf: days become times', () => {
  const now = new Date('2026-11-21T10:00:00Z')
  expect(boundsOf({ quietDays: 1, minOrders: 2 }, now)).toEqual({
    tags: [],
    minOrders: 2,
    minSpent: 0,
    before: new Date('2026-11-20T10:00:00Z'),
  })
  expect(boundsOf({ activeDays: 2, company: false, tags: ['a'] }, now)).toEqual({
    tags: ['a'],
    minOrders: 0,
    minSpent: 0,
    after: new Date('2026-11-19T10:00:00Z'),
    company: false,
  })
})
