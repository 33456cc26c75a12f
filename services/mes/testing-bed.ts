/** What the tests of mes stand on: neighbours that only speak, a platform, and workers that are played. */
import { editor } from '@pleiad/editor/contract'
import { type Contract, defineContract } from '@pleiad/platform/contract'
import { defineRoutes, defineService, emit, type Service } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { mes, type PrintOptions } from './contract.ts'
import { type Job, PriceRequests, PriceWork } from './mes_pb.ts'
import service from './service.ts'

/** A service that has the events of a contract and nothing else. */
function speaker(contract: Contract): Service {
  const silent = defineContract({ ...contract, operations: {}, topics: {} })
  return defineService({ contract: silent, url: import.meta.url, routes: defineRoutes(silent, () => ({})) })
}

export const options: PrintOptions = {
  technology: 'fdm',
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  infillPercent: 20,
  supports: 'auto',
  finish: 'as-made',
  quantity: 2,
}

const work = {
  technology: 'fdm',
  materialG: 10,
  supportG: 1,
  machineSeconds: 3600,
  layers: 100,
  areaCm2: 24,
}
const price = {
  currency: 'EUR',
  unitPrice: 1250,
  total: 2500,
  vat: 0,
  breakdown: [
    { code: 'machine', amount: 2000 },
    { code: 'material', amount: 500 },
  ],
}

export interface Asked {
  readonly requestId?: string
  readonly lane?: 'regular' | 'priority'
  readonly ownerId?: string
  readonly modelId?: string
  readonly version?: number
  readonly options?: PrintOptions
}

export interface Bed {
  readonly platform: TestPlatform
  readonly owner: string
  readonly as: (id: string, permissions?: readonly string[]) => ReturnType<typeof clientOf>
  /** Somebody who may do everything here. */
  readonly manager: (id?: string) => ReturnType<typeof clientOf>
  /** The shop asks for prices, in one transaction; returns the ids of the requests. */
  readonly ask: (...asked: Asked[]) => Promise<string[]>
  /** Editor says that a model is ready. */
  readonly ready: (model: {
    readonly modelId: string
    readonly ownerId?: string
    readonly sizeMm?: { x: number; y: number; z: number }
    readonly sha256?: string
    readonly options?: PrintOptions
  }) => Promise<void>
  readonly deleteModel: (modelId: string, ownerId: string) => Promise<void>
  readonly deleteUser: (userId: string) => Promise<void>
  readonly claim: (wanted?: number, workerId?: string, waitMs?: number) => Promise<Job[]>
  readonly finish: (job: Job, sha256?: string) => Promise<boolean>
  readonly fail: (job: Job, code: string, final: boolean) => Promise<boolean>
  readonly work: () => ReturnType<typeof rpcOf>
  readonly requests: () => ReturnType<typeof requestsOf>
  /** What mes announced, oldest first. */
  readonly events: (type?: string) => Promise<{ type: string; key: string; data: Record<string, unknown> }[]>
  readonly running: () => TestPlatform['host']['running'][number]
  readonly stop: () => Promise<void>
}

const clientOf = (platform: TestPlatform, id: string, permissions: readonly string[]) =>
  platform.client(mes, { id, permissions })
const find = (platform: TestPlatform, name: string) =>
  platform.host.running.find(({ service: each }) => each.contract.name === name)!
const rpcOf = (platform: TestPlatform) => find(platform, 'mes').tools.rpc(PriceWork)
const requestsOf = (platform: TestPlatform) => find(platform, 'mes').tools.rpc(PriceRequests)

export async function startBed(env: Record<string, string> = {}): Promise<Bed> {
  const platform = await startTestPlatform({
    services: [speaker(editor), service, speaker(shop), speaker(users)],
    env,
  })
  const owner = uuidv7()
  const say = async (name: string, work: (tx: Tx) => void) => {
    await find(platform, name).tools.transact(async (tx) => work(tx))
    await platform.settled()
  }
  const work$ = () => rpcOf(platform)
  return {
    platform,
    owner,
    as: (id, permissions = []) => clientOf(platform, id, permissions),
    manager: (id = uuidv7()) => clientOf(platform, id, ['prices:manage']),
    ask: async (...asked) => {
      const requests = asked.map((each) => {
        const lane = each.lane ?? 'regular'
        return {
          requestId: each.requestId ?? uuidv7(),
          lane,
          source: lane === 'regular' ? ('shop' as const) : ('partner' as const),
          modelId: each.modelId ?? uuidv7(),
          version: each.version ?? 1,
          ownerId: each.ownerId ?? owner,
          fileId: uuidv7(),
          options: each.options ?? options,
        }
      })
      await say('shop', (tx) => {
        for (const request of requests) emit(tx, shop, 'order.price.requested', request)
      })
      return requests.map(({ requestId }) => requestId)
    },
    ready: ({ modelId, ownerId = owner, sizeMm = { x: 20, y: 20, z: 20 }, sha256 = 'ab', options: chosen }) =>
      say('editor', (tx) =>
        emit(tx, editor, 'model.ready', {
          modelId,
          version: 1,
          ownerId,
          name: 'cube.stl',
          fileId: uuidv7(),
          sha256,
          triangles: 12,
          volumeMm3: sizeMm.x * sizeMm.y * sizeMm.z,
          areaMm2: 2 * (sizeMm.x * sizeMm.y + sizeMm.y * sizeMm.z + sizeMm.x * sizeMm.z),
          sizeMm,
          shells: 1,
          repaired: false,
          warnings: [],
          ...(chosen ? { options: chosen } : {}),
        }),
      ),
    deleteModel: (modelId, ownerId) =>
      say('editor', (tx) => emit(tx, editor, 'model.deleted', { modelId, ownerId })),
    deleteUser: (userId) => say('users', (tx) => emit(tx, users, 'user.deleted', { userId, by: userId })),
    claim: async (wanted = 1, workerId = 'worker-a', waitMs = 0) =>
      (await work$().claim({ workerId, slots: 4, wanted, waitMs })).jobs,
    finish: async (job, sha256 = '') => {
      const { accepted } = await work$().finish({
        lease: { requestId: job.requestId, lease: job.lease },
        workJson: JSON.stringify(work),
        priceJson: JSON.stringify(price),
        sha256,
        bookVersion: job.bookVersion,
      })
      await platform.settled()
      return accepted
    },
    fail: async (job, code, final) => {
      const lease = { requestId: job.requestId, lease: job.lease }
      const { accepted } = await work$().fail({
        lease,
        code,
        detail: 'It does not work.',
        factsJson: '',
        final,
      })
      await platform.settled()
      return accepted
    },
    work: work$,
    requests: () => requestsOf(platform),
    events: async (type) => {
      await platform.settled()
      const { sql } = find(platform, 'mes').tools
      const all = await sql<{ type: string; key: string; data: Record<string, unknown> }[]>`
        select type, key, data from outbox_log order by id`
      return type ? all.filter((event) => event.type === type) : all
    },
    running: () => find(platform, 'mes'),
    stop: platform.stop,
  }
}
