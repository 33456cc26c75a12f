/**
 * Megabytes per second of an upload and of a download, and the server's memory at it; beside them, in the same run, plain
 * node:http that writes the body to a file and reads it. Both make sure that the bytes are on the disk before they
 * answer. The rounds alternate; medians. `node bench/files.ts [MiB] [rounds]` writes bench/results/files.json.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { cpus } from 'node:os'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const MIB = 1024 * 1024
const SIZE = Number(process.argv[2] ?? 1024) * MIB
const ROUNDS = Number(process.argv[3] ?? 3)

interface Server {
  readonly child: ChildProcess
  readonly url: string
  readonly publicUrl: string
  readonly token: string
}
interface Used {
  readonly rss: number
  readonly cpuSeconds: number
}

const answerOf = <T>(child: ChildProcess, ask?: string) =>
  new Promise<T>((resolve) => {
    child.once('message', (message) => resolve(message as T))
    if (ask !== undefined) child.send(ask)
  })

async function start(kind: string): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./files-server.ts', import.meta.url)), [kind])
  return { child, ...(await answerOf<Omit<Server, 'child'>>(child)) }
}

const block = randomBytes(MIB)
function send(url: string, method: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: { ...headers, 'content-length': SIZE } }, (answer) => {
      answer.resume()
      answer.on('end', () =>
        answer.statusCode === 204 ? resolve() : reject(new Error(`${url}: ${answer.statusCode}`)),
      )
    }).on('error', reject)
    Readable.from(Array.from({ length: SIZE / MIB }, () => block)).pipe(outgoing)
  })
}
function receive(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, (answer) => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      answer.on('end', () => (bytes === SIZE ? resolve() : reject(new Error(`${bytes} bytes came`))))
    })
      .on('error', reject)
      .end()
  })
}

async function ask<T>(server: Server, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${server.url}/api/v1/files${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** Where to send, where to read, and how to tidy up. */
async function places(server: Server) {
  if (server.token === '')
    return {
      send: () => send(server.url, 'PUT', {}),
      read: async () => server.url,
      remove: async () => {},
    }
  const body = { name: 'large.bin', size: SIZE, purpose: 'bench' }
  const begun = await ask<{ file: { fileId: string }; uploadUrl: string }>(server, 'POST', '/uploads', body)
  const here = (url: string) => url.replace(server.publicUrl, server.url)
  const { fileId } = begun.file
  const headers = {
    'tus-resumable': '1.0.0',
    'upload-offset': '0',
    'content-type': 'application/offset+octet-stream',
  }
  return {
    send: () => send(here(begun.uploadUrl), 'PATCH', headers),
    read: async () => here((await ask<{ url: string }>(server, 'POST', `/${fileId}/links`, {})).url),
    remove: () => ask<void>(server, 'DELETE', `/${fileId}`),
  }
}

async function timed(server: Server, work: () => Promise<void>) {
  const before = await answerOf<Used>(server.child, 'forget')
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  const after = await answerOf<Used>(server.child, 'used')
  return { rate: SIZE / MIB / seconds, rss: after.rss / MIB, cpu: after.cpuSeconds - before.cpuSeconds }
}
type Timed = Awaited<ReturnType<typeof timed>>

const middle = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
function summary(subject: string, rounds: readonly Timed[]) {
  return {
    subject,
    mibPerSecond: Math.round(middle(rounds.map(({ rate }) => rate))),
    cpuSecondsPerGib: Math.round((middle(rounds.map(({ cpu }) => cpu)) / (SIZE / MIB / 1024)) * 100) / 100,
    mostRssMib: Math.round(Math.max(...rounds.map(({ rss }) => rss))),
  }
}

const servers = { ours: await start('ours'), plain: await start('plain') }
const idle = Math.round((await answerOf<Used>(servers.ours.child, 'forget')).rss / MIB)
const rounds: Record<string, Timed[]> = {}
const note = (subject: string, round: Timed) => {
  rounds[subject] = [...(rounds[subject] ?? []), round]
}
for (let round = 0; round < ROUNDS; round++)
  for (const [name, server] of Object.entries(servers)) {
    const place = await places(server)
    note(`${name} upload`, await timed(server, place.send))
    const url = await place.read()
    note(`${name} download`, await timed(server, () => receive(url)))
    await place.remove()
  }
const results = Object.entries(rounds).map(([subject, each]) => summary(subject, each))
for (const { child } of Object.values(servers)) {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.send('stop')
  await gone
}

console.table(results)
console.log(`${SIZE / MIB} MiB per file, ${ROUNDS} rounds; our server had ${idle} MiB before the first.`)
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version }
await mkdir(new URL('./results/', import.meta.url), { recursive: true })
const report = {
  measuredAt: new Date().toISOString(),
  machine,
  mib: SIZE / MIB,
  rounds: ROUNDS,
  idleRssMib: idle,
  results,
}
await writeFile(new URL('./results/files.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
