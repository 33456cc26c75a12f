/** Deliveries: when one is tried again, what an answer means. */
import type { Delivery } from './contract.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Nothing is tried longer than this after it was first sent, or sent again by hand. */
export const GIVE_UP_AFTER_MS = 24 * HOUR

/** Waits before the second, third... attempt of a run; the last one repeats. */
const waits = [
  10 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
]

/** A delivery as it is stored. */
export interface StoredDelivery {
  readonly deliveryId: string
  readonly endpointId: string
  readonly messageId: string
  readonly projectId: string
  readonly environment: string
  readonly type: string
  readonly state: Delivery['state']
  readonly attempts: number
  readonly createdAt: Date
  readonly begunAt: Date
  readonly runAttempts: number
  readonly nextAttemptAt: Date | null
  readonly deliveredAt: Date | null
  readonly lastStatus: number | null
  readonly lastError: string | null
}

/**
 * When to try again after the `attempts`-th attempt of a run failed; undefined: give up. `random` in [0, 1) spreads the
 * waits by a tenth, so that deliveries that failed together do not come back together.
 */
export function nextAttempt(begunAt: Date, attempts: number, now: Date, random: number): Date | undefined {
  const wait = waits[Math.min(attempts, waits.length) - 1]!
  const at = now.getTime() + wait * (0.9 + 0.2 * random)
  return at - begunAt.getTime() > GIVE_UP_AFTER_MS ? undefined : new Date(at)
}

/** What came of an attempt. A redirect is no success: the address to use must be configured, not followed. */
export function outcomeOf(status: number | undefined): 'delivered' | 'gone' | 'failed' {
  if (status === 410) return 'gone'
  return status !== undefined && status >= 200 && status < 300 ? 'delivered' : 'failed'
}

/** Why an answer does not count, for the log. */
export function explainStatus(status: number): string {
  if (status >= 300 && status < 400)
    return `The endpoint redirects (${status}). Configure the address it redirects to.`
  if (status === 401 || status === 403)
    return `The endpoint refuses (${status}). Check that it lets requests in and that it has the right signing secret.`
  if (status === 404 || status === 405)
    return `There is no endpoint that takes POST at this address (${status}).`
  if (status === 410) return 'The endpoint says that it is gone for good (410).'
  return `The endpoint answered ${status}.`
}

/** The body of a message: what is signed and sent. */
export function bodyOf(message: {
  readonly messageId: string
  readonly type: string
  readonly at: Date
  readonly projectId: string
  readonly environment: string
  readonly data: unknown
}): string {
  const { messageId, type, at, projectId, environment, data } = message
  return JSON.stringify({ id: messageId, type, timestamp: at.toISOString(), projectId, environment, data })
}

/** As members see it. */
export function viewDelivery(stored: StoredDelivery): Delivery {
  const { deliveryId, endpointId, messageId, type, state, attempts } = stored
  return {
    deliveryId,
    endpointId,
    messageId,
    type,
    state,
    attempts,
    createdAt: stored.createdAt.toISOString(),
    ...(stored.nextAttemptAt && state === 'waiting'
      ? { nextAttemptAt: stored.nextAttemptAt.toISOString() }
      : {}),
    ...(stored.deliveredAt ? { deliveredAt: stored.deliveredAt.toISOString() } : {}),
    ...(stored.lastStatus === null ? {} : { lastStatus: stored.lastStatus }),
    ...(stored.lastError === null ? {} : { lastError: stored.lastError }),
  }
}
