/** For tests: a PostgreSQL with streaming standbys, real ones, that can be paused, killed and made silent. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, accountFor, locateBinaries, reachableBinaries } from '../store/binaries.ts'
import { connect } from '../store/connect.ts'
import { environment } from '../store/data-directory.ts'
import { startEmbeddedPostgres } from '../store/embedded.ts'
import { processesOf } from '../store/orphan.ts'

export interface TestStandby {
  readonly url: string
  /** Replays nothing more; what was replayed can be read. */
  readonly pause: () => Promise<void>
  readonly resume: () => Promise<void>
  /** Makes a primary of it. */
  readonly promote: () => Promise<void>
  /** Ends all its processes at once, with SIGKILL. */
  readonly kill: () => Promise<void>
  /** Starts it again after `kill`. */
  readonly start: () => Promise<void>
  /** Its connections stay, and nothing answers on them. */
  readonly freeze: () => void
  readonly thaw: () => void
}

export interface Replicated {
  readonly primaryUrl: string
  readonly standbys: readonly TestStandby[]
  readonly stop: () => Promise<void>
}

/** Starts a PostgreSQL of its own with `count` standbys. */
export async function startReplicated(count = 1): Promise<Replicated> {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-standby-'))
  // PostgreSQL's own account passes through, when this runs as root.
  chmodSync(folder, 0o711)
  const quiet = { debug() {}, info() {}, warn() {}, error: console.error }
  const primary = await startEmbeddedPostgres({ dataFolder: folder, log: quiet, durable: false })
  const made: { readonly standby: TestStandby; readonly end: () => Promise<void> }[] = []
  const stop = async () => {
    for (const { end } of made) await end()
    await primary.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (let n = 1; n <= count; n++) made.push(await addStandby(folder, primary.url, n))
  } catch (error) {
    await stop()
    throw error
  }
  return { primaryUrl: primary.url, standbys: made.map(({ standby }) => standby), stop }
}

async function run(url: string, text: string): Promise<void> {
  const sql = connect(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(text).finally(() => sql.end({ timeout: 5 }))
}

async function addStandby(folder: string, primaryUrl: string, n: number) {
  const primaryFolder = join(folder, 'postgres')
  const directory = join(folder, `standby${n}`)
  const account = accountFor(primaryFolder)
  await copyRunning(primaryUrl, primaryFolder, directory, account)
  const { username, password } = new URL(primaryUrl)
  const primary = `host=${primaryFolder} port=5432 user=${username} password=${password}`
  appendFileSync(join(directory, 'postgresql.auto.conf'), `primary_conninfo = '${primary}'\n`)
  writeFileSync(join(directory, 'standby.signal'), '', { mode: 0o600 })
  if (account) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, directory])
  const url = primaryUrl.replace(encodeURIComponent(primaryFolder), encodeURIComponent(directory))

  let child: ChildProcess
  const signal = (name: NodeJS.Signals) => {
    for (const pid of processesOf(directory))
      try {
        process.kill(pid, name)
      } catch {
        // It ended by itself between looking and signalling.
      }
  }
  const start = async () => {
    child = await launch(directory, account)
  }
  const stopWith = async (name: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    signal(name)
    await gone
  }
  await start()
  const standby: TestStandby = {
    url,
    pause: () => run(url, 'select pg_wal_replay_pause()'),
    resume: () => run(url, 'select pg_wal_replay_resume()'),
    promote: () => run(url, 'select pg_promote()'),
    kill: () => stopWith('SIGKILL'),
    start,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
  }
  return { standby, end: () => stopWith('SIGKILL') }
}

/** A base backup without pg_basebackup, which is not among the built-in programs. */
async function copyRunning(
  primaryUrl: string,
  from: string,
  to: string,
  account: Account | undefined,
): Promise<void> {
  const sql = connect(primaryUrl, { max: 1, onnotice: () => {} })
  try {
    await sql`select pg_backup_start('standby', true)`
    execFileSync('mkdir', ['-m', '0700', to])
    const copied = readdirSync(from).filter((name) => !/^(postmaster\.|\.s\.PGSQL|pg_wal$)/.test(name))
    execFileSync('cp', ['-a', ...copied.map((name) => join(from, name)), to])
    execFileSync('mkdir', ['-p', '-m', '0700', join(to, 'pg_wal')])
    const [stopped] = await sql<{ labelfile: string }[]>`select labelfile from pg_backup_stop(false)`
    writeFileSync(join(to, 'backup_label'), stopped!.labelfile, { mode: 0o600, ...account })
  } finally {
    await sql.end()
  }
}

/** Resolves when it takes connections. */
async function launch(directory: string, account: Account | undefined): Promise<ChildProcess> {
  const { postgres } = reachableBinaries(await locateBinaries(), account)
  const settings = {
    listen_addresses: '',
    unix_socket_directories: '.',
    port: 5432,
    // As many as the primary has, or it would not follow.
    max_connections: 400,
    fsync: 'off',
    // A read that is in the way of what is replayed gives way at once.
    max_standby_streaming_delay: 0,
    wal_retrieve_retry_interval: '200ms',
  }
  const child = spawn(
    postgres,
    ['-D', directory, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { cwd: directory, env: environment(), stdio: ['ignore', 'ignore', 'pipe'], detached: true, ...account },
  )
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
      if (said.includes('ready to accept read-only connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`The standby did not start: ${said}`)))
  })
  return child
}
