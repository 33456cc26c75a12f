import { expect, test } from 'vitest'
import { endOf, freshSince, type Note, withNote } from './freshness.ts'

const line = '7/1'
const log = { blockBytes: 8192, segmentBytes: 16 * 1024 * 1024 }

test('the header of a page that has no record yet is not waited for', () => {
  const [page, segment] = [5 * 8192, 3 * log.segmentBytes]
  expect(endOf({ ...log, insertAt: page + 24 })).toBe(page)
  expect(endOf({ ...log, insertAt: segment + 40 })).toBe(segment)
  // Behind the header of a page that begins no segment, these are the last bytes of a record.
  expect(endOf({ ...log, insertAt: page + 40 })).toBe(page + 40)
  expect(endOf({ ...log, insertAt: page + 4096 })).toBe(page + 4096)
})

test('a standby is as fresh as the newest position that it has replayed', () => {
  const notes: Note[] = [
    { at: 1_000, end: 100, line },
    { at: 2_000, end: 200, line },
    { at: 3_000, end: 200, line },
    { at: 4_000, end: 350, line },
  ]
  expect(freshSince(notes, 99)).toBeUndefined()
  expect(freshSince(notes, 100)).toBe(1_000)
  expect(freshSince(notes, 349)).toBe(3_000)
  expect(freshSince(notes, 900)).toBe(4_000)
  expect(freshSince([], 900)).toBeUndefined()
})

test('positions are forgotten when nobody asks for what is so old', () => {
  const notes = withNote(
    withNote([{ at: 1_000, end: 100, line }], { at: 2_000, end: 200, line }, 1_000),
    { at: 2_001, end: 300, line },
    1_000,
  )
  expect(notes.map(({ at }) => at)).toEqual([2_000, 2_001])
})

test('and when the primary is on another timeline: what it has there is not what the old one had', () => {
  const old = { at: 1_000, end: 100, line }
  const now = { at: 2_000, end: 90, line: '7/2' }
  expect(withNote([old], now, 60_000)).toEqual([now])
})
