/** The life of signing keys: published ahead, signing, retired until the last token they signed has expired. */
import { ACCESS_SECONDS } from './sessions.ts'

export type KeyState = 'next' | 'active' | 'retired'

export interface KeyRecord {
  readonly kid: string
  readonly state: KeyState
  readonly activatedAt: Date | undefined
  readonly expiresAt: Date | undefined
}

/** What a rotation does to the keys there are; `make` are the states for which a new key is needed. */
export interface Rotation {
  readonly retire: readonly { readonly kid: string; readonly expiresAt: Date }[]
  readonly remove: readonly string[]
  readonly activate: string | undefined
  readonly make: readonly ('active' | 'next')[]
}

/** A key signs for this long. */
export const KEY_LIFE_MS = 30 * 86_400_000
/** Other processes may sign with the old key until they notice: that long it is kept beyond its tokens. */
const KEY_LEEWAY_MS = 10 * 60_000

/**
 * Puts the next key in force. Verifiers know it already, and tokens of the old key stay good until they expire, so
 * nobody is signed out. A compromised set is replaced whole: its tokens are refused and clients refresh.
 */
export function rotateKeys(keys: readonly KeyRecord[], now: Date, compromised = false): Rotation {
  if (compromised)
    return { retire: [], remove: keys.map((key) => key.kid), activate: undefined, make: ['active', 'next'] }
  const expiresAt = new Date(now.getTime() + ACCESS_SECONDS * 1000 + KEY_LEEWAY_MS)
  const next = keys.find((key) => key.state === 'next')
  return {
    retire: keys.filter((key) => key.state === 'active').map((key) => ({ kid: key.kid, expiresAt })),
    remove: expiredKeys(keys, now),
    activate: next?.kid,
    make: next ? ['next'] : ['active', 'next'],
  }
}

/** Whether the active key has served its time, or there is none. */
export function rotationDue(keys: readonly KeyRecord[], now: Date): boolean {
  const active = keys.find((key) => key.state === 'active')
  return !active?.activatedAt || now.getTime() - active.activatedAt.getTime() >= KEY_LIFE_MS
}

/** Retired keys whose last token has expired. */
export function expiredKeys(keys: readonly KeyRecord[], now: Date): string[] {
  return keys
    .filter((key) => key.state === 'retired' && key.expiresAt && key.expiresAt <= now)
    .map((key) => key.kid)
}
