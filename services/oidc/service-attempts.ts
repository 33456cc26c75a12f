/** Counting attempts before they are checked, with the same answer for accounts that do not exist. */

import { networkOf, type Policy, perIdentifier, perOrigin, perProof } from '@pleiad/platform/lockout'
import type { Tx } from '@pleiad/platform/store'
import type { Issuer } from './issuers.ts'
import { keyedHash } from './secrets.ts'
import type { AnyCall, Own } from './service-own.ts'
import { countAttempt, forgetAttempts } from './store-signin.ts'

/** What an attempt is counted under; forgotten when it succeeds. */
export type Counted = readonly Buffer[]

type Guarded = AnyCall & {
  readonly fail: (code: 'tryLater', detail?: string, extensions?: Record<string, unknown>) => never
}

/** Counts an attempt to sign in to an issuer with this address, from this network and from everywhere. */
export async function countSignInAttempt(
  call: Guarded,
  own: Own,
  issuer: Issuer,
  email: string,
): Promise<Counted> {
  const network = networkOf(call.request.ip)
  const here = keyedHash(own.keys.throttle, 'signIn', issuer.issuerId, email, network)
  const everywhere = keyedHash(own.keys.throttle, 'signIn', issuer.issuerId, email)
  await count(call, [
    [here, perOrigin],
    [everywhere, perIdentifier],
  ])
  // Only this network's count is forgotten: one success must not reset what a botnet has used up.
  return [here]
}

/** Counts an attempt at something else, such as a code or a mail, or ends the call with `tryLater`. */
export async function countOther(
  call: Guarded,
  own: Own,
  issuer: Issuer,
  what: string,
  id: string,
): Promise<Counted> {
  const key = keyedHash(own.keys.throttle, what, issuer.issuerId, id)
  await count(call, [[key, perProof]])
  return [key]
}

export async function forget(tx: Tx, counted: Counted): Promise<void> {
  await forgetAttempts(tx, counted)
}

async function count(call: Guarded, limits: [Buffer, Policy][]): Promise<void> {
  // Rows are locked in one order, whoever comes: two attempts cannot wait for each other.
  const sorted = limits.toSorted(([a], [b]) => Buffer.compare(a, b))
  const attempts = await call.transact(async (tx) => {
    const results = []
    for (const [key, policy] of sorted) results.push(await countAttempt(tx, key, policy, call.now()))
    return results
  })
  const waits = attempts.map((result) => (result.kind === 'blocked' ? result.retryAfterMs : 0))
  const retryAfter = Math.ceil(Math.max(...waits) / 1000)
  if (retryAfter === 0) return
  call.count('oidc_attempts_delayed_total')
  call.answer.header('retry-after', String(retryAfter))
  call.fail('tryLater', undefined, { retryAfter })
}
