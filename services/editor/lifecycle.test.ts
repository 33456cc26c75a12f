import filesService from '@pleiad/files'
import { Files } from '@pleiad/files/rpc'
import type { EventData } from '@pleiad/platform/contract'
import { defineService, emit, type Service } from '@pleiad/platform/service'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { box, sphere } from '@pleiad/workshop/mesh/solids'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bed, open, options, startBed, stl } from './testing-bed.ts'

const DAY_MS = 86_400_000
/** Announces what others would. */
const announcer = (contract: typeof users | typeof shop): Service =>
  defineService({
    contract: { ...contract, operations: {} } as never,
    url: new URL('./no-migrations/service.ts', import.meta.url).href,
    routes: (() => ({})) as never,
  })

let bed: Bed
beforeAll(async () => {
  bed = await startBed({}, [announcer(users), announcer(shop)])
})
afterAll(() => bed?.platform.stop())

const announce = (name: string, work: (tx: never) => void) =>
  bed.running(name).tools.transact(async (tx) => work(tx as never))
const idsOf = async (who: ReturnType<Bed['person']>) =>
  (await who.files.listFiles({ query: { limit: 100 } })).items.map(({ fileId }) => fileId).sort()
/** What the shop announces of an order of one part. */
function orderOf(
  orderId: string,
  who: { readonly id: string },
  part: { modelId: string; fileId: string },
): EventData<typeof shop, 'order.created'> {
  const line = { lineId: uuidv7(), kind: 'made', name: 'Box', ...part, version: 1, options } as const
  return {
    orderId,
    number: 'F-2026-000001',
    channel: 'shop',
    customer: { userId: who.id, name: 'Anna', email: 'anna@example.com', language: 'en' },
    lines: [{ ...line, quantity: 1, unitPrice: 100, total: 100 }],
    total: 100,
    currency: 'EUR',
    delivery: { method: 'pickup', price: 0 },
    payment: { method: 'invoice', state: 'open' },
    dueAt: bed.tools.now().toISOString(),
    createdAt: bed.tools.now().toISOString(),
  }
}
/** Files removes what is due, and editor hears of it. */
async function removeDue() {
  const files = bed.running('files')
  await files.tools.transact((tx) =>
    filesService.jobs!['removeDue']!.run(Object.assign(Object.create(files.tools), { tx }), files.own),
  )
  await bed.platform.settled()
}

describe('deleteModel', () => {
  test('takes all versions and files with it, and is announced', async () => {
    const anna = bed.person()
    const { modelId } = await anna.make(stl(open(box(10, 10, 10))))
    await anna.editor.acceptRepair({ params: { modelId, version: 1 } })
    expect((await idsOf(anna)).length).toBeGreaterThanOrEqual(3)
    await anna.editor.deleteModel({ params: { modelId } })
    await expect(anna.editor.getModel({ params: { modelId } })).rejects.toMatchObject({ status: 404 })
    expect((await bed.eventsOf(modelId)).at(-1)).toEqual({
      type: 'model.deleted',
      data: { modelId, ownerId: anna.id },
    })
    expect(await idsOf(anna)).toEqual([])
  })

  test('what an order keeps stays', async () => {
    const anna = bed.person()
    const { modelId, latest } = await anna.make(stl(box(10, 10, 10)))
    const fileId = latest.fileId!
    await bed.tools.rpc(Files).keep({ fileId, keeper: 'shop:order:1' })
    await expect(anna.editor.deleteModel({ params: { modelId } })).rejects.toMatchObject({
      code: 'modelKept',
    })
    await bed.tools.rpc(Files).release({ fileId, keeper: 'shop:order:1' })
    await anna.editor.deleteModel({ params: { modelId } })
  })

  test('takes with it what was made before somebody said the unit', async () => {
    const anna = bed.person()
    const { modelId } = await anna.make(stl(box(0.1, 0.2, 0.05)))
    await anna.editor.setUnit({ params: { modelId, version: 1 }, body: { unit: 'in' } })
    await anna.done(modelId)
    await anna.editor.deleteModel({ params: { modelId } })
    await bed.platform.settled()
    expect(await idsOf(anna)).toEqual([])
  })

  test('while it is worked on leaves nothing behind', async () => {
    const anna = bed.person()
    const { modelId } = await anna.create(stl(sphere(20, 256, 128)))
    await anna.editor.deleteModel({ params: { modelId } })
    await bed.platform.settled()
    await expect.poll(() => idsOf(anna), { timeout: 30_000 }).toEqual([])
    expect((await bed.eventsOf(modelId)).map(({ type }) => type)).toEqual(['model.deleted'])
  })
})

