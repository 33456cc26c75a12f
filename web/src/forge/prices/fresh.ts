/** What a new part of the book begins with: names are to be filled in, numbers are plausible. */
import type {
  ColorOption,
  FinishPrice,
  MaterialPrice,
  PriceBook,
  Technology,
  TechnologyPrice,
} from '@pleiad/workshop/price/book'

const unnamed = { en: '', ru: '' }

/** `word`, or `word-2` and so on: the first that is not taken. */
export function freshId(word: string, taken: readonly { readonly id: string }[]): string {
  for (let count = 1; ; count++) {
    const id = count === 1 ? word : `${word}-${count}`
    if (!taken.some((other) => other.id === id)) return id
  }
}

export function freshTechnology(id: Technology): TechnologyPrice {
  return {
    id,
    names: unnamed,
    machinePerHour: 0,
    setup: 0,
    minPrice: 0,
    layerHeightsMm: [0.1],
    ...(id === 'fdm' ? { infill: { min: 10, max: 100 } } : {}),
    maxSizeMm: { x: 200, y: 200, z: 200 },
    minWallMm: 0.5,
  }
}

export function freshMaterial(book: PriceBook): MaterialPrice {
  const technology = book.technologies[0]?.id ?? 'fdm'
  return {
    id: freshId('material', book.materials),
    technology,
    names: unnamed,
    about: unnamed,
    price: { per: technology === 'sla' ? 'l' : 'kg', amount: 0 },
    densityGCm3: 1.2,
    colors: [freshColor([])],
    finishes: book.finishes.slice(0, 1).map(({ id }) => id),
  }
}

export function freshColor(colors: readonly ColorOption[]): ColorOption {
  return { id: freshId('color', colors), names: unnamed, hex: '#8a8d91' }
}

export function freshFinish(book: PriceBook): FinishPrice {
  return { id: freshId('finish', book.finishes), names: unnamed, fixed: 0, perCm2: 0 }
}
