/** Signing keys of an issuer: RS256 for ID tokens, which every client library takes, ES256 for access tokens. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair as generate,
  hash,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'

export const algorithms = ['RS256', 'ES256'] as const
export type Algorithm = (typeof algorithms)[number]

export interface StoredKey {
  readonly kid: string
  readonly algorithm: Algorithm
  readonly state: 'next' | 'active' | 'previous'
  readonly publicJwk: Record<string, string>
  /** Sealed. */
  readonly privateKey: Buffer
  readonly createdAt: Date
  readonly activatedAt: Date | null
  readonly retiresAt: Date | null
}

const DAY_MS = 86_400_000
/** Keys sign for so long. */
export const ROTATE_MS = 90 * DAY_MS
/** What a key signed can be verified for so long after: longer than any token lives. */
export const OVERLAP_MS = 7 * DAY_MS

/** Keys are made in the thread pool: an RSA key takes a while. */
const generateKeyPair = promisify(generate)

/** A new key pair: the public half as a JWK with its RFC 7638 thumbprint as id, the private half as PKCS #8. */
export async function makeKeyPair(algorithm: Algorithm) {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? await generateKeyPair('rsa', { modulusLength: 2048 })
      : await generateKeyPair('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' }) as Record<string, string>
  const kid = thumbprint(jwk)
  return {
    kid,
    publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' },
    privateDer: privateKey.export({ format: 'der', type: 'pkcs8' }),
  }
}

/** RFC 7638: the required members in the order of their names. */
function thumbprint({ kty, crv, x, y, n, e }: Record<string, string>): string {
  return hash('sha256', JSON.stringify(kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }), 'base64url')
}

/** The private key as oidc-provider takes it. */
export function privateJwk(der: Buffer, publicJwk: Record<string, string>): Record<string, string> {
  const jwk = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  return { ...(jwk as Record<string, string>), ...publicJwk }
}

export function publicKeyOf(jwk: Record<string, string>): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' })
}

/** What a rotation does to the keys of one algorithm. */
export interface Rotation {
  /** The published key that signs from now on; undefined: a new one is made for it. */
  readonly activate: string | undefined
  readonly retire: readonly string[]
  /** Keys that must not be trusted any more. */
  readonly drop: readonly string[]
}

/**
 * The next key has been published for a while, so that everybody who keeps the key set knows it. When keys leaked, the
 * next one may have leaked with them: all go.
 */
export function rotate(keys: readonly StoredKey[], algorithm: Algorithm, compromised: boolean): Rotation {
  const own = keys.filter((key) => key.algorithm === algorithm)
  if (compromised) return { activate: undefined, retire: [], drop: own.map(({ kid }) => kid) }
  return {
    activate: own.find(({ state }) => state === 'next')?.kid,
    retire: own.filter(({ state }) => state === 'active').map(({ kid }) => kid),
    drop: [],
  }
}
