/** Forward-only migrations: numbered SQL files, each applied once, in a transaction, in order. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../service/refuse.ts'
import { connect } from './connect.ts'

export interface MigrateOptions {
  /** URL of the role that owns the schema. */
  readonly url: string
  readonly schema: string
  /** Folders of `NNNN-name.sql`, each numbered from 0001 without a gap; the ledger tells them apart by `name`. */
  readonly folders: readonly { readonly name: string; readonly path: string }[]
}

interface Migration {
  readonly id: string
  readonly sql: string
  readonly checksum: string
}

/**
 * Applies what is missing and returns the ids applied, such as `platform/0001-events`. Of several starters one applies
 * and the others wait. Throws `StartError` when an applied file has changed or the database knows a newer one.
 */
export async function migrate({ url, schema, folders }: MigrateOptions): Promise<string[]> {
  const migrations = folders.flatMap(readMigrations)
  const sql = connect(url, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 10,
    connection: { search_path: schema },
  })
  try {
    // A session lock, because every file commits on its own: a crash half way keeps what is done.
    await sql`select pg_advisory_lock(hashtextextended(${`pleiad/migrate/${schema}`}, 0))`
    await sql`
      create table if not exists migrations (
        id text primary key, checksum text not null, applied_at timestamptz not null default now())`
    const ledger = new Map(
      (await sql<{ id: string; checksum: string }[]>`select id, checksum from migrations`).map(
        ({ id, checksum }) => [id, checksum],
      ),
    )
    refuseUnknown(schema, migrations, ledger)
    const applied: string[] = []
    for (const migration of migrations) {
      if (ledger.has(migration.id)) continue
      await sql
        .begin(async (tx) => {
          await tx.unsafe(migration.sql)
          await tx`insert into migrations (id, checksum) values (${migration.id}, ${migration.checksum})`
        })
        .catch((error) => {
          throw new Error(`Migration ${migration.id} of ${schema} failed: ${(error as Error).message}`, {
            cause: error,
          })
        })
      applied.push(migration.id)
    }
    return applied
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Reads a folder's files in order. Throws when a number is missing or doubled. */
function readMigrations({ name, path }: { name: string; path: string }): Migration[] {
  if (!existsSync(path)) return []
  const files = readdirSync(path)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  return files.map((file, index) => {
    const number = String(index + 1).padStart(4, '0')
    if (!file.startsWith(`${number}-`))
      throw new Error(`${join(path, file)}: expected a file numbered ${number} here`)
    const sql = readFileSync(join(path, file), 'utf8')
    return {
      id: `${name}/${file.slice(0, -4)}`,
      sql,
      checksum: createHash('sha256').update(sql).digest('hex'),
    }
  })
}

function refuseUnknown(
  schema: string,
  migrations: readonly Migration[],
  ledger: ReadonlyMap<string, string>,
): void {
  const known = new Map(migrations.map(({ id, checksum }) => [id, checksum]))
  for (const [id, checksum] of ledger) {
    const ours = known.get(id)
    if (ours === undefined)
      throw new StartError(
        `The data is of a newer version: ${schema} has the migration ${id}, which this version does not know. Start the newer version.`,
      )
    if (ours !== checksum)
      throw new StartError(
        `The migration ${id} of ${schema} was changed after it was applied. Put the file back; a change belongs into a new migration.`,
      )
  }
}
