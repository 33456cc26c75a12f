/** What goes, what stays, and what is mended. */
import { Code } from '@connectrpc/connect'
import { defineService, emit } from '@pleiad/platform/service'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Files } from './files_pb.ts'
import { type Bed, sha256, someBytes, startBed, TUS } from './testing-bed.ts'

const DAY_MS = 86_400_000
let bed: Bed
beforeAll(async () => {
  bed = await startBed({ FILES_QUOTA_MB: '20' }, [people])
})
afterAll(() => bed.platform.stop())

/** Announces what users would. */
const people = defineService({
  contract: users,
  url: new URL('../users/service.ts', import.meta.url).href,
  routes: (() => new Proxy({}, { get: () => async () => undefined })) as never,
})
const rpc = () => bed.tools().tools.rpc(Files)
const objects = async () => {
  const { files } = bed.tools().tools
  const keys: string[] = []
  for await (const { key } of files.list('')) keys.push(key)
  for await (const { key } of files.listGrowing('')) keys.push(key)
  return keys
}
const removals = async () =>
  (await bed.person(undefined, ['files:manage']).client.listRemovals({ query: { limit: 100 } })).items
const preview = (until?: Date) =>
  bed
    .person(undefined, ['files:manage'])
    .client.previewRemovals({ query: until ? { until: until.toISOString() } : {} })
const ahead = (milliseconds: number) => new Date(bed.tools().tools.now().getTime() + milliseconds)

// First: the store's clock does not go with the one that the tests move.
describe('rows and objects are brought in step', () => {
  async function* of(text: string) {
    yield Buffer.from(text)
  }

  test('an object and an unfinished one without a row go after a day; what has a row stays', async () => {
    const anna = bed.person()
    const { files, sql } = bed.tools().tools
    const [orphan, growing] = [uuidv7(), uuidv7()]
    await files.put(orphan, of('nobody’s'))
    await files.append(await files.begin(growing), 0, of('nobody’s'))
    const file = await bed.upload(anna, someBytes(50))
    const upload = await anna.client.createUpload({ body: { name: 'x', purpose: 'test', size: 10 } })
    // A second object under the name of an upload, left by a crash: only the one the row names is needed.
    const double = await files.begin(upload.file.fileId)
    await bed.runJob('mendStore')
    expect(await objects()).toEqual(expect.arrayContaining([orphan, growing]))
    bed.platform.advance(2 * DAY_MS)
    await sql`update files set expires_at = expires_at + interval '3 days' where id = ${upload.file.fileId}`
    await bed.runJob('mendStore')
    const left = await objects()
    expect(left).not.toContain(orphan)
    expect(left).not.toContain(growing)
    expect(left).toEqual(expect.arrayContaining([file.fileId, upload.file.fileId]))
    expect(await files.lengthOf(double)).toBeUndefined()
    expect(await bed.offset(upload.uploadUrl)).toBe(0)
    expect(await sql`select 1 from listed`).toHaveLength(0)
    expect(await sql`select 1 from doomed`).toHaveLength(0)
  })

  test('a file without an object is marked, found again when it is back, and goes after a week', async () => {
    const anna = bed.person()
    const { files } = bed.tools().tools
    const { fileId } = await bed.upload(anna, Buffer.from('here'))
    const params = { fileId }
    await files.delete(fileId)
    bed.platform.advance(2 * 3_600_000)
    await bed.runJob('mendStore')
    expect(await anna.client.getFile({ params })).toMatchObject({ lost: true })
    await files.put(fileId, of('here'))
    await bed.runJob('mendStore')
    expect((await anna.client.getFile({ params })).lost).toBeUndefined()
    await files.delete(fileId)
    await bed.runJob('mendStore')
    await bed.runJob('removeDue')
    expect(await anna.client.getFile({ params })).toMatchObject({ lost: true })
    bed.platform.advance(8 * DAY_MS)
    expect((await preview()).first).toContainEqual(expect.objectContaining({ fileId, reason: 'lost' }))
    await bed.runJob('removeDue')
    await expect(anna.client.getFile({ params })).rejects.toMatchObject({ code: 'notFound' })
  })

  test('an object that cannot be deleted now is deleted later', async () => {
    const anna = bed.person()
    const { tools } = bed.tools()
    const { fileId } = await bed.upload(anna, someBytes(5))
    const { delete: really } = tools.files
    Object.assign(tools.files, { delete: () => Promise.reject(new Error('the store is away')) })
    await anna.client.deleteFile({ params: { fileId } })
    await bed.runJob('sweepObjects')
    expect(await objects()).toContain(fileId)
    Object.assign(tools.files, { delete: really })
    await bed.runJob('sweepObjects')
    expect(await objects()).not.toContain(fileId)
  })
})

