/** What a price book is made of: the shape of `PriceBook` in `workshop/price/book.ts`; `check-book.ts` checks the rest. */
import { type TSchema, Type } from '@pleiad/platform/contract'
import type { PriceBook } from '@pleiad/workshop/price/book'

const MAX = 1_000_000_000

const closed = <const P extends Record<string, TSchema>>(fields: P, description: string) =>
  Type.Object(fields, { additionalProperties: false, description })
const text = (description: string, maxLength = 100) => Type.String({ maxLength, description })
const id = (description: string) => Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$', description })
const minor = (description: string) =>
  Type.Integer({ minimum: 0, maximum: MAX, description: `${description}, minor units` })
const mm = (description: string) =>
  Type.Number({ minimum: 0, maximum: 100_000, description: `${description}, mm` })
const words = (description: string, maxLength = 100) =>
  closed({ en: text('In English', maxLength), ru: text('In Russian', maxLength) }, description)
const technology = Type.Enum(['fdm', 'sla', 'sls'], { description: 'Technology' })

const shape = closed(
  {
    currency: text('ISO 4217 code', 3),
    technologies: Type.Array(
      closed(
        {
          id: technology,
          names: words('Name'),
          machinePerHour: minor('One hour of a machine'),
          setup: minor('Once for each line of an order'),
          minPrice: minor('A line of an order never costs less'),
          layerHeightsMm: Type.Array(mm('Height of a layer'), {
            maxItems: 50,
            description: 'Ascending',
          }),
          infill: Type.Optional(
            closed(
              {
                min: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent' }),
                max: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent' }),
              },
              'For technologies that fill a part sparsely',
            ),
          ),
          maxSizeMm: closed(
            { x: mm('Width'), y: mm('Depth'), z: mm('Height') },
            'The largest part that can be made',
          ),
          minWallMm: mm('A thinner wall does not come out'),
        },
        'A technology',
      ),
      { maxItems: 3, description: 'Technologies' },
    ),
    materials: Type.Array(
      closed(
        {
          id: id('Short name of the material'),
          technology,
          names: words('Name'),
          about: words('What it is good for', 1000),
          price: closed(
            {
              per: Type.Enum(['kg', 'l'], { description: 'What it is bought by' }),
              amount: minor('Price of a kilogram or litre'),
            },
            'What it costs',
          ),
          densityGCm3: Type.Number({ minimum: 0, maximum: 100, description: 'g/cm³' }),
          colors: Type.Array(
            closed(
              {
                id: id('Short name of the colour'),
                names: words('Name'),
                hex: Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description: 'How it looks' }),
              },
              'A colour',
            ),
            { maxItems: 100, description: 'Colours' },
          ),
          finishes: Type.Array(id('A finish of the book'), {
            maxItems: 50,
            description: 'Finishes it can have',
          }),
        },
        'A material',
      ),
      { maxItems: 200, description: 'Materials' },
    ),
    finishes: Type.Array(
      closed(
        {
          id: id('Short name of the finish'),
          names: words('Name'),
          fixed: minor('For one piece'),
          perCm2: Type.Number({
            minimum: 0,
            maximum: MAX,
            description: 'For one cm² of a piece, minor units; may have a fraction',
          }),
        },
        'A finish',
      ),
      { maxItems: 50, description: 'Finishes' },
    ),
    quantityBreaks: Type.Array(
      closed(
        {
          from: Type.Integer({ minimum: 1, maximum: 10_000, description: 'First piece' }),
          to: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Last piece' }),
          percentOff: Type.Number({ minimum: 0, maximum: 100, description: 'Percent off' }),
        },
        'Pieces from one number to another cost less',
      ),
      { maxItems: 100, description: 'Together they cover 1 to 10,000 once' },
    ),
    rushFactor: Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'What is made out of turn costs so many times as much',
    }),
    vat: closed(
      {
        percent: Type.Number({ minimum: 0, maximum: 100, description: 'Percent' }),
        included: Type.Boolean({ description: 'The amounts of the book have it within' }),
      },
      'Value added tax',
    ),
    roundTo: Type.Integer({
      minimum: 1,
      maximum: MAX,
      description: 'Totals are rounded up to a multiple of this, minor units',
    }),
  },
  'A price book',
)

export const BookContent = Type.Unsafe<PriceBook>(shape)
