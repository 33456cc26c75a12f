/** The server as a person starts it: a process of its own on a folder of its own, stopped, killed, refused. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, connect as openSocket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { processesOf } from '../platform/store/orphan.ts'

// Most tests start the server several times, each with a PostgreSQL.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const root = fileURLToPath(new URL('..', import.meta.url))
let base = ''
const running = new Set<ChildProcess>()

interface Server {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<number>
}

function launch(data: string, port: number, program = ['server/main.ts']): Server {
  // None of the settings of whoever runs the tests may reach the server.
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, program, {
    cwd: root,
    env: { PATH, HOME, PLEIAD_DATA: data, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream!.on('data', (chunk) => (said += chunk))
  const ended = new Promise<number>((resolve) =>
    child.once('close', (code) => {
      running.delete(child)
      resolve(code ?? -1)
    }),
  )
  return { child, output: () => said, ended }
}

async function ready(server: Server): Promise<Server> {
  const deadline = Date.now() + 60_000
  while (!server.output().includes('Pleiad is ready')) {
    if (Date.now() > deadline || server.child.exitCode !== null)
      throw new Error(`it did not become ready: ${server.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return server
}

async function stopped(server: Server): Promise<number> {
  server.child.kill('SIGINT')
  return server.ended
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts a server that must refuse: exit code 1, and nothing but one line (beside log lines). */
async function refusal(data: string, port: number): Promise<string> {
  const server = launch(data, port)
  expect(await server.ended).toBe(1)
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
  expect(lines).toHaveLength(1)
  return lines[0]!
}

