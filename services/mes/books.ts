/** The price book: what of it others see, what changed between two of them. */
import type { PriceBook } from '@pleiad/workshop/price/book'
import type { BookInfo, Catalogue } from './contract.ts'

export const MAX_DRAFTS = 50
const MAX_PATHS = 100
const FURTHEST_MS = 2 * 366 * 86_400_000

export interface Period {
  readonly from: Date
  /** When the next period begins; null: there is none. */
  readonly until: Date | null
}

export interface StoredBook {
  readonly version: number
  readonly note: string
  readonly revision: number
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly publishedAt: Date | null
  readonly publishedBy: string | null
  readonly periods: readonly Period[]
}

const holds = (now: Date) => (period: Period) =>
  period.from <= now && (period.until === null || period.until > now)

export function viewBook(stored: StoredBook, now: Date): BookInfo {
  const { version, note, revision, periods } = stored
  const alive = periods.some(({ until }) => until === null || until > now)
  return {
    version,
    state: stored.publishedAt === null ? 'draft' : alive ? 'published' : 'superseded',
    inForce: periods.some(holds(now)),
    note,
    periods: periods.map(({ from, until }) => ({
      from: from.toISOString(),
      ...(until ? { until: until.toISOString() } : {}),
    })),
    revision,
    createdAt: stored.createdAt.toISOString(),
    ...(stored.createdBy ? { createdBy: stored.createdBy } : {}),
    ...(stored.publishedAt ? { publishedAt: stored.publishedAt.toISOString() } : {}),
    ...(stored.publishedBy ? { publishedBy: stored.publishedBy } : {}),
  }
}

/** Why a book cannot be in force in this time; undefined when it can. */
export function checkPeriod(from: Date, until: Date | undefined, now: Date): string | undefined {
  if (from < now)
    return 'It cannot begin in the past: prices have been given since. Leave validFrom out to begin now.'
  if (from.getTime() > now.getTime() + FURTHEST_MS) return 'It begins more than two years from now.'
  if (until && until <= from) return 'It ends before it begins.'
  return undefined
}

/** What a catalogue needs of a book: no amounts. */
export function catalogueOf(version: number, book: PriceBook, from: Date, until: Date | null): Catalogue {
  return {
    version,
    currency: book.currency,
    validFrom: from.toISOString(),
    ...(until ? { validUntil: until.toISOString() } : {}),
    technologies: book.technologies.map(({ id, names, layerHeightsMm, infill, maxSizeMm }) => ({
      id,
      names: wordsOf(names),
      layerHeightsMm: [...layerHeightsMm],
      ...(infill ? { infill: { min: infill.min, max: infill.max } } : {}),
      maxSizeMm: { x: maxSizeMm.x, y: maxSizeMm.y, z: maxSizeMm.z },
    })),
    materials: book.materials.map(({ id, technology, names, about, colors, densityGCm3, finishes }) => ({
      id,
      technology,
      names: wordsOf(names),
      about: wordsOf(about),
      colors: colors.map((color) => ({ id: color.id, names: wordsOf(color.names), hex: color.hex })),
      densityGCm3,
      finishes: [...finishes],
    })),
    finishes: book.finishes.map(({ id, names }) => ({ id, names: wordsOf(names) })),
  }
}

const wordsOf = ({ en, ru }: { readonly en: string; readonly ru: string }) => ({ en, ru })

/** JSON pointers to what differs, at most a hundred; what was added or removed is named whole. */
export function changedPaths(before: unknown, after: unknown): string[] {
  const found: string[] = []
  const compare = (one: unknown, other: unknown, at: string): void => {
    if (found.length >= MAX_PATHS || one === other) return
    if (!isTree(one) || !isTree(other) || Array.isArray(one) !== Array.isArray(other)) {
      found.push(at)
      return
    }
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)]))
      compare(one[name], other[name], `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  }
  compare(before, after, '')
  return found
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** A place as checks of the book name it (`materials[2].technology`), as a JSON pointer into the request. */
export function pointerOf(path: string): string {
  const parts = path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter(Boolean)
  return ['/body/book', ...parts].join('/')
}
