/** SQL of signing keys. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { KeyRecord, KeyState, Rotation } from './keys.ts'

export interface StoredKey extends KeyRecord {
  readonly x: string
  /** Encrypted. */
  readonly privateKey: Buffer
}

interface Row {
  kid: string
  public_x: string
  private_key: Buffer
  state: KeyState
  activated_at: Date | null
  expires_at: Date | null
}

/** All keys; there are three or so. */
export async function loadKeys(sql: Sql): Promise<StoredKey[]> {
  const rows = await sql<
    Row[]
  >`select kid, public_x, private_key, state, activated_at, expires_at from signing_keys order by created_at`
  return rows.map((row) => ({
    kid: row.kid,
    x: row.public_x,
    privateKey: row.private_key,
    state: row.state,
    activatedAt: row.activated_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  }))
}

/** One transaction at a time makes or rotates keys, or gives or takes the role admin. */
export async function lockSetup(tx: Tx): Promise<{ generation: number }> {
  const [row] = await tx<{ generation: number }[]>`select generation from setup for update`
  return row!
}

export async function nextGeneration(tx: Tx): Promise<void> {
  await tx`update setup set generation = generation + 1`
}

/** Carries out a rotation. The order keeps to one active and one next key. */
export async function applyRotation(
  tx: Tx,
  rotation: Rotation,
  made: readonly {
    readonly kid: string
    readonly x: string
    readonly privateKey: Buffer
    readonly state: 'active' | 'next'
  }[],
  now: Date,
): Promise<void> {
  if (rotation.remove.length > 0)
    await tx`delete from signing_keys where kid = any(${rotation.remove as string[]})`
  for (const { kid, expiresAt } of rotation.retire)
    await tx`update signing_keys set state = 'retired', expires_at = ${expiresAt} where kid = ${kid}`
  if (rotation.activate)
    await tx`update signing_keys set state = 'active', activated_at = ${now} where kid = ${rotation.activate}`
  for (const key of made)
    await tx`
      insert into signing_keys (kid, public_x, private_key, created_at, state, activated_at)
      values (${key.kid}, ${key.x}, ${key.privateKey}, ${now}, ${key.state}, ${key.state === 'active' ? now : null})`
}
