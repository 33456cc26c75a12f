/** Which slopes are closed by solid infill, and which are held by dense layers of support. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as solids from '../mesh/solids.ts'
import { combine } from './combine.ts'
import { printFdm } from './fdm.ts'
import { windowOf } from './fill.ts'
import { defaultFdmProfile } from './profile.ts'
import { emptyRegion, type Region } from './region.ts'

describe('a window of layers', () => {
  const grid = { from: 0, pitch: 1, lines: 1 }
  const none = emptyRegion(grid)
  const run = (from: number, to: number): Region => ({
    starts: [0, 2],
    at: [from, to],
    length: to - from,
  })
  const layers = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 50 })).map(([a, b]) => run(a, a + b)),
    { minLength: 1, maxLength: 30 },
  )

  test('is what its layers are one by one, wherever it begins', () =>
    fc.assert(
      fc.property(layers, fc.integer({ min: 1, max: 7 }), fc.constantFrom('and', 'or'), (all, size, how) => {
        const at = (layer: number) => all[layer] ?? none
        const window = windowOf(size, at, how, none)
        for (let first = -size; first < all.length; first++) {
          let each = at(first)
          for (let layer = first + 1; layer < first + size; layer++) each = combine(each, at(layer), how)
          expect(window(first).length).toBe(each.length)
        }
      }),
    ))

  test('of no layers is nothing', () => {
    expect(windowOf(0, () => run(0, 1), 'or', none)(3)).toBe(none)
  })
})

describe('a hollow cone with a single wall', () => {
  const solidOf = (radius: number) =>
    printFdm(
      solids.cone(radius, 40),
      { layerHeightMm: 0.2, infillPercent: 0, supports: false },
      { ...defaultFdmProfile, perimeters: 1 },
    ).roles.solid.mm3
  /** Four layers, as wide as the fill at most. */
  const floor = (radius: number) => 4 * Math.PI * radius ** 2 * 0.2

  test('is open inside where a layer stands back by less than a fifth of its wall', () => {
    expect(solidOf(16)).toBeLessThan(floor(16))
  })

  test('is closed along the slope where it stands back by more', () => {
    // A ring of more than a line on every layer.
    const rings = Math.PI * 24 * 40 * 0.43
    expect(solidOf(24)).toBeGreaterThan(floor(23) * 0.8 + rings)
  })
})

describe('under a slope', () => {
  const denseOf = (degrees: number) => {
    const reach = 20 / Math.tan((degrees * Math.PI) / 180)
    const slope = solids.revolve(
      [
        [0, 0],
        [10, 0],
        [10 + reach, 20],
        [0, 20],
      ],
      96,
    )
    return printFdm(slope, { layerHeightMm: 0.2, infillPercent: 20, supports: true }).roles
  }

  test('that is nearly steep enough there are columns alone', () => {
    const { support, interface: dense } = denseOf(47)
    expect(support.mm3).toBeGreaterThan(500)
    expect(dense.mm3).toBe(0)
  })

  test('that is flat it lies on dense layers', () => {
    const { interface: dense } = denseOf(25)
    expect(dense.mm3).toBeGreaterThan(100)
  })
})
