/**
 * Slowing down guesses. An attempt is counted before it is checked, and a success forgets the count: so a thousand
 * guesses at once are no better than one after another. Delays grow and end: nobody is locked out for good.
 */

export interface Policy {
  /** Attempts without delay. */
  readonly free: number
  /** The first delay; it doubles with every attempt. */
  readonly baseMs: number
  readonly capMs: number
  /** Without an attempt for this long, the count starts over. */
  readonly forgetMs: number
}

/** For one identifier from one network. */
export const perOrigin: Policy = { free: 5, baseMs: 1000, capMs: 15 * 60_000, forgetMs: 3_600_000 }
/** For one identifier from all networks that it never signed in from: a botnet gets about one guess a minute. */
export const perIdentifier: Policy = { free: 50, baseMs: 1000, capMs: 60_000, forgetMs: 3_600_000 }
/** For codes, links and passwords of somebody who is past the first factor, or by what they prove. */
export const perProof: Policy = { free: 5, baseMs: 2000, capMs: 15 * 60_000, forgetMs: 3_600_000 }

export interface Throttle {
  readonly failures: number
  readonly lastAt: Date
  readonly blockedUntil: Date
}

export type Attempt =
  | { readonly kind: 'blocked'; readonly retryAfterMs: number }
  | { readonly kind: 'counted'; readonly throttle: Throttle }

/** Counts an attempt, or refuses it while a delay runs. A refused attempt does not prolong the delay. */
export function attempt(policy: Policy, before: Throttle | undefined, now: Date): Attempt {
  if (before && before.blockedUntil > now)
    return { kind: 'blocked', retryAfterMs: before.blockedUntil.getTime() - now.getTime() }
  const forgotten = !before || now.getTime() - before.lastAt.getTime() > policy.forgetMs
  const failures = forgotten ? 1 : before.failures + 1
  return {
    kind: 'counted',
    throttle: { failures, lastAt: now, blockedUntil: new Date(now.getTime() + delayMs(policy, failures)) },
  }
}

/** How long to wait after this many attempts. */
export function delayMs(policy: Policy, failures: number): number {
  const over = failures - policy.free
  return over < 0 ? 0 : Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(over, 30))
}

/** The network of an address: itself for IPv4, the /64 for IPv6, because one household holds a whole /64. */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)
  if (mapped) return mapped[1]!
  if (!ip.includes(':')) return ip
  const [head = '', tail = ''] = ip.toLowerCase().split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = ip.includes('::')
    ? [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
