/** SQL of signing keys. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { StoredKey } from './keys.ts'

interface Row {
  kid: string
  issuer_id: string
  algorithm: StoredKey['algorithm']
  state: StoredKey['state']
  public_jwk: Record<string, string>
  private_key: Buffer
  created_at: Date
  activated_at: Date | null
  retires_at: Date | null
}

const keyOf = (row: Row): StoredKey => ({
  kid: row.kid,
  algorithm: row.algorithm,
  state: row.state,
  publicJwk: row.public_jwk,
  privateKey: row.private_key,
  createdAt: row.created_at,
  activatedAt: row.activated_at,
  retiresAt: row.retires_at,
})

export async function loadKeys(sql: Sql, issuerId: string): Promise<StoredKey[]> {
  const rows = await sql<
    Row[]
  >`select * from signing_keys where issuer_id = ${issuerId} order by created_at, kid`
  return rows.map(keyOf)
}

export async function insertKey(tx: Tx, issuerId: string, key: StoredKey): Promise<void> {
  await tx`
    insert into signing_keys (kid, issuer_id, algorithm, state, public_jwk, private_key, created_at, activated_at)
    values (${key.kid}, ${issuerId}, ${key.algorithm}, ${key.state}, ${tx.json(key.publicJwk)}, ${key.privateKey},
      ${key.createdAt}, ${key.activatedAt})`
}

export async function activateKey(tx: Tx, kid: string, now: Date): Promise<void> {
  await tx`update signing_keys set state = 'active', activated_at = ${now} where kid = ${kid}`
}

/** A key that signs no more and verifies until `retiresAt`. */
export async function retireKey(tx: Tx, kid: string, retiresAt: Date): Promise<void> {
  await tx`update signing_keys set state = 'previous', retires_at = ${retiresAt} where kid = ${kid}`
}

export async function deleteKeys(tx: Tx, kids: readonly string[]): Promise<void> {
  await tx`delete from signing_keys where kid = any(${kids as string[]})`
}

/** Deletes keys whose tokens have all expired; the issuers they were of. */
export async function deleteRetired(tx: Tx, now: Date): Promise<string[]> {
  const rows = await tx<{ issuer_id: string }[]>`
    delete from signing_keys where state = 'previous' and retires_at < ${now} returning issuer_id`
  return [...new Set(rows.map((row) => row.issuer_id))]
}

/** Issuers whose keys sign since before `before`, some of them. */
export async function listDue(sql: Sql, before: Date, limit: number): Promise<string[]> {
  const rows = await sql<{ issuer_id: string }[]>`
    select distinct issuer_id from (
      select issuer_id from signing_keys where state = 'active' and activated_at < ${before}
      order by activated_at limit ${limit}) due`
  return rows.map((row) => row.issuer_id)
}
