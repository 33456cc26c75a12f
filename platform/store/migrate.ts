/** Forward-only migrations: numbered SQL files, each applied once, in order, in a transaction of its own. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type postgres from 'postgres'
import { StartError } from '../service/refuse.ts'
import { connect } from './connect.ts'

export interface MigrateOptions {
  /** Connection URL of the schema's role. */
  readonly url: string
  readonly schema: string
  /** The platform's migrations, then the service's own; a folder that does not exist counts as empty. */
  readonly folders: readonly [platform: string, service: string]
  readonly log: { info(message: string): void }
  /** What else the tables need; runs each time, when they are up to date and before another starter goes on. */
  readonly finish?: (sql: postgres.Sql) => Promise<void>
}

interface Migration {
  readonly part: 'platform' | 'service'
  readonly number: number
  readonly file: string
  readonly checksum: string
  readonly sql: string
}

/**
 * Brings a schema up to date and resolves with the number of files applied; two starters may race, one applies.
 * Throws `StartError` with one line when the files have a gap, an applied file was changed, the schema is newer than
 * this code, or the SQL fails (that file is then rolled back whole, the ones before stay).
 */
export async function migrate({ url, schema, folders, log, finish }: MigrateOptions): Promise<number> {
  const files = [...readFolder('platform', folders[0]), ...readFolder('service', folders[1])]
  const sql = connect(url, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 10,
    connection: { application_name: `pleiad-migrate-${schema}`, search_path: schema, statement_timeout: 0 },
  })
  try {
    await sql`select pg_advisory_lock(hashtext(${`pleiad:migrate:${schema}`}))`
    await sql`
      create table if not exists migrations (
        part text not null, number int not null, file text not null, checksum text not null,
        applied_at timestamptz not null default now(), primary key (part, number))`
    const ledger = await sql<{ part: string; number: number; file: string; checksum: string }[]>`
      select part, number, file, checksum from migrations order by part, number`
    for (const row of ledger) {
      const file = files.find(({ part, number }) => part === row.part && number === row.number)
      if (!file)
        throw new StartError(
          `The data of ${schema} is from a newer version of Pleiad (it has ${row.part} migration ${row.file}). Start that version, or restore an older backup.`,
        )
      if (file.checksum !== row.checksum)
        throw new StartError(
          `Migration ${row.part}/${file.file} of ${schema} was changed after it was applied. Restore the file, and put the change into a new migration.`,
        )
    }
    const missing = files.filter(
      (file) => !ledger.some(({ part, number }) => part === file.part && number === file.number),
    )
    for (const { part, number, file, checksum, sql: text } of missing) {
      try {
        await sql.begin(async (tx) => {
          await tx.unsafe(text)
          await tx`insert into migrations (part, number, file, checksum) values (${part}, ${number}, ${file}, ${checksum})`
        })
      } catch (cause) {
        throw new StartError(`Migration ${part}/${file} of ${schema} failed: ${(cause as Error).message}`, {
          cause,
        })
      }
      log.info(`Migrated ${schema}: ${part}/${file}`)
    }
    await finish?.(sql)
    return missing.length
  } finally {
    // Ends the session, and with it the lock.
    await sql.end({ timeout: 5 })
  }
}

function readFolder(part: Migration['part'], folder: string): Migration[] {
  const files = list(folder)
  return files.map((file, index) => {
    const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(file)?.[1])
    if (Number.isNaN(number))
      throw new StartError(`${path.join(folder, file)} is not named like 0001-orders.sql`)
    if (number !== index + 1)
      throw new StartError(
        `${folder} has ${file} where number ${String(index + 1).padStart(4, '0')} is due: migrations are numbered without gaps or doubles.`,
      )
    // Git may have checked it out with other line ends; that is not a change.
    const sql = readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n')
    return { part, number, file, sql, checksum: createHash('sha256').update(sql).digest('hex') }
  })
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.sql'))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
