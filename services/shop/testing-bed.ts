/** What the tests of the shop stand on: the shop and files as they are, and neighbours that announce what they are told to. */
import { auth } from '@pleiad/auth/contract'
import { crm } from '@pleiad/crm/contract'
import { editor } from '@pleiad/editor/contract'
import files from '@pleiad/files'
import { Files } from '@pleiad/files/rpc'
import { mes } from '@pleiad/mes/contract'
import { operators } from '@pleiad/operators/contract'
import { type Contract, defineContract } from '@pleiad/platform/contract'
import { defineService, emit, on, type Service } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { type PrintOptions, shop } from './contract.ts'
import service from './service.ts'

export const options: PrintOptions = {
  technology: 'fdm',
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  infillPercent: 20,
  supports: 'auto',
  finish: 'none',
  quantity: 2,
}
const names = { en: 'Name', ru: 'Имя' }
const DAY_MS = 86_400_000

export const book = (version: number) => ({
  version,
  currency: 'EUR',
  validFrom: new Date().toISOString(),
  technologies: [
    {
      id: 'fdm' as const,
      names,
      layerHeightsMm: [0.1, 0.2],
      infill: { min: 0, max: 100 },
      maxSizeMm: { x: 250, y: 210, z: 220 },
    },
  ],
  materials: [
    {
      id: 'pla',
      technology: 'fdm' as const,
      names,
      about: names,
      colors: [{ id: 'white', names, hex: '#ffffff' }],
      densityGCm3: 1.24,
      finishes: ['none'],
    },
  ],
  finishes: [{ id: 'none', names }],
})

/** What mes does with a request. */
export type Pricing =
  | { readonly kind: 'price'; readonly unitPrice: number }
  | { readonly kind: 'refuse' | 'delay'; readonly detail: string }
  | { readonly kind: 'keep' }

export interface Asked {
  readonly requestId: string
  readonly modelId: string
  readonly version: number
  readonly ownerId: string
  readonly lane: 'regular' | 'priority'
  readonly source: 'shop' | 'partner'
  readonly options: PrintOptions
}

export interface Bed {
  readonly platform: TestPlatform
  /** What mes does from now on, and the requests it has had. */
  readonly mes: { pricing: Pricing; bookVersion: number; readonly asked: Asked[] }
  /** What neighbours were answered. */
  readonly announce: <C extends Contract>(source: C, type: string, data: object) => Promise<string>
  readonly price: (asked: Asked, unitPrice: number, more?: object) => object
  readonly settled: () => Promise<void>
  readonly person: (id?: string, permissions?: readonly string[]) => Person
  readonly staff: Person
  /** A model of that person that is ready, with its file. */
  readonly model: (
    ownerId: string,
    name?: string,
    fileId?: string,
  ) => Promise<{ modelId: string; fileId: string }>
  readonly publish: (version: number) => Promise<void>
  readonly tools: TestPlatform['host']['running'][number]['tools']
  readonly runJob: (name: string) => Promise<void>
  readonly eventsOf: (key: string, type?: string) => Promise<{ type: string; data: Record<string, never> }[]>
}

export interface Person {
  readonly id: string
  /** With a fresh token: tests move the clock by days. */
  readonly client: ReturnType<typeof clientOf>
}
const clientOf = (platform: TestPlatform, id: string, permissions: readonly string[]) =>
  platform.client(shop, { id, permissions })

export const placing = {
  customer: { name: 'Ada Lovelace', email: 'ada@example.com', company: 'Engines Ltd' },
  delivery: { method: 'pickup' },
  payment: 'invoice',
} as const