describe('retention', () => {
  test('what nobody orders goes after its days, and what was uploaded without becoming a model', async () => {
    const anna = bed.person()
    const { modelId } = await anna.make(stl(box(10, 10, 10)))
    await anna.upload(stl(box(1, 2, 3)))
    await bed.platform.settled()
    bed.platform.advance(29 * DAY_MS)
    await removeDue()
    expect(await anna.editor.getModel({ params: { modelId } })).toMatchObject({ latest: { state: 'ready' } })
    bed.platform.advance(2 * DAY_MS)
    await removeDue()
    await expect(anna.editor.getModel({ params: { modelId } })).rejects.toMatchObject({ status: 404 })
    expect(await idsOf(anna)).toEqual([])
    expect((await bed.eventsOf(modelId)).at(-1)).toMatchObject({ type: 'model.deleted' })
  })

  test('what is ordered stays with its mesh, and goes when its order has been closed for long enough', async () => {
    const anna = bed.person()
    const { modelId, latest } = await anna.make(stl(box(10, 10, 10)))
    const fileId = latest.fileId!
    await bed.tools.rpc(Files).keep({ fileId, keeper: 'shop:order:2' })
    bed.platform.advance(31 * DAY_MS)
    await removeDue()
    expect(await anna.editor.getModel({ params: { modelId } })).toMatchObject({
      latest: { state: 'ready', fileId },
    })
    const deleteAfter = new Date(bed.tools.now().getTime() + 5 * DAY_MS)
    await bed.tools.rpc(Files).release({ fileId, keeper: 'shop:order:2' })
    await announce('shop', (tx) =>
      emit(tx, shop, 'order.closed', {
        orderId: uuidv7(),
        outcome: 'delivered',
        files: [{ fileId, modelId }],
        deleteAfter: deleteAfter.toISOString(),
      }),
    )
    await bed.platform.settled()
    await removeDue()
    expect(await anna.editor.getModel({ params: { modelId } })).toMatchObject({ modelId })
    bed.platform.advance(6 * DAY_MS)
    await removeDue()
    await expect(anna.editor.getModel({ params: { modelId } })).rejects.toMatchObject({ status: 404 })
  })

  test('an end that is heard before its order holds: nothing stays for ever', async () => {
    const anna = bed.person()
    const { modelId, latest } = await anna.make(stl(box(10, 10, 10)))
    const fileId = latest.fileId!
    const orderId = uuidv7()
    await announce('shop', (tx) =>
      emit(tx, shop, 'order.closed', {
        ...{ orderId, outcome: 'cancelled', files: [{ fileId, modelId }] },
        deleteAfter: new Date(bed.tools.now().getTime() + 5 * DAY_MS).toISOString(),
      }),
    )
    await bed.platform.settled()
    await announce('shop', (tx) =>
      emit(tx, shop, 'order.created', orderOf(orderId, anna, { modelId, fileId })),
    )
    await bed.platform.settled()
    const { items } = await anna.files.listFiles({ query: { limit: 100 } })
    expect(items.length).toBeGreaterThan(1)
    expect(items.filter(({ deleteAfter }) => deleteAfter === undefined)).toEqual([])
  })

  test('pictures go with the last order that needs them, in whatever order their ends are heard', async () => {
    const anna = bed.person()
    const { modelId, latest } = await anna.make(stl(box(10, 10, 10)))
    const fileId = latest.fileId!
    const [long, short] = [uuidv7(), uuidv7()]
    const day = (days: number) => new Date(bed.tools.now().getTime() + days * DAY_MS).toISOString()
    const close = (orderId: string, days: number, files: { fileId: string; modelId: string }[]) =>
      announce('shop', (tx) =>
        emit(tx, shop, 'order.closed', { orderId, outcome: 'cancelled', files, deleteAfter: day(days) }),
      )
    await close(long, 50, [{ fileId, modelId }])
    // The other order keeps the model for longer, so its end names none.
    await close(short, 5, [])
    for (const orderId of [long, short])
      await announce('shop', (tx) =>
        emit(tx, shop, 'order.created', orderOf(orderId, anna, { modelId, fileId })),
      )
    await bed.platform.settled()
    const { items } = await anna.files.listFiles({ query: { limit: 100 } })
    expect(items.length).toBeGreaterThan(1)
    for (const { deleteAfter } of items) expect(deleteAfter?.slice(0, 10)).toBe(day(50).slice(0, 10))
  })

  test('while an order is open the picture of its model has no last day', async () => {
    const anna = bed.person()
    const { modelId, latest } = await anna.make(stl(box(10, 10, 10)))
    const made = orderOf(uuidv7(), anna, { modelId, fileId: latest.fileId! })
    await announce('shop', (tx) => emit(tx, shop, 'order.created', made))
    await bed.platform.settled()
    const { items } = await anna.files.listFiles({ query: { limit: 100 } })
    expect(items.filter(({ deleteAfter }) => deleteAfter === undefined)).toHaveLength(1)
  })

  test('a date that the owner chose holds', async () => {
    const anna = bed.person()
    const deleteAfter = new Date(bed.tools.now().getTime() + 2 * DAY_MS).toISOString()
    const bytes = stl(box(10, 10, 10))
    const { file, uploadUrl } = await anna.files.createUpload({
      body: { name: 'x.stl', purpose: 'model', size: bytes.length, deleteAfter },
    })
    await anna.send(uploadUrl, bytes)
    await bed.platform.settled()
    const { deleteAfter: kept } = await anna.files.getFile({ params: { fileId: file.fileId } })
    expect(kept?.slice(0, 19)).toBe(deleteAfter.slice(0, 19))
  })

  test('rejected models go as well', async () => {
    const anna = bed.person()
    const { modelId } = await anna.make(Buffer.from('nothing'))
    await bed.runJob('forgetRejected')
    expect(await anna.editor.getModel({ params: { modelId } })).toMatchObject({ modelId })
    bed.platform.advance(31 * DAY_MS)
    await bed.runJob('forgetRejected')
    await expect(anna.editor.getModel({ params: { modelId } })).rejects.toMatchObject({ status: 404 })
  })
})

