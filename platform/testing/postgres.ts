/** One real PostgreSQL for a run of the tests, and a database of its own for each test file. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../store/connect.ts'
import { startEmbeddedPostgres } from '../store/embedded.ts'

/** Vitest's global set-up: starts PostgreSQL and tells the test files where it is. Without fsync: the data is thrown away. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-postgres-'))
  const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
  const postgres = await startEmbeddedPostgres({ dataFolder: folder, log: quiet, durable: false })
  process.env['TEST_DATABASE_URL'] = postgres.url
  return async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface TestDatabase {
  /** URL of the administrator, on a fresh empty database. */
  readonly adminUrl: string
  readonly drop: () => Promise<void>
}

/** Makes an empty database. */
export async function testDatabase(): Promise<TestDatabase> {
  const base = process.env['TEST_DATABASE_URL']
  if (!base) throw new Error('The tests need the global set-up of vitest.config.ts')
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = connect(base, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${name}`)
  return {
    adminUrl: base.replace(/\/[^/]*$/, `/${name}`),
    drop: async () => {
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}
