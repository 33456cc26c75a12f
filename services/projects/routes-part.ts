/** The type of one file of routes: those operations of the contract that it answers. */
import type { Operation, ReturnsOf } from '@pleiad/platform/contract'
import type { Call } from '@pleiad/platform/service'
import type { Own } from './service-own.ts'

export type Part<O extends Readonly<Record<string, Operation>>> = (own: Own) => {
  readonly [K in keyof O]: (call: Call<O[K]>) => Promise<ReturnsOf<O[K]>>
}

/** Cuts the row that only tells that there is a next page, and names where that page begins. */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): { items: Item[]; next?: string } {
  const page = rows.slice(0, limit)
  return { items: page.map(view), ...(rows.length > limit ? { next: cursorOf(page.at(-1)!) } : {}) }
}