describe('by its date', () => {
  test('what is due is previewed, goes, is recorded and announced; what is kept stays', async () => {
    const anna = bed.person()
    const deleteAfter = ahead(DAY_MS).toISOString()
    const bytes = someBytes(1000)
    const goes = await bed.upload(anna, bytes, { deleteAfter })
    const kept = await bed.upload(anna, bytes, { deleteAfter })
    const stays = await bed.upload(anna, bytes)
    await rpc().keep({ fileId: kept.fileId, keeper: 'test:order:1' })
    await bed.runJob('removeDue')
    expect(await anna.client.getUsage()).toMatchObject({ files: 3, bytes: 3000 })
    expect(await preview()).toMatchObject({ files: 0, bytes: 0, first: [] })
    expect(await preview(ahead(2 * DAY_MS))).toMatchObject({
      files: 1,
      bytes: 1000,
      first: [{ fileId: goes.fileId, reason: 'due', size: 1000, dueAt: deleteAfter }],
    })
    bed.platform.advance(DAY_MS + 1000)
    await bed.runJob('removeDue')
    expect(await anna.client.getUsage()).toMatchObject({ files: 2, bytes: 2000 })
    expect(await objects()).not.toContain(goes.fileId)
    expect(await objects()).toEqual(expect.arrayContaining([kept.fileId, stays.fileId]))
    expect((await removals()).slice(0, 1)).toMatchObject([
      { fileId: goes.fileId, ownerId: anna.id, purpose: 'test', size: 1000, reason: 'due' },
    ])
    expect((await bed.eventsOf(goes.fileId)).at(-1)).toMatchObject({
      type: 'file.deleted',
      data: { reason: 'due' },
    })
    // Its owner cannot delete what is kept; released it goes by the new date.
    const params = { fileId: kept.fileId }
    await expect(anna.client.deleteFile({ params })).rejects.toMatchObject({
      code: 'fileKept',
      problem: { keepers: ['test:order:1'] },
    })
    await expect(rpc().delete({ fileId: kept.fileId })).rejects.toMatchObject({
      code: Code.FailedPrecondition,
    })
    await rpc().release({
      fileId: kept.fileId,
      keeper: 'test:order:1',
      deleteAfter: BigInt(Math.floor(ahead(5000).getTime() / 1000)),
    })
    bed.platform.advance(6000)
    await bed.runJob('removeDue')
    await expect(anna.client.getFile({ params })).rejects.toMatchObject({ code: 'notFound' })
    await anna.client.deleteFile({ params: { fileId: stays.fileId } })
    expect(await anna.client.getUsage()).toMatchObject({ files: 0, bytes: 0 })
  })

  test('an upload without bytes for a day goes, one that goes on stays', async () => {
    const anna = bed.person()
    const begin = () => anna.client.createUpload({ body: { name: 'x', purpose: 'test', size: 10 } })
    const [idle, active] = [await begin(), await begin()]
    await bed.patch(idle.uploadUrl, 0, 'abc')
    bed.platform.advance(DAY_MS / 2)
    await bed.patch(active.uploadUrl, 0, 'abc')
    bed.platform.advance(DAY_MS / 2 + 1000)
    // Before the job comes by it is over already.
    expect((await fetch(bed.here(idle.uploadUrl), { method: 'HEAD', headers: TUS })).status).toBe(410)
    await bed.runJob('removeDue')
    expect((await fetch(bed.here(idle.uploadUrl), { method: 'HEAD', headers: TUS })).status).toBe(404)
    expect(await objects()).not.toContain(idle.file.fileId)
    expect(await bed.offset(active.uploadUrl)).toBe(3)
    expect(await anna.client.getUsage()).toMatchObject({ files: 1, bytes: 10 })
  })
})

test('an erased person leaves nothing: no files, no objects, no name in the record', async () => {
  const [anna, boris] = [bed.person(), bed.person()]
  const one = await bed.upload(anna, someBytes(100))
  await rpc().keep({ fileId: one.fileId, keeper: 'test:order:2' })
  const two = await anna.client.createUpload({ body: { name: 'x', purpose: 'test', size: 10 } })
  const other = await bed.upload(boris, someBytes(100))
  const gone = await bed.upload(anna, someBytes(5))
  await anna.client.deleteFile({ params: { fileId: gone.fileId } })
  await rpc().grant({ fileId: other.fileId, subject: `user:${anna.id}` })
  const exported = (await bed.tools().tools.personalData(anna.id))['files'] as { files: unknown[] }
  expect(exported.files).toHaveLength(2)
  await bed.platform.host.running
    .find(({ service }) => service.contract.name === 'users')!
    .tools.transact(async (tx) => emit(tx, users, 'user.deleted', { userId: anna.id, by: anna.id }))
  await bed.platform.settled()
  await bed.runJob('sweepObjects')
  expect(await objects()).not.toContain(one.fileId)
  expect(await objects()).not.toContain(two.file.fileId)
  expect(await objects()).toContain(other.fileId)
  const mine = (await removals()).filter(({ fileId }) =>
    [one.fileId, two.file.fileId, gone.fileId].includes(fileId),
  )
  expect(mine).toHaveLength(3)
  for (const removal of mine) expect(removal.ownerId).toBeUndefined()
  const { sql } = bed.tools().tools
  expect(await sql`select 1 from usage where owner_id = ${anna.id}`).toHaveLength(0)
  expect(await sql`select 1 from grants where subject = ${`user:${anna.id}`}`).toHaveLength(0)
  // A token may live a little longer than its owner.
  await expect(
    anna.client.createUpload({ body: { name: 'x', purpose: 'test', size: 10 } }),
  ).rejects.toMatchObject({ code: 'forbidden' })
})

