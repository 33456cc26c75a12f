/**
 * Who sent a request: verifies access tokens (JWT, EdDSA) and asks the issuers of all others. Verdicts are cached by
 * token until it expires or is revoked, so that the usual request needs no cryptography and no `await`.
 */
import { createDecoder } from 'fast-jwt'
import { Refusal, refusalIn } from '../contract/problem.ts'
import type { Caller, CredentialSource, Revocation, TokenHolder } from '../service/service.ts'
import { createCredentials } from './credentials.ts'
import { createKeys, type Jwks } from './keys.ts'
import { createRevocations, revocationOf } from './revocations.ts'
import { createVerdicts } from './verdicts.ts'

export type { Jwks } from './keys.ts'

export interface IdentityOptions {
  /** The `iss` that tokens must have: the public address. */
  readonly issuer: string
  readonly loadKeys: () => Promise<Jwks>
  /** The caller behind an opaque token; undefined when it is unknown, expired or revoked. `sid` is the token's id. */
  readonly resolveToken: (token: string) => Promise<TokenHolder | undefined>
  /** Who else issues tokens: to programs. */
  readonly sources?: readonly CredentialSource[]
  /** Those that other processes speak for, as of now. */
  readonly elsewhere?: () => readonly CredentialSource[]
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
  verify(token: string, nowMs?: number): Verified | undefined | Promise<Verified | undefined>
  /** Whether a verdict given earlier still holds; `nowMs` is the time, for who knows it already. */
  holds(verified: Verified, nowMs?: number): boolean
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
const MAX_OPAQUE_LENGTH = 512
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
  const credentials = createCredentials({
    resolveToken: options.resolveToken,
    sources: options.sources ?? [],
    ...(options.elsewhere ? { elsewhere: options.elsewhere } : {}),
    now: options.now,
    clock: monotonic,
    generation: revocations.generation,
  })
  const listeners: (() => void)[] = []
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

  const alive = (verdict: Verdict, nowMs = options.now().getTime()): boolean => {
    if (verdict.expires <= nowMs) return false
    if (verdict.epoch !== epoch && verdict.issued !== undefined) return false
    if (verdict.generation === revocations.generation()) return true
    const { caller, issued } = verdict
    const revoked =
      issued === undefined
        ? namesOf(caller).some((sub) =>
            revocations.touched({ sub, sid: caller.sid, tokenId: caller.sid }, verdict.generation),
          )
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

  const verifyJwt = async (token: string, kid: string | undefined): Promise<Verdict | undefined> => {
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

  const ask = async (source: CredentialSource, token: string): Promise<Verdict | undefined> => {
    const answer = await credentials.ask(source, token)
    return answer && admit(token, { ...answer, issued: undefined, epoch })
  }

  const judge = (token: string): Promise<Verdict | undefined> | undefined => {
    const source = credentials.byPrefix(token)
    if (source) return token.length > MAX_OPAQUE_LENGTH ? undefined : ask(source, token)
    const claimed = claimsOf(token)
    if (claimed === undefined) return undefined
    const issuer = claimed.issuer === options.issuer ? undefined : credentials.byIssuer(claimed.issuer)
    return issuer ? ask(issuer, token) : verifyJwt(token, claimed.kid)
  }

  const verifySlowly = async (token: string): Promise<Verified | undefined> => {
    try {
      await ready()
      return await judge(token)
    } catch (error) {
      const missing = refusalIn(error)
      if (missing) throw missing
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
    verify: (token, nowMs) => {
      const verdict = verdicts.get(token)
      if (verdict !== undefined) {
        if (alive(verdict, nowMs)) {
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
    holds: (verified, nowMs) => {
      ready()?.catch(() => {})
      return alive(verified as Verdict, nowMs)
    },
    onRevoked: (listener) => void listeners.push(listener),
  }
}

/** Whatever a token can be revoked as `sub` by: its holder; of a program also the project, or the end user it acts for. */
function namesOf({ id, project }: Caller): string[] {
  return [id, project?.id, project?.endUser].filter((name) => name !== undefined)
}

/**
 * Who a JWT says it is by, and with which key; `kid` only when it claims to be signed as ours are, so that never
 * `alg: none` is looked at. Undefined for what is no JWT.
 */
function claimsOf(token: string): { issuer: string; kid: string | undefined } | undefined {
  try {
    const { header, payload } = decode(token) as Record<'header' | 'payload', Record<string, unknown>>
    const ours =
      header['alg'] === 'EdDSA' && typeof header['kid'] === 'string' && header['crit'] === undefined
    return { issuer: String(payload['iss']), kid: ours ? (header['kid'] as string) : undefined }
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
