/** The built-in PostgreSQL of a server that runs now, for commands beside it. */
import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { urlOf } from './embedded.ts'

/**
 * The administrator's connection URL of the PostgreSQL at work on `<dataFolder>/postgres`; undefined when there is none.
 * What it listens on is in its postmaster.pid: https://www.postgresql.org/docs/current/storage-file-layout.html
 */
export function runningPostgres(dataFolder: string): string | undefined {
  try {
    const root = realpathSync(dataFolder)
    const directory = path.join(root, 'postgres')
    const lines = readFileSync(path.join(directory, 'postmaster.pid'), 'utf8').split('\n')
    const [port, socketFolder] = [Number(lines[3]), lines[4]!.trim()]
    const password = readFileSync(path.join(root, 'postgres.password'), 'utf8').trim()
    // It may name its folder as its own working directory.
    return urlOf({ password, port, socketFolder: path.resolve(directory, socketFolder) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
