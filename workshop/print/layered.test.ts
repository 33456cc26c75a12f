/** Resin and powder against formulas; what can be made at all; the estimate against the binding work. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mesh } from '../mesh/mesh.ts'
import * as solids from '../mesh/solids.ts'
import type { Technology } from '../price/book.ts'
import { defaultBook } from '../price/default-book.ts'
import { price } from '../price/price.ts'
import { calculateWork, impossible, sizeOfPart } from './calculate.ts'
import { estimate } from './estimate.ts'
import { defaultOptions, type PrintOptions } from './options.ts'
import { printSla, defaultSlaProfile as resin } from './sla.ts'
import { defaultSlsProfile as powder, printSls } from './sls.ts'

const cube = solids.box(20, 20, 20)

describe('resin', () => {
  test('a cube on the plate: its volume and what stays on it, and the time of its layers', () => {
    const work = printSla(cube, 0.05, false)
    expect(work.layers).toBe(400)
    expect(work.materialMm3).toBeCloseTo(8000 * (1 + resin.wasteShare), 3)
    expect(work.supportMm3).toBe(0)
    const move = resin.liftMm / resin.liftSpeed + resin.liftMm / resin.sinkSpeed + resin.restSeconds
    expect(work.seconds).toBeCloseTo(
      resin.jobSeconds +
        400 * (move + resin.exposureSeconds) +
        resin.bottomLayers * (resin.bottomExposureSeconds - resin.exposureSeconds),
      6,
    )
  })

  test('with supports it stands on columns and a foot', () => {
    const work = printSla(cube, 0.05, true)
    const each = (Math.PI / 4) * resin.columnDiameterMm ** 2 * resin.standMm
    expect(work.layers).toBe(400 + resin.standMm / 0.05)
    expect(work.supportMm3).toBeGreaterThan((400 / resin.areaPerColumnMm2) * each * 0.7)
    expect(work.supportMm3).toBeLessThan((400 / resin.areaPerColumnMm2) * each + 400 * resin.footMm + 1)
  })

  test('layers half as thick take the same resin and more time', () => {
    const [thin, thick] = [printSla(cube, 0.025, false), printSla(cube, 0.05, false)]
    expect(thin.materialMm3).toBeCloseTo(thick.materialMm3, 6)
    expect(thin.seconds).toBeGreaterThan(thick.seconds)
  })
})

describe('powder', () => {
  test('a cube: its volume, its share of the bed and its own scanning', () => {
    const work = printSls(cube, 0.1)
    expect(work.layers).toBe(200)
    expect(work.materialMm3).toBeCloseTo(8000, 3)
    // A packed bed leaves more room to the cube than it fills, and less than its box with the gap.
    const room = (20 + powder.gapMm) ** 3
    expect(work.supportMm3).toBeGreaterThan(0)
    expect(work.supportMm3).toBeLessThan((room - 8000) * powder.refresh)
    const scanning = 8000 / 0.1 / powder.hatchMm / powder.hatchSpeed + (80 * 200) / powder.outlineSpeed
    expect(work.seconds).toBeGreaterThan(scanning)
    const bed = powder.bedMm.x * powder.bedMm.y
    const shares = room / bed
    const most =
      scanning + shares * (powder.recoatSeconds / 0.1) + (shares / powder.bedHeightMm) * powder.warmSeconds
    expect(work.seconds).toBeLessThanOrEqual(most)
  })

  test('a hollow part leaves its room to others', () => {
    const hollow = printSls(solids.hollowBox(40, 40, 40, 2), 0.1)
    const full = printSls(solids.box(40, 40, 40), 0.1)
    expect(hollow.materialMm3).toBeCloseTo(40 ** 3 - 36 ** 3, -2)
    expect(hollow.seconds).toBeLessThan(full.seconds)
  })
})

test.each(['sla', 'sls'] as const)(
  'of every box by %s: volume is volume, and taller takes longer',
  (technology) =>
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 80, noNaN: true }),
        fc.double({ min: 1, max: 80, noNaN: true }),
        fc.integer({ min: 2, max: 300 }),
        (x, y, steps) => {
          const z = steps * 0.2
          const made = (height: number) =>
            technology === 'sla'
              ? printSla(solids.box(x, y, height), 0.1, false)
              : printSls(solids.box(x, y, height), 0.1)
          const work = made(z)
          const waste = technology === 'sla' ? 1 + resin.wasteShare : 1
          // A contour may leave the mesh by 0.005 mm.
          const off = 0.01 / x + 0.01 / y
          expect(Math.abs(work.materialMm3 / (x * y * z * waste) - 1)).toBeLessThan(off)
          expect(made(z + 1).seconds).toBeGreaterThan(work.seconds)
        },
      ),
      { numRuns: 40 },
    ),
)

const optionsOf = (technology: Technology, more: Partial<PrintOptions> = {}): PrintOptions => ({
  ...defaultOptions(defaultBook, technology),
  ...more,
})

describe('what cannot be made', () => {
  const why = (mesh: Mesh, technology: Technology = 'fdm') => {
    const result = calculateWork(mesh, optionsOf(technology), defaultBook)
    const guess = estimate(mesh, optionsOf(technology), defaultBook)
    // What one refuses, the other refuses for the same reason.
    expect(guess.ok).toBe(result.ok)
    return result.ok ? undefined : result.problem.code
  }
  const nothing: Mesh = { positions: new Float64Array(0), indices: new Uint32Array(0) }

  test.each(['fdm', 'sla', 'sls'] as const)('is told in words by %s', (technology) => {
    expect(why(nothing, technology)).toBe('partEmpty')
    expect(why(solids.box(20, 20, 0), technology)).toBe('partFlat')
    expect(why(solids.box(900, 20, 20), technology)).toBe('partTooLarge')
    expect(why(solids.box(40, 0.1, 40), technology)).toBe('partWallsThin')
    expect(why(cube, technology)).toBeUndefined()
  })

  test('a part may lie along the longer side of the machine', () => {
    expect(why(solids.box(205, 240, 5))).toBeUndefined()
    expect(why(solids.box(240, 205, 5))).toBeUndefined()
    expect(why(solids.box(240, 240, 5))).toBe('partTooLarge')
    expect(why(solids.box(20, 20, 211))).toBe('partTooLarge')
  })

  test('a part thinner than half of its first layer has no layers', () => {
    expect(
      calculateWork(solids.box(20, 20, 0.09), optionsOf('fdm'), {
        ...defaultBook,
        technologies: defaultBook.technologies.map((one) => ({ ...one, minWallMm: 0 })),
      }),
    ).toEqual({ ok: false, problem: { code: 'partNotSliced', detail: { layers: 0 } } })
  })

  test('a book without the technology or the material is an error of who asks', () => {
    const none = { ...defaultBook, technologies: [] }
    expect(() => impossible(sizeOfPart(cube), optionsOf('fdm'), none)).toThrow('no technology fdm')
    for (const run of [calculateWork, estimate])
      expect(() => run(cube, optionsOf('fdm', { material: 'gold' }), defaultBook)).toThrow('no material gold')
  })
})

test('work is weighed by the material, the same each time', () => {
  const work = (material: string) => {
    const result = calculateWork(cube, optionsOf('fdm', { material }), defaultBook)
    if (!result.ok) throw new Error(result.problem.code)
    return result.work
  }
  expect(work('pla')).toEqual(work('pla'))
  expect(work('petg').materialG / work('pla').materialG).toBeCloseTo(1.27 / 1.24, 3)
  expect(work('pla')).toMatchObject({ technology: 'fdm', layers: 100, areaCm2: 24, supportG: 0 })
})

describe('the instant estimate', () => {
  const parts: Record<string, Mesh> = {
    cube,
    plate: solids.box(80, 60, 4),
    cylinder: solids.cylinder(12, 40),
    cone: solids.cone(18, 36),
    gear: solids.gear(22, 1.5, 8, 6),
    bracket: solids.bracket(50, 45, 4, 25, 6),
    vase: solids.vase(60, 20, 2),
    stairs: solids.stairs(4, 25, 12, 6),
    hollow: solids.hollowBox(35, 30, 28, 2.4),
  }
  const ways: readonly Partial<PrintOptions>[] = [
    {},
    { layerHeightMm: 0.1, supports: 'none' },
    { layerHeightMm: 0.3, infillPercent: 60 },
  ]

  test('holds the binding price of nine parts in ten, and says something', () => {
    const tried = Object.entries(parts).flatMap(([name, mesh]) =>
      [
        ...ways.map((way) => optionsOf('fdm', { ...way, quantity: 20 })),
        optionsOf('sla', { quantity: 20 }),
        optionsOf('sls', { quantity: 20 }),
      ].map((options) => {
        const guess = estimate(mesh, options, defaultBook)
        const binding = calculateWork(mesh, options, defaultBook)
        if (!guess.ok || !binding.ok) throw new Error(`${name} was refused`)
        const { low, likely, high } = guess.total
        expect(low).toBeLessThanOrEqual(likely)
        expect(likely).toBeLessThanOrEqual(high)
        expect(high / low).toBeLessThan(2)
        const { total } = price(binding.work, defaultBook, options)
        return { name: `${name} ${options.technology}`, inside: low <= total && total <= high }
      }),
    )
    const outside = tried.filter(({ inside }) => !inside).map(({ name }) => name)
    expect(outside.length, outside.join(', ')).toBeLessThanOrEqual(tried.length / 10)
  })

  test('grows with the quantity as the price does', () => {
    const total = (quantity: number) => {
      const guess = estimate(cube, optionsOf('fdm', { quantity }), defaultBook)
      return guess.ok ? guess.total : expect.unreachable()
    }
    for (const side of ['low', 'likely', 'high'] as const)
      expect(total(50)[side]).toBeGreaterThan(total(10)[side])
  })
})
