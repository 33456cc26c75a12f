import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { accountFor, canReach, locateBinaries, reachableBinaries } from './binaries.ts'
import { connect } from './connect.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts'
import { isAlive, processesOf, stopOrphan } from './orphan.ts'

let folder = ''
let lines: string[] = []
let started: EmbeddedPostgres[] = []
const say = (line: string) => void lines.push(line)
const log = { debug: say, info: say, warn: say, error: say }

async function start(dataFolder = folder): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataFolder, log })
  started.push(postgres)
  return postgres
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const sql = connect(url, { max: 1, onnotice: () => {} })
  try {
    return [...(await sql.unsafe(text))]
  } finally {
    await sql.end()
  }
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pleiad-embedded-'))
  lines = []
  started = []
})
afterEach(async () => {
  for (const postgres of started) await postgres.stop()
  await stopOrphan(path.join(folder, 'postgres'))
  rmSync(folder, { recursive: true, force: true })
})

test('keeps its data over a restart, listens on no network address, and is gone after stop', async () => {
  const first = await start()
  await query(first.url, "create table kept (word text); insert into kept values ('страница')")
  const [settings] = await query(
    first.url,
    `select current_setting('listen_addresses') as network, current_setting('fsync') as fsync,
      current_setting('max_connections') as connections, lower('ЁЖ') as lower`,
  )
  expect(settings).toEqual({ network: '', fsync: 'on', connections: '400', lower: 'ёж' })
  const { pid } = first
  await first.stop()
  expect(isAlive(pid)).toBe(false)
  await first.stop()
  const second = await start()
  expect(await query(second.url, 'select word from kept')).toEqual([{ word: 'страница' }])
})

test('a wrong password is refused', async () => {
  const { url } = await start()
  await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
    'password authentication failed',
  )
})

test('a PostgreSQL whose server was killed with -9 is stopped, and its data is there', async () => {
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(fileURLToPath(new URL('./embedded.ts', import.meta.url)))}
    import { connect } from ${JSON.stringify(fileURLToPath(new URL('./connect.ts', import.meta.url)))}
    const quiet = { debug() {}, info() {}, warn() {}, error() {} }
    const postgres = await startEmbeddedPostgres({ dataFolder: ${JSON.stringify(folder)}, log: quiet })
    const sql = connect(postgres.url, { max: 1 })
    await sql\`create table kept (n int)\`
    await sql\`insert into kept values (7)\`
    console.log(postgres.pid)
    setInterval(() => {}, 1000)`
  const killed = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = Number(
    await new Promise((resolve) => killed.stdout.once('data', (chunk) => resolve(String(chunk)))),
  )
  killed.kill('SIGKILL')
  await new Promise((resolve) => killed.once('exit', resolve))
  expect(isAlive(pid)).toBe(true)
  const next = await start()
  expect(processesOf(path.join(folder, 'postgres'))).not.toContain(pid)
  expect(lines).toContain('Stopped a PostgreSQL that a killed server had left behind')
  expect(processesOf(path.join(folder, 'postgres'))).toContain(next.pid)
  expect(await query(next.url, 'select n from kept')).toEqual([{ n: 7 }])
})

