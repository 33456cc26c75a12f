import { defaultBook } from '@pleiad/workshop/price/default-book'
import { describe, expect, it } from 'vitest'
import { differencesOf } from './differences.ts'

describe('differences of two price books', () => {
  it('are none between a book and its copy', () => {
    expect(differencesOf(defaultBook, structuredClone(defaultBook))).toEqual([])
  })

  it('name a changed price by its material, wherever it stands', () => {
    const [pla, ...others] = defaultBook.materials
    const dearer = { ...pla!, price: { ...pla!.price, amount: 9900 } }
    expect(differencesOf(defaultBook, { ...defaultBook, materials: [...others, dearer] })).toEqual([
      {
        steps: [
          { field: 'materials' },
          { id: 'pla', names: pla!.names },
          { field: 'price' },
          { field: 'amount' },
        ],
        before: 4500,
        after: 9900,
      },
    ])
  })

  it('name what is new or gone as a whole', () => {
    const [, ...rest] = defaultBook.materials
    const found = differencesOf(defaultBook, { ...defaultBook, materials: rest })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ steps: [{ field: 'materials' }, { id: 'pla' }] })
    expect('after' in found[0]!).toBe(false)
  })

  it('name breaks by their place, and lists of numbers as one', () => {
    const [first, ...breaks] = defaultBook.quantityBreaks
    const [fdm, ...technologies] = defaultBook.technologies
    const found = differencesOf(defaultBook, {
      ...defaultBook,
      quantityBreaks: [{ ...first!, to: 3 }, { ...breaks[0]!, from: 4 }, ...breaks.slice(1)],
      technologies: [{ ...fdm!, layerHeightsMm: [0.2] }, ...technologies],
    })
    expect(found.map(({ steps }) => steps.map((step) => Object.values(step)[0]).join('.'))).toEqual([
      'technologies.fdm.layerHeightsMm',
      'quantityBreaks.1.to',
      'quantityBreaks.2.from',
    ])
  })
})
