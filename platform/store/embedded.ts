/**
 * The built-in database: a real PostgreSQL 18 as a child process, on a Unix socket, its data in `<data>/postgres`.
 * It lives in a session of its own, so Ctrl-C in the terminal reaches only the server, which stops it last.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
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
import { setTimeout as sleep } from 'node:timers/promises'
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
import { connect } from './connect.ts'
import { stopOrphan } from './orphan.ts'

const run = promisify(execFile)
const windows = process.platform === 'win32'

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

export interface EmbeddedPostgres {
  /** Connection URL of the administrator, database `pleiad`. */
  readonly url: string
  /** Process id of the running PostgreSQL; changes when it had to be restarted after a crash. */
  readonly pid: number
  /** Ends all sessions and stops PostgreSQL with a checkpoint; resolves when it is gone. */
  stop(): Promise<void>
}

interface Place {
  readonly directory: string
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly socketFolder: string
  readonly port: number
  readonly password: string
}

/**
 * Starts PostgreSQL on `<dataFolder>/postgres`, making the database at the first start and stopping one left behind
 * by a killed server. Restarts it with a growing pause when it crashes. Throws `StartError` with one clear line when
 * the data is of another major version, the disk is full, or PostgreSQL cannot run here.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { log } = options
  const place = await prepare(options).catch((error) => {
    throw explainFolderError(error, options.dataFolder)
  })
  let child = await launch(place, options)
  await ensureDatabase(place)
  let stopping = false
  const watch = (watched: ChildProcess) => watched.once('exit', () => void (stopping || restart()))
  const restart = async () => {
    for (let pause = 100; !stopping; pause = Math.min(pause * 2, 10_000)) {
      log.error(`PostgreSQL ended unexpectedly; starting it again in ${pause} ms`)
      await sleep(pause)
      if (stopping) return
      try {
        await stopOrphan(place.directory)
        child = await launch(place, options)
        log.warn('PostgreSQL is running again')
        if (stopping) await end(child, place)
        else watch(child)
        return
      } catch (error) {
        log.error((error as Error).message)
      }
    }
  }
  watch(child)
  return {
    url: urlOf(place),
    get pid() {
      return child.pid!
    },
    async stop() {
      stopping = true
      await end(child, place)
    },
  }
}

/** Makes the database `pleiad` when it is not there; a start killed before this point finds it missing again. */
async function ensureDatabase(place: Place): Promise<void> {
  const admin = connect(urlOf(place).replace(/[^/]*$/, 'postgres'), { max: 1, onnotice: () => {} })
  try {
    const [found] = await admin`select from pg_database where datname = 'pleiad'`
    if (!found) await admin`create database pleiad`
  } finally {
    await admin.end({ timeout: 5 })
  }
}

function urlOf(place: Place): string {
  const credentials = `postgres://pleiad:${place.password}@`
  // With the folder of a Unix socket as `host`, as libpq and postgres.js read it.
  return windows
    ? `${credentials}127.0.0.1:${place.port}/pleiad`
    : `${credentials}${encodeURIComponent(place.socketFolder)}/pleiad`
}

async function prepare({ dataFolder, durable, log }: EmbeddedOptions): Promise<Place> {
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
function seenBy(account: Account | undefined, folder: string): string {
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

function environment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, LC_ALL: 'C', TZ: 'UTC', ...(windows ? { SystemRoot, TEMP } : {}) }
}

function settings(place: Place, durable: boolean): string[] {
  const inData = place.socketFolder === place.directory
  const values: Record<string, string | number> = {
    listen_addresses: windows ? '127.0.0.1' : '',
    unix_socket_directories: windows ? '' : inData ? '.' : place.socketFolder,
    unix_socket_permissions: '0700',
    port: place.port,
    max_connections: 200,
    shared_buffers: '128MB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    max_wal_size: '512MB',
    // Short requests gain nothing from parallel plans, and those need more shared memory than containers have.
    max_parallel_workers_per_gather: 0,
    jit: 'off',
    log_checkpoints: 'off',
    // Leaves out ERROR: those are the answers to statements, reported where they were asked.
    log_min_messages: 'log',
    log_line_prefix: '',
    logging_collector: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Starts the process and resolves when it takes connections, however long crash recovery needs. */
async function launch(place: Place, { log, durable }: EmbeddedOptions): Promise<ChildProcess> {
  const child = spawn(
    place.binaries.postgres,
    ['-D', seenBy(place.account, place.directory), ...settings(place, durable !== false)],
    {
      cwd: place.directory,
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: !windows,
      windowsHide: true,
      ...place.account,
    },
  )
  const said: string[] = []
  const started = Date.now()
  const patience = setInterval(
    () => log.info(`PostgreSQL is recovering (${Math.round((Date.now() - started) / 1000)} s)`),
    10_000,
  )
  try {
    await new Promise<void>((resolve, reject) => {
      let rest = ''
      child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop()!
        for (const line of lines) {
          said.splice(0, said.length - 20, line)
          report(line, log)
          if (line.includes('database system is ready to accept connections')) resolve()
        }
      })
      child.once('error', reject)
      child.once('close', () => reject(explain(said.join('\n'), path.dirname(place.directory))))
    })
  } finally {
    clearInterval(patience)
  }
  // The server must be able to end without waiting for this pipe.
  ;(child.stderr as unknown as { unref(): void }).unref()
  return child
}

function report(line: string, log: StartLog): void {
  if (/^(FATAL|PANIC):/.test(line)) log.warn(`PostgreSQL: ${line}`)
  else log.debug(`PostgreSQL: ${line}`)
}

function explain(said: string, folder: string, cause?: unknown): unknown {
  if (/No space left on device/i.test(said)) return explainFolderError({ code: 'ENOSPC' }, folder)
  const line =
    said.split('\n').findLast((text) => /error:|FATAL:|PANIC:/.test(text)) ?? said.split('\n').at(-1)
  return new StartError(`PostgreSQL could not start: ${line || 'it ended without a word'}`, { cause })
}

/** Fast shutdown: sessions are ended, a checkpoint is written. After 30 s it is ended at once, which is still safe. */
async function end(child: ChildProcess, place: Place): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  if (windows)
    void run(place.binaries.pgCtl, ['stop', '-m', 'fast', '-D', place.directory]).catch(() => child.kill())
  else child.kill('SIGINT')
  const impatient = setTimeout(() => child.kill('SIGQUIT'), 30_000)
  await gone
  clearTimeout(impatient)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
