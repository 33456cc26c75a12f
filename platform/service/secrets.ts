/** The data folder: whose it is, of which version, and the installation's secret. */
import { hkdfSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { explainFolderError, StartError } from './refuse.ts'

/** Layout of the data folder. A folder of a higher version is refused. */
const DATA_VERSION = 1

export interface DataFolder {
  readonly path: string
  /** 32 bytes for `purpose`: HKDF-SHA256 (RFC 5869) of the installation's secret. */
  readonly deriveKey: (purpose: string) => Buffer
  /** Lets another process use the folder. */
  readonly close: () => void
}

/**
 * Opens `folder` for this process alone, making it and its secret on the first start (mode 0700 and 0600). `secret`
 * replaces the kept one. Throws `StartError` with one clear line when it is in use, newer, full or not writable.
 */
export function openDataFolder(folder: string, secret?: string): DataFolder {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const root = realpathSync(folder)
    const unlock = lock(root)
    try {
      checkVersion(root)
      const key = secret === undefined ? keptSecret(root) : givenSecret(secret)
      return {
        path: root,
        deriveKey: (purpose) => Buffer.from(hkdfSync('sha256', key, 'pleiad', purpose, 32)),
        close: unlock,
      }
    } catch (error) {
      unlock()
      throw error
    }
  } catch (error) {
    throw explainFolderError(error, folder)
  }
}

function checkVersion(root: string): void {
  const file = path.join(root, 'version')
  if (!existsSync(file)) writeFileSync(file, `${DATA_VERSION}\n`, { mode: 0o600 })
  const found = Number(readFileSync(file, 'utf8').trim())
  if (!Number.isInteger(found) || found > DATA_VERSION)
    throw new StartError(
      `The data in ${root} is of a newer version (${found}; this one knows ${DATA_VERSION}). Start the newer version, or set PLEIAD_DATA to another folder.`,
    )
}

function keptSecret(root: string): Buffer {
  const file = path.join(root, 'secret.key')
  if (!existsSync(file))
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  return givenSecret(readFileSync(file, 'utf8').trim())
}

function givenSecret(text: string): Buffer {
  const key = Buffer.from(text, 'base64url')
  if (key.length < 32)
    throw new StartError(
      'PLEIAD_SECRET must be at least 32 random bytes in base64url (openssl rand -base64 32).',
    )
  return key
}

/**
 * A lock file with the owner's pid and start time: a pid alone would be believed when another program has it now.
 * Returns what releases it.
 */
function lock(root: string): () => void {
  const file = path.join(root, 'lock')
  const mine = `${process.pid} ${startTime(process.pid) ?? ''}`
  for (let attempt = 0; ; attempt++) {
    try {
      const descriptor = openSync(file, 'wx', 0o600)
      writeSync(descriptor, mine)
      closeSync(descriptor)
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST' || attempt > 3) throw error
      const [pid = '', started = ''] = readFileSync(file, 'utf8').split(' ')
      if (isRunning(Number(pid)) && (startTime(Number(pid)) ?? '') === started)
        throw new StartError(
          `Pleiad already runs on ${root} (process ${pid}). Stop it, or set PLEIAD_DATA to another folder.`,
        )
      rmSync(file, { force: true })
    }
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

/** When a process started, in clock ticks since boot (proc(5), field 22); undefined where the system does not tell. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
