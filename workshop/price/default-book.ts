/** The book that a new workshop begins with: plausible prices of a small European shop, to be edited. Amounts are cents. */
import type { ColorOption, PriceBook } from './book.ts'

const black: ColorOption = { id: 'black', names: { en: 'Black', ru: 'Чёрный' }, hex: '#1d1d1f' }
const white: ColorOption = { id: 'white', names: { en: 'White', ru: 'Белый' }, hex: '#f4f4f2' }
const grey: ColorOption = { id: 'grey', names: { en: 'Grey', ru: 'Серый' }, hex: '#8a8d91' }
const red: ColorOption = { id: 'red', names: { en: 'Red', ru: 'Красный' }, hex: '#c8322b' }
const blue: ColorOption = { id: 'blue', names: { en: 'Blue', ru: 'Синий' }, hex: '#2458b8' }
const clear: ColorOption = { id: 'clear', names: { en: 'Clear', ru: 'Прозрачный' }, hex: '#dfe8ea' }

export const defaultBook: PriceBook = {
  currency: 'EUR',
  technologies: [
    {
      id: 'fdm',
      names: { en: 'Filament printing (FDM)', ru: 'Печать пластиком (FDM)' },
      machinePerHour: 250,
      setup: 400,
      minPrice: 800,
      layerHeightsMm: [0.1, 0.15, 0.2, 0.3],
      infill: { min: 0, max: 100 },
      maxSizeMm: { x: 250, y: 210, z: 210 },
      minWallMm: 0.4,
    },
    {
      id: 'sla',
      names: { en: 'Resin printing (SLA)', ru: 'Печать смолой (SLA)' },
      machinePerHour: 450,
      setup: 900,
      minPrice: 1500,
      layerHeightsMm: [0.025, 0.05, 0.1],
      maxSizeMm: { x: 192, y: 120, z: 245 },
      minWallMm: 0.3,
    },
    {
      id: 'sls',
      names: { en: 'Powder sintering (SLS)', ru: 'Спекание порошка (SLS)' },
      machinePerHour: 1900,
      setup: 1200,
      minPrice: 2500,
      layerHeightsMm: [0.1, 0.12],
      maxSizeMm: { x: 320, y: 320, z: 600 },
      minWallMm: 0.7,
    },
  ],
  materials: [
    {
      id: 'pla',
      technology: 'fdm',
      names: { en: 'PLA', ru: 'PLA' },
      about: {
        en: 'Stiff and exact, for models and parts that stay cool (up to 55 °C).',
        ru: 'Жёсткий и точный: макеты и детали, которые не нагреваются (до 55 °C).',
      },
      price: { per: 'kg', amount: 4500 },
      densityGCm3: 1.24,
      colors: [black, white, grey, red, blue],
      finishes: ['as-made', 'sanded', 'painted'],
    },
    {
      id: 'petg',
      technology: 'fdm',
      names: { en: 'PETG', ru: 'PETG' },
      about: {
        en: 'Tough, stands water and 75 °C: brackets, boxes, parts of devices.',
        ru: 'Прочный, держит воду и 75 °C: кронштейны, корпуса, детали приборов.',
      },
      price: { per: 'kg', amount: 5200 },
      densityGCm3: 1.27,
      colors: [black, white, clear],
      finishes: ['as-made', 'sanded'],
    },
    {
      id: 'resin-standard',
      technology: 'sla',
      names: { en: 'Standard resin', ru: 'Стандартная смола' },
      about: {
        en: 'Smooth, with the finest details, for figures and visible parts.',
        ru: 'Гладкая, с мельчайшими деталями: фигурки и видимые детали.',
      },
      price: { per: 'l', amount: 14000 },
      densityGCm3: 1.12,
      colors: [grey, white, clear],
      finishes: ['as-made', 'sanded', 'painted'],
    },
    {
      id: 'pa12',
      technology: 'sls',
      names: { en: 'Nylon PA12', ru: 'Полиамид PA12' },
      about: {
        en: 'Strong and a little elastic, any shape without supports: working parts.',
        ru: 'Прочный и чуть упругий, любая форма без поддержек: рабочие детали.',
      },
      price: { per: 'kg', amount: 9500 },
      densityGCm3: 1.01,
      colors: [white, black],
      finishes: ['as-made', 'dyed'],
    },
  ],
  finishes: [
    { id: 'as-made', names: { en: 'As made', ru: 'Без обработки' }, fixed: 0, perCm2: 0 },
    { id: 'sanded', names: { en: 'Sanded', ru: 'Шлифовка' }, fixed: 300, perCm2: 6 },
    { id: 'painted', names: { en: 'Painted', ru: 'Покраска' }, fixed: 600, perCm2: 12 },
    { id: 'dyed', names: { en: 'Dyed', ru: 'Окрашивание в массе' }, fixed: 200, perCm2: 1.5 },
  ],
  quantityBreaks: [
    { from: 1, to: 4, percentOff: 0 },
    { from: 5, to: 19, percentOff: 5 },
    { from: 20, to: 99, percentOff: 10 },
    { from: 100, to: 10_000, percentOff: 18 },
  ],
  rushFactor: 1.5,
  vat: { percent: 20, included: true },
  roundTo: 10,
}
