/** Workers with real meshes in real files, asked by mes and answering it. */

import { editor } from '@pleiad/editor/contract'
import filesService from '@pleiad/files'
import { Files } from '@pleiad/files/rpc'
import mesService from '@pleiad/mes'
import { mes, type PriceJob, type PrintOptions } from '@pleiad/mes/contract'
import { type Contract, defineContract } from '@pleiad/platform/contract'
import { defineRoutes, defineService, emit, type Service } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { box, sphere } from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import service from './service.ts'

function speaker(contract: Contract): Service {
  const silent = defineContract({ ...contract, operations: {}, topics: {} })
  return defineService({ contract: silent, url: import.meta.url, routes: defineRoutes(silent, () => ({})) })
}

const options: PrintOptions = {
  technology: 'fdm',
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  infillPercent: 20,
  supports: 'auto',
  finish: 'as-made',
  quantity: 1,
}
const ownerId = uuidv7()
let platform: TestPlatform

beforeAll(async () => {
  platform = await startTestPlatform({
    services: [speaker(editor), filesService, mesService, service, speaker(shop), speaker(users)],
    env: {
      MES_WORKER_SECONDS: '20',
      MES_REST_SECONDS: '0',
      MES_WORKER_MESH_MB: '4',
      MES_WORKER_THREADS: '1',
    },
  })
})
afterAll(() => platform.stop())

const toolsOf = (name: string) =>
  platform.host.running.find(({ service: { contract } }) => contract.name === name)!.tools

/** A file as editor would have made it. */
async function put(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  async function* parts() {
    const value = { ownerId, purpose: 'model', name: 'part.stl', type: 'model/stl', deleteAfter: 0n }
    yield { part: { case: 'file' as const, value } }
    for (let at = 0; at < bytes.length; at += 65_536)
      yield { part: { case: 'bytes' as const, value: bytes.subarray(at, at + 65_536) } }
  }
  const { file } = await toolsOf('mes').rpc(Files).put(parts())
  return file!.fileId
}

async function ask(fileId: string, more: Partial<PrintOptions> = {}): Promise<string> {
  const requestId = uuidv7()
  const request = {
    requestId,
    lane: 'regular' as const,
    source: 'shop' as const,
    modelId: uuidv7(),
    version: 1,
  }
  await toolsOf('shop').transact(async (tx) =>
    emit(tx, shop, 'order.price.requested', {
      ...request,
      ownerId,
      fileId,
      options: { ...options, ...more },
    }),
  )
  return requestId
}

async function decided(requestId: string, timeout = 60_000): Promise<PriceJob> {
  const client = platform.client(mes, { id: ownerId })
  return vi.waitFor(
    async () => {
      const job = await client.getPriceJob({ params: { requestId } })
      expect(['priced', 'waitingForHuman', 'refused']).toContain(job.state)
      return job
    },
    { timeout, interval: 50 },
  )
}

