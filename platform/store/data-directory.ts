/** Where PostgreSQL keeps its data: made at the first start, checked at every other, and how its processes are told of it. */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { explainFolderError, StartError } from '../service/refuse.ts'
import {
  type Account,
  accountFor,
  type Binaries,
  canReach,
  locateBinaries,
  POSTGRES_MAJOR,
  reachableBinaries,
} from './binaries.ts'
import { stopOrphan } from './orphan.ts'

const run = promisify(execFile)
export const windows = process.platform === 'win32'

/** The part of pino's logger this file uses. */
export interface StartLog {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export interface EmbeddedOptions {
  /** The data folder; the caller holds its lock, so that no other Pleiad works on it. */
  readonly dataFolder: string
  readonly log: StartLog
  /** False gives up crash safety (fsync off) for speed. Only for throw-away data in tests. Default true. */
  readonly durable?: boolean
}

/** One data directory, and how its PostgreSQL is reached. */
export interface Place {
  readonly directory: string
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly socketFolder: string
  readonly port: number
  readonly password: string
}

/** The place in `dataFolder`, made if it is not there, with no other PostgreSQL at work on it. */
export async function prepare({ dataFolder, durable, log }: EmbeddedOptions): Promise<Place> {
  // Others may pass through (PostgreSQL's account, when this runs as root), but not look around.
  mkdirSync(dataFolder, { recursive: true, mode: 0o711 })
  const root = realpathSync(dataFolder)
  const directory = path.join(root, 'postgres')
  const account = accountFor(directory)
  const binaries = reachableBinaries(await locateBinaries(), account)
  const passwordFile = path.join(root, 'postgres.password')
  const fresh = !existsSync(directory)
  if (fresh || !existsSync(passwordFile)) {
    if (!fresh)
      throw new StartError(
        `${passwordFile} is missing: put it back from your backup, or move ${directory} away to start anew.`,
      )
    writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  }
  const password = readFileSync(passwordFile, 'utf8').trim()
  if (fresh) {
    log.info('Creating the database (first start)')
    await initialise(directory, binaries, account, password, durable !== false)
  }
  const major = Number.parseInt(readFileSync(path.join(directory, 'PG_VERSION'), 'utf8'), 10)
  if (major > POSTGRES_MAJOR)
    throw new StartError(
      `${directory} was written by PostgreSQL ${major}, newer than the built-in ${POSTGRES_MAJOR}. Use the Pleiad version that wrote it.`,
    )
  if (major < POSTGRES_MAJOR)
    throw new StartError(
      `${directory} was written by PostgreSQL ${major}; the built-in one is ${POSTGRES_MAJOR}. Dump it with the older Pleiad and load it into an empty data folder.`,
    )
  if (await stopOrphan(directory)) log.warn('Stopped a PostgreSQL that a killed server had left behind')
  return {
    directory,
    binaries,
    account,
    password,
    socketFolder: socketFolderFor(directory, account),
    port: windows ? await freePort() : 5432,
  }
}

/** Makes the database beside its final place, so that a start that is killed half-way leaves nothing half made. */
async function initialise(
  directory: string,
  binaries: Binaries,
  account: Account | undefined,
  password: string,
  durable: boolean,
) {
  const staging = `${directory}.new`
  rmSync(staging, { recursive: true, force: true })
  mkdirSync(staging, { mode: 0o700 })
  const secret = mkdtempSync(path.join(tmpdir(), 'pleiad-'))
  const passwordFile = path.join(secret, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (account) for (const file of [staging, secret, passwordFile]) chownSync(file, account.uid, account.gid)
  try {
    await run(
      binaries.initdb,
      [
        '-D',
        seenBy(account, staging),
        '-U',
        'pleiad',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        // The built-in provider sorts and folds the same on every operating system.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
        ...(durable ? [] : ['--no-sync']),
      ],
      { cwd: staging, env: environment(), windowsHide: true, ...account },
    )
    // Single-user mode: the database is there before anybody can connect, and before the folder gets its name.
    const single = run(binaries.postgres, ['--single', '-D', seenBy(account, staging), 'postgres'], {
      cwd: staging,
      env: environment(),
      windowsHide: true,
      ...account,
    })
    single.child.stdin!.end('create database pleiad\n')
    await single
    renameSync(staging, directory)
  } catch (error) {
    const said = `${(error as { stderr?: string }).stderr ?? ''}`.trim()
    rmSync(staging, { recursive: true, force: true })
    throw explain(said || (error as Error).message, path.dirname(directory), error)
  } finally {
    rmSync(secret, { recursive: true, force: true })
  }
}

/**
 * The path PostgreSQL is given. When its account may not walk there (the data is in root's home), the folder is
 * handed over as the working directory, which needs no walking.
 */
export function seenBy(account: Account | undefined, folder: string): string {
  return account && process.platform === 'linux' && !canReach(account, folder) ? '/proc/self/cwd' : folder
}

/** The socket lies in the data itself (mode 0700); a path too long for a socket address is replaced by a short one. */
function socketFolderFor(directory: string, account: Account | undefined): string {
  // sun_path takes 108 bytes on Linux and 104 on macOS, with `/.s.PGSQL.5432.lock` to come.
  if (Buffer.byteLength(directory) <= 80) return directory
  const folder = path.join(
    '/tmp',
    `pleiad-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`,
  )
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  if (account) chownSync(folder, account.uid, account.gid)
  return folder
}

/** The environment of every PostgreSQL program: nothing of ours. */
export function environment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, LC_ALL: 'C', TZ: 'UTC', ...(windows ? { SystemRoot, TEMP } : {}) }
}

/** What PostgreSQL said when it could not go on, as one clear line. */
export function explain(said: string, folder: string, cause?: unknown): unknown {
  if (/No space left on device/i.test(said)) return explainFolderError({ code: 'ENOSPC' }, folder)
  const line =
    said.split('\n').findLast((text) => /error:|FATAL:|PANIC:/.test(text)) ?? said.split('\n').at(-1)
  return new StartError(`PostgreSQL could not start: ${line || 'it ended without a word'}`, { cause })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
