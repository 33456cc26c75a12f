/** What of the options a book does not offer is told, each with its place. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultBook } from '../price/default-book.ts'
import { checkOptions, defaultOptions, MAX_QUANTITY, type PrintOptions } from './options.ts'

const fdm = defaultOptions(defaultBook, 'fdm')
const problems = (change: Record<string, unknown>, from = fdm) =>
  checkOptions({ ...from, ...change } as PrintOptions, defaultBook).map(({ path, code }) => `${path} ${code}`)

test('who chooses nothing gets what the book offers, in every technology', () => {
  for (const { id } of defaultBook.technologies)
    expect(checkOptions(defaultOptions(defaultBook, id), defaultBook)).toEqual([])
  expect(defaultOptions(defaultBook)).toEqual(fdm)
  expect(fdm).toMatchObject({ infillPercent: 20, quantity: 1, supports: 'auto' })
  expect(defaultOptions(defaultBook, 'sla').infillPercent).toBe(100)
})

test('a book that offers nothing is an error', () => {
  expect(() => defaultOptions({ ...defaultBook, materials: [] })).toThrow('offers nothing for any technology')
  expect(() => defaultOptions({ ...defaultBook, technologies: [] }, 'sls')).toThrow('offers nothing for sls')
  const bare = defaultBook.materials.map((material) => ({ ...material, finishes: [] }))
  expect(() => defaultOptions({ ...defaultBook, materials: bare }, 'fdm')).toThrow(RangeError)
})

test.each<[change: Record<string, unknown>, problem: string]>([
  [{ technology: 'casting' }, 'technology unknown'],
  [{ material: 'gold' }, 'material unknown'],
  [{ material: 'pa12' }, 'material notForTechnology'],
  [{ color: 'clear' }, 'color notForMaterial'],
  [{ finish: 'dyed' }, 'finish notForMaterial'],
  [{ layerHeightMm: 0.05 }, 'layerHeightMm notForTechnology'],
  [{ infillPercent: 101 }, 'infillPercent outOfRange'],
  [{ infillPercent: 12.5 }, 'infillPercent outOfRange'],
  [{ quantity: 0 }, 'quantity outOfRange'],
  [{ quantity: MAX_QUANTITY + 1 }, 'quantity outOfRange'],
  [{ supports: 'some' }, 'supports unknown'],
])('%j is refused', (change, problem) => {
  expect(problems(change)).toEqual([problem])
})

test('all that is wrong is told at once, with what to choose instead', () => {
  expect(problems({ quantity: 0, layerHeightMm: 1, color: 'pink', finish: 'dyed' })).toEqual([
    'layerHeightMm notForTechnology',
    'quantity outOfRange',
    'color notForMaterial',
    'finish notForMaterial',
  ])
  const [problem] = checkOptions({ ...fdm, material: 'gold' }, defaultBook)
  expect(problem!.message).toContain('pla, petg')
})

test('resin and powder are solid', () => {
  for (const technology of ['sla', 'sls'] as const)
    expect(problems({ infillPercent: 20 }, defaultOptions(defaultBook, technology))).toEqual([
      'infillPercent outOfRange',
    ])
})

test('every whole infill and quantity within its range is taken', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 1, max: MAX_QUANTITY }),
      (infillPercent, quantity) => {
        expect(problems({ infillPercent, quantity })).toEqual([])
      },
    ),
  ))
