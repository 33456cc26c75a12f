/**
 * Who sent a request: verifies access tokens (JWT, EdDSA) and resolves personal access tokens (`plt_...`). Verdicts
 * are cached by token until it expires or is revoked, so that the usual request needs no cryptography and no `await`.
 */
import { createDecoder } from 'fast-jwt'
import { Refusal } from '../contract/problem.ts'
import type { Caller, Revocation } from '../service/service.ts'
import { createKeys, type Jwks } from './keys.ts'
import { createRevocations, revocationOf } from './revocations.ts'
import { createVerdicts } from './verdicts.ts'

export type { Jwks } from './keys.ts'

export interface IdentityOptions {
  /** The `iss` that tokens must have: the public address. */
  readonly issuer: string
  readonly loadKeys: () => Promise<Jwks>
  /** The caller behind an opaque token; undefined when it is unknown, expired or revoked. `sid` is the token's id. */
  readonly resolveToken: (token: string) => Promise<Caller | undefined>
  readonly loadRevocations: () => Promise<readonly Revocation[]>
  readonly onBroadcast: (channel: string, receive: (message: unknown) => void) => void
  readonly now: () => Date
}

export interface Verified {
  readonly caller: Caller
  /** Epoch milliseconds: when the token, or for opaque ones the verdict, ends. */
  readonly expires: number
}

export interface Identity {
  /**
   * The caller a token stands for, or undefined when it is not valid (any more). Answers at once from the cache.
   * @throws Refusal `unavailable` (also as rejection) when keys or revocations cannot be loaded.
   */
  verify(token: string): Verified | undefined | Promise<Verified | undefined>
  /** Whether a verdict given earlier still holds. */
  holds(verified: Verified): boolean
  /** Called after each revocation has taken effect here. */
  onRevoked(listener: () => void): void
}

interface Verdict extends Verified {
  /** Epoch seconds; undefined for opaque tokens, about which only the issuer knows. */
  readonly issued: number | undefined
  /** The state of the revocations that this verdict takes into account. */
  generation: number
  /** How often keys had been withdrawn when its signature was checked. */
  readonly epoch: number
}

/** Channel of revocations: `Revocation` messages. */
export const REVOKED_CHANNEL = 'auth.revoked'

/** Channel on which the issuer says that it withdrew keys: `{ compromised: boolean }`. */
export const KEYS_CHANNEL = 'auth.keys'

const MAX_TOKEN_LENGTH = 8192
const CACHE_SIZE = 20_000
const OPAQUE_TTL_MS = 60_000
/** An unknown opaque token is not asked for again at once. */
const OPAQUE_MISS_MS = 5_000
/** Revocations are loaded again this often, in case a broadcast was lost. */
const RELOAD_REVOCATIONS_MS = 30_000
/** Tolerated difference between the clocks of the issuer and this process. */
const SKEW_SECONDS = 5

const decode = createDecoder({ complete: true })

