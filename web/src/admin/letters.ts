/** Settling dead letters: those picked one by one, or all that match, a part of them with each request. */
import type { api } from '../api.ts'

export type DeadLetter = Awaited<ReturnType<typeof api.operations.listDeadLetters>>['items'][number]
export interface LetterFilter {
  readonly service?: string
  readonly consumer?: string
  readonly id?: string
  /** Words of the error. */
  readonly error?: string
}
/** Letters picked by `idOf`, or all that match the filters, also those that are not loaded yet. */
export type Picked = ReadonlySet<string> | 'all'

/** Names one letter: an event may have died in several handlers. */
export const idOf = (letter: DeadLetter): string => `${letter.consumer} ${letter.id}`

/** `picked` after a click on the box of `letter`. `items` are those on the page. */
export function toggled(picked: Picked, letter: DeadLetter, items: readonly DeadLetter[]): Picked {
  const next = new Set(picked === 'all' ? items.map(idOf) : picked)
  if (!next.delete(idOf(letter))) next.add(idOf(letter))
  return next
}

/** The filters that together mean what `picked` means. The server refuses an empty one, so “all” is all of each service. */
export function filtersOf(
  picked: Picked,
  items: readonly DeadLetter[],
  filter: LetterFilter,
  services: readonly string[],
): readonly LetterFilter[] {
  if (picked !== 'all')
    return items.filter((letter) => picked.has(idOf(letter))).map(({ consumer, id }) => ({ consumer, id }))
  return Object.keys(filter).length > 0 ? [filter] : services.map((service) => ({ service }))
}

interface Part {
  /** Settled by this request. */
  readonly count: number
  /** What still matches. */
  readonly left: number
  readonly next?: string
}

/**
 * Asks for the next part until none is left and tells how far it is. The server walks from the latest to the oldest,
 * so a letter that fails again meanwhile is not met again. Resolves with how many were settled.
 */
export async function settleAll(
  act: (cursor: { cursor?: string }) => Promise<Part>,
  tell: (done: number, all: number) => void,
): Promise<number> {
  let done = 0
  let next: string | undefined
  do {
    const part = await act(next ? { cursor: next } : {})
    done += part.count
    // Letters that somebody else is settling right now are left to them.
    next = part.count > 0 ? part.next : undefined
    tell(done, done + part.left)
  } while (next !== undefined)
  return done
}
