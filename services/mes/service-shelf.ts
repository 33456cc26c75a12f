/** Published price books, which never change, kept in memory. */
import { Refusal } from '@pleiad/platform/problem'
import type { Sql } from '@pleiad/platform/store'
import type { PriceBook } from '@pleiad/workshop/price/book'
import { findContent, findInForce, type InForce } from './store-books.ts'

const KEPT = 20

export interface BookInForce extends InForce {
  readonly book: PriceBook
}

export interface Shelf {
  /** The content of a published version. */
  readonly find: (sql: Sql, version: number) => Promise<PriceBook | undefined>
  /** The book that prices are made from at a time. */
  readonly inForce: (sql: Sql, at: Date) => Promise<BookInForce>
}

export function createShelf(): Shelf {
  const kept = new Map<number, PriceBook>()
  const find = async (sql: Sql, version: number) => {
    const known = kept.get(version)
    if (known) return known
    const book = await findContent(sql, version)
    if (!book) return undefined
    kept.set(version, book)
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!)
    return book
  }
  return {
    find,
    inForce: async (sql, at) => {
      const period = await findInForce(sql, at)
      const book = period && (await find(sql, period.version))
      if (!book) throw new Refusal('unavailable', 'There is no price book yet.', {}, { 'retry-after': '5' })
      return { ...period, book }
    },
  }
}
