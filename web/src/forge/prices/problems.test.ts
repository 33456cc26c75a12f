import type { PriceBook } from '@pleiad/workshop/price/book'
import { checkBook } from '@pleiad/workshop/price/check-book'
import { defaultBook } from '@pleiad/workshop/price/default-book'
import i18next from 'i18next'
import { beforeAll, describe, expect, it } from 'vitest'
import en from '../i18n/en/prices.ts'
import ru from '../i18n/ru/prices.ts'
import { fieldOf, tabOf, troublesOf } from './problems.ts'

const [fdm] = defaultBook.technologies
const [pla] = defaultBook.materials
const [asMade] = defaultBook.finishes
const [first, second, ...breaks] = defaultBook.quantityBreaks
/** Wrong in every way that the check knows. */
const wrong: PriceBook = {
  ...defaultBook,
  currency: 'EURO',
  technologies: [
    { ...fdm!, setup: -1, minPrice: 1.5, infill: { min: 60, max: 20 }, layerHeightsMm: [] },
    { ...fdm!, id: 'sls', minWallMm: Number.NaN },
  ],
  materials: [
    { ...pla!, names: { en: '', ru: 'PLA' }, colors: [], finishes: ['gone'] },
    { ...pla!, technology: 'sla', colors: [{ ...pla!.colors[0]!, hex: 'red' }] },
  ],
  finishes: [asMade!, { ...asMade!, id: 'Of no use' }],
  quantityBreaks: [first!, { ...second!, from: 7 }, { ...breaks[0]!, from: 15, percentOff: 1 }],
}
const empty: PriceBook = {
  ...defaultBook,
  technologies: [],
  materials: [],
  finishes: [],
  quantityBreaks: [],
}

describe.each([
  ['en', en],
  ['ru', ru],
] as const)('what is wrong in a book, in %s,', (language, words) => {
  beforeAll(async () => {
    await i18next.init({
      lng: language,
      resources: { [language]: { translation: words } },
      interpolation: { escapeValue: false },
    })
  })

  it.each([
    ['wrong', wrong],
    ['empty', empty],
  ])('is said at each place of a book that is %s', (_, book) => {
    const places = [...new Set(checkBook(book).map(({ path }) => fieldOf(path)))]
    const troubles = troublesOf(book)
    expect(Object.keys(troubles)).toEqual(places)
    for (const text of Object.values(troubles)) expect(text).not.toMatch(/^$|prices\.|{{/)
  })

  it('names the pieces that have no price', () => {
    const text = troublesOf(wrong)['quantityBreaks.1.from']
    expect(text).toContain('5')
    expect(text).toContain('6')
  })
})

it('is found on the tab where it stands', () => {
  expect(
    ['technologies.0.setup', 'materials.1.colors.0.hex', 'quantityBreaks', 'vat.percent'].map(tabOf),
  ).toEqual(['technologies', 'materials', 'quantities', 'general'])
})
