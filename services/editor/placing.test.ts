/** Placing, plates and pictures, through the typed client. */
import { inflateSync } from 'node:zlib'
import { boundsOf } from '@pleiad/workshop/mesh/measure'
import { box, cone } from '@pleiad/workshop/mesh/solids'
import { readStl } from '@pleiad/workshop/mesh/stl'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bed, open, options, startBed, stl } from './testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed()
})
afterAll(() => bed?.platform.stop())

const meshOf = async (who: ReturnType<Bed['person']>, fileId: string) => readStl(await who.download(fileId))

describe('placeModel', () => {
  test('scales, turns and puts on the bed: a new version, announced with its own options', async () => {
    const anna = bed.person()
    const { modelId } = await anna.make(stl(box(10, 20, 30)), 'part.stl', { options })
    // A quarter about x: what was z is y.
    const rotation = [1, 0, 0, 0, 0, -1, 0, 1, 0]
    await anna.editor.placeModel({
      params: { modelId, version: 1 },
      body: { placement: { scale: { x: 2, y: 1, z: 1 }, rotation } },
    })
    const { latest, versions } = await anna.done(modelId)
    expect(latest).toMatchObject({
      version: 2,
      kind: 'placed',
      from: 1,
      state: 'ready',
      report: {
        watertight: true,
        sizeMm: { x: expect.closeTo(20), y: expect.closeTo(30), z: expect.closeTo(20) },
        volumeMm3: expect.closeTo(12_000),
      },
    })
    expect(versions).toHaveLength(2)
    expect(boundsOf(await meshOf(anna, latest.fileId!)).min[2]).toBeCloseTo(0)
    const ready = (await bed.eventsOf(modelId)).map(({ data }) => [data['version'], data['options']])
    expect(ready).toEqual([
      [1, options],
      [2, undefined],
    ])
  })

  test('finds the side that needs the least support', async () => {
    const anna = bed.person()
    // A cone on its tip.
    const onTip = cone(20, 30)
    const turned = {
      ...onTip,
      positions: onTip.positions.map((value, at) => (at % 3 === 0 ? value : -value)),
    }
    const { modelId } = await anna.make(stl(turned))
    await anna.editor.placeModel({ params: { modelId, version: 1 }, body: { placement: { orient: true } } })
    const { latest } = await anna.done(modelId)
    const mesh = await meshOf(anna, latest.fileId!)
    const onBed = mesh.positions.filter((value, at) => at % 3 === 2 && Math.abs(value) < 0.01)
    expect(onBed.length).toBeGreaterThan(30)
  })

  test('what is no rotation, and what is not ready, are refused', async () => {
    const anna = bed.person()
    const { modelId } = await anna.make(stl(box(10, 10, 10)))
    const params = { modelId, version: 1 }
    for (const rotation of [
      [1, 0, 0, 0, 1, 0, 0, 0, -1],
      [1, 1, 0, 0, 1, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0, 0, 0, 0],
    ])
      await expect(
        anna.editor.placeModel({ params, body: { placement: { rotation } } }),
      ).rejects.toMatchObject({ code: 'rotationNotRight' })
    const broken = await anna.make(stl(open(box(10, 10, 10))))
    await expect(
      anna.editor.placeModel({
        params: { modelId: broken.modelId, version: 1 },
        body: { placement: { orient: true } },
      }),
    ).rejects.toMatchObject({ code: 'versionNotReady', problem: { state: 'needsRepair' } })
  })
})

describe('createPlate', () => {
  test('several parts lie side by side in one mesh, which is a model of its own', async () => {
    const anna = bed.person()
    const cube = await anna.make(stl(box(10, 10, 10)), 'cube.stl')
    const bar = await anna.make(stl(open(box(40, 8, 6))), 'bar.stl', { acceptRepair: true })
    const made = await anna.editor.createPlate({
      body: {
        name: 'Both',
        plateMm: { x: 100, y: 100 },
        gapMm: 4,
        parts: [
          { modelId: cube.modelId, version: 1, quantity: 5 },
          { modelId: bar.modelId, version: 1, quantity: 2, placement: { scale: { x: 1, y: 1, z: 2 } } },
        ],
        options,
      },
    })
    const { latest } = await anna.done(made.modelId)
    expect(latest).toMatchObject({
      kind: 'plate',
      state: 'ready',
      report: { shells: 7, watertight: true, volumeMm3: expect.closeTo(5 * 1000 + 2 * 3840, 0) },
      warnings: ['severalShells'],
    })
    expect(latest.report!.sizeMm.x).toBeLessThanOrEqual(92)
    expect(await bed.eventsOf(made.modelId)).toMatchObject([
      { type: 'model.ready', data: { name: 'Both', repaired: true, options } },
    ])
  })

  test('what does not fit is rejected with words', async () => {
    const anna = bed.person()
    const { modelId } = await anna.make(stl(box(60, 60, 10)))
    for (const [quantity, plate, words] of [
      [1, 50, 'larger than the plate'],
      [9, 100, 'need 9 plates'],
    ] as const) {
      const made = await anna.editor.createPlate({
        body: {
          name: 'x',
          plateMm: { x: plate, y: plate },
          parts: [{ modelId, version: 1, quantity }],
        },
      })
      const { latest } = await anna.done(made.modelId)
      expect(latest).toMatchObject({
        state: 'rejected',
        reasons: [{ code: 'plateTooSmall', detail: expect.stringContaining(words) }],
      })
    }
  })
})

test('every model has a picture that shows it', async () => {
  const anna = bed.person()
  const { latest } = await anna.make(stl(box(10, 10, 10)))
  const png = await anna.download(latest.thumbnailFileId!)
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([512, 512])
  const size = png.readUInt32BE(33)
  const pixels = inflateSync(png.subarray(41, 41 + size))
  const alphaAt = (x: number, y: number) => pixels[y * (512 * 4 + 1) + 1 + x * 4 + 3]
  expect([alphaAt(0, 0), alphaAt(256, 256)]).toEqual([0, 255])
  expect((await anna.files.listFiles({ query: { purpose: 'model-thumbnail' } })).items).toMatchObject([
    { type: 'image/png', typeMatches: true },
  ])
})
