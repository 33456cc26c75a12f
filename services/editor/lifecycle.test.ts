/** What goes, what stays, and what is tried again. */
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import filesService from '@pleiad/files'
import { Files } from '@pleiad/files/rpc'
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

describe('STEP', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-step-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const program = (name: string, script: string) => {
    const path = join(folder, name)
    writeFileSync(path, `#!${process.execPath}\n${script}`)
    chmodSync(path, 0o755)
    return path
  }
  const STEP = Buffer.from('ISO-10303-21;\nHEADER;\nENDSEC;\nEND-ISO-10303-21;\n')
  const part = stl(box(12, 12, 12))
  const cases: [string, string, Record<string, unknown>][] = [
    [
      'is converted by the program of the operator, which sees nothing of the environment',
      `const fs = require('fs'); if (process.env.DATABASE_URL || !fs.readFileSync(process.argv[2], 'utf8').startsWith('ISO')) process.exit(9)
       fs.writeFileSync(process.argv[3], Buffer.from('${part.toString('base64')}', 'base64'))`,
      { state: 'ready', format: 'step', unit: 'mm' },
    ],
    [
      'says why it failed',
      `process.stderr.write('bad entity #12 in ' + process.argv[2]); process.exit(2)`,
      {
        state: 'rejected',
        reasons: [{ code: 'stepFailed', detail: expect.stringContaining('(bad entity #12 in model.step)') }],
      },
    ],
    ['makes nothing', ``, { state: 'rejected', reasons: [{ code: 'stepFailed' }] }],
    [
      'never ends',
      `setInterval(() => {}, 1000)`,
      { state: 'rejected', reasons: [{ code: 'stepFailed', detail: expect.stringContaining('too long') }] },
    ],
    [
      'takes too much memory',
      `const kept = []; setInterval(() => kept.push(Buffer.alloc(40e6, 1)), 20)`,
      {
        state: 'rejected',
        reasons: [{ code: 'stepFailed', detail: expect.stringContaining('too complex') }],
      },
    ],
    [
      'makes too much',
      `require('fs').writeFileSync(process.argv[3], Buffer.alloc(30e6)); setInterval(() => {}, 1000)`,
      { state: 'rejected', reasons: [{ code: 'stepFailed' }] },
    ],
  ]
  test.each(cases)('%s', async (what, script, expected) => {
    const small = await startBed({
      EDITOR_STEP_COMMAND: program(createHash('sha1').update(what).digest('hex'), script),
      EDITOR_SECONDS: what === 'never ends' ? '2' : '60',
      EDITOR_MEMORY_MB: '400',
      EDITOR_MAX_MB: '20',
    })
    try {
      expect((await small.person().make(STEP, 'part.step')).latest).toMatchObject(expected)
      expect((await small.person().editor.getIntake()).formats).toContain('step')
    } finally {
      await small.platform.stop()
    }
  })

  test('a program that is not there is the operator’s mistake, and told as not supported', async () => {
    const small = await startBed({ EDITOR_STEP_COMMAND: join(folder, 'absent'), LOG_LEVEL: 'silent' })
    try {
      expect((await small.person().make(STEP, 'part.step')).latest).toMatchObject({
        state: 'rejected',
        reasons: [{ code: 'stepNotSupported' }],
      })
    } finally {
      await small.platform.stop()
    }
  })
})
