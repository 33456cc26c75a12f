import { expect, test } from 'vitest'
import { changedPaths, checkPeriod, pointerOf, viewBook } from './books.ts'

const day = (date: number) => new Date(Date.UTC(2026, 0, date))
const stored = {
  version: 2,
  note: '',
  revision: 1,
  createdAt: day(1),
  createdBy: null,
  publishedAt: day(2),
  publishedBy: null,
  periods: [{ from: day(3), until: day(5) }],
}

test('a book is published while it has time before it, then superseded', () => {
  expect(viewBook({ ...stored, publishedAt: null, periods: [] }, day(4)).state).toBe('draft')
  expect(viewBook(stored, day(2))).toMatchObject({ state: 'published', inForce: false })
  expect(viewBook(stored, day(4))).toMatchObject({ state: 'published', inForce: true })
  expect(viewBook(stored, day(5))).toMatchObject({ state: 'superseded', inForce: false })
})

test('checkPeriod refuses the past, what ends before it begins, and what is far away', () => {
  expect(checkPeriod(day(4), undefined, day(4))).toBeUndefined()
  expect(checkPeriod(day(3), undefined, day(4))).toMatch(/past/)
  expect(checkPeriod(day(5), day(5), day(4))).toMatch(/ends/)
  expect(checkPeriod(new Date('2031-01-01'), undefined, day(4))).toMatch(/two years/)
})

test('changedPaths names what differs, deep in lists too', () => {
  const before = { a: 1, list: [{ id: 'x', price: 1 }], same: { deep: true } }
  const after = { a: 2, list: [{ id: 'x', price: 3 }, { id: 'y' }], same: { deep: true } }
  expect(changedPaths(before, after)).toEqual(['/a', '/list/0/price', '/list/1'])
  expect(changedPaths(before, structuredClone(before))).toEqual([])
  expect(changedPaths({ 'a/b': 1 }, { 'a/b': 2 })).toEqual(['/a~1b'])
})

test('pointerOf turns the place of a check into one of the request', () => {
  expect(pointerOf('materials[2].technology')).toBe('/body/book/materials/2/technology')
  expect(pointerOf('')).toBe('/body/book')
})
