/** Keys of programs: `plk_` and 256 random bits, of which only the hash is kept. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export const PREFIX = 'plk_'
const SHAPE = /^plk_[\w-]{43}$/
const MAX_YEARS = 5
/** The time of use is written at most this often. */
export const USE_MS = 60_000

export interface Key {
  readonly keyId: string
  readonly projectId: string
  readonly environment: string
  readonly name: string
  readonly hint: string
  readonly scopes: readonly string[]
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly rotatedAt: Date | null
  /** Until when the secret before the last rotation works. */
  readonly previousUntil: Date | null
}

export interface Secret {
  readonly secret: string
  readonly hash: Buffer
  /** What is shown of it later. */
  readonly hint: string
}

export function newSecret(random: (bytes: number) => Buffer = randomBytes): Secret {
  const secret = `${PREFIX}${random(32).toString('base64url')}`
  return { secret, hash: hashOf(secret), hint: secret.slice(0, 9) }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** The hash to look a key up by; undefined for what cannot be one. */
export function lookupOf(token: string): Buffer | undefined {
  return SHAPE.test(token) ? hashOf(token) : undefined
}

/** The credential found by its hash, as far as it decides. */
export interface Found {
  readonly hash: Buffer
  readonly until: Date | null
  readonly key: Key
  readonly projectState: 'active' | 'archived' | 'deleting'
}

/**
 * Until when a key that was presented works: null for good, undefined not at all. The hash is compared once more in
 * constant time, so that nothing depends on how the index compared it.
 */
export function worksUntil(found: Found | undefined, hash: Buffer, now: Date): Date | null | undefined {
  if (!found || found.hash.length !== hash.length || !timingSafeEqual(found.hash, hash)) return undefined
  if (found.projectState !== 'active') return undefined
  const ends = [found.until, found.key.expiresAt].filter((end) => end !== null)
  if (ends.some((end) => end <= now)) return undefined
  return ends.sort((a, b) => a.getTime() - b.getTime())[0] ?? null
}

/** Whether the use of a key is to be written down. */
export function isUseNews(key: Pick<Key, 'lastUsedAt'>, now: Date): boolean {
  return key.lastUsedAt === null || now.getTime() - key.lastUsedAt.getTime() >= USE_MS
}

/** Whether a key may end at `expiresAt`. */
export function isExpiryAllowed(expiresAt: Date, now: Date): boolean {
  const latest = new Date(now)
  latest.setUTCFullYear(latest.getUTCFullYear() + MAX_YEARS)
  return expiresAt > now && expiresAt <= latest
}

/** Those of `scopes` that nobody offers. */
export function unknownScopes(scopes: readonly string[], offered: ReadonlySet<string>): string[] {
  return scopes.filter((scope) => !offered.has(scope))
}
