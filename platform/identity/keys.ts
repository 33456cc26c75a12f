/** Public keys of the issuer by `kid`: loaded when first needed, and again when a token names one that is unknown. */
import { createPublicKey } from 'node:crypto'
import { createVerifier } from 'fast-jwt'

export interface Jwks {
  readonly keys: readonly Record<string, unknown>[]
}

/** Checks signature, algorithm and issuer; throws when one is wrong. Times are the caller's business. */
export type Verifier = (token: string) => Record<string, unknown>

export interface Keys {
  /** At once when known, otherwise after asking the issuer, at most once per `RELOAD_MS`. */
  find(kid: string): Verifier | Promise<Verifier | undefined>
  /** Nothing is known any more: the issuer has withdrawn keys. */
  forget(): void
}

/** A flood of tokens with invented key ids must not become a flood of requests to the issuer. */
const RELOAD_MS = 5_000
/** A key that the issuer withdrew stops working within this time. */
const STALE_MS = 5 * 60_000

/** @param clock milliseconds that only grow. */
export function createKeys(issuer: string, load: () => Promise<Jwks>, clock: () => number): Keys {
  let verifiers = new Map<string, Verifier>()
  let loadedAt = Number.NEGATIVE_INFINITY
  let loading: Promise<void> | undefined

  const reload = (): Promise<void> => {
    loading ??= load()
      .then((set) => {
        verifiers = new Map(set.keys.flatMap((jwk) => verifierOf(jwk, issuer)))
        loadedAt = clock()
      })
      .finally(() => {
        loading = undefined
      })
    return loading
  }

  return {
    find: (kid) => {
      const age = clock() - loadedAt
      const verifier = verifiers.get(kid)
      // The old keys serve while new ones are fetched; when that fails the next request tries again.
      if (verifier && age > STALE_MS) reload().catch(() => {})
      if (verifier) return verifier
      if (age < RELOAD_MS) return Promise.resolve(undefined)
      return reload().then(() => verifiers.get(kid))
    },
    forget: () => {
      verifiers = new Map()
      loadedAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** Only Ed25519 keys are taken, so a token cannot choose its algorithm: neither `none` nor HS256 with a public key. */
function verifierOf(jwk: Record<string, unknown>, issuer: string): [string, Verifier][] {
  if (jwk['kty'] !== 'OKP' || jwk['crv'] !== 'Ed25519' || typeof jwk['kid'] !== 'string') return []
  const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' }) as string
  return [
    [
      jwk['kid'],
      createVerifier({
        key,
        algorithms: ['EdDSA'],
        allowedIss: issuer,
        ignoreExpiration: true,
        ignoreNotBefore: true,
      }),
    ],
  ]
}
