import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseClaims, expectedWait, restMs, STARVATION_BOUND } from './queue.ts'

const heads = (lane: string, count: number) =>
  Array.from({ length: count }, (_, turn) => ({ requestId: `${lane}${turn}`, turn }))

test('chooseClaims takes priority first and every fifth from the regular lane', () => {
  const { chosen } = chooseClaims(heads('p', 10), heads('r', 10), 0, 10)
  expect(chosen.map(({ requestId }) => requestId)).toEqual([
    ...['p0', 'p1', 'p2', 'p3', 'r0', 'p4', 'p5', 'p6', 'p7', 'r1'],
  ])
})

test('chooseClaims never starves the regular lane, however claims are split', () => {
  fc.assert(
    fc.property(
      fc.nat(60),
      fc.nat(60),
      fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 60 }),
      (priority, regular, sizes) => {
        const lanes = { p: heads('p', priority), r: heads('r', regular) }
        let since = 0
        let inARow = 0
        for (const wanted of sizes) {
          const waiting = lanes.r.length
          const claim = chooseClaims(lanes.p.slice(0, wanted), lanes.r.slice(0, wanted), since, wanted)
          since = claim.sinceRegular
          expect(claim.chosen.length).toBe(Math.min(wanted, lanes.p.length + waiting))
          for (const { requestId } of claim.chosen) {
            const lane = requestId[0] as 'p' | 'r'
            expect(lanes[lane].shift()?.requestId).toBe(requestId)
            if (lane === 'r' || lanes.r.length === 0) inARow = 0
            else inARow++
            expect(inARow).toBeLessThan(STARVATION_BOUND)
          }
        }
      },
    ),
  )
})

test('expectedWait counts what the other lane puts between', () => {
  const crowd = { secondsPerJob: 2, slots: 2 }
  expect(expectedWait({ ...crowd, lane: 'priority', ahead: 0, others: 10_000 })).toBe(0)
  expect(expectedWait({ ...crowd, lane: 'priority', ahead: 8, others: 10_000 })).toBe(10)
  expect(expectedWait({ ...crowd, lane: 'regular', ahead: 0, others: 10_000 })).toBe(4)
  expect(expectedWait({ ...crowd, lane: 'regular', ahead: 10, others: 0 })).toBe(10)
})

test('restMs doubles and ends at an hour', () => {
  expect([1, 2, 3].map((attempt) => restMs(attempt, 5))).toEqual([5000, 10_000, 20_000])
  expect(restMs(100, 5)).toBe(3_600_000)
})
