/**
 * The built-in database: a real PostgreSQL 18 as a child process, on a Unix socket, its data in `<data>/postgres`.
 * It lives in a session of its own, so Ctrl-C in the terminal reaches only the server, which stops it last.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { explainFolderError } from '../service/refuse.ts'
import { connect } from './connect.ts'
import {
  type EmbeddedOptions,
  environment,
  explain,
  type Place,
  prepare,
  type StartLog,
  seenBy,
  windows,
} from './data-directory.ts'
import { stopOrphan } from './orphan.ts'

const run = promisify(execFile)

export interface EmbeddedPostgres {
  /** Connection URL of the administrator, database `pleiad`. */
  readonly url: string
  /** Process id of the running PostgreSQL; changes when it had to be restarted after a crash. */
  readonly pid: number
  /** Ends all sessions and stops PostgreSQL with a checkpoint; resolves when it is gone. */
  stop(): Promise<void>
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

/** The administrator's connection URL. */
export function urlOf(place: Pick<Place, 'password' | 'port' | 'socketFolder'>): string {
  const credentials = `postgres://pleiad:${place.password}@`
  // With the folder of a Unix socket as `host`, as libpq and postgres.js read it.
  return windows
    ? `${credentials}127.0.0.1:${place.port}/pleiad`
    : `${credentials}${encodeURIComponent(place.socketFolder)}/pleiad`
}

function settings(place: Place, durable: boolean): string[] {
  const inData = place.socketFolder === place.directory
  const values: Record<string, string | number> = {
    listen_addresses: windows ? '127.0.0.1' : '',
    unix_socket_directories: windows ? '' : inData ? '.' : place.socketFolder,
    unix_socket_permissions: '0700',
    port: place.port,
    max_connections: 400,
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
