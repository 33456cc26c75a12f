/** Examples for documents and the permission matrix. */
export const requestId = '01938a5e-7c00-7000-8000-0000000000a1'
export const modelId = '01938a5e-7c00-7000-8000-0000000000d1'
export const ownerId = '01938a5e-7c00-7000-8000-0000000000c1'

export const options = {
  technology: 'fdm',
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  infillPercent: 20,
  supports: 'auto',
  finish: 'as-made',
  quantity: 2,
} as const

export const requested = { requestId, source: 'shop', modelId, version: 1, ownerId } as const

export const catalogue = {
  version: 1,
  currency: 'EUR',
  validFrom: '2026-01-05T09:00:00.000Z',
  technologies: [
    {
      id: 'fdm',
      names: { en: 'FDM', ru: 'FDM' },
      layerHeightsMm: [0.1, 0.2, 0.3],
      infill: { min: 0, max: 100 },
      maxSizeMm: { x: 250, y: 210, z: 220 },
    },
  ],
  materials: [
    {
      id: 'pla',
      technology: 'fdm',
      names: { en: 'PLA', ru: 'PLA' },
      about: { en: 'Stiff and easy to print.', ru: 'Жёсткий и простой в печати.' },
      colors: [{ id: 'white', names: { en: 'White', ru: 'Белый' }, hex: '#ffffff' }],
      densityGCm3: 1.24,
      finishes: ['as-made'],
    },
  ],
  finishes: [{ id: 'as-made', names: { en: 'As made', ru: 'Без обработки' } }],
}

/** A book of the right shape that nothing can be priced from. */
export const anyBook = {
  currency: 'EUR',
  technologies: [],
  materials: [],
  finishes: [],
  quantityBreaks: [{ from: 1, to: 10_000, percentOff: 0 }],
  rushFactor: 1.5,
  vat: { percent: 20, included: true },
  roundTo: 1,
}
