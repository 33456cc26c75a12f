/**
 * Proofs of possession (DPoP, RFC 9449): a token that is bound to a key is good only with a signature of that key over
 * this very request. Whether a proof was seen before is the caller's question: that takes a memory of all processes.
 */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { createVerdicts } from './verdicts.ts'

/** Signatures that are taken; the projects' issuers take the same. */
export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519'] as const
/** How far the clock of a client may be off, in both directions. The issuers allow as much. */
export const PROOF_WINDOW_SECONDS = 300

const MAX_PROOF_LENGTH = 4096

export interface Asked {
  readonly method: string
  /** Where the request went to, as its sender knows it: scheme, host and path. */
  readonly url: string
  readonly token: string
  /** Epoch seconds. */
  readonly now: number
}

export type Proof =
  /** `id` names this proof among those of its key. */
  { readonly holds: true; readonly id: string } | { readonly holds: false; readonly reason: string }

const keys = createVerdicts<KeyObject>(2_000)
const no = (reason: string): Proof => ({ holds: false, reason })

/** Checks a proof for a token that is bound to the key of this thumbprint (RFC 9449, section 4.3; RFC 7638). */
export function checkProof(proof: string | undefined, thumbprint: string, asked: Asked): Proof {
  if (proof === undefined) return no('The token is bound to a key: a DPoP header with a proof is needed.')
  const [head = '', body = '', signature = '', ...more] = proof.split('.')
  if (proof.length > MAX_PROOF_LENGTH || signature === '' || more.length > 0)
    return no('The DPoP header must be one signed JWT.')
  const header = read(head)
  const claims = read(body)
  if (!header || !claims) return no('The DPoP header must be one signed JWT.')
  const { jwk, alg } = header
  if (header['typ'] !== 'dpop+jwt' || header['crit'] !== undefined) return no('typ must be dpop+jwt.')
  if (!isPublicKey(jwk)) return no('jwk must be a public key.')
  const fits =
    jwk.kty === 'EC' ? alg === 'ES256' && jwk.crv === 'P-256' : alg === 'EdDSA' || alg === 'Ed25519'
  if (!fits) return no(`alg must be one of ${PROOF_ALGORITHMS.join(', ')}, and fit the key.`)
  if (thumbprintOf(jwk) !== thumbprint) return no('The proof is of another key than the token.')
  if (!isSigned(`${head}.${body}`, signature, jwk, thumbprint)) return no('The signature does not hold.')
  const { htm, htu, iat, jti, ath } = claims
  if (htm !== asked.method) return no(`htm must be ${asked.method}.`)
  if (typeof htu !== 'string' || bare(htu) !== bare(asked.url))
    return no('htu must be the address asked for.')
  if (typeof iat !== 'number' || Math.abs(asked.now - iat) > PROOF_WINDOW_SECONDS)
    return no('iat must be the present time.')
  if (ath !== createHash('sha256').update(asked.token).digest('base64url'))
    return no('ath must be the hash of the access token.')
  if (typeof jti !== 'string' || jti === '' || jti.length > 500) return no('jti is missing.')
  return { holds: true, id: createHash('sha256').update(`${thumbprint} ${jti}`).digest('base64url') }
}

function read(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Without what the comparison leaves out (RFC 9449, section 4.3, point 9). */
function bare(address: string): string | undefined {
  const url = URL.parse(address)
  return url ? `${url.origin}${url.pathname}` : undefined
}

function isPublicKey(jwk: unknown): jwk is Record<string, string> {
  if (typeof jwk !== 'object' || jwk === null) return false
  const { kty, crv, x, y, d } = jwk as Record<string, unknown>
  if (d !== undefined || typeof crv !== 'string' || typeof x !== 'string') return false
  return kty === 'EC' ? typeof y === 'string' : kty === 'OKP' && crv === 'Ed25519'
}

/** RFC 7638, section 3.2: the members that are required, in their order. */
function thumbprintOf({ crv, kty, x, y }: Record<string, string>): string {
  const members = kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

function isSigned(text: string, signature: string, jwk: Record<string, string>, thumbprint: string): boolean {
  try {
    let key = keys.get(thumbprint)
    if (!key) {
      key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
      keys.set(thumbprint, key)
    }
    const bytes = Buffer.from(signature, 'base64url')
    return jwk['kty'] === 'EC'
      ? verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, bytes)
      : verify(null, Buffer.from(text), key, bytes)
  } catch {
    return false
  }
}
