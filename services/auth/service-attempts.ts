/** Counting attempts before they are checked, with the same answer for accounts that do not exist. */

import { networkOf, type Policy, perIdentifier, perOrigin, perProof } from '@pleiad/platform/lockout'
import type { Tx } from '@pleiad/platform/store'
import type { AnyCall, Own } from './service-own.ts'
import { countAttempt, forgetAttempts, isKnownOrigin } from './store-throttles.ts'
import { keyedHash } from './tokens.ts'

/** What an attempt is counted under. `forget` these when it succeeds. */
export interface Counted {
  readonly forget: readonly Buffer[]
  /** Wrong attempts in a row, this one included. */
  readonly failures: number
}

type Guarded = AnyCall & {
  readonly fail: (code: 'tryLater', detail?: string, extensions?: Record<string, unknown>) => never
}

/** Counts an attempt to sign in with this address, or ends the call with `tryLater`. */
export async function countSignIn(call: Guarded, own: Own, email: string): Promise<Counted> {
  const origin = originHash(own, call.request.ip)
  const here = keyedHash(own.keys.throttle, 'signIn', email, networkOf(call.request.ip))
  const known = await isKnownOrigin(call.sql, email, origin)
  const everywhere = keyedHash(own.keys.throttle, 'signIn', email)
  const limits: [Buffer, Policy][] = known
    ? [[here, perOrigin]]
    : [
        [here, perOrigin],
        [everywhere, perIdentifier],
      ]
  // Only this network's count is forgotten: one success must not reset what a botnet has used up.
  return { forget: [here], failures: await count(call, limits) }
}

/** Counts an attempt to prove something about an account that the first factor or a session has named. */
export async function countProof(call: Guarded, own: Own, what: string, id: string): Promise<Counted> {
  const key = keyedHash(own.keys.throttle, what, id)
  return { forget: [key], failures: await count(call, [[key, perProof]]) }
}

export async function forget(tx: Tx, counted: Counted): Promise<void> {
  await forgetAttempts(tx, counted.forget)
}

/** A network, so that it can be recognised but not read. */
export function originHash(own: Own, ip: string): Buffer {
  return keyedHash(own.keys.throttle, 'origin', networkOf(ip))
}

async function count(call: Guarded, limits: [Buffer, Policy][]): Promise<number> {
  // Rows are locked in one order, whoever comes: two attempts cannot wait for each other.
  const sorted = limits.toSorted(([a], [b]) => Buffer.compare(a, b))
  const attempts = await call.transact(async (tx) => {
    const results = []
    for (const [key, policy] of sorted) results.push(await countAttempt(tx, key, policy, call.now()))
    return results
  })
  const waits = attempts.map((result) => (result.kind === 'blocked' ? result.retryAfterMs : 0))
  const retryAfter = Math.ceil(Math.max(...waits) / 1000)
  if (retryAfter > 0) {
    call.count('auth_attempts_delayed_total')
    call.answer.header('retry-after', String(retryAfter))
    call.fail('tryLater', undefined, { retryAfter })
  }
  return Math.max(...attempts.map((result) => (result.kind === 'counted' ? result.throttle.failures : 0)))
}
