/** Prices by hand, and what holds of every price whatever the work. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultOptions, MAX_QUANTITY, type PrintOptions } from '../print/options.ts'
import type { Work } from '../print/work.ts'
import type { PriceBook } from './book.ts'
import { defaultBook } from './default-book.ts'
import { type PriceCode, price } from './price.ts'

const work: Work = {
  technology: 'fdm',
  materialG: 10,
  supportG: 2,
  machineSeconds: 3600,
  layers: 100,
  areaCm2: 50,
}
const plain: PrintOptions = defaultOptions(defaultBook, 'fdm')
/** Exact to the minor unit, so that sums can be followed. */
const exact: PriceBook = { ...defaultBook, roundTo: 1 }
const linesOf = (...args: Parameters<typeof price>) =>
  Object.fromEntries(price(...args).breakdown.map(({ code, amount }) => [code, amount])) as Partial<
    Record<PriceCode, number>
  >

describe('by hand', () => {
  test('one piece: setup, material, support, machine', () => {
    // 10 g of 45 € a kilogram, 2 g of support, an hour of 2.50 €; sanding does not begin.
    expect(price(work, exact, plain)).toEqual({
      currency: 'EUR',
      unitPrice: 800,
      total: 800,
      vat: 133,
      breakdown: [
        { code: 'setup', amount: 400 },
        { code: 'material', amount: 45 },
        { code: 'support', amount: 9 },
        { code: 'machine', amount: 250 },
        { code: 'minimum', amount: 96 },
      ],
    })
  })

  test('a finish has a fixed part and one by the surface', () => {
    expect(linesOf(work, exact, { ...plain, finish: 'sanded' })).toMatchObject({ finish: 300 + 6 * 50 })
  })

  test('a litre is reckoned by its weight', () => {
    const resin = { ...defaultOptions(defaultBook, 'sla') }
    const grams = { ...work, technology: 'sla' as const, materialG: 1120, supportG: 0 }
    expect(linesOf(grams, exact, resin).material).toBe(14_000)
  })

  test('a break cheapens the pieces it names, and none before them', () => {
    const off = (quantity: number) => 0 - (linesOf(work, exact, { ...plain, quantity }).quantityDiscount ?? 0)
    const each = 45 + 9 + 250
    expect(off(4)).toBe(0)
    expect(off(5)).toBe(Math.floor(each * 0.05))
    expect(off(19)).toBe(Math.floor(each * 0.05 * 15))
    expect(off(20)).toBe(Math.floor(each * (0.05 * 15 + 0.1)))
    expect(off(100)).toBe(Math.floor((each * (5 * 15 + 10 * 80 + 18)) / 100))
  })

  test('out of turn costs half as much again, before the minimum', () => {
    const many = { ...plain, quantity: 4 }
    const sum = 400 + 4 * (45 + 9 + 250)
    expect(linesOf(work, exact, many, true).rush).toBe(sum / 2)
    expect(price(work, exact, many, true).total).toBe(sum * 1.5)
  })

  test('the total is rounded up to the step of the book, and the rounding is told', () => {
    const many = { ...plain, quantity: 4 }
    const sum = 400 + 4 * (45 + 9 + 250)
    expect(linesOf(work, { ...exact, roundTo: 100 }, many).rounding).toBe(100 - (sum % 100))
    expect(price(work, { ...exact, roundTo: 100 }, many).total).toBe(Math.ceil(sum / 100) * 100)
    expect(linesOf(work, { ...exact, roundTo: sum }, many)).not.toHaveProperty('rounding')
  })

  test('VAT lies within the total, or is added to it', () => {
    const many = { ...plain, quantity: 4 }
    const sum = 400 + 4 * (45 + 9 + 250)
    expect(price(work, exact, many)).toMatchObject({ total: sum, vat: Math.round(sum / 6) })
    const without = { ...exact, vat: { percent: 20, included: false } }
    const vat = Math.round(sum / 5)
    expect(price(work, without, many)).toMatchObject({ total: sum + vat, vat })
    expect(linesOf(work, without, many).vat).toBe(vat)
  })

  test('what arithmetic in binary adds is not charged', () => {
    // 0.7 g of 100 a gram is 70, though 0.7 · 100 is 70 and a bit in binary.
    const book = {
      ...exact,
      materials: exact.materials.map((material) => ({
        ...material,
        price: { per: 'kg' as const, amount: 100_000 },
      })),
    }
    expect(linesOf({ ...work, materialG: 0.7 }, book, plain).material).toBe(70)
    expect(linesOf({ ...work, materialG: 0.701 }, book, plain).material).toBe(71)
  })
})

