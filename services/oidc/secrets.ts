/** Ids, secrets and codes, and what is kept of them: hashes. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto'

/** Under which a value that the outside knows is found: nobody can read the value out of the table. */
export function modelId(issuerId: string, model: string, value: string): Buffer {
  return createHash('sha256').update(`${issuerId}\0${model}\0${value}`).digest()
}

/** SHA-256, enough for secrets of 128 bits and more, which cannot be guessed from their hash. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** A hash that cannot be tried out without the installation's key: for short codes and for what people typed. */
export function keyedHash(key: Buffer, ...parts: readonly string[]): Buffer {
  return createHmac('sha256', key).update(parts.join('\0')).digest()
}

export function sameHash(a: Buffer | null, b: Buffer): boolean {
  return a !== null && a.length === b.length && timingSafeEqual(a, b)
}

export function newAppId(): string {
  return `app_${randomBytes(15).toString('base64url')}`
}

export function newClientSecret(): string {
  return `cs_${randomBytes(32).toString('base64url')}`
}

/** A secret of 256 bits for links and flows. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Eight digits for a mail. */
export function newMailCode(): string {
  return String(randomInt(100_000_000)).padStart(8, '0')
}

const NONCE = 12
const TAG = 16

/** Encrypts the successor of a token so that only who holds that token can read it. */
export function hideBehind(holder: string, plain: string): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', keyOf(holder), nonce)
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

export function readBehind(holder: string, hidden: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(holder), hidden.subarray(0, NONCE), {
    authTagLength: TAG,
  })
  decipher.setAuthTag(hidden.subarray(NONCE, NONCE + TAG))
  return Buffer.concat([decipher.update(hidden.subarray(NONCE + TAG)), decipher.final()]).toString()
}

function keyOf(holder: string): Buffer {
  return createHmac('sha256', 'oidc successor').update(holder).digest()
}
