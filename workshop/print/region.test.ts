/** Regions against what a point says: whether it lies in one is known without any of the arithmetic. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { combine, touching } from './combine.ts'
import { dilate, type Region } from './region.ts'

const grid = { from: 0, pitch: 0.5, lines: 9 }

function regionOf(lines: readonly (readonly number[])[]): Region {
  const starts = [0]
  for (const line of lines) starts.push(starts.at(-1)! + line.length)
  const at = lines.flat()
  return { starts, at, length: at.reduce((sum, x, i) => sum + (i % 2 ? x : -x), 0) }
}

/** Whole numbers, so that many borders coincide. */
const line = fc
  .uniqueArray(fc.integer({ min: 0, max: 24 }), { maxLength: 8 })
  .map((all) => all.sort((a, b) => a - b).slice(0, all.length - (all.length % 2)))
const region = fc.array(line, { minLength: grid.lines, maxLength: grid.lines }).map(regionOf)

const has = ({ starts, at }: Region, row: number, x: number): boolean => {
  for (let i = starts[row]!; i < starts[row + 1]!; i += 2) if (at[i]! < x && x < at[i + 1]!) return true
  return false
}
/** Between the whole numbers, where no border is. */
const between = Array.from({ length: 40 }, (_, i) => i - 7.5)

function isSound({ starts, at, length }: Region) {
  expect(starts).toHaveLength(grid.lines + 1)
  expect(starts.at(-1)).toBe(at.length)
  let sum = 0
  for (let row = 0; row < grid.lines; row++)
    for (let i = starts[row]!; i < starts[row + 1]!; i += 2) {
      expect(at[i]!).toBeLessThan(at[i + 1]!)
      if (i > starts[row]!) expect(at[i - 1]!).toBeLessThanOrEqual(at[i]!)
      sum += at[i + 1]! - at[i]!
    }
  expect(length).toBeCloseTo(sum, 9)
}

test('and, or and not are so at every point', () => {
  const rules = {
    and: (a: boolean, b: boolean) => a && b,
    or: (a: boolean, b: boolean) => a || b,
    not: (a: boolean, b: boolean) => a && !b,
  }
  fc.assert(
    fc.property(region, region, fc.constantFrom('and', 'or', 'not'), (a, b, how) => {
      const result = combine(a, b, how)
      isSound(result)
      for (let row = 0; row < grid.lines; row++)
        for (const x of between) expect(has(result, row, x)).toBe(rules[how](has(a, row, x), has(b, row, x)))
    }),
  )
})

test('runs no longer than asked for are left out', () => {
  const [a, b] = [regionOf([[0, 10, 12, 13], ...Array(8).fill([])]), regionOf([[2, 9], ...Array(8).fill([])])]
  expect(combine(a, b, 'not', 1).at).toEqual([0, 2])
  expect(combine(a, b, 'and', 7).at).toEqual([])
  expect(combine(a, b, 'or', 1).at).toEqual([0, 10])
})

test('what touches is whole', () => {
  fc.assert(
    fc.property(region, region, (a, b) => {
      const result = touching(a, b)
      isSound(result)
      for (let row = 0; row < grid.lines; row++)
        for (let i = a.starts[row]!; i < a.starts[row + 1]!; i += 2) {
          const [from, to] = [a.at[i]!, a.at[i + 1]!]
          const meets = between.some((x) => x > from && x < to && has(b, row, x))
          expect(has(result, row, (from + to) / 2)).toBe(meets)
        }
    }),
  )
})

test('grown by a distance it has every point that is as near, also around a single short run', () => {
  fc.assert(
    fc.property(region, fc.integer({ min: 1, max: 14 }), (own, tenths) => {
      const distance = tenths / 4 + 0.01
      const result = dilate(own, distance, grid)
      isSound(result)
      for (let row = 0; row < grid.lines; row++)
        for (const x of between) {
          let nearest = Infinity
          for (let other = 0; other < grid.lines; other++)
            for (let i = own.starts[other]!; i < own.starts[other + 1]!; i += 2) {
              const beside = Math.max(own.at[i]! - x, x - own.at[i + 1]!, 0)
              nearest = Math.min(nearest, Math.hypot(beside, (other - row) * grid.pitch))
            }
          if (Math.abs(nearest - distance) > 1e-9) expect(has(result, row, x)).toBe(nearest < distance)
        }
    }),
  )
})