export async function startBed(
  env: Record<string, string> = {},
  extra: readonly Service[] = [],
  /** What stands where files would. */
  filesService: Service = files,
): Promise<Bed> {
  const state: Bed['mes'] = { pricing: { kind: 'price', unitPrice: 450 }, bookVersion: 1, asked: [] }
  const folder = new URL('./announcer/service.ts', import.meta.url).href

  const price = (asked: Asked, unitPrice: number, more: object = {}) => ({
    requestId: asked.requestId,
    source: asked.source,
    modelId: asked.modelId,
    version: asked.version,
    ownerId: asked.ownerId,
    options: asked.options,
    currency: 'EUR',
    unitPrice,
    total: unitPrice * asked.options.quantity,
    breakdown: [{ code: 'machine', amount: unitPrice * asked.options.quantity }],
    work: { materialG: 10, supportG: 1, machineSeconds: 3600, layers: 100 },
    bookVersion: state.bookVersion,
    validUntil: new Date(tools().now().getTime() + 7 * DAY_MS).toISOString(),
    byHand: false,
    ...more,
  })
  const announcer = (contract: Contract, handlers: Service['handlers'] = {}) =>
    defineService({
      contract: defineContract({
        name: contract.name,
        version: '1.0.0',
        summary: 'Announces, in tests.',
        operations: {},
        events: contract.events ?? {},
      }),
      url: folder,
      routes: () => ({}),
      handlers: handlers as never,
    })
  const pricing = on(shop, 'order.price.requested', async ({ tx, event }) => {
    const asked = event.data
    state.asked.push(asked)
    const { pricing: what } = state
    if (what.kind === 'price') emit(tx, mes, 'order.price.calculated', price(asked, what.unitPrice) as never)
    if (what.kind === 'keep' || what.kind === 'price') return
    const { requestId, source, modelId, version, ownerId, options: how } = asked
    const reason = { code: 'tooThin', detail: what.detail }
    const data = { requestId, source, modelId, version, ownerId, options: how, reason }
    emit(tx, mes, what.kind === 'refuse' ? 'order.price.refused' : 'order.price.delayed', data as never)
  })
  const platform = await startTestPlatform({
    services: [
      service,
      filesService,
      announcer(users),
      announcer(auth),
      announcer(editor),
      announcer(mes, { pricing } as never),
      announcer(crm),
      announcer(operators),
      ...extra,
    ],
    env,
  })
  const running = (name: string) => platform.host.running.find((one) => one.service.contract.name === name)!
  const tools = () => running('shop').tools

  const announce: Bed['announce'] = async (source, type, data) => {
    await running(source.name).tools.transact(async (tx) =>
      emit(tx, source as never, type as never, data as never),
    )
    await platform.settled()
    return type
  }
  const person = (id = uuidv7(), permissions: readonly string[] = []): Person => ({
    id,
    get client() {
      return clientOf(platform, id, permissions)
    },
  })
  return {
    platform,
    mes: state,
    announce,
    price,
    settled: platform.settled,
    person,
    staff: person(uuidv7(), ['orders:manage', 'shop:manage']),
    model: async (ownerId, name = 'bracket', known = undefined) => {
      const bytes = new TextEncoder().encode(`solid ${uuidv7()}`)
      async function* parts() {
        yield { part: { case: 'file' as const, value: { ownerId, purpose: 'model', name: `${name}.stl` } } }
        yield { part: { case: 'bytes' as const, value: bytes } }
      }
      const fileId =
        known ??
        (
          await tools()
            .rpc(Files)
            .put(parts() as never)
        ).file!.fileId
      const modelId = uuidv7()
      await announce(editor, 'model.ready', {
        modelId,
        version: 1,
        ownerId,
        name,
        fileId,
        sha256: '',
        triangles: 12,
        volumeMm3: 1000,
        areaMm2: 600,
        sizeMm: { x: 10, y: 10, z: 10 },
        shells: 1,
        repaired: false,
        warnings: [],
      })
      return { modelId, fileId }
    },
    publish: async (version) => {
      state.bookVersion = version
      await announce(mes, 'pricebook.published', book(version))
    },
    get tools() {
      return tools()
    },
    runJob: async (name) => {
      const { tools: all, own } = running('shop')
      await all.transact(async (tx) => {
        await service.jobs![name]!.run(Object.assign(Object.create(all), { tx }), own)
      })
      await platform.settled()
    },
    eventsOf: async (key, type) => {
      await platform.settled()
      const { sql } = tools()
      return sql<{ type: string; data: Record<string, never> }[]>`
        select type, data from outbox_log where key = ${key} ${type ? sql`and type = ${type}` : sql``} order by id`
    },
  }
}

/** An order that was placed, of one made part at 450 the piece. */
export async function order(bed: Bed, person = bed.person(), more: object = {}, file?: string) {
  const { modelId, fileId } = await bed.model(person.id, 'bracket', file)
  await person.client.addLine({ body: { kind: 'made', modelId, options } })
  await bed.settled()
  const cart = await person.client.getCart()
  const placed = await person.client.checkout({
    body: { cartId: cart.cartId, ...placing, ...more },
  })
  await bed.settled()
  return { person, modelId, fileId, orderId: placed.orderId, number: placed.number, placed }
}

/** Announces one after the other what production announces until the order is in that state. */
export async function produce(bed: Bed, orderId: string, until: 'confirmed' | 'inProduction' | 'delivered') {
  const by = uuidv7()
  await bed.announce(crm, 'order.confirmed', { orderId, by })
  if (until === 'confirmed') return
  const work = { orderId, lineId: uuidv7(), workId: uuidv7(), operatorId: by, machineId: uuidv7() }
  await bed.announce(operators, 'production.started', work)
  if (until === 'inProduction') return
  await bed.announce(operators, 'production.finished', { orderId })
  await bed.announce(operators, 'quality.passed', { orderId, by, photos: [] })
  await bed.announce(operators, 'order.packed', { orderId, by })
  await bed.announce(operators, 'order.shipped', { orderId, by, carrier: 'DHL', tracking: '0034' })
  await bed.announce(operators, 'order.delivered', { orderId, by })
}
