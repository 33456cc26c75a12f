/**
 * Replaces the key of a service's vault while the service runs. Every step can be repeated, so a rotation that was
 * killed is finished by the next one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { connect } from './connect.ts'
import type { Sql } from './store.ts'
import { addKey, keyIdOf, loadKeys, REFRESH_MS, rewrap, type SealedColumn, type VaultKey } from './vault.ts'

export interface RotationOptions {
  /** Connection URL of the service's role. */
  readonly url: string
  readonly schema: string
  readonly columns: readonly SealedColumn[]
  /** What the service's keys are encrypted under. */
  readonly master: Buffer
  readonly progress?: (step: RotationStep) => void
  /** Time for running processes to learn of the new key. */
  readonly settleMs?: number
  readonly batch?: number
  /** Breaks off between two steps. */
  readonly signal?: AbortSignal
}

/** What a rotation is about; `done` counts what was rewrapped in this pass over a column. */
export type RotationStep =
  | { readonly step: 'began'; readonly key: number; readonly resumed: boolean }
  | { readonly step: 'rewrapped'; readonly column: string; readonly done: number; readonly of: number }
  | { readonly step: 'waiting'; readonly seconds: number }
  | { readonly step: 'deleted'; readonly keys: readonly number[] }

export interface Rotation {
  readonly key: number
  readonly rewrapped: number
  /** Values that did not open, `table.column id`: they are left as they are, and so are the keys they name. */
  readonly damaged: readonly string[]
}

/** A rotation that was broken off less than this ago is finished instead of beginning another. */
const RESUME_MS = 86_400_000

/** Rejects when another rotation of the same service is at work. */
export async function rotateKeys(options: RotationOptions): Promise<Rotation> {
  const {
    schema,
    columns,
    master,
    progress = () => {},
    settleMs = REFRESH_MS + 5_000,
    batch = 200,
    signal,
  } = options
  const sql = connect(options.url, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 10,
    connection: {
      application_name: `pleiad-rotate-${schema}`,
      search_path: schema,
      statement_timeout: 0,
      lock_timeout: 60_000,
    },
  })
  try {
    // On the one connection, so it is held until the end, however that comes.
    const [lock] = await sql`select pg_try_advisory_lock(hashtext(${`pleiad:rotate:${schema}`})) as held`
    if (!lock!.held) throw new Error(`The keys of ${schema} are being rotated already`)
    const key = await newKey(sql, master, progress)
    const [{ age } = { age: 0 }] = await sql<{ age: number }[]>`
      select (extract(epoch from clock_timestamp() - created_at) * 1000)::float8 as age
      from vault_keys where id = ${key.id}`
    const made = performance.now() - age
    const keys = new Map((await loadKeys(sql as unknown as Sql, master)).map((each) => [each.id, each.key]))

    let rewrapped = 0
    const pass = async () => {
      const damaged: string[] = []
      for (const column of columns) {
        const result = await rewrapColumn(sql, column, { keys, to: key, batch, progress, signal })
        rewrapped += result.done
        damaged.push(...result.damaged)
      }
      return damaged
    }
    await pass()
    const wait = made + settleMs - performance.now()
    if (wait > 0) {
      progress({ step: 'waiting', seconds: Math.ceil(wait / 1000) })
      await sleep(wait, undefined, signal ? { signal } : {})
    }
    // Waits for the writers at work; afterwards nothing can be written under an older key (migration 0002).
    await sql`update vault_keys set retired_at = now() where id < ${key.id} and retired_at is null`
    const damaged = await pass()
    if (damaged.length === 0) {
      const gone = await sql<{ id: number }[]>`delete from vault_keys where id < ${key.id} returning id`
      progress({ step: 'deleted', keys: gone.map(({ id }) => id) })
    }
    return { key: key.id, rewrapped, damaged }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** The key to change to: a new one, or that of a rotation that was broken off. */
async function newKey(
  sql: postgres.Sql,
  master: Buffer,
  progress: (step: RotationStep) => void,
): Promise<VaultKey> {
  const there = await sql<{ id: number; fresh: boolean }[]>`
    select id, created_at > now() - make_interval(secs => ${RESUME_MS / 1000}) as fresh from vault_keys order by id`
  const last = there.at(-1)
  const resumed = there.length > 1 && last!.fresh
  const id = resumed ? last!.id : (last?.id ?? 0) + 1
  if (!resumed) await addKey(sql as unknown as Sql, master, id)
  progress({ step: 'began', key: id, resumed })
  return (await loadKeys(sql as unknown as Sql, master)).find((each) => each.id === id)!
}

interface Rewrapping {
  readonly keys: ReadonlyMap<number, Buffer>
  readonly to: VaultKey
  readonly batch: number
  readonly progress: (step: RotationStep) => void
  readonly signal: AbortSignal | undefined
}

/** Goes through the values that need another key, in the order of their ids. */
async function rewrapColumn(
  sql: postgres.Sql,
  { table, id, column, belongsTo }: SealedColumn,
  { keys, to, batch, progress, signal }: Rewrapping,
): Promise<{ done: number; damaged: string[] }> {
  const name = `${table}.${column}`
  const head = Buffer.alloc(5)
  head.writeUInt8(1)
  head.writeUInt32BE(to.id, 1)
  const old = sql`${sql(column)} is not null and substring(${sql(column)} from 1 for 5) <> ${head}`
  const [{ of, type } = { of: 0, type: 'text' }] = await sql<{ of: number; type: string }[]>`
    select (select count(*)::int from ${sql(table)} where ${old}) as of, format_type(atttypid, atttypmod) as type
    from pg_attribute where attrelid = ${table}::regclass and attname = ${id}`
  const typed = (text: postgres.Fragment) => sql`${text}::${sql.unsafe(type)}`
  const damaged: string[] = []
  let done = 0
  for (let last: string | undefined; ; ) {
    signal?.throwIfAborted()
    const after = last === undefined ? sql`` : sql`and ${sql(id)} > ${typed(sql`${last}::text`)}`
    const rows = await sql<{ id: string; value: Buffer }[]>`
      select ${sql(id)}::text as id, ${sql(column)} as value from ${sql(table)}
      where ${old} ${after} order by ${sql(table)}.${sql(id)} limit ${batch}`
    if (rows.length === 0) return { done, damaged }
    const changes = rows.flatMap((row) => {
      try {
        const value = rewrap(keys.get(keyIdOf(row.value))!, to, row.value, belongsTo(row.id))
        return [{ id: row.id, before: row.value.toString('hex'), after: value.toString('hex') }]
      } catch {
        damaged.push(`${name} ${row.id}`)
        return []
      }
    })
    // A value that somebody changed meanwhile is left alone: it is under the new key, or the next pass finds it.
    const changed = await sql`
      update ${sql(table)} t set ${sql(column)} = decode(c.after, 'hex')
      from jsonb_to_recordset(${sql.json(changes)}) as c(id text, before text, after text)
      where t.${sql(id)} = ${typed(sql`c.id`)} and t.${sql(column)} = decode(c.before, 'hex')`
    done += changed.count
    progress({ step: 'rewrapped', column: name, done, of: Math.max(of, done) })
    last = rows.at(-1)!.id
  }
}