/** Makes the verifier of one process. Keys and revocations are loaded when the first token arrives. */
export function createIdentity(options: IdentityOptions): Identity {
  const monotonic = () => performance.now()
  const keys = createKeys(options.issuer, options.loadKeys, monotonic)
  const revocations = createRevocations()
  const verdicts = createVerdicts<Verdict>(CACHE_SIZE)
  const misses = createVerdicts<number>(CACHE_SIZE)
  const listeners: (() => void)[] = []
  const resolving = new Map<string, Promise<Verdict | undefined>>()
  let epoch = 0
  let revocationsAt = Number.NEGATIVE_INFINITY
  let loadingRevocations: Promise<void> | undefined

  options.onBroadcast(REVOKED_CHANNEL, (message) => {
    const revocation = revocationOf(message)
    if (!revocation) return
    revocations.add(revocation)
    for (const listener of listeners) listener()
  })

  // A key that may be in wrong hands is withdrawn: neither it nor what was verified with it counts any more.
  options.onBroadcast(KEYS_CHANNEL, (message) => {
    if ((message as { compromised?: unknown } | null)?.compromised !== true) return
    epoch++
    keys.forget()
    verdicts.clear()
    for (const listener of listeners) listener()
  })

  const loadRevocations = (): Promise<void> => {
    loadingRevocations ??= options
      .loadRevocations()
      .then((list) => {
        for (const revocation of list) revocations.add(revocation)
        revocations.forget(options.now().getTime() / 1000)
        revocationsAt = monotonic()
        for (const listener of listeners) listener()
      })
      .finally(() => {
        loadingRevocations = undefined
      })
    return loadingRevocations
  }

  /** Makes sure that the list was loaded once; later loads run beside the requests. */
  const ready = (): Promise<void> | undefined => {
    const age = monotonic() - revocationsAt
    if (age < RELOAD_REVOCATIONS_MS) return undefined
    const load = loadRevocations()
    if (age === Number.POSITIVE_INFINITY) return load
    load.catch(() => {})
    return undefined
  }

  const alive = (verdict: Verdict): boolean => {
    if (verdict.expires <= options.now().getTime()) return false
    if (verdict.epoch !== epoch && verdict.issued !== undefined) return false
    if (verdict.generation === revocations.generation()) return true
    const { caller, issued } = verdict
    const revoked =
      issued === undefined
        ? revocations.touched({ sub: caller.id, tokenId: caller.sid }, verdict.generation)
        : revocations.covers({ sid: caller.sid, sub: caller.id }, issued)
    if (revoked) return false
    verdict.generation = revocations.generation()
    return true
  }

  const admit = (token: string, verdict: Verdict): Verdict | undefined => {
    if (!alive(verdict)) return undefined
    verdicts.set(token, verdict)
    return verdict
  }

  const verifyJwt = async (token: string): Promise<Verdict | undefined> => {
    const kid = kidOf(token)
    if (kid === undefined) return undefined
    const before = epoch
    const found = keys.find(kid)
    const verifier = found instanceof Promise ? await found : found
    if (!verifier) return undefined
    let claims: Record<string, unknown>
    try {
      claims = verifier(token)
    } catch {
      return undefined
    }
    const verdict = verdictOf(claims, options.now().getTime() / 1000, before)
    return verdict && admit(token, verdict)
  }

  const resolveOpaque = (token: string): Promise<Verdict | undefined> => {
    const missed = misses.get(token)
    if (missed !== undefined && monotonic() - missed < OPAQUE_MISS_MS) return Promise.resolve(undefined)
    const known = resolving.get(token)
    if (known) return known
    // As of the question: a revocation that arrives while the answer is under way must win.
    const generation = revocations.generation()
    const expires = options.now().getTime() + OPAQUE_TTL_MS
    const work = options
      .resolveToken(token)
      .then((caller) => {
        if (caller) return admit(token, { caller, expires, issued: undefined, generation, epoch })
        misses.set(token, monotonic())
        return undefined
      })
      .finally(() => resolving.delete(token))
    resolving.set(token, work)
    return work
  }

  const verifySlowly = async (token: string): Promise<Verified | undefined> => {
    try {
      await ready()
      return await (token.startsWith('plt_') ? resolveOpaque(token) : verifyJwt(token))
    } catch (error) {
      const refusal = new Refusal(
        'unavailable',
        'Tokens cannot be checked at the moment.',
        {},
        { 'retry-after': '2' },
      )
      refusal.cause = error
      throw refusal
    }
  }

  return {
    verify: (token) => {
      const verdict = verdicts.get(token)
      if (verdict !== undefined) {
        if (alive(verdict)) {
          ready()?.catch(() => {})
          return verdict
        }
        verdicts.delete(token)
        // A JWT that ended once is never valid again; an opaque one may only need to be asked for anew.
        if (verdict.caller.kind === 'session') return undefined
      }
      if (token.length > MAX_TOKEN_LENGTH) return undefined
      return verifySlowly(token)
    },
    holds: (verified) => alive(verified as Verdict),
    onRevoked: (listener) => void listeners.push(listener),
  }
}

/** The `kid` of a token that claims to be ours; undefined for anything else, `alg: none` first of all. */
function kidOf(token: string): string | undefined {
  try {
    const { header } = decode(token) as { header: Record<string, unknown> }
    return header['alg'] === 'EdDSA' && typeof header['kid'] === 'string' && header['crit'] === undefined
      ? header['kid']
      : undefined
  } catch {
    return undefined
  }
}

/** The caller from verified claims; undefined when they are incomplete, expired or not valid yet. Seconds. */
function verdictOf(claims: Record<string, unknown>, now: number, epoch: number): Verdict | undefined {
  const { sub, sid, roles, permissions, iat, exp, nbf } = claims
  if (
    typeof sub !== 'string' ||
    typeof sid !== 'string' ||
    typeof iat !== 'number' ||
    typeof exp !== 'number'
  )
    return undefined
  if (!isTexts(roles) || !isTexts(permissions)) return undefined
  if (
    exp <= now ||
    iat > now + SKEW_SECONDS ||
    (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now + SKEW_SECONDS))
  )
    return undefined
  return {
    caller: Object.freeze({ id: sub, sid, kind: 'session' as const, roles, permissions }),
    expires: exp * 1000,
    issued: iat,
    generation: -1,
    epoch,
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
