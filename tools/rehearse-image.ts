/**
 * `node tools/rehearse-image.ts`: carries out the steps of deploy/Dockerfile in a temporary folder, without a container
 * engine, and runs what came out: as the user of the image where this is run by root, on a real PostgreSQL, with the
 * image's own settings and health check. What an engine alone can show (the base image, its layers) is not shown.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect as connectTo } from '../platform/store/connect.ts'
import { startEmbeddedPostgres } from '../platform/store/embedded.ts'
import { isIgnored, pairsOf, parseDockerfile, type Stage, type Step } from './dockerfile.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const work = mkdtempSync(path.join(tmpdir(), 'pleiad-image-'))
chmodSync(work, 0o755)
const ends: (() => unknown)[] = [() => rmSync(work, { recursive: true, force: true })]
const started = performance.now()
const say = (line: string) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(3)} s  ${line}`)

function check(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`The image is not right: ${what}`)
  say(what)
}

/** What `docker build` would send: tracked files and new ones, less those of .dockerignore. */
function context(): string[] {
  const ignoreFile = readFileSync(path.join(root, '.dockerignore'), 'utf8')
  return execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
    .toString()
    .split('\0')
    .filter((file) => file !== '' && existsSync(path.join(root, file)) && !isIgnored(ignoreFile, file))
}

interface Built {
  readonly folder: string
  readonly env: Record<string, string>
  workdir: string
  last: Map<string, string>
}

function copy({ flags, rest }: Step, stage: Built, files: readonly string[]): void {
  const words = rest.split(/\s+/)
  const target = words.pop()!
  const into = path.join(stage.folder, path.resolve(stage.workdir, target))
  for (const source of words) {
    const place = (relative: string) =>
      target.endsWith('/') || words.length > 1 ? path.join(into, path.basename(relative)) : into
    if (flags['from']) {
      const from = path.join(work, flags['from'], source)
      cpSync(from, statSync(from).isDirectory() ? into : place(source), {
        recursive: true,
        verbatimSymlinks: true,
      })
      continue
    }
    const below = files.filter((file) => source === '.' || file === source || file.startsWith(`${source}/`))
    if (below.length === 0)
      throw new Error(`COPY ${source}: there is no such file in what the image is built from`)
    for (const file of below)
      cpSync(
        path.join(root, file),
        file === source
          ? place(source)
          : path.join(into, source === '.' ? file : path.relative(source, file)),
      )
  }
}

function build(stage: Stage, files: readonly string[]): Built {
  const folder = path.join(work, stage.name ?? 'image')
  const built: Built = { folder, env: {}, workdir: '/', last: new Map() }
  mkdirSync(folder)
  if (!stage.image.startsWith(`node:${process.versions.node}-`))
    throw new Error(`${stage.image} is not the Node of package.json, ${process.versions.node}`)
  for (const step of stage.steps) {
    const { instruction, rest } = step
    built.last.set(instruction, rest)
    if (instruction === 'ENV') Object.assign(built.env, pairsOf(rest))
    if (instruction === 'WORKDIR') {
      built.workdir = rest
      mkdirSync(path.join(folder, rest), { recursive: true })
    }
    if (instruction === 'COPY') copy(step, built, files)
    if (instruction === 'RUN') {
      say(`${stage.name ?? 'image'}: ${rest}`)
      execFileSync('sh', ['-ec', rest.replace(/(^|\s)\/(?=\w)/g, `$1${folder}/`)], {
        cwd: path.join(folder, built.workdir),
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          ...built.env,
          PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
        },
      })
    }
  }
  return built
}

