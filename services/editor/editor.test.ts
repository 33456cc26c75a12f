/** Models through the typed client: good ones, those that need a word, and what is done with them. */
import { connectRealtime, type RealtimeClient } from '@pleiad/platform/realtime-client'
import { box } from '@pleiad/workshop/mesh/solids'
import { readStl } from '@pleiad/workshop/mesh/stl'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bed, open, options, sha256, startBed, stl } from './testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed()
})
afterAll(() => bed?.platform.stop())

describe('createModel', () => {
  test('a sound model becomes ready: measured, stored as binary STL, announced once with its options', async () => {
    const anna = bed.person()
    const made = await anna.create(stl(box(20, 30, 10)), 'bracket.stl', { options })
    expect(made).toMatchObject({
      name: 'bracket.stl',
      latest: { version: 1, state: 'processing', stage: 'waiting' },
    })
    const model = await anna.done(made.modelId)
    const version = await anna.editor.getVersion({ params: { modelId: model.modelId, version: 1 } })
    expect(version).toMatchObject({
      kind: 'original',
      state: 'ready',
      format: 'stl',
      unit: 'mm',
      report: {
        triangles: 12,
        shells: 1,
        watertight: true,
        sizeMm: { x: 20, y: 30, z: 10 },
        volumeMm3: 6000,
        areaMm2: 2200,
        problems: [],
      },
      warnings: [],
    })
    const bytes = await anna.download(version.fileId!)
    expect(sha256(bytes)).toBe(version.sha256)
    expect(readStl(bytes).indices).toHaveLength(36)
    expect(await bed.eventsOf(model.modelId)).toMatchObject([
      {
        type: 'model.ready',
        data: {
          version: 1,
          ownerId: anna.id,
          name: 'bracket.stl',
          fileId: version.fileId,
          sha256: version.sha256,
          triangles: 12,
          volumeMm3: 6000,
          sizeMm: { x: 20, y: 30, z: 10 },
          repaired: false,
          warnings: [],
          options,
        },
      },
    ])
  })

  test('with one Idempotency-Key makes one model; the same file again is told which model it is', async () => {
    const anna = bed.person()
    const fileId = await anna.upload(stl(box(5, 5, 5)))
    const send = () => anna.editor.createModel({ body: { fileId }, idempotencyKey: 'key-of-once' })
    const made = await send()
    expect(await send()).toEqual(made)
    await expect(anna.editor.createModel({ body: { fileId } })).rejects.toMatchObject({
      code: 'modelExists',
      problem: { modelId: made.modelId },
    })
  })

  test('somebody else’s file, one for something else and one that is not whole are refused', async () => {
    const anna = bed.person()
    const { file } = await anna.files.createUpload({ body: { name: 'x.stl', purpose: 'model', size: 100 } })
    for (const fileId of [
      uuidv7(),
      file.fileId,
      await anna.upload(stl(box(1, 1, 1)), 'x.stl', 'avatar'),
      await bed.person().upload(stl(box(1, 1, 1))),
    ])
      await expect(anna.editor.createModel({ body: { fileId } })).rejects.toMatchObject({
        code: 'fileNotAModel',
        status: 422,
      })
  })
})