const stl = (mesh: ReturnType<typeof box>) => writeStl(mesh) as Uint8Array<ArrayBuffer>
const metric = async (name: string) => {
  const text = await (await fetch(`${platform.url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(name))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

test('a part is worked out from its geometry, and again with nothing sliced', async () => {
  const fileId = await put(stl(box(20, 20, 20)))
  const first = await decided(await ask(fileId))
  expect(first.state).toBe('priced')
  const { work, total, breakdown } = first.price!
  // A cube of 8 cm³ in PLA: walls, floors and a fifth of the inside.
  expect(work!.materialG).toBeGreaterThan(2)
  expect(work!.materialG).toBeLessThan(9.92)
  expect(work!.layers).toBe(100)
  expect(breakdown.reduce((sum, { amount }) => sum + amount, 0)).toBe(total)
  const read = await metric('pleiad_mes_worker_bytes_read')
  const dearer = await decided(await ask(fileId, { quantity: 3 }))
  expect(dearer.price!.total).toBeGreaterThan(total)
  expect(dearer.price!.work).toEqual(work)
  // The mesh was at hand.
  expect(await metric('pleiad_mes_worker_bytes_read')).toBe(read)
  const solid = await decided(await ask(fileId, { infillPercent: 100 }))
  expect(solid.price!.work!.materialG).toBeGreaterThan(work!.materialG)
})

const badParts: [what: string, bytes: () => Uint8Array<ArrayBuffer>, code: string][] = [
  ['a part larger than the machines', () => stl(box(300, 300, 300)), 'partTooLarge'],
  ['walls that do not come out', () => stl(box(40, 40, 0.02)), 'partWallsThin'],
  ['an infinitely thin part', () => stl(box(40, 40, 0)), 'partFlat'],
  ['no mesh', () => Buffer.from('no mesh at all'.repeat(20)), 'modelNotReadable'],
  ['half a mesh', () => stl(box(20, 20, 20)).slice(0, 300), 'modelNotReadable'],
  ['fifty million triangles in a kilobyte', () => announcing(50_000_000), 'modelNotReadable'],
  ['coordinates that are no numbers', () => poisoned(stl(box(20, 20, 20))), 'modelNotReadable'],
]
function announcing(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1000)
  new DataView(bytes.buffer).setUint32(80, count, true)
  return bytes
}
function poisoned(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  new DataView(bytes.buffer).setFloat32(96, Number.NaN, true)
  return bytes
}

test.each(badParts)('%s goes to a person, with its reason', async (_what, bytes, code) => {
  const job = await decided(await ask(await put(bytes())))
  expect(job).toMatchObject({ state: 'waitingForHuman', attempt: 1, reason: { code } })
  expect(job.reason!.detail).toMatch(/^[A-Z].{15,}\.$/s)
  expect(job.reason!.detail).not.toMatch(/undefined|Error|\bat .*:\d/)
})

test('a file that is gone goes to a person, and after all of that the same threads price what is good', async () => {
  expect(await decided(await ask(uuidv7()))).toMatchObject({
    state: 'waitingForHuman',
    attempt: 1,
    reason: { code: 'fileMissing' },
  })
  expect((await decided(await ask(await put(stl(box(21, 21, 21)))))).state).toBe('priced')
})

test('a mesh larger than workers take is not even read', async () => {
  const read = await metric('pleiad_mes_worker_bytes_read')
  const fileId = await put(stl(sphere(10, 400, 120)))
  expect(await decided(await ask(fileId))).toMatchObject({
    state: 'waitingForHuman',
    reason: { code: 'modelTooLarge', facts: { limitMb: 4 } },
  })
  expect(await metric('pleiad_mes_worker_bytes_read')).toBe(read)
})

test('the next job is begun while the answer to one is on its way, but not more than one', async () => {
  const { sql } = toolsOf('mes')
  const fileId = await put(stl(box(12, 12, 12)))
  await sql`create function hold() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(4711); return new; end'`
  await sql`create trigger hold before update on jobs for each row when (new.state = 'priced') execute function hold()`
  const begunOf = async (ids: readonly string[]) => {
    const rows = await sql<{ state: string }[]>`
      select state from jobs where request_id = any(${[...ids]}::uuid[]) and started_at is not null`
    return rows.map(({ state }) => state)
  }
  let ids: string[] = []
  await toolsOf('mes').transact(async (tx) => {
    await tx`select pg_advisory_xact_lock(4711)`
    ids = [
      await ask(fileId),
      await ask(fileId, { infillPercent: 30 }),
      await ask(fileId, { infillPercent: 40 }),
    ]
    await vi.waitFor(async () => expect(await begunOf(ids)).toEqual(['working', 'working']), {
      timeout: 20_000,
    })
    // Both are calculated, one after the other on the only thread; the third stays for whoever has room.
    await vi.waitFor(
      async () =>
        expect(await sql`select from pg_locks where locktype = 'advisory' and objid = 4711`).toHaveLength(3),
      { timeout: 20_000 },
    )
    expect(await begunOf(ids)).toHaveLength(2)
  })
  for (const id of ids) expect((await decided(id)).state).toBe('priced')
  await sql`drop trigger hold on jobs`
})

test('a stop in the middle of a job gives it back, and it does not count as an attempt', async () => {
  const worker = platform.host.running.find(({ service: { contract } }) => contract.name === 'mes-worker')!
  // Fine layers of a round part: long enough to be stopped in.
  const fileId = await put(stl(sphere(60, 220, 160)))
  const requestId = await ask(fileId, { layerHeightMm: 0.1 })
  const client = platform.client(mes, { id: ownerId })
  await vi.waitFor(
    async () => expect((await client.getPriceJob({ params: { requestId } })).state).toBe('working'),
    { timeout: 30_000, interval: 5 },
  )
  await (worker.own as { close: () => Promise<void> }).close()
  expect(await client.getPriceJob({ params: { requestId } })).toMatchObject({ state: 'queued', attempt: 0 })
})
