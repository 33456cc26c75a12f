import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cursorOf, mergePages, placeOf } from './letters.ts'
import { serviceOf, targetsOf } from './targets.ts'

const positions = fc.uniqueArray(
  fc.integer({ min: 0, max: 10_000 }).map((n) => String(n).padStart(6, '0')),
  { maxLength: 60 },
)

test('however letters lie in services, the pages give each once, the latest first', () => {
  fc.assert(
    fc.property(
      positions,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 10 }),
      (all, services, limit) => {
        const latestFirst = [...all].sort().reverse()
        const read = (service: number, cursor: string | undefined) => {
          const own = latestFirst.filter(
            (position, at) => at % services === service && (!cursor || position < cursor),
          )
          const items = own.slice(0, limit).map((position) => ({ position }))
          return own.length > limit ? { items, next: items.at(-1)!.position } : { items }
        }
        const seen: string[] = []
        for (let cursor: string | undefined, more = true; more; ) {
          const page = mergePages(
            Array.from({ length: services }, (_, service) => read(service, cursor)),
            limit,
          )
          expect(page.items.length).toBeLessThanOrEqual(limit)
          seen.push(...page.items.map((item) => item.position))
          cursor = page.next
          more = cursor !== undefined
        }
        expect(seen).toEqual(latestFirst)
      },
    ),
  )
})

test('a target is named by service or consumer, and a contradiction finds none', () => {
  const peers = [{ service: 'auth' }, { service: 'users' }]
  expect(serviceOf('users.jobs.tidy')).toBe('users')
  expect(targetsOf(peers, {})).toEqual(peers)
  expect(targetsOf(peers, { service: 'auth' })).toEqual([{ service: 'auth' }])
  expect(targetsOf(peers, { consumer: 'users.a' })).toEqual([{ service: 'users' }])
  expect(targetsOf(peers, { service: 'users', consumer: 'users.a' })).toEqual([{ service: 'users' }])
  expect(targetsOf(peers, { service: 'auth', consumer: 'users.a' })).toBeUndefined()
  expect(targetsOf(peers, { service: 'mail' })).toBeUndefined()
})

test('a place is read from its cursor; what is no cursor is the beginning', () => {
  for (const place of [{ service: 'mail' }, { service: 'mail', position: '2026-01-01 mail.a 1' }])
    expect(placeOf(cursorOf(place))).toEqual(place)
  expect(placeOf(undefined)).toBeUndefined()
  expect(placeOf('%')).toBeUndefined()
})
