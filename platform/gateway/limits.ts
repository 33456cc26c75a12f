/**
 * Rate limits by GCRA, the generic cell rate algorithm (ITU-T I.371; "leaky bucket as a meter"): one number per key,
 * the theoretical arrival time (TAT) of the next request that conforms. Times are whole microseconds.
 *
 * Headers: `RateLimit` and `RateLimit-Policy` (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).
 */
import type { RateClass } from '../contract/contract.ts'
import { PROOF_WINDOW_SECONDS } from '../identity/proofs.ts'

export interface Rate {
  /** Requests that may come at once, and in each window in the long run. */
  readonly limit: number
  readonly windowSeconds: number
}

export interface Decision {
  readonly allowed: boolean
  /** Requests that would be allowed now. */
  readonly remaining: number
  /** Seconds until the next request is allowed (refused ones) or the whole budget is back. */
  readonly seconds: number
}

/** Where arrival times live. In process by default; a shared one (Redis) answers with a promise. */
export interface RateStore {
  take(key: string, intervalUs: number, limit: number, nowUs: number): Decision | Promise<Decision>
}

/**
 * Keeps at most `capacity` keys, the least recently seen go first. A key that was pushed out starts with a full
 * budget, so `capacity` must exceed the number of addresses an attacker can use within one window.
 */
export function createMemoryStore(capacity = 100_000): RateStore & { readonly size: () => number } {
  const arrivals = new Map<string, number>()
  /** The key at the end of the map, which need not be moved there. */
  let latest: string | undefined
  return {
    size: () => arrivals.size,
    take: (key, intervalUs, limit, nowUs) => {
      const burst = intervalUs * limit
      const known = arrivals.get(key) ?? nowUs
      // Never further ahead than a full burst: a clock that was set back must not lock anybody out for long.
      if (known > nowUs + burst) arrivals.set(key, nowUs + burst)
      const arrival = Math.min(Math.max(known, nowUs), nowUs + burst)
      const next = arrival + intervalUs
      const ahead = next - nowUs
      if (ahead > burst) return { allowed: false, remaining: 0, seconds: Math.ceil((ahead - burst) / 1e6) }
      if (key !== latest) arrivals.delete(key)
      latest = key
      arrivals.set(key, next)
      if (arrivals.size > capacity) arrivals.delete(arrivals.keys().next().value!)
      return {
        allowed: true,
        remaining: Math.floor((burst - ahead) / intervalUs),
        seconds: Math.ceil(ahead / 1e6),
      }
    },
  }
}

export interface Limiter {
  /** Its name as a structured-field string, quotes included. */
  readonly name: string
  /** Value of `RateLimit-Policy`. */
  readonly policy: string
  readonly take: (key: string, nowMs: number) => Decision | Promise<Decision>
}

/** A limiter named `name`; undefined when `rate.limit` is 0, which means no limit. */
export function createLimiter(
  name: string,
  rate: Rate,
  store: RateStore = createMemoryStore(),
): Limiter | undefined {
  if (rate.limit <= 0) return undefined
  const intervalUs = Math.ceil((rate.windowSeconds * 1e6) / rate.limit)
  return {
    name: `"${name}"`,
    policy: `"${name}";q=${rate.limit};w=${rate.windowSeconds}`,
    take: (key, nowMs) => store.take(key, intervalUs, rate.limit, Math.round(nowMs * 1000)),
  }
}

export interface ClassLimits {
  readonly address: Limiter | undefined
  readonly person: Limiter | undefined
  /** Of a program that acts for itself. While its token is known it is counted by this alone, and not by its address. */
  readonly program: Limiter | undefined
}

export interface LimitSettings {
  /** Requests per minute and person; an address gets five times as many, for people often share one. 0: no limit. */
  readonly RATE_LIMIT?: number
  /** Requests to operations of class `auth` per hour and person. 0: no limit. */
  readonly AUTH_RATE_LIMIT?: number
  /**
   * The same per address, before it is known who asks: wider, for an office stands behind one address, and services limit
   * what is tried at one account. Ten times AUTH_RATE_LIMIT if not set. 0: no limit.
   */
  readonly AUTH_ADDRESS_RATE_LIMIT?: number | undefined
  /** Requests to operations of class `heavy` per minute and person; an address gets twice as many. 0: no limit. */
  readonly HEAVY_RATE_LIMIT?: number
  /** Requests per minute and program: a project key or a machine's token. 0: no limit. */
  readonly PROGRAM_RATE_LIMIT?: number
}

/** The limiters of each class. */
export function createLimits(
  settings: LimitSettings,
  newStore: (name: string) => RateStore = () => createMemoryStore(),
): Readonly<Record<RateClass, ClassLimits>> & { readonly raw: Limiter | undefined } {
  const { RATE_LIMIT = 600, AUTH_RATE_LIMIT = 100, HEAVY_RATE_LIMIT = RATE_LIMIT === 0 ? 0 : 60 } = settings
  const { AUTH_ADDRESS_RATE_LIMIT = AUTH_RATE_LIMIT * 10 } = settings
  const { PROGRAM_RATE_LIMIT = RATE_LIMIT === 0 ? 0 : 12_000 } = settings
  const limiter = (name: string, limit: number, windowSeconds: number) =>
    createLimiter(name, { limit, windowSeconds }, newStore(name))
  const pair = (name: string, person: number, address: number, windowSeconds: number): ClassLimits => {
    const each = limiter(`${name}-person`, person, windowSeconds)
    return { address: limiter(`${name}-address`, address, windowSeconds), person: each, program: each }
  }
  return {
    default: {
      ...pair('default', RATE_LIMIT, RATE_LIMIT * 5, 60),
      program: limiter('default-program', PROGRAM_RATE_LIMIT, 60),
    },
    auth: pair('auth', AUTH_RATE_LIMIT, AUTH_ADDRESS_RATE_LIMIT, 3600),
    heavy: pair('heavy', HEAVY_RATE_LIMIT, HEAVY_RATE_LIMIT * 2, 60),
    // Protocols of their own know only later who asks; most who ask much are servers.
    raw: limiter('raw-address', RATE_LIMIT === 0 ? 0 : Math.max(RATE_LIMIT * 5, PROGRAM_RATE_LIMIT), 60),
  }
}

/**
 * Remembers proofs of possession for as long as they could come again, as a budget of one: with a shared store no other
 * process takes one either.
 */
export function createProofs(
  newStore: (name: string) => RateStore = () => createMemoryStore(500_000),
): Limiter {
  const rate = { limit: 1, windowSeconds: 2 * PROOF_WINDOW_SECONDS }
  return createLimiter('proofs', rate, newStore('proofs'))!
}

/** What an address counts as: an IPv6 customer has a whole /64, so the limit is by that. */
export function addressKey(ip: string): string {
  if (!ip.includes(':')) return ip
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)
  if (mapped) return mapped[1]!
  const [head = '', tail] = ip.split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