let data = ''
let port = 0
beforeAll(async () => {
  base = mkdtempSync(path.join(tmpdir(), 'pleiad-start-'))
  data = path.join(base, 'data')
  port = await freePort()
  // The first start of all makes the database; the tests below start on it again.
  const first = await ready(launch(data, port))
  expect(first.output()).toContain(`Pleiad is ready at http://localhost:${port}`)
  await vi.waitFor(
    () => expect(first.output()).toMatch(new RegExp(`http://localhost:${port}/setup\\?code=\\S+`)),
    20_000,
  )
  expect(await stopped(first)).toBe(0)
})
afterEach(async () => {
  for (const child of running) {
    const gone = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGINT')
    await gone
  }
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const database = () => processesOf(path.join(data, 'postgres'))

test('starts again on what is there, and a signal stops it and PostgreSQL', async () => {
  const server = await ready(launch(data, port))
  expect(server.output()).not.toMatch(/Creating the database|Migrated/)
  expect((await fetch(`http://localhost:${port}/health`)).status).toBe(200)
  expect(database().length).toBeGreaterThan(0)
  expect(await stopped(server)).toBe(0)
  expect(database()).toEqual([])
  expect(existsSync(path.join(data, 'postgres', 'postmaster.pid'))).toBe(false)
})

test('`npm start` passes signals on, and the server ends when its starter is killed', async () => {
  const politely = await ready(launch(data, port, ['tools/start.mjs']))
  expect(await stopped(politely)).toBe(0)
  expect(database()).toEqual([])
  const killed = await ready(launch(data, port, ['tools/start.mjs']))
  killed.child.kill('SIGKILL')
  await expect.poll(database).toEqual([])
})

test('Ctrl-C while it starts leaves no PostgreSQL behind', async () => {
  const server = launch(data, port)
  await expect.poll(() => database().length).toBeGreaterThan(0)
  server.child.kill('SIGINT')
  expect(await server.ended).toBe(0)
  expect(database()).toEqual([])
})

test('a request in flight is answered before it ends', async () => {
  const server = await ready(launch(data, port))
  const body = JSON.stringify({ login: 'nobody', password: 'does not matter' })
  const answer = new Promise<string>((resolve, reject) => {
    const socket = openSocket(port, 'localhost')
    let got = ''
    socket.on('data', (chunk) => (got += chunk)).on('error', reject)
    socket.on('close', () => resolve(got))
    // Half a request: the server is still reading the body when the signal comes.
    socket.write(
      `POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body.slice(0, 10)}`,
    )
    setTimeout(() => server.child.kill('SIGINT'), 300)
    setTimeout(() => socket.write(body.slice(10)), 900)
  })
  expect(await answer).toMatch(/^HTTP\/1\.1 4\d\d [\s\S]*"code":/)
  expect(await server.ended).toBe(0)
})

test('after kill -9 the next start takes care of the PostgreSQL left behind', async () => {
  const killed = await ready(launch(data, port))
  killed.child.kill('SIGKILL')
  await killed.ended
  const orphans = database()
  expect(orphans.length).toBeGreaterThan(0)
  const next = await ready(launch(data, port))
  expect(database().filter((pid) => orphans.includes(pid))).toEqual([])
  expect((await fetch(`http://localhost:${port}/health/ready`)).status).toBe(200)
  expect(await stopped(next)).toBe(0)
})

test('a second start on the same folder is refused', async () => {
  const server = await ready(launch(data, port))
  expect(await refusal(data, await freePort())).toBe(
    `Pleiad already runs on ${data} (process ${server.child.pid}). Stop it first, or set PLEIAD_DATA to another folder.`,
  )
  expect((await fetch(`http://localhost:${port}/health`)).status).toBe(200)
  expect(await stopped(server)).toBe(0)
})

test('a port in use is refused, before anything is started', async () => {
  const other = createServer().listen(port, 'localhost')
  await new Promise((resolve) => other.once('listening', resolve))
  try {
    const untouched = path.join(base, 'untouched')
    expect(await refusal(untouched, port)).toMatch(new RegExp(`[Pp]ort ${port}.*PORT`))
    expect(existsSync(path.join(untouched, 'postgres'))).toBe(false)
  } finally {
    await new Promise((resolve) => other.close(resolve))
  }
})

test('a folder of a newer version is refused', async () => {
  const version = path.join(data, 'version')
  const before = readFileSync(version, 'utf8')
  writeFileSync(version, '999\n')
  expect(await refusal(data, port)).toMatch(/was written by a newer Pleiad/)
  writeFileSync(version, before)
})

test('data of a newer PostgreSQL is refused', async () => {
  const version = path.join(data, 'postgres', 'PG_VERSION')
  writeFileSync(version, '19\n')
  expect(await refusal(data, port)).toMatch(/was written by PostgreSQL 19/)
  writeFileSync(version, '18\n')
})

test('settings that are wrong are all told, a line each', async () => {
  const { PATH } = process.env
  const { status, stderr } = spawnSync(process.execPath, ['server/main.ts'], {
    cwd: root,
    env: { PATH, PORT: 'x', LOG_LEVEL: 'loud', REDIS_URL: 'localhost', SERVICES: 'auth,shoe' },
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr.trim().split('\n')).toEqual([
    'The settings are not right:',
    expect.stringMatching(/^ {2}SERVICES names shoe, which does not exist; there are .*auth/),
    expect.stringContaining('PORT must be'),
    expect.stringContaining('REDIS_URL must be'),
    expect.stringContaining('LOG_LEVEL must be one of'),
  ])
})

test('a full disk is refused', async () => {
  // Every write to /dev/full meets ENOSPC: here the note of which process holds the lock.
  const full = path.join(base, 'full')
  mkdirSync(full)
  symlinkSync('/dev/full', path.join(full, 'lock.pid'))
  const line = (folder: string) => `The disk that holds ${folder} is full. Free some space and start again.`
  expect(await refusal(full, port)).toBe(line(full))
  // With the right to mount one, a real small disk: enough for the secret, not for a database.
  const disk = path.join(base, 'disk')
  mkdirSync(disk)
  if (
    process.getuid?.() !== 0 ||
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', disk]).status !== 0
  )
    return
  try {
    expect(await refusal(disk, port)).toBe(line(disk))
    expect(existsSync(path.join(disk, 'postgres'))).toBe(false)
    expect(existsSync(path.join(disk, 'postgres.new'))).toBe(false)
  } finally {
    spawnSync('umount', [disk])
  }
})