test('a person’s models are in their export, and go with the person', async () => {
  const anna = bed.person()
  const { modelId } = await anna.make(stl(box(10, 10, 10)))
  const { service, tools, own } = bed.running('editor')
  expect(await service.personalData!(tools, own, anna.id)).toMatchObject({ models: [{ modelId }] })
  await announce('users', (tx) => emit(tx, users, 'user.deleted', { userId: anna.id, by: anna.id }))
  await bed.platform.settled()
  expect(await service.personalData!(tools, own, anna.id)).toBeUndefined()
  expect((await bed.eventsOf(modelId)).at(-1)).toMatchObject({ type: 'model.deleted' })
})

describe('a model that is too much for a thread', () => {
  test('is tried as often as it may be, then rejected; small ones are made meanwhile', async () => {
    const small = await startBed({
      EDITOR_MEMORY_MB: '64',
      EDITOR_ATTEMPTS: '2',
      EDITOR_MAX_TRIANGLES: '5000000',
    })
    try {
      const anna = small.person()
      const large = await anna.create(stl(sphere(50, 700, 350)), 'large.stl', { options })
      expect((await anna.make(stl(box(10, 10, 10)))).latest.state).toBe('ready')
      const { latest } = await anna.done(large.modelId)
      expect(latest).toMatchObject({ state: 'rejected', reasons: [{ code: 'tooComplex' }] })
      expect(small.own.pool.ended()).toBe(2)
      expect(await small.eventsOf(large.modelId)).toMatchObject([{ type: 'model.rejected' }])
      expect((await anna.make(stl(box(10, 10, 10)))).latest.state).toBe('ready')
    } finally {
      await small.platform.stop()
    }
  }, 120_000)
})
