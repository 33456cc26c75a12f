/** Opaque secrets: refresh tokens, personal access tokens, link tokens, recovery codes. Only hashes of them are stored. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** SHA-256, enough for secrets of 128 bits and more, which cannot be guessed from their hash. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** A hash that cannot be tried out without the installation's key: for short secrets and for what people typed. */
export function keyedHash(key: Buffer, ...parts: readonly string[]): Buffer {
  return createHmac('sha256', key).update(parts.join('\0')).digest()
}

/** A secret of 256 bits for links, challenges and flows. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

const SID_BYTES = 16
const SECRET_BYTES = 24
const MAC_BYTES = 16

/**
 * A refresh token: `plr_` and base64url of session id, secret and MAC. The MAC tells a token that we once issued,
 * and that came back, from one that somebody made up: only the former ends the session.
 */
export function newRefreshToken(
  sid: string,
  key: Buffer,
  secret: Buffer = randomBytes(SECRET_BYTES),
): string {
  const body = Buffer.concat([Buffer.from(sid.replaceAll('-', ''), 'hex'), secret])
  return `plr_${Buffer.concat([body, macOf(body, key)]).toString('base64url')}`
}

/** The session of an authentic refresh token, or `undefined`. */
export function readRefreshToken(token: string, key: Buffer): { sid: string } | undefined {
  const encoded = token.slice(4)
  const bytes = Buffer.from(encoded, 'base64url')
  if (!token.startsWith('plr_') || bytes.length !== SID_BYTES + SECRET_BYTES + MAC_BYTES) return undefined
  // Base64url has several spellings of one value; only the one we issued is the token.
  if (bytes.toString('base64url') !== encoded) return undefined
  const body = bytes.subarray(0, -MAC_BYTES)
  if (!timingSafeEqual(bytes.subarray(-MAC_BYTES), macOf(body, key))) return undefined
  const hex = body.subarray(0, SID_BYTES).toString('hex')
  return { sid: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') }
}

/** The successor of a refresh token is readable only to who holds that token: neither the database nor the key is enough. */
export function successorKey(key: Buffer, token: string): Buffer {
  return createHmac('sha256', key).update('successor').update(token).digest()
}

function macOf(body: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES)
}

/** A personal access token: `plt_` and 256 bits. */
export function newPersonalToken(): { secret: string; hint: string } {
  const secret = `plt_${newToken()}`
  return { secret, hint: secret.slice(0, 9) }
}

// No 0, 1, i, l, o, u: they are misread.
const RECOVERY_ALPHABET = '23456789abcdefghjkmnpqrstvwxyz'

/** Ten codes of ten characters, such as `x7k2m-9qprt`. */
export function newRecoveryCodes(random: (bytes: number) => Buffer = randomBytes): string[] {
  return Array.from({ length: 10 }, () => {
    let code = ''
    // Bytes from 240 up would make the first characters likelier than the others.
    while (code.length < 10)
      for (const byte of random(16)) if (byte < 240 && code.length < 10) code += RECOVERY_ALPHABET[byte % 30]
    return `${code.slice(0, 5)}-${code.slice(5)}`
  })
}

/** Recovery codes are typed with or without the dash, in any case. */
export function normalizeRecoveryCode(code: string): string {
  return code.toLowerCase().replace(/[^a-z0-9]/g, '')
}
