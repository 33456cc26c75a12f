/** Estimates from measures, against what slices of the same solids come to. */
import * as solids from '@pleiad/workshop/mesh/solids'
import { defaultBook } from '@pleiad/workshop/price/default-book'
import { price } from '@pleiad/workshop/price/price'
import { calculateWork, sizeOfPart } from '@pleiad/workshop/print/calculate'
import { defaultOptions } from '@pleiad/workshop/print/options'
import { expect, test } from 'vitest'
import { estimateOf } from './estimates.ts'

const parts = {
  cube: solids.box(23, 17, 31),
  plate: solids.box(90, 50, 3.5),
  cylinder: solids.cylinder(14, 37),
  sphere: solids.sphere(18),
  torus: solids.torus(22, 7),
  gear: solids.gear(24, 1.5, 9, 6),
  bracket: solids.bracket(50, 45, 4, 25, 6),
  vase: solids.vase(60, 20, 2),
  stairs: solids.stairs(4, 25, 12, 6),
  cone: solids.cone(17, 33),
  hollow: solids.hollowBox(35, 30, 28, 2.4),
  table: solids.overhangTable(40, 5, 10, 25),
}

test.each(['fdm', 'sla', 'sls'] as const)(
  'nine of ten binding prices of %s lie in the interval',
  (technology) => {
    const tried = Object.entries(parts).flatMap(([name, mesh]) =>
      (technology === 'fdm' ? [10, 40, 100] : [100]).flatMap((infillPercent) => {
        const options = { ...defaultOptions(defaultBook, technology), infillPercent, quantity: 20 }
        const size = sizeOfPart(mesh)
        const made = calculateWork(mesh, options, defaultBook)
        const guess = estimateOf(size, options, defaultBook, 1)
        // What one refuses the other refuses too.
        expect(guess.ok).toBe(made.ok)
        if (!made.ok || !guess.ok) return []
        const { total } = price(made.work, defaultBook, options)
        const { low, likely, high } = guess.estimate.total
        expect(low).toBeLessThanOrEqual(likely)
        expect(likely).toBeLessThanOrEqual(high)
        return [{ name, inside: total >= low && total <= high, wide: high / low }]
      }),
    )
    expect(tried.length).toBeGreaterThan(8)
    const outside = tried.filter(({ inside }) => !inside).map(({ name }) => name)
    expect(outside.length, outside.join(', ')).toBeLessThanOrEqual(tried.length / 10)
    // An interval that holds everything says nothing.
    for (const { wide } of tried) expect(wide).toBeLessThan(2.2)
  },
)

test('measures of no part, of too large a part and of a sheet are refused', () => {
  const options = defaultOptions(defaultBook, 'fdm')
  const reason = (volumeMm3: number, areaMm2: number, x: number, y: number, z: number) => {
    const result = estimateOf({ volumeMm3, areaMm2, sizeMm: { x, y, z } }, options, defaultBook, 1)
    return result.ok ? undefined : result.reason.code
  }
  expect(reason(8000, 2400, 20, 20, 20)).toBeUndefined()
  expect(reason(1e12, 2400, 20, 20, 20)).toBe('partEmpty')
  expect(reason(1e9, 6e6, 1000, 1000, 1000)).toBe('partTooLarge')
  expect(reason(10, 20_000, 100, 100, 0.001)).not.toBeUndefined()
  expect(reason(100, 20_000, 100, 100, 20)).toBe('partWallsThin')
})