describe('acceptRepair', () => {
  test('what is broken waits with its repair beside it; accepted, it is a version that is announced', async () => {
    const anna = bed.person()
    const model = await anna.make(stl(open(box(10, 10, 10))), 'broken.stl', { options })
    const params = { modelId: model.modelId, version: 1 }
    const before = await anna.editor.getVersion({ params })
    expect(before).toMatchObject({
      state: 'needsRepair',
      report: { watertight: false, triangles: 11, problems: [{ code: 'holes', count: 1 }] },
      repair: { report: { watertight: true, triangles: 12, volumeMm3: 1000 }, changes: { filledHoles: 1 } },
    })
    expect(before.report!.problems[0]!.lines.length).toBe(18)
    expect(before.repair!.fileId).not.toBe(before.fileId)
    expect(await bed.eventsOf(model.modelId)).toMatchObject([
      { type: 'model.decision.needed', data: { needs: 'repair', version: 1 } },
    ])
    const accepted = await Promise.allSettled([
      anna.editor.acceptRepair({ params }),
      anna.editor.acceptRepair({ params }),
    ])
    expect(accepted.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const opened = await anna.editor.getModel({ params })
    expect(opened.versions).toMatchObject([
      { version: 2, kind: 'repaired', from: 1, state: 'ready', fileId: before.repair!.fileId },
      { version: 1, state: 'repaired' },
    ])
    const ready = (await bed.eventsOf(model.modelId)).filter(({ type }) => type === 'model.ready')
    expect(ready).toMatchObject([{ data: { version: 2, repaired: true, volumeMm3: 1000, options } }])
    const bytes = await anna.download(opened.latest.fileId!)
    expect(sha256(bytes)).toBe(ready[0]!.data['sha256'])
  })

  test('who accepts beforehand is not asked', async () => {
    const anna = bed.person()
    const model = await anna.make(stl(open(box(10, 10, 10))), 'broken.stl', { acceptRepair: true })
    expect(model.latest).toMatchObject({ version: 1, state: 'ready', report: { watertight: true } })
    expect(await bed.eventsOf(model.modelId)).toMatchObject([
      { type: 'model.ready', data: { repaired: true } },
    ])
  })

  test('what is ready has no repair', async () => {
    const anna = bed.person()
    const { modelId } = await anna.make(stl(box(10, 10, 10)))
    await expect(anna.editor.acceptRepair({ params: { modelId, version: 1 } })).rejects.toMatchObject({
      code: 'versionNotWaiting',
      problem: { state: 'ready' },
    })
  })
})

describe('setUnit', () => {
  test('a size that is unlikely is asked about; with the unit the work goes on', async () => {
    const anna = bed.person()
    const model = await anna.make(stl(box(0.1, 0.2, 0.05)))
    expect(model.latest).toMatchObject({
      state: 'needsUnits',
      // The likeliest, and what it would measure then.
      unit: 'm',
      report: { sizeMm: { z: expect.closeTo(50) } },
    })
    const params = { modelId: model.modelId, version: 1 }
    await anna.editor.setUnit({ params, body: { unit: 'in' } })
    const { latest } = await anna.done(model.modelId)
    expect(latest).toMatchObject({ version: 1, state: 'ready', unit: 'in' })
    expect(latest.report!.sizeMm.x).toBeCloseTo(2.54)
    await expect(anna.editor.setUnit({ params, body: { unit: 'mm' } })).rejects.toMatchObject({
      code: 'versionNotWaiting',
    })
  })

  test('who says the unit at once is not asked', async () => {
    const { latest } = await bed.person().make(stl(box(4, 4, 4)), 'x.stl', { unit: 'in' })
    expect(latest).toMatchObject({ state: 'ready', unit: 'in' })
    expect(latest.report!.sizeMm.x).toBeCloseTo(101.6)
  })
})

describe('somebody else’s model', () => {
  test('is not there, but for those who may see all models', async () => {
    const anna = bed.person()
    const mallory = bed.person()
    const { modelId } = await anna.make(stl(open(box(10, 10, 10))))
    const params = { modelId, version: 1 }
    const fileId = await mallory.upload(stl(box(1, 2, 3)))
    for (const attempt of [
      () => mallory.editor.getModel({ params: { modelId } }),
      () => mallory.editor.getVersion({ params }),
      () => mallory.editor.renameModel({ params: { modelId }, body: { name: 'Mine' }, ifMatch: 2 }),
      () => mallory.editor.acceptRepair({ params }),
      () => mallory.editor.setUnit({ params, body: { unit: 'mm' } }),
      () => mallory.editor.placeModel({ params, body: { placement: {} } }),
      () => mallory.editor.addVersion({ params: { modelId }, body: { fileId } }),
      () => mallory.editor.deleteModel({ params: { modelId } }),
      () =>
        mallory.editor.createPlate({
          body: { name: 'x', plateMm: { x: 100, y: 100 }, parts: [{ ...params, quantity: 1 }] },
        }),
    ])
      await expect(attempt()).rejects.toMatchObject({ status: 404 })
    expect((await mallory.editor.listModels()).items).toEqual([])
    const office = bed.person(undefined, ['models:read'])
    expect(await office.editor.getModel({ params: { modelId } })).toMatchObject({ ownerId: anna.id })
    const { fileId: mesh } = await office.editor.getVersion({ params })
    expect((await office.download(mesh!)).length).toBe(84 + 11 * 50)
    await expect(office.editor.deleteModel({ params: { modelId } })).rejects.toMatchObject({ status: 404 })
  })
})

test('listModels pages from the newest, and knows the states', async () => {
  const anna = bed.person()
  const names = ['1', '2', '3']
  for (const name of names) await anna.make(stl(box(10, 10, 10)), name)
  await anna.make(Buffer.from('nothing'), 'bad.stl')
  const page = await anna.editor.listModels({ query: { limit: 2 } })
  expect(page.items.map(({ name }) => name)).toEqual(['bad.stl', '3'])
  const rest = await anna.editor.listModels({ query: { limit: 2, cursor: page.next! } })
  expect(rest.items.map(({ name }) => name)).toEqual(['2', '1'])
  expect(rest.next).toBeUndefined()
  const bad = await anna.editor.listModels({ query: { state: 'rejected' } })
  expect(bad.items.map(({ name }) => name)).toEqual(['bad.stl'])
})

test('renameModel with an old revision is refused', async () => {
  const anna = bed.person()
  const { modelId, revision } = await anna.make(stl(box(10, 10, 10)))
  const send = () =>
    anna.editor.renameModel({ params: { modelId }, body: { name: 'Clip' }, ifMatch: revision })
  expect(await send()).toMatchObject({ name: 'Clip', revision: revision + 1 })
  await expect(send()).rejects.toMatchObject({ code: 'preconditionFailed' })
})

test('addVersion: a file that is uploaded again is the next version', async () => {
  const anna = bed.person()
  const { modelId } = await anna.make(stl(box(10, 10, 10)))
  const fileId = await anna.upload(stl(box(10, 10, 20)))
  await anna.editor.addVersion({ params: { modelId }, body: { fileId } })
  const model = await anna.done(modelId)
  expect(model.versions).toMatchObject([
    { version: 2, state: 'ready', report: { volumeMm3: 2000 } },
    { version: 1, state: 'ready', report: { volumeMm3: 1000 } },
  ])
  expect((await bed.eventsOf(modelId)).map(({ type, data }) => [type, data['version']])).toEqual([
    ['model.ready', 1],
    ['model.ready', 2],
  ])
})

test('the topic models tells the owner, and nobody else, how far the work is', async () => {
  const anna = bed.person()
  const told: { modelId: string; state: string; stage?: string }[] = []
  const others: unknown[] = []
  const live = (who: typeof anna, into: unknown[]) =>
    new Promise<RealtimeClient>((resolve) => {
      const line: RealtimeClient = connectRealtime({
        baseUrl: bed.platform.url,
        token: () => bed.platform.tokenFor({ id: who.id }),
        onState: (state) => state === 'open' && resolve(line),
      })
      line.on('models', (data) => into.push(data))
    })
  const lines = [await live(anna, told), await live(bed.person(), others)]
  const { modelId } = await anna.make(stl(open(box(10, 10, 10))))
  await expect
    .poll(() => told.filter((each) => each.modelId === modelId).at(-1), { timeout: 30_000 })
    .toMatchObject({ version: 1, state: 'needsRepair' })
  const stages = told.map(({ stage }) => stage).filter((stage) => stage !== undefined)
  expect(stages).toEqual(expect.arrayContaining(['waiting', 'reading', 'storing']))
  expect(others).toEqual([])
  for (const line of lines) line.close()
})
