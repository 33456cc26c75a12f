/**
 * Workers of mes as processes of their own (`SERVICES=mes-worker`), which are killed with -9 while they work: mes hands
 * their jobs on, and every request has one price. Over a broker of this test's own, where TEST_NATS_URL says that there
 * is one on this machine.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { editor } from '@pleiad/editor/contract'
import filesService from '@pleiad/files'
import { Files } from '@pleiad/files/rpc'
import mesService from '@pleiad/mes'
import mesWorker from '@pleiad/mes-worker'
import { type Contract, defineContract } from '@pleiad/platform/contract'
import { defineRoutes, defineService, emit, type Service } from '@pleiad/platform/service'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { sphere } from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Host, startHost } from '../platform/service/host.ts'
import { type TestDatabase, testDatabase } from '../platform/testing/postgres.ts'
import { freeAddress } from './rpc-parts.ts'

const program = fileURLToPath(new URL('../server/main.ts', import.meta.url))
const ends: (() => unknown)[] = []
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const ownerId = uuidv7()
let database: TestDatabase
let host: Host
let env: Record<string, string>

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-mes-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A service that has the events of a contract and nothing else. */
function speaker(contract: Contract): Service {
  const silent = defineContract({ ...contract, operations: {}, topics: {} })
  return defineService({ contract: silent, url: import.meta.url, routes: defineRoutes(silent, () => ({})) })
}

async function startWorker(): Promise<ChildProcess> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [program], {
    env: {
      ...{ PATH, HOME, ...env, SERVICES: 'mes-worker', PORT: '0', PLEIAD_DATA: temporary() },
      MES_WORKER_THREADS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const ended = new Promise((resolve) => child.once('close', resolve))
  ends.push(() => {
    child.kill('SIGKILL')
    return ended
  })
  while (child.exitCode === null && !output.includes('Pleiad is ready')) await pause(20)
  if (child.exitCode !== null) throw new Error(`it did not start: ${output}`)
  return child
}

const toolsOf = (name: string) =>
  host.running.find(({ service: { contract } }) => contract.name === name)!.tools

async function put(radius: number): Promise<string> {
  const bytes = writeStl(sphere(radius, 96, 64)) as Uint8Array<ArrayBuffer>
  async function* parts() {
    const value = { ownerId, purpose: 'model', name: 'part.stl', type: 'model/stl', deleteAfter: 0n }
    yield { part: { case: 'file' as const, value } }
    yield { part: { case: 'bytes' as const, value: bytes } }
  }
  return (await toolsOf('mes').rpc(Files).put(parts())).file!.fileId
}

async function ask(fileId: string, infillPercent: number): Promise<string> {
  const requestId = uuidv7()
  const options = {
    ...({ technology: 'fdm', material: 'pla', color: 'white', layerHeightMm: 0.2 } as const),
    ...({ infillPercent, supports: 'auto', finish: 'as-made', quantity: 1 } as const),
  }
  const request = { requestId, lane: 'regular', source: 'shop', modelId: uuidv7(), version: 1 } as const
  await toolsOf('shop').transact(async (tx) =>
    emit(tx, shop, 'order.price.requested', { ...request, ownerId, fileId, options }),
  )
  return requestId
}

interface Row {
  request_id: string
  state: string
  attempts: number
  worker_id: string | null
  price: { total: number } | null
}
const rows = () =>
  toolsOf('mes').sql<
    Row[]
  >`select request_id, state, attempts, worker_id, price from jobs order by request_id`
const counted = async () => {
  const found = await toolsOf('mes').sql<{ key: string; count: number }[]>`
    select key, count(*)::int as count from outbox_log where type = 'order.price.calculated' group by key`
  return new Map(found.map(({ key, count }) => [key, count]))
}
const holdersOf = async () =>
  new Set(
    (await rows())
      .filter(({ state }) => state === 'working')
      .map(({ worker_id }) => worker_id!.split(':')[1]),
  )

describe.runIf(process.env['TEST_NATS_URL'])('workers of mes in processes of their own', () => {
  beforeAll(async () => {
    database = await testDatabase()
    const broker = await freeAddress()
    const nats = spawn(
      'nats-server',
      ['-a', '127.0.0.1', '-p', new URL(broker).port, '-js', '-sd', temporary()],
      { stdio: 'ignore' },
    )
    ends.push(() => nats.kill())
    while (
      !(await fetch(broker).then(
        () => true,
        ({ cause }) => cause?.code !== 'ECONNREFUSED',
      ))
    )
      await pause(20)
    env = {
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://localhost:8080',
      INTERNAL_PORT: '0',
      PLEIAD_SECRET: randomBytes(32).toString('base64url'),
      DATABASE_URL: database.adminUrl,
      DATABASE_POOL: '4',
      BUS_URL: broker.replace('http:', 'nats:'),
      LOG_LEVEL: 'fatal',
      MES_LEASE_SECONDS: '3',
      MES_ATTEMPTS: '10',
    }
    const here = [speaker(editor), filesService, mesService, speaker(shop), speaker(users)]
    host = await startHost({
      services: here,
      installation: [...here, mesWorker],
      env: { ...env, PORT: '0', PLEIAD_DATA: temporary() },
    })
    ends.push(() => host.stop())
  }, 120_000)
  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    await database?.drop()
  })

  test('killed while they work: every request is priced, once, and for the same work alike', {
    timeout: 240_000,
  }, async () => {
    let workers = await Promise.all([1, 2, 3, 4].map(startWorker))
    const files = [await put(45), await put(50)]
    const requests: { requestId: string; what: string }[] = []
    for (const infill of [10, 20, 30]) {
      // Each three times: who worked it out must make no difference.
      for (const fileId of [...files, ...files, ...files])
        requests.push({ requestId: await ask(fileId, infill), what: `${fileId} ${infill}` })
      const victim = await vi.waitFor(
        async () => {
          const holders = await holdersOf()
          const found = workers.find(({ pid }) => holders.has(String(pid)))
          expect(found).toBeDefined()
          return found!
        },
        { timeout: 60_000, interval: 2 },
      )
      victim.kill('SIGKILL')
      workers = workers.filter((worker) => worker !== victim)
    }
    await vi.waitFor(
      async () => expect((await rows()).map(({ state }) => state)).toEqual(requests.map(() => 'priced')),
      { timeout: 120_000, interval: 200 },
    )
    const all = await rows()
    expect(all.some(({ attempts }) => attempts > 1)).toBe(true)
    const totals = new Map<string, Set<number>>()
    for (const { requestId, what } of requests) {
      const { price } = all.find(({ request_id }) => request_id === requestId)!
      totals.set(what, (totals.get(what) ?? new Set()).add(price!.total))
    }
    for (const found of totals.values()) expect(found.size).toBe(1)
    await vi.waitFor(
      async () =>
        expect([...(await counted())].sort()).toEqual(requests.map(({ requestId }) => [requestId, 1]).sort()),
      { timeout: 30_000 },
    )
    for (const worker of workers) worker.kill('SIGKILL')
  })

  test('without any worker requests wait, and the next one takes them up', { timeout: 120_000 }, async () => {
    const requestId = await ask(await put(20), 15)
    await host.settled()
    const find = async () => (await rows()).find(({ request_id }) => request_id === requestId)!
    // One that was killed a moment ago may still have been given it; it answers nothing, and its lease ends.
    expect(['queued', 'working']).toContain((await find()).state)
    const worker = await startWorker()
    await vi.waitFor(async () => expect((await find()).state).toBe('priced'), { timeout: 60_000 })
    worker.kill('SIGKILL')
  })
})