test('a book with a hole and a quantity that is none are refused', () => {
  for (const hole of [{ technology: 'sls', material: 'pla' }, { material: 'gold' }, { finish: 'gilded' }])
    expect(() =>
      price(work, { ...defaultBook, technologies: defaultBook.technologies.slice(0, 1) }, {
        ...plain,
        ...hole,
      } as PrintOptions),
    ).toThrow(/price book has no (technology sls|material gold|finish gilded)/)
  for (const quantity of [0, -1, 1.5, MAX_QUANTITY + 1, Number.NaN])
    expect(() => price(work, defaultBook, { ...plain, quantity })).toThrow(RangeError)
})

/** Whatever a part may take; material and time from nothing to far beyond any machine. */
const works: fc.Arbitrary<Work> = fc.record({
  technology: fc.constant('fdm' as const),
  materialG: fc.double({ min: 0, max: 5000, noNaN: true }),
  supportG: fc.double({ min: 0, max: 2000, noNaN: true }),
  machineSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
  layers: fc.integer({ min: 1, max: 5000 }),
  areaCm2: fc.double({ min: 0, max: 10_000, noNaN: true }),
})
const options: fc.Arbitrary<PrintOptions> = fc.record({
  ...Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, fc.constant(value)])),
  finish: fc.constantFrom('as-made', 'sanded', 'painted'),
  quantity: fc.integer({ min: 1, max: MAX_QUANTITY }),
}) as fc.Arbitrary<PrintOptions>
const books: fc.Arbitrary<PriceBook> = fc.record({
  ...Object.fromEntries(Object.entries(defaultBook).map(([key, value]) => [key, fc.constant(value)])),
  quantityBreaks: fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 2, max: MAX_QUANTITY }), { maxLength: 5 }),
      fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 6, maxLength: 6 }),
    )
    .map(([cuts, percents]) => {
      const starts = [1, ...cuts.toSorted((a, b) => a - b)]
      const off = percents.toSorted((a, b) => a - b)
      return starts.map((from, i) => ({
        from,
        to: (starts[i + 1] ?? MAX_QUANTITY + 1) - 1,
        percentOff: off[i]!,
      }))
    }),
  rushFactor: fc.double({ min: 1, max: 3, noNaN: true }),
  roundTo: fc.constantFrom(1, 5, 10, 100, 999),
  vat: fc.record({ percent: fc.double({ min: 0, max: 30, noNaN: true }), included: fc.boolean() }),
}) as unknown as fc.Arbitrary<PriceBook>
const always = <T>(property: fc.IProperty<T>) => fc.assert(property, { numRuns: 300 })

describe('of every price', () => {
  test('the breakdown adds up, in whole minor units, to at least the minimum', () =>
    always(
      fc.property(works, books, options, fc.boolean(), (work, book, chosen, rush) => {
        const { total, vat, unitPrice, breakdown } = price(work, book, chosen, rush)
        expect(breakdown.reduce((sum, { amount }) => sum + amount, 0)).toBe(total)
        for (const { amount } of breakdown) expect(Number.isSafeInteger(amount)).toBe(true)
        expect(new Set(breakdown.map(({ code }) => code)).size).toBe(breakdown.length)
        for (const { code, amount } of breakdown) expect(amount > 0).toBe(code !== 'quantityDiscount')
        const net = book.vat.included ? total : total - vat
        expect(net % book.roundTo).toBe(0)
        expect(net).toBeGreaterThanOrEqual(book.technologies[0]!.minPrice)
        expect(unitPrice * chosen.quantity).toBeGreaterThanOrEqual(total)
        expect((unitPrice - 1) * chosen.quantity).toBeLessThan(total)
        expect(vat).toBeGreaterThanOrEqual(0)
        expect(vat).toBeLessThan(total)
      }),
    ))

  test('more pieces never cost less, and never more than as many lines of one', () =>
    always(
      fc.property(works, books, options, fc.integer({ min: 1, max: 500 }), (work, book, chosen, more) => {
        const quantity = Math.min(MAX_QUANTITY, chosen.quantity + more)
        const few = price(work, book, chosen).total
        const many = price(work, book, { ...chosen, quantity }).total
        expect(many).toBeGreaterThanOrEqual(few)
        const one = price(work, book, { ...chosen, quantity: 1 }).total
        // VAT that is added is rounded once for each line.
        expect(many).toBeLessThanOrEqual((one + 1) * quantity)
      }),
    ))

  test('more work never costs less, and neither does haste', () =>
    always(
      fc.property(works, works, books, options, (work, more, book, chosen) => {
        const larger = {
          ...work,
          materialG: work.materialG + more.materialG,
          supportG: work.supportG + more.supportG,
          machineSeconds: work.machineSeconds + more.machineSeconds,
          areaCm2: work.areaCm2 + more.areaCm2,
        }
        const { total } = price(work, book, chosen)
        expect(price(larger, book, chosen).total).toBeGreaterThanOrEqual(total)
        expect(price(work, book, chosen, true).total).toBeGreaterThanOrEqual(total)
      }),
    ))
})
