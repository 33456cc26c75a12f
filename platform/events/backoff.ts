/** When to try again: exponential backoff with full jitter, so that what failed together does not return together. */

export interface Backoff {
  /** Upper bound of the first wait, in milliseconds. */
  readonly baseMs: number
  /** No wait is longer, in milliseconds. */
  readonly capMs: number
  /** How much each bound grows over the one before. */
  readonly factor: number
}

/** Eight attempts spread over about forty minutes: long enough for a mail server to come back. */
export const defaultBackoff: Backoff = { baseMs: 1_000, capMs: 3_600_000, factor: 4 }

/**
 * Milliseconds to wait after attempt number `attempt` (1 is the first) has failed. `random` is from [0, 1).
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("full jitter").
 */
export function backoffMs(attempt: number, random: number, backoff: Backoff = defaultBackoff): number {
  const bound = Math.min(backoff.capMs, backoff.baseMs * backoff.factor ** Math.max(0, attempt - 1))
  return Math.floor(bound * random)
}
