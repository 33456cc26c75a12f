/** The data folder: its lock, its version, and the installation's secret from which every key is derived. */
import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { explainFolderError, StartError } from './refuse.ts'

/** https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5

/** Version of what lies in the data folder beside PostgreSQL's own data. Raise it when older code cannot read it. */
export const DATA_VERSION = 1

export interface DataFolder {
  /** Absolute path. */
  readonly path: string
  /** 32 bytes for `purpose`: HKDF-SHA256 (RFC 5869) of the installation's secret. The same on every call and process. */
  readonly deriveKey: (purpose: string) => Buffer
  /** Gives the lock back. */
  readonly close: () => void
}

/**
 * Opens the data folder, making it at the first start, and locks it for this process. `secret` replaces the secret
 * file: the processes of a cluster share it. Throws `StartError` with one line when another process uses the folder,
 * its version is newer than this code, the disk is full or the folder cannot be written.
 */
export function openDataFolder(folder: string, secret?: string): DataFolder {
  let close = () => {}
  try {
    mkdirSync(folder, { recursive: true, mode: 0o711 })
    const root = realpathSync(folder)
    close = lock(root)
    checkVersion(root)
    const master = secret === undefined ? readSecret(root) : secretFrom(secret)
    return { path: root, deriveKey: derivation(master), close }
  } catch (error) {
    close()
    throw explainFolderError(error, path.resolve(folder))
  }
}

/**
 * What a command beside a running server needs of the data folder: nothing is locked, made or changed. `secret` replaces
 * the secret file.
 */
export function readDataFolder(folder: string, secret?: string): Pick<DataFolder, 'deriveKey'> {
  const file = path.join(path.resolve(folder), 'secret.key')
  if (secret === undefined && !existsSync(file))
    throw new StartError(`${file} is missing: set PLEIAD_SECRET or PLEIAD_DATA to those of the installation.`)
  try {
    const master = secret === undefined ? secretIn(file) : secretFrom(secret)
    return { deriveKey: derivation(master) }
  } catch (error) {
    throw explainFolderError(error, path.resolve(folder))
  }
}

/** Whether a server works on the data folder now. */
export function isInUse(folder: string): boolean {
  if (!existsSync(path.join(folder, 'lock'))) return false
  try {
    lock(realpathSync(folder))()
    return false
  } catch (error) {
    if (error instanceof StartError) return true
    throw error
  }
}

/**
 * Holds SQLite's exclusive lock on `<folder>/lock`. The operating system drops it with the process, however that
 * ends, so there is no stale lock and no process id to be fooled by; and it works on every system Node runs on.
 */
function lock(root: string): () => void {
  const file = path.join(root, 'lock')
  const holder = path.join(root, 'lock.pid')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    database.exec('pragma journal_mode = memory; begin exclusive')
    writeFileSync(holder, `${process.pid}\n`)
  } catch (error) {
    database?.close()
    const { errcode } = error as { errcode?: number }
    if (errcode === SQLITE_BUSY)
      throw new StartError(
        `Pleiad already runs on ${root}${runBy(holder)}. Stop it first, or set PLEIAD_DATA to another folder.`,
      )
    if (errcode === undefined) throw error
    throw new StartError(
      `${file} cannot be locked (${(error as Error).message}). Check the disk and the folder's permissions.`,
      { cause: error },
    )
  }
  const held = database
  return () => {
    rmSync(holder, { force: true })
    held.close()
  }
}

function runBy(holder: string): string {
  try {
    return ` (process ${readFileSync(holder, 'utf8').trim()})`
  } catch {
    return ''
  }
}

function checkVersion(root: string): void {
  const file = path.join(root, 'version')
  if (!existsSync(file)) {
    writeWhole(file, `${DATA_VERSION}\n`, 0o644)
    return
  }
  const text = readFileSync(file, 'utf8').trim()
  const version = Number(text)
  if (!Number.isInteger(version))
    throw new StartError(`${file} is damaged: it says "${text.slice(0, 40)}" where a number belongs.`)
  if (version > DATA_VERSION)
    throw new StartError(
      `${root} was written by a newer Pleiad (data version ${version}; this one reads ${DATA_VERSION}). Start the newer Pleiad, or use another folder.`,
    )
}

function derivation(master: Buffer): DataFolder['deriveKey'] {
  return (purpose) => Buffer.from(hkdfSync('sha256', master, 'pleiad', purpose, 32))
}

function readSecret(root: string): Buffer {
  const file = path.join(root, 'secret.key')
  if (!existsSync(file)) {
    // Made anew beside existing data, it could open nothing that is encrypted there.
    if (existsSync(path.join(root, 'postgres')))
      throw new StartError(`${file} is missing: put it back from your backup, or set PLEIAD_SECRET.`)
    writeWhole(file, `${randomBytes(32).toString('base64url')}\n`, 0o600)
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
  return secretIn(file)
}

function secretIn(file: string): Buffer {
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[\w-]{43}$/.test(text)) throw new StartError(`${file} is damaged: put it back from your backup.`)
  return Buffer.from(text, 'base64url')
}

function secretFrom(text: string): Buffer {
  if (text.length < 32)
    throw new StartError(
      'PLEIAD_SECRET must have at least 32 characters; make one with: openssl rand -base64 32',
    )
  return createHmac('sha256', 'pleiad secret').update(text).digest()
}

/** Writes a file that is there whole or not at all, even when this process is killed or the disk is full. */
function writeWhole(file: string, text: string, mode: number): void {
  const staging = `${file}.${process.pid}`
  rmSync(staging, { force: true })
  try {
    writeFileSync(staging, text, { mode, flush: true })
    linkSync(staging, file)
  } finally {
    rmSync(staging, { force: true })
  }
}
