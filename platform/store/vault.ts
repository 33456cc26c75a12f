/**
 * Secrets of a service, encrypted at rest in two steps (envelope encryption): each value under a key of its own, and
 * that key under one of the service's, so that keys are changed without touching the values
 * (docs/decisions/0014-envelope-encryption.md).
 */
import { randomBytes } from 'node:crypto'
import { seal, unseal } from './sealing.ts'
import type { Sql } from './store.ts'

export interface Vault {
  /**
   * Encrypts a value for a column that the service declares in `sealed`. `belongsTo` is what the column's `belongsTo`
   * makes of the row's id: moved to another row the value does not open. Call it inside of `transact`, which repeats
   * the work when the key is replaced meanwhile.
   */
  readonly seal: (plain: string | Buffer, belongsTo: string) => Promise<Buffer>
  /** Decrypts; rejects when the value was changed or belongs to something else. */
  readonly open: (sealed: Buffer, belongsTo: string) => Promise<Buffer>
}

/** A column of type bytea that holds what `Vault.seal` made, or null. */
export interface SealedColumn {
  readonly table: string
  /** The column that tells the rows apart: the primary key, or unique and not null. */
  readonly id: string
  readonly column: string
  /** What the value in the row with this id (as text) was sealed for. */
  readonly belongsTo: (id: string) => string
}

export interface VaultKey {
  readonly id: number
  readonly key: Buffer
}

/** Sealed value: version, number of the service's key, wrapped key of the value, and what that opens. */
const VERSION = 1
const HEAD = 5
const WRAPPED = 12 + 16 + 32

/** Encrypts `plain` under a new key, which is wrapped under `by`. */
export function sealUnder({ id, key }: VaultKey, plain: string | Buffer, belongsTo: string): Buffer {
  const own = randomBytes(32)
  return Buffer.concat([wrap({ id, key }, own, belongsTo), seal(own, plain, belongsTo)])
}

function wrap({ id, key }: VaultKey, own: Buffer, belongsTo: string): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt8(VERSION)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, seal(key, own, `key of ${belongsTo}`)])
}

function unwrap(key: Buffer, sealed: Buffer, belongsTo: string): Buffer {
  return unseal(key, sealed.subarray(HEAD, HEAD + WRAPPED), `key of ${belongsTo}`)
}

/** The number of the service's key that a value needs; throws for what the vault did not make. */
export function keyIdOf(sealed: Buffer): number {
  if (sealed.length < HEAD + WRAPPED + 28 || sealed.readUInt8() !== VERSION)
    throw new Error('This is not a value that the vault sealed')
  return sealed.readUInt32BE(1)
}

export function openUnder(key: Buffer, sealed: Buffer, belongsTo: string): Buffer {
  return unseal(unwrap(key, sealed, belongsTo), sealed.subarray(HEAD + WRAPPED), belongsTo)
}

/** The same value, its own key wrapped under `to` instead of `from`. Throws unless the whole value opens. */
export function rewrap(from: Buffer, to: VaultKey, sealed: Buffer, belongsTo: string): Buffer {
  const own = unwrap(from, sealed, belongsTo)
  const body = sealed.subarray(HEAD + WRAPPED)
  unseal(own, body, belongsTo)
  return Buffer.concat([wrap(to, own, belongsTo), body])
}

/** The service's keys, oldest first. `master` opens them. */
export async function loadKeys(sql: Sql, master: Buffer): Promise<VaultKey[]> {
  const rows = await sql<{ id: number; sealed: Buffer }[]>`select id, sealed from vault_keys order by id`
  return rows.map(({ id, sealed }) => ({ id, key: openKey(master, id, sealed) }))
}

function openKey(master: Buffer, id: number, sealed: Buffer): Buffer {
  try {
    return unseal(master, sealed, `vault key ${id}`)
  } catch (cause) {
    throw new Error(
      `Vault key ${id} does not open: PLEIAD_SECRET (or secret.key) is not the one of this database`,
      { cause },
    )
  }
}

/** Adds a key with this number, unless there is one already. */
export async function addKey(sql: Sql, master: Buffer, id: number): Promise<void> {
  const sealed = seal(master, randomBytes(32), `vault key ${id}`)
  await sql`insert into vault_keys (id, sealed) values (${id}, ${sealed}) on conflict (id) do nothing`
}

/** After this time a process looks for a newer key before it seals; `rotateKeys` waits for longer than that. */
export const REFRESH_MS = 10_000
const PATIENCE_MS = 2_000

/** Opens the vault of a service; `master` has 32 bytes. Makes the first key where there is none. */
export async function openVault(
  sql: Sql,
  master: Buffer,
  { refreshMs = REFRESH_MS }: { readonly refreshMs?: number } = {},
): Promise<Vault> {
  const known = new Map<number, Buffer>()
  let newest: VaultKey | undefined
  let loadedAt = 0
  let loading: Promise<void> | undefined
  let loadingSince = 0

  async function load(): Promise<void> {
    const at = performance.now()
    for (const each of await loadKeys(sql, master)) {
      known.set(each.id, each.key)
      newest = each
    }
    loadedAt = at
  }
  /** Not for ever: whoever waits inside of a transaction may hold the connection that loading needs. */
  function reload(patienceOf: (begun: number) => number = () => PATIENCE_MS): Promise<unknown> {
    if (!loading) {
      loadingSince = performance.now()
      loading = load().finally(() => {
        loading = undefined
      })
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, patienceOf(loadingSince))
    })
    return Promise.race([loading, late]).finally(() => clearTimeout(timer))
  }

  await load()
  if (!newest) {
    await addKey(sql, master, 1)
    await load()
  }

  return {
    seal: async (plain, belongsTo) => {
      // A key that is out of date still does: what is sealed under it opens, and the database refuses retired ones.
      // So the patience is of all together: transactions that come to it one after another, each behind the other's lock,
      // would wait for longer than their statements may take.
      if (performance.now() - loadedAt >= refreshMs)
        await reload((begun) => Math.max(0, begun + PATIENCE_MS - performance.now())).catch(() => {})
      return sealUnder(newest!, plain, belongsTo)
    },
    open: async (sealed, belongsTo) => {
      const id = keyIdOf(sealed)
      if (!known.has(id)) await reload()
      const key = known.get(id)
      if (!key) throw new Error(`The vault key ${id} of a sealed value is not known`)
      try {
        return openUnder(key, sealed, belongsTo)
      } catch (cause) {
        throw new Error('A sealed value does not open: it was changed, or belongs to something else', {
          cause,
        })
      }
    },
  }
}

/** The vault of a service that declares no sealed column: what it would seal could not survive a rotation. */
export const closedVault: Vault = {
  seal: () => Promise.reject(new Error('The service declares no `sealed` columns in its definition')),
  open: () => Promise.reject(new Error('The service declares no `sealed` columns in its definition')),
}