describe('for services', () => {
  async function* parts(about: object, bytes: Buffer) {
    yield { part: { case: 'file' as const, value: about as never } }
    for (let at = 0; at < bytes.length; at += 64 * 1024)
      yield { part: { case: 'bytes' as const, value: new Uint8Array(bytes.subarray(at, at + 64 * 1024)) } }
  }

  test('put, open, grant, link', async () => {
    const [anna, boris] = [bed.person(), bed.person()]
    const bytes = someBytes(300_000)
    const { file } = await rpc().put(
      parts({ ownerId: anna.id, purpose: 'repaired', name: 'fixed.stl' }, bytes),
    )
    expect(file).toMatchObject({ size: 300_000n, sha256: sha256(bytes), ownerId: anna.id })
    const fileId = file!.fileId
    const read: Uint8Array[] = []
    for await (const { bytes: some } of rpc().open({ fileId, start: 10n, length: 200_000n })) read.push(some)
    expect(sha256(Buffer.concat(read))).toBe(sha256(bytes.subarray(10, 200_010)))
    expect((await bed.eventsOf(fileId)).map(({ type }) => type)).toEqual(['file.uploaded'])
    expect((await rpc().getFiles({ fileIds: [fileId, uuidv7()] })).files).toHaveLength(1)

    const params = { fileId }
    await expect(boris.client.getFile({ params })).rejects.toMatchObject({ code: 'notFound' })
    await rpc().grant({ fileId, subject: `user:${boris.id}` })
    expect((await boris.client.getFile({ params })).name).toBe('fixed.stl')
    expect((await boris.client.createLink({ params, body: {} })).url).toContain('/files/download/')
    // To read is not to delete.
    await expect(boris.client.deleteFile({ params })).rejects.toMatchObject({ code: 'notFound' })
    await rpc().revoke({ fileId, subject: `user:${boris.id}` })
    await expect(boris.client.getFile({ params })).rejects.toMatchObject({ code: 'notFound' })
    await rpc().grant({ fileId, subject: 'permission:orders:confirm' })
    expect((await bed.person(undefined, ['orders:confirm']).client.getFile({ params })).fileId).toBe(fileId)
    await expect(boris.client.getFile({ params })).rejects.toMatchObject({ code: 'notFound' })
    const { url } = await rpc().createLink({ fileId, seconds: 60 })
    expect((await fetch(bed.here(url))).status).toBe(200)
    await rpc().setDeleteAfter({ fileId, deleteAfter: BigInt(Math.floor(ahead(1000).getTime() / 1000)) })
    expect((await anna.client.getFile({ params })).deleteAfter).toBeDefined()
  })

  test('what is not right is refused, and leaves no object', async () => {
    const before = (await objects()).length
    const about = { ownerId: uuidv7(), purpose: 'x', name: 'x' }
    const refusals = [
      [parts({ ...about, name: '../x' }, someBytes(5)), Code.InvalidArgument],
      [parts({ ...about, ownerId: 'x' }, someBytes(5)), Code.InvalidArgument],
      [parts(about, Buffer.alloc(0)), Code.InvalidArgument],
      [parts(about, someBytes(21 * 1024 * 1024)), Code.ResourceExhausted],
    ] as const
    for (const [request, code] of refusals) await expect(rpc().put(request)).rejects.toMatchObject({ code })
    expect((await objects()).length).toBe(before)
    for (const subject of ['anna', 'user:', 'permission:', 'group:x'])
      await expect(rpc().grant({ fileId: uuidv7(), subject })).rejects.toMatchObject({ code: Code.NotFound })
    const { fileId } = await bed.upload(bed.person(), someBytes(5))
    for (const subject of ['anna', 'user:', 'permission:', 'group:x'])
      await expect(rpc().grant({ fileId, subject })).rejects.toMatchObject({ code: Code.InvalidArgument })
    const open = async (start: bigint) => {
      for await (const _ of rpc().open({ fileId, start })) break
    }
    await expect(open(5n)).rejects.toMatchObject({ code: Code.OutOfRange })
    const own = bed.tools().tools
    await own.files.delete(fileId)
    await expect(open(0n)).rejects.toMatchObject({ code: Code.DataLoss })
  })
})

test('the room that is taken is what the files take, after all of this', async () => {
  const rows = await bed.tools().tools.sql`
    select u.owner_id from usage u
    left join (select owner_id, sum(size) as bytes, count(*) as n from files group by owner_id) f using (owner_id)
    where u.bytes <> coalesce(f.bytes, 0) or u.files <> coalesce(f.n, 0)`
  expect(rows).toHaveLength(0)
})
