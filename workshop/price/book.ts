/** The price book: everything that a price depends on and that is not the part itself, as data that an administrator edits. */

export type Technology = 'fdm' | 'sla' | 'sls'

/** A name in every language of the shop. */
export interface Names {
  readonly en: string
  readonly ru: string
}

/** What a technology costs and what its machines can make. Amounts are integer minor units of the book's currency. */
export interface TechnologyPrice {
  readonly id: Technology
  readonly names: Names
  /** For one hour of a machine. */
  readonly machinePerHour: number
  /** Once for each line of an order: preparing the job, cleaning the machine. */
  readonly setup: number
  /** A line of an order never costs less, before VAT that the book does not include. */
  readonly minPrice: number
  /** Ascending, in mm. */
  readonly layerHeightsMm: readonly number[]
  /** Percent, for technologies that fill a part sparsely. Without it a part is solid. */
  readonly infill?: { readonly min: number; readonly max: number }
  /** The largest part that its largest machine takes, in mm, standing as it is to be made. */
  readonly maxSizeMm: { readonly x: number; readonly y: number; readonly z: number }
  /** A wall thinner than this does not come out, in mm. */
  readonly minWallMm: number
}

export interface ColorOption {
  readonly id: string
  readonly names: Names
  /** `#rrggbb`, for the picture only. */
  readonly hex: string
}

export interface MaterialPrice {
  readonly id: string
  readonly technology: Technology
  readonly names: Names
  readonly about: Names
  /** Integer minor units for a kilogram or a litre, whichever the material is bought by. */
  readonly price: { readonly per: 'kg' | 'l'; readonly amount: number }
  readonly densityGCm3: number
  readonly colors: readonly ColorOption[]
  /** Ids of the finishes it takes. */
  readonly finishes: readonly string[]
}

export interface FinishPrice {
  readonly id: string
  readonly names: Names
  /** For one piece, minor units. */
  readonly fixed: number
  /** For one cm² of the surface of one piece, minor units; may have a fraction. */
  readonly perCm2: number
}

/** The pieces number `from` to `to` of a line (both included) cost `percentOff` less. Pieces before them keep their price. */
export interface QuantityBreak {
  readonly from: number
  readonly to: number
  readonly percentOff: number
}

/** A whole price book. `checkBook` says whether it can be used. */
export interface PriceBook {
  /** ISO 4217. */
  readonly currency: string
  readonly technologies: readonly TechnologyPrice[]
  readonly materials: readonly MaterialPrice[]
  readonly finishes: readonly FinishPrice[]
  /** Together they cover 1 to 10,000 once. */
  readonly quantityBreaks: readonly QuantityBreak[]
  /** What an order that is made out of turn costs, as a multiple: 1.5 is half as much again. */
  readonly rushFactor: number
  readonly vat: { readonly percent: number; readonly included: boolean }
  /** A total is rounded up to a multiple of this many minor units. */
  readonly roundTo: number
}

/** A place of the book that is wrong: `path` as in `materials[2].technology`. */
export interface BookProblem {
  readonly path: string
  readonly code: string
  readonly message: string
}
