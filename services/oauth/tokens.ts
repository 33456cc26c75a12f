/** Token answers, whatever providers make of RFC 6749, and when a token has to be renewed. */
import type { Json, Tokens } from './provider.ts'
import { textAt } from './provider.ts'

/** Taken when a provider gives a refresh token but does not say how long its access token lives. */
const ASSUMED_SECONDS = 3600

function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? Math.floor(number) : undefined
}

/** The tokens of an answer; undefined when it has no access token. */
export function readTokens(answer: Json, now: Date): Tokens | undefined {
  const accessToken = textAt(answer, 'access_token')
  if (accessToken === undefined || accessToken.length > 20_000) return undefined
  const refreshToken = textAt(answer, 'refresh_token')
  const epoch = seconds(answer['expires_at_epoch'])
  const named = epoch === undefined ? seconds(answer['expires_in']) : epoch - Math.floor(now.getTime() / 1000)
  const scope = answer['scope']
  const type = textAt(answer, 'token_type') ?? 'Bearer'
  return {
    accessToken,
    // Some send `bearer`, and `user` has been seen: only Bearer is ever used.
    tokenType: /^(bearer|user|bot)$/i.test(type) ? 'Bearer' : type.slice(0, 40),
    refreshToken,
    expiresIn: named ?? (refreshToken === undefined ? undefined : ASSUMED_SECONDS),
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean).slice(0, 100) : undefined,
    idToken: textAt(answer, 'id_token'),
  }
}

/** What the vault knows of a token, without the token. */
export interface Kept {
  readonly state: 'pending' | 'active' | 'broken' | 'revoked'
  readonly hasToken: boolean
  readonly refreshable: boolean
  readonly expiresAt: Date | undefined
  readonly lifetime: number | undefined
  readonly retryAt: Date | undefined
}

export type Reading =
  | { readonly is: 'valid'; readonly soonOver: boolean }
  | { readonly is: 'refresh' }
  | { readonly is: 'over' }
  | { readonly is: 'broken' }
  | { readonly is: 'noToken' }
  | { readonly is: 'tooLong'; readonly longest: number }

/** A provider that names 3600 seconds means a little less by the time its answer is here. */
function longest(lifetime: number): number {
  return Math.floor(lifetime - Math.min(30, lifetime / 10))
}

/** What to do for somebody who needs a token for `minValidity` seconds. `soonOver`: refresh it now, without waiting. */
export function decideReading(kept: Kept, minValidity: number, ahead: number, now: Date): Reading {
  if (kept.state !== 'active') return { is: 'broken' }
  if (!kept.hasToken) return { is: 'noToken' }
  if (kept.expiresAt === undefined) return { is: 'valid', soonOver: false }
  const left = (kept.expiresAt.getTime() - now.getTime()) / 1000
  if (left > 0 && left >= minValidity) return { is: 'valid', soonOver: kept.refreshable && left < ahead }
  if (!kept.refreshable) return left > 0 ? { is: 'tooLong', longest: Math.floor(left) } : { is: 'over' }
  // Refreshing would not help, and would be done again for each request.
  if (kept.lifetime !== undefined && minValidity > longest(kept.lifetime))
    return { is: 'tooLong', longest: longest(kept.lifetime) }
  return { is: 'refresh' }
}

/** Seconds until a failed refresh is tried again: 5 s, doubling up to 15 minutes, with jitter so that not all come at once. */
export function backoffSeconds(failures: number, random: number, retryAfter: number | undefined): number {
  const grown = Math.min(900, 5 * 2 ** Math.max(0, failures - 1))
  return Math.min(3600, Math.max(grown * (0.75 + random / 2), retryAfter ?? 0))
}