/** Everything installed is what package-lock.json names, by version and checksum, and nothing of it is for development. */
function checkPackages(app: string): void {
  interface Entry {
    readonly version?: string
    readonly integrity?: string
    readonly dev?: boolean
    readonly link?: boolean
  }
  const read = (file: string) =>
    (JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }).packages
  const wanted = read(path.join(root, 'package-lock.json'))
  const found = Object.entries(read(path.join(app, 'node_modules/.package-lock.json'))).filter(
    ([, { link }]) => !link,
  )
  const wrong = found.filter(([place, { version, integrity }]) => {
    const entry = wanted[place]
    return (
      place.includes('node_modules/') &&
      (!entry || entry.version !== version || entry.integrity !== integrity || entry.dev)
    )
  })
  check(
    wrong.length === 0,
    `${found.length} packages, all of the lock file and none for development${wrong.map(([place]) => `; not so: ${place}`).join('')}`,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The database's address over TCP: its socket is only for the account that runs it. */
async function overTcp(url: string): Promise<string> {
  const address = new URL(url)
  const socketFolder = decodeURIComponent(address.hostname)
  if (!socketFolder.startsWith('/')) return url
  const place = path.join(socketFolder, `.s.PGSQL.${address.port || 5432}`)
  const server = createServer((near) => {
    const far = connect(place)
    near.pipe(far).pipe(near)
    for (const socket of [near, far]) socket.on('error', () => [near, far].map((each) => each.destroy()))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  ends.push(() => server.close())
  return url.replace(/@[^/]+/, `@127.0.0.1:${(server.address() as AddressInfo).port}`)
}

async function tryIt(image: Built): Promise<void> {
  const log = { debug() {}, info() {}, warn: console.warn, error: console.error }
  const database = path.join(work, 'database')
  mkdirSync(database)
  const postgres = await startEmbeddedPostgres({ dataFolder: database, log, durable: false })
  ends.push(() => postgres.stop())
  const app = path.join(image.folder, image.workdir)
  const port = await freePort()
  const user = process.getuid?.() === 0 ? Number(image.last.get('USER')!.split(':')[0]) : undefined
  const env = {
    ...image.env,
    PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
    PORT: String(port),
    PLEIAD_DATA: path.join(image.folder, image.env['PLEIAD_DATA']!),
    DATABASE_URL: await overTcp(postgres.url),
    PLEIAD_SECRET: randomBytes(32).toString('base64url'),
  }
  const account = user === undefined ? {} : { uid: user, gid: user }
  const [program, ...args] = JSON.parse(image.last.get('CMD')!) as string[]
  const child: ChildProcess = spawn(program!, args, {
    cwd: app,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  })
  ends.push(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream!.on('data', (text) => (said += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  for (let waited = 0; !said.includes('Pleiad is ready'); waited++) {
    if (waited > 600 || child.exitCode !== null) throw new Error(`It did not start:\n${said}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  check(true, `it starts${user === undefined ? '' : ` as user ${user}, who may not change its program`}`)
  const [, healthCheck] = /CMD (\[.*\])$/.exec(image.last.get('HEALTHCHECK')!)!
  const [command, ...words] = JSON.parse(healthCheck!) as string[]
  // Not the synchronous way: this process carries the connections to the database.
  const run = promisify(execFile)
  await run(command!, words, { env, ...account })
  check(true, 'its health check passes')
  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`)
  check(ready.status === 200, `it is ready: ${await ready.text()}`)
  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text()
  const [, script] = /<script[^>]+src="([^"]+)"/.exec(page) ?? []
  check(
    script && (await fetch(`http://127.0.0.1:${port}${script}`)).status === 200,
    `it serves the web app, ${script}`,
  )
  const keys = await run('node', ['tools/rotate-keys.ts'], { cwd: app, env, ...account })
  check(/done/.test(keys.stdout), 'its keys can be rotated')
  child.kill('SIGTERM')
  check((await ended) === 0, 'it stops on SIGTERM')
  const admin = connectTo(postgres.url, { max: 1 })
  await admin.unsafe('create database of_crm')
  await admin.end()
  const moving = {
    ...env,
    DATABASE_URLS: `crm=${env.DATABASE_URL.replace(/\/[^/]*$/, '/of_crm')}`,
  }
  const moved = await run('node', ['tools/move-database.ts', 'crm'], { cwd: app, env: moving, ...account })
  check(/crm: moved/.test(moved.stdout), 'a service can be moved to a database of its own')
  const unhealthy = await run(command!, words, { env, ...account }).then(
    () => false,
    () => true,
  )
  check(unhealthy, 'its health check fails when it is gone')
}

try {
  const files = context()
  const stages = parseDockerfile(readFileSync(path.join(root, 'deploy/Dockerfile'), 'utf8'))
  const built = stages.map((stage) => build(stage, files))
  const image = built.at(-1)!
  const app = path.join(image.folder, image.workdir)
  checkPackages(app)
  check(!existsSync(path.join(app, 'node_modules/typescript')), 'no compiler is in it')
  say(`${execFileSync('du', ['-sh', app]).toString().split('\t')[0]} on top of the base image`)
  await tryIt(image)
} finally {
  for (const end of ends.splice(0).reverse()) await end()
}
