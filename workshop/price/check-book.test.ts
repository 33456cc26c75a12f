/** What is wrong with a price book is found, each with its place. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkOptions, defaultOptions, MAX_QUANTITY } from '../print/options.ts'
import type { PriceBook } from './book.ts'
import { checkBook } from './check-book.ts'
import { defaultBook } from './default-book.ts'
import { price } from './price.ts'

/** The book with something else at one place, as `materials[0].names.ru`. */
function changed(path: string, value: unknown): PriceBook {
  const book = structuredClone(defaultBook)
  const keys = path.split(/[.[\]]+/).filter(Boolean)
  const last = keys.pop()!
  const place = keys.reduce(
    (at, key) => at[key] as Record<string, unknown>,
    book as unknown as Record<string, unknown>,
  )
  place[last] = value
  return book
}

test('the book that a workshop begins with has nothing wrong', () => {
  expect(checkBook(defaultBook)).toEqual([])
})

const gilded = { ...defaultBook.finishes[0], id: 'gilded' }
const wrong: readonly (readonly [what: string, path: string, value: unknown, problem: string])[] = [
  ['no currency', 'currency', 'euro', 'currency outOfRange'],
  ['no technology', 'technologies', [], 'technologies empty'],
  ['no finish', 'finishes', [], 'finishes empty'],
  [
    'a technology without a material',
    'materials',
    defaultBook.materials.slice(0, 3),
    'technologies[2] empty',
  ],
  [
    'a material of no technology',
    'technologies',
    defaultBook.technologies.slice(0, 2),
    'materials[3].technology unknown',
  ],
  ['a finish that no material takes', 'finishes[4]', gilded, 'finishes[4] unused'],
  ['a finish that the book lacks', 'materials[0].finishes[3]', 'gilded', 'materials[0].finishes[3] unknown'],
  ['a finish named twice', 'materials[0].finishes[3]', 'sanded', 'materials[0].finishes[3] duplicate'],
  ['no finish for a material', 'materials[0].finishes', [], 'materials[0].finishes empty'],
  ['no colour', 'materials[0].colors', [], 'materials[0].colors empty'],
  ['a colour that is none', 'materials[0].colors[0].hex', 'red', 'materials[0].colors[0].hex outOfRange'],
  ['an id twice', 'materials[1].id', 'pla', 'materials[1].id duplicate'],
  ['an id with a blank', 'materials[1].id', 'my pla', 'materials[1].id outOfRange'],
  ['no Russian name', 'materials[0].names.ru', ' ', 'materials[0].names.ru nameMissing'],
  ['no English words', 'materials[0].about.en', '', 'materials[0].about.en nameMissing'],
  ['a price below zero', 'materials[0].price.amount', -1, 'materials[0].price.amount negative'],
  ['half a cent', 'technologies[0].machinePerHour', 0.5, 'technologies[0].machinePerHour notWhole'],
  ['no number', 'technologies[0].setup', Number.NaN, 'technologies[0].setup outOfRange'],
  ['no weight', 'materials[0].densityGCm3', 0, 'materials[0].densityGCm3 outOfRange'],
  ['no layer height', 'technologies[0].layerHeightsMm', [], 'technologies[0].layerHeightsMm layerHeights'],
  [
    'layer heights in disorder',
    'technologies[0].layerHeightsMm',
    [0.2, 0.1],
    'technologies[0].layerHeightsMm[1] layerHeights',
  ],
  ['infill upside down', 'technologies[0].infill', { min: 50, max: 20 }, 'technologies[0].infill outOfRange'],
  ['a discount for haste', 'rushFactor', 0.5, 'rushFactor outOfRange'],
  ['rounding to nothing', 'roundTo', 0, 'roundTo outOfRange'],
  ['VAT of more than all', 'vat.percent', 101, 'vat.percent outOfRange'],
  ['no breaks', 'quantityBreaks', [], 'quantityBreaks empty'],
  ['a hole between breaks', 'quantityBreaks[1].from', 6, 'quantityBreaks[1].from quantityGap'],
  ['breaks that overlap', 'quantityBreaks[1].from', 4, 'quantityBreaks[1].from quantityOverlap'],
  ['a hole at the end', 'quantityBreaks[3].to', 9999, 'quantityBreaks quantityGap'],
  ['a break that ends before it begins', 'quantityBreaks[1].to', 4, 'quantityBreaks[1] outOfRange'],
  ['a discount that shrinks', 'quantityBreaks[2].percentOff', 4, 'quantityBreaks[2].percentOff outOfRange'],
]

test.each(wrong)('%s', (_, path, value, problem) => {
  expect(checkBook(changed(path, value)).map(({ path: at, code }) => `${at} ${code}`)).toContain(problem)
})

/** Breaks that begin at 1 and at each cut. */
const covering = fc
  .uniqueArray(fc.integer({ min: 2, max: MAX_QUANTITY }), { minLength: 1, maxLength: 6 })
  .map((cuts) => {
    const starts = [1, ...cuts.toSorted((a, b) => a - b)]
    return starts.map((from, i) => ({
      from,
      to: (starts[i + 1] ?? MAX_QUANTITY + 1) - 1,
      percentOff: i * 2,
    }))
  })

test('breaks that cover every quantity once are taken; with one left out they are not', () =>
  fc.assert(
    fc.property(covering, fc.nat(), (quantityBreaks, at) => {
      expect(checkBook({ ...defaultBook, quantityBreaks })).toEqual([])
      const holed = quantityBreaks.toSpliced(at % quantityBreaks.length, 1)
      expect(checkBook({ ...defaultBook, quantityBreaks: holed }).map(({ code }) => code)).toContain(
        'quantityGap',
      )
    }),
  ))

test('whatever the options that a checked book offers, it has a price for them', () => {
  for (const material of defaultBook.materials)
    for (const finish of material.finishes)
      for (const quantity of [1, 4, 5, 19, 20, 99, 100, MAX_QUANTITY]) {
        const { technology } = material
        const base = defaultOptions(defaultBook, technology)
        const options = { ...base, material: material.id, color: material.colors[0]!.id, finish, quantity }
        expect(checkOptions(options, defaultBook)).toEqual([])
        const work = { technology, materialG: 1, supportG: 1, machineSeconds: 60, layers: 1, areaCm2: 1 }
        expect(price(work, defaultBook, options).total).toBeGreaterThan(0)
      }
})
