/** The type of one file of routes, and pages of lists. */
import type { Operation, ReturnsOf } from '@pleiad/platform/contract'
import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import type { Call } from '@pleiad/platform/service'

export type Part<O extends Readonly<Record<string, Operation>>> = {
  readonly [K in keyof O]: (call: Call<O[K]>) => Promise<ReturnsOf<O[K]>>
}

/** Cuts the row that only tells that there is a next page, and names where that page begins. */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
  cursorOf: (row: Row) => readonly (string | number)[],
): { items: Item[]; next?: string } {
  const page = rows.slice(0, limit)
  return {
    items: page.map(view),
    ...(rows.length > limit ? { next: encodeCursor(cursorOf(page.at(-1)!)) } : {}),
  }
}

/** Where a page starts that is ordered by a time and an id. */
export function placeFrom(cursor: string | undefined): { at: string; id: string } | undefined {
  if (cursor === undefined) return undefined
  const [at, id] = decodeCursor(cursor, 2)
  return { at: String(at), id: String(id) }
}