test('a pid file whose process is now another program is not believed', async () => {
  await (await start()).stop()
  const file = path.join(folder, 'postgres', 'postmaster.pid')
  writeFileSync(file, `${process.pid}\n${folder}/postgres\n1700000000\n5432\n\n\n`)
  const next = await start()
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('server processes whose postmaster was killed are stopped before the next start', async () => {
  const first = await start()
  // Stopped processes do not notice that the postmaster died.
  const all = processesOf(path.join(folder, 'postgres'))
  const frozen = all.filter((pid) => pid !== first.pid)
  for (const pid of frozen) process.kill(pid, 'SIGSTOP')
  process.kill(first.pid, 'SIGKILL')
  await vi.waitFor(() => expect(lines.some((line) => line.includes('is running again'))).toBe(true), 20_000)
  const left = processesOf(path.join(folder, 'postgres'))
  expect(frozen.filter((pid) => left.includes(pid))).toEqual([])
  expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a crashed PostgreSQL is started again and says so', async () => {
  const postgres = await start()
  await query(postgres.url, 'create table kept (n int); insert into kept values (1)')
  const before = postgres.pid
  process.kill(before, 'SIGKILL')
  await vi.waitFor(() => expect(lines.some((line) => line.includes('is running again'))).toBe(true), 20_000)
  expect(postgres.pid).not.toBe(before)
  expect(lines.some((line) => line.startsWith('PostgreSQL ended unexpectedly'))).toBe(true)
  expect(await query(postgres.url, 'select n from kept')).toEqual([{ n: 1 }])
})

test('goes on trying while it cannot be started, until it is stopped', async () => {
  const postgres = await start()
  const control = path.join(folder, 'postgres', 'global', 'pg_control')
  const content = readFileSync(control)
  rmSync(control)
  process.kill(postgres.pid, 'SIGKILL')
  await vi.waitFor(
    () => expect(lines.some((line) => line.startsWith('PostgreSQL could not start:'))).toBe(true),
    20_000,
  )
  await postgres.stop()
  writeFileSync(control, content)
  chmodSync(control, 0o600)
})

test.each([
  ['19', 'was written by PostgreSQL 19, newer than the built-in 18'],
  ['17', 'was written by PostgreSQL 17; the built-in one is 18'],
])('data of PostgreSQL %s is refused', async (version, line) => {
  mkdirSync(path.join(folder, 'postgres'))
  writeFileSync(path.join(folder, 'postgres.password'), 'secret')
  writeFileSync(path.join(folder, 'postgres', 'PG_VERSION'), `${version}\n`)
  await expect(start()).rejects.toMatchObject({ name: 'StartError', message: expect.stringContaining(line) })
})

test('a lost password file is refused rather than made anew', async () => {
  mkdirSync(path.join(folder, 'postgres'))
  await expect(start()).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining('postgres.password is missing'),
  })
})

test('broken data is refused with PostgreSQL’s own line', async () => {
  await (await start()).stop()
  writeFileSync(path.join(folder, 'postgres', 'postgresql.conf'), 'nonsense = 1\n')
  await expect(start()).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/^PostgreSQL could not start: .*configuration/),
  })
})

test('a start that was killed while the database was made begins anew', async () => {
  mkdirSync(path.join(folder, 'postgres.new'))
  writeFileSync(path.join(folder, 'postgres.new', 'PG_VERSION'), '18\n')
  const postgres = await start()
  expect(await query(postgres.url, 'select current_database() as name')).toEqual([{ name: 'pleiad' }])
})

test('a path too long for a socket address works', async () => {
  const long = path.join(folder, 'a'.repeat(60), 'b'.repeat(60))
  const postgres = await start(long)
  expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('without being root PostgreSQL runs under the own account; as root under that of the data or an unprivileged one', () => {
  const getuid = vi.spyOn(process, 'getuid' as never) as unknown as { mockReturnValue(uid: number): void }
  getuid.mockReturnValue(1000)
  expect(accountFor(folder)).toBeUndefined()
  getuid.mockReturnValue(0)
  expect(accountFor(path.join(folder, 'none'))!.uid).toBeGreaterThan(0)
  vi.restoreAllMocks()
})

test('programs in a folder that the account may not enter are copied once to where it may', () => {
  const native = path.join(folder, 'package', 'native')
  mkdirSync(path.join(native, 'bin'), { recursive: true })
  writeFileSync(path.join(folder, 'package', 'package.json'), '{"version":"18.4.0"}')
  for (const name of ['initdb', 'postgres', 'pg_ctl']) writeFileSync(path.join(native, 'bin', name), name)
  const file = (name: string) => path.join(native, 'bin', name)
  const binaries = { initdb: file('initdb'), postgres: file('postgres'), pgCtl: file('pg_ctl') }
  const stranger = { uid: 54_321, gid: 54_321 }
  expect(canReach(stranger, binaries.postgres)).toBe(false)
  const cache = path.join(folder, 'cache')
  const copy = reachableBinaries(binaries, stranger, cache)
  expect(readFileSync(copy.postgres, 'utf8')).toBe('postgres')
  expect(copy.postgres.startsWith(path.join(cache, 'postgresql-18.4.0'))).toBe(true)
  rmSync(native, { recursive: true })
  writeFileSync(path.join(folder, 'package', 'package.json'), '{"version":"18.4.0"}')
  mkdirSync(path.join(native, 'bin'), { recursive: true })
  expect(reachableBinaries(binaries, stranger, cache)).toEqual(copy)
  expect(reachableBinaries(binaries, undefined, cache)).toBe(binaries)
})

test('a system without built-in programs is told what to do', async () => {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform')!
  Object.defineProperty(process, 'platform', { ...platform, value: 'plan9' })
  try {
    await expect(locateBinaries()).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('set DATABASE_URL'),
    })
  } finally {
    Object.defineProperty(process, 'platform', platform)
  }
})
