/** Where two price books differ, as data that a page puts into words. */
import type { Names, PriceBook } from '@pleiad/workshop/price/book'

/** One step on the way to a place: a field, a thing with a name, or the n-th of a list. */
export type Step =
  | { readonly field: string }
  | { readonly id: string; readonly names: Names | undefined }
  | { readonly number: number }

export interface Difference {
  readonly steps: readonly Step[]
  /** Absent: it was not there. */
  readonly before?: unknown
  /** Absent: it is not there any more. */
  readonly after?: unknown
}

interface Thing {
  readonly id: string
  readonly names?: Names
}
type Tree = Readonly<Record<string, unknown>>

/** Things are compared by their ids, so that one that was added in the middle is one difference. */
export function differencesOf(before: PriceBook, after: PriceBook): Difference[] {
  const found: Difference[] = []
  compare(before, after, [], found)
  return found
}

function compare(before: unknown, after: unknown, steps: readonly Step[], found: Difference[]): void {
  if (before === after || JSON.stringify(before) === JSON.stringify(after)) return
  if (isThings(before) && isThings(after)) {
    const ids = new Set([...before, ...after].map(({ id }) => id))
    for (const id of ids) {
      const [one, other] = [before, after].map((list) => list.find((thing) => thing.id === id))
      compare(one, other, [...steps, { id, names: (other ?? one)?.names }], found)
    }
    return
  }
  if (isList(before) && isList(after) && [...before, ...after].some(isTree)) {
    for (let at = 0; at < Math.max(before.length, after.length); at++)
      compare(before[at], after[at], [...steps, { number: at + 1 }], found)
    return
  }
  if (isTree(before) && isTree(after)) {
    for (const field of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(before[field], after[field], [...steps, { field }], found)
    return
  }
  found.push({
    steps,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  })
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isThings = (value: unknown): value is readonly Thing[] =>
  isList(value) && value.length > 0 && value.every((one) => isTree(one) && typeof one['id'] === 'string')
