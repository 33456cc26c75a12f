import { expect, test } from 'vitest'
import { createChanges } from './changes.ts'

test('who changed something is remembered with the time, the last one counts', () => {
  let now = 1_000
  const changes = createChanges(() => now)
  expect(changes.sinceMs('ada')).toBe(Number.POSITIVE_INFINITY)
  changes.note('ada')
  now = 1_500
  expect(changes.sinceMs('ada')).toBe(500)
  expect(changes.sinceMs('eve')).toBe(Number.POSITIVE_INFINITY)
  changes.note('ada')
  expect(changes.sinceMs('ada')).toBe(0)
})

test('beyond the bound the oldest is forgotten, and everybody unknown may be that one', () => {
  let now = 1_000
  const changes = createChanges(() => now, 2)
  for (const caller of ['ada', 'eve', 'ada', 'bob']) {
    changes.note(caller)
    now += 100
  }
  // Eve, whose change came at 1,100, was the oldest: Ada had changed something again.
  expect(changes.sinceMs('ada')).toBe(200)
  expect(changes.sinceMs('eve')).toBe(300)
  expect(changes.sinceMs('nobody')).toBe(300)
})
