/** Signs access tokens (JWT, EdDSA) with the active key, and hands out the public ones. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Sql, Tx } from '@pleiad/platform/store'
import { calculateJwkThumbprint, SignJWT } from 'jose'
import { type Rotation, rotateKeys, rotationDue } from './keys.ts'
import type { Sealing } from './service-sealing.ts'
import { ACCESS_SECONDS } from './sessions.ts'
import { applyRotation, loadKeys, lockSetup, type StoredKey } from './store-keys.ts'

/** Told to every process when the keys changed. */
export const KEYS_CHANGED = 'auth.keys'

export interface AccessClaims {
  readonly userId: string
  readonly sid: string
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  /** Seconds since 1970. */
  readonly issuedAt: number
}

export interface PublicKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly alg: 'EdDSA'
  readonly use: 'sig'
}

export interface Keyring {
  /** The token and when it expires. */
  readonly sign: (claims: AccessClaims) => Promise<{ token: string; expiresAt: Date }>
  readonly publicKeys: () => Promise<PublicKey[]>
  /** Reads the keys again before the next use. */
  readonly forget: () => void
}

interface Ring {
  readonly stored: readonly StoredKey[]
  readonly kid: string
  readonly key: KeyObject
  readonly readAt: number
}

/** A key that another process put in force is noticed within this time even if its message was lost. */
const FRESH_MS = 60_000

/** Keys are read from the table when they are first needed and then once a minute. */
export function createKeyring(sql: Sql, sealing: Sealing, issuer: string): Keyring {
  let ring: Promise<Ring> | undefined
  let readAt = 0

  async function read(): Promise<Ring> {
    const stored = await loadKeys(sql)
    const active = stored.find((key) => key.state === 'active')
    if (!active) throw new Error('There is no active signing key')
    const der = await sealing.open('signingKey', active.kid, active.privateKey)
    return {
      stored,
      kid: active.kid,
      key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
      readAt,
    }
  }

  async function current(): Promise<Ring> {
    if (!ring || performance.now() - readAt > FRESH_MS) {
      readAt = performance.now()
      ring = read()
      // A failed reading is not kept: the next caller tries again.
      ring.catch(() => {
        ring = undefined
      })
    }
    return ring
  }

  return {
    async sign(claims) {
      const { kid, key } = await current()
      const expires = claims.issuedAt + ACCESS_SECONDS
      const token = await new SignJWT({
        sid: claims.sid,
        roles: claims.roles,
        permissions: claims.permissions,
      })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(claims.userId)
        .setIssuedAt(claims.issuedAt)
        .setExpirationTime(expires)
        .sign(key)
      return { token, expiresAt: new Date(expires * 1000) }
    },
    publicKeys: async () =>
      (await current()).stored.map(({ kid, x }) => ({
        kty: 'OKP',
        crv: 'Ed25519',
        x,
        kid,
        alg: 'EdDSA',
        use: 'sig',
      })),
    forget: () => {
      ring = undefined
    },
  }
}

/** Rotates when it is due (or at once when `force` is given); the id of the key that signs from now on, or `undefined`. */
export async function rotate(
  tx: Tx,
  sealing: Sealing,
  now: Date,
  force?: { readonly compromised: boolean },
): Promise<{ kid: string; retired: number } | undefined> {
  await lockSetup(tx)
  const keys = await loadKeys(tx)
  if (!force && !rotationDue(keys, now)) return undefined
  const rotation: Rotation = rotateKeys(keys, now, force?.compromised)
  const made = await Promise.all(rotation.make.map((state) => makeKey(state, sealing)))
  await applyRotation(tx, rotation, made, now)
  const kid = rotation.activate ?? made.find((key) => key.state === 'active')!.kid
  return { kid, retired: rotation.retire.length }
}

async function makeKey(state: 'active' | 'next', sealing: Sealing) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x } = publicKey.export({ format: 'jwk' })
  // RFC 7638: the same key always has the same id.
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: x! })
  return {
    kid,
    x: x!,
    state,
    privateKey: await sealing.seal('signingKey', kid, privateKey.export({ format: 'der', type: 'pkcs8' })),
  }
}
