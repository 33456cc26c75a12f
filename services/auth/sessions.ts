/** The life of a session: refresh with rotation, reuse detection and grace; how long it lives; recent proofs. */

/** Both requests of a race get the same successor within this time. */
export const GRACE_MS = 10_000
/** An access token lives this long. */
export const ACCESS_SECONDS = 600
/** Sensitive changes need a proof not older than this. */
export const PROOF_MS = 10 * 60_000
/** However often it is refreshed, a session ends after this. */
const ABSOLUTE_MS = 180 * 86_400_000

/** Where a session stands; hashes are those of refresh tokens. */
export type SessionState =
  | { readonly kind: 'fresh'; readonly current: Buffer; readonly createdAt: Date; readonly expiresAt: Date }
  | {
      readonly kind: 'rotated'
      readonly current: Buffer
      readonly previous: Buffer
      readonly rotatedAt: Date
      readonly createdAt: Date
      readonly expiresAt: Date
    }
  | { readonly kind: 'ended' }

export type Refreshed =
  /** The token is spent; make its successor. */
  | { readonly kind: 'rotate'; readonly expiresAt: Date }
  /** Another request spent it a moment ago; answer the same successor. */
  | { readonly kind: 'repeat' }
  /** A spent token came back: it was copied. End the session. */
  | { readonly kind: 'stolen' }
  | { readonly kind: 'refuse' }

/**
 * Decides about a refresh token that is authentic (its MAC is right) and belongs to this session.
 * Rotation with reuse detection: RFC 9700, section 4.14.2.
 */
export function refreshSession(state: SessionState, tokenHash: Buffer, now: Date, idleMs: number): Refreshed {
  if (state.kind === 'ended' || state.expiresAt <= now) return { kind: 'refuse' }
  if (tokenHash.equals(state.current))
    return { kind: 'rotate', expiresAt: sessionExpiry(state.createdAt, now, idleMs) }
  const inGrace = state.kind === 'rotated' && now.getTime() - state.rotatedAt.getTime() <= GRACE_MS
  if (inGrace && tokenHash.equals(state.previous)) return { kind: 'repeat' }
  return { kind: 'stolen' }
}

/** When a session that is used now will end if it is not used again. */
export function sessionExpiry(createdAt: Date, now: Date, idleMs: number): Date {
  return new Date(Math.min(now.getTime() + idleMs, createdAt.getTime() + ABSOLUTE_MS))
}

/** Until when the last proof counts; `undefined` if it does not count any more. */
export function provedUntil(provedAt: Date, now: Date): Date | undefined {
  const until = new Date(provedAt.getTime() + PROOF_MS)
  return until > now ? until : undefined
}

/**
 * The `iat` of a new access token, in seconds. Tokens issued up to `refusedUntil` are refused everywhere, so one that
 * is issued within that same second is dated after it.
 */
export function issuedAt(now: Date, refusedUntil: number): number {
  return Math.max(Math.floor(now.getTime() / 1000), refusedUntil + 1)
}

/** A revocation of one session or token, which never issues again: whatever date its tokens have. */
export function revocationOfOne(now: Date): { before: number; until: number } {
  const until = Math.floor(now.getTime() / 1000) + REMEMBERED_SECONDS
  return { before: until, until }
}

/** How long a revocation matters: until the last token it is about has expired, with leeway for clocks. */
export const REMEMBERED_SECONDS = ACCESS_SECONDS + 60
