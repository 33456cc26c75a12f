/** Who has changed something lately, so that they read from the primary what they have written. */

/** Callers that are remembered: a hundred bytes each, and more than one process lets change something in a minute. */
const REMEMBERED = 10_000

export interface Changes {
  readonly note: (caller: string) => void
  /** Milliseconds since the caller's last change, at least. */
  readonly sinceMs: (caller: string) => number
}

/** @param now monotonic, in milliseconds. */
export function createChanges(now: () => number, remembered = REMEMBERED): Changes {
  // The order is that of their last changes.
  const last = new Map<string, number>()
  // When the youngest change was that nobody remembers whose it was: it may be anybody's.
  let forgotten = Number.NEGATIVE_INFINITY
  return {
    note: (caller) => {
      last.delete(caller)
      last.set(caller, now())
      if (last.size <= remembered) return
      const [oldest, at] = last.entries().next().value!
      last.delete(oldest)
      forgotten = at
    },
    sinceMs: (caller) => now() - (last.get(caller) ?? forgotten),
  }
}
