/** Uploads and downloads, through the typed client, tus and plain requests. */
import { createHash } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bed, sha256, someBytes, startBed, TUS, tusUpload } from './testing-bed.ts'

const MIB = 1024 * 1024
let bed: Bed
beforeAll(async () => {
  bed = await startBed({ FILES_MAX_MB: '64', FILES_QUOTA_MB: '100' })
})
afterAll(() => bed.platform.stop())

const codeOf = async (response: Response) => ({
  status: response.status,
  code: ((await response.json()) as { code: string }).code,
})
const download = async (who: ReturnType<Bed['person']>, fileId: string, headers = {}, body = {}) => {
  const { url } = await who.client.createLink({ params: { fileId }, body })
  return fetch(bed.here(url), { headers })
}

describe('an upload', () => {
  test('in one piece becomes a file that is announced and comes back as it was', async () => {
    const anna = bed.person()
    const bytes = someBytes(3 * MIB + 7)
    const { fileId, url } = await bed.upload(anna, bytes, { name: 'Кронштейн.stl', type: 'model/stl' })
    const file = await anna.client.getFile({ params: { fileId } })
    expect(file).toMatchObject({
      state: 'ready',
      size: bytes.length,
      sha256: sha256(bytes),
      type: 'application/octet-stream',
      declaredType: 'model/stl',
      typeMatches: false,
    })
    const response = await download(anna, fileId)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-disposition')).toContain('attachment; filename=')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(bytes))
    expect(await bed.eventsOf(fileId)).toMatchObject([
      { type: 'file.uploaded', data: { fileId, ownerId: anna.id, sha256: sha256(bytes), purpose: 'test' } },
    ])
    // Who lost the last answer asks again.
    expect(await bed.offset(url)).toBe(bytes.length)
    expect((await bed.patch(url, bytes.length, '')).status).toBe(204)
  })

  test('by tus-js-client in many pieces', async () => {
    const anna = bed.person()
    const bytes = someBytes(5 * MIB + 1)
    const { file, uploadUrl } = await anna.client.createUpload({
      body: { name: 'x', purpose: 'test', size: bytes.length },
    })
    await tusUpload(bed.here(uploadUrl), bytes, { chunkSize: MIB }).done
    expect(await anna.client.getFile({ params: { fileId: file.fileId } })).toMatchObject({
      state: 'ready',
      sha256: sha256(bytes),
    })
  })

  test('that breaks off goes on where it was, also while the old connection hangs', async () => {
    const anna = bed.person()
    const bytes = someBytes(6 * MIB)
    const { file, uploadUrl } = await anna.client.createUpload({
      body: { name: 'x', purpose: 'test', size: bytes.length },
    })
    let feed!: ReadableStreamDefaultController
    const body = new ReadableStream({
      start: (controller) => {
        feed = controller
      },
    })
    const hanging = fetch(bed.here(uploadUrl), {
      method: 'PATCH',
      headers: { ...TUS, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
      body,
      duplex: 'half',
    } as RequestInit).catch((error: unknown) => error)
    feed.enqueue(bytes.subarray(0, 2 * MIB))
    const { writers } = bed.tools().own as { writers: Map<string, unknown> }
    await expect.poll(() => writers.has(file.fileId), { timeout: 10_000 }).toBe(true)
    // It neither ends nor breaks; asking for the offset ends it.
    const offset = await bed.offset(uploadUrl)
    expect(offset).toBeLessThanOrEqual(2 * MIB)
    expect(await hanging).toBeInstanceOf(Error)
    expect((await bed.patch(uploadUrl, offset, bytes.subarray(offset))).status).toBe(204)
    expect((await anna.client.getFile({ params: { fileId: file.fileId } })).sha256).toBe(sha256(bytes))
  })

  test('two that write at once: one does, nothing is mixed', async () => {
    const anna = bed.person()
    const bytes = someBytes(4 * MIB)
    const { file, uploadUrl } = await anna.client.createUpload({
      body: { name: 'x', purpose: 'test', size: bytes.length },
    })
    const answers = await Promise.allSettled([0, 1, 2].map(() => bed.patch(uploadUrl, 0, bytes)))
    for (const answer of answers)
      if (answer.status === 'fulfilled') expect([204, 409, 423]).toContain(answer.value.status)
    const offset = await bed.offset(uploadUrl)
    if (offset < bytes.length) await bed.patch(uploadUrl, offset, bytes.subarray(offset))
    expect((await anna.client.getFile({ params: { fileId: file.fileId } })).sha256).toBe(sha256(bytes))
    expect((await bed.eventsOf(file.fileId)).map(({ type }) => type)).toEqual(['file.uploaded'])
  })

  test('can be given up: nothing is left, and the room is free', async () => {
    const anna = bed.person()
    const { file, uploadUrl } = await anna.client.createUpload({
      body: { name: 'x', purpose: 'test', size: 100 },
    })
    await bed.patch(uploadUrl, 0, 'abc')
    expect((await fetch(bed.here(uploadUrl), { method: 'DELETE', headers: TUS })).status).toBe(204)
    expect((await fetch(bed.here(uploadUrl), { method: 'HEAD', headers: TUS })).status).toBe(404)
    await expect(anna.client.getFile({ params: { fileId: file.fileId } })).rejects.toMatchObject({
      code: 'notFound',
    })
    expect(await anna.client.getUsage()).toMatchObject({ bytes: 0, files: 0 })
    expect(await bed.eventsOf(file.fileId)).toMatchObject([
      { type: 'file.deleted', data: { state: 'uploading', reason: 'deleted' } },
    ])
  })

  test('resumeUpload gives its owner the address again', async () => {
    const anna = bed.person()
    const { file, uploadUrl } = await anna.client.createUpload({
      body: { name: 'x', purpose: 'test', size: 3 },
    })
    const params = { fileId: file.fileId }
    expect((await anna.client.resumeUpload({ params })).uploadUrl).toBe(uploadUrl)
    await expect(bed.person().client.resumeUpload({ params })).rejects.toMatchObject({ code: 'notFound' })
    await bed.patch(uploadUrl, 0, 'abc')
    await expect(anna.client.resumeUpload({ params })).rejects.toMatchObject({ code: 'notFound' })
  })
})

describe('tus, to the letter', () => {
  const begin = async (size: number) => {
    const anna = bed.person()
    const { file, uploadUrl } = await anna.client.createUpload({ body: { name: 'x', purpose: 'test', size } })
    return { anna, url: uploadUrl, fileId: file.fileId }
  }

  test('OPTIONS says what there is', async () => {
    const { url } = await begin(1)
    const { status, headers } = await fetch(bed.here(url), { method: 'OPTIONS' })
    expect(status).toBe(204)
    expect(headers.get('tus-version')).toBe('1.0.0')
    expect(headers.get('tus-extension')).toBe('checksum,expiration,termination')
    expect(headers.get('tus-max-size')).toBe(String(64 * MIB))
  })

  test('another version, offset, type or method is refused, and nothing is written', async () => {
    const { url } = await begin(10)
    const old = await fetch(bed.here(url), { method: 'HEAD', headers: { 'tus-resumable': '0.2.2' } })
    expect([old.status, old.headers.get('tus-version')]).toEqual([412, '1.0.0'])
    const wrong = await bed.patch(url, 5, 'abc')
    expect(wrong.headers.get('upload-offset')).toBe('0')
    expect(wrong.headers.get('tus-resumable')).toBe('1.0.0')
    expect(await codeOf(wrong)).toEqual({ status: 409, code: 'uploadOffsetMismatch' })
    expect(await codeOf(await bed.patch(url, 0, 'abc', { 'content-type': 'text/plain' }))).toEqual({
      status: 415,
      code: 'uploadTypeNotRight',
    })
    for (const offset of ['-1', 'x', '1e3', ''])
      expect((await bed.patch(url, 0, 'abc', { 'upload-offset': offset })).status, offset).toBe(400)
    expect((await fetch(bed.here(url), { method: 'GET', headers: TUS })).status).toBe(405)
    expect(await bed.offset(url)).toBe(0)
  })

  test('more than announced is refused, with and without a length told; less just waits', async () => {
    const { url, anna, fileId } = await begin(10)
    expect(await codeOf(await bed.patch(url, 0, 'a'.repeat(11)))).toEqual({
      status: 413,
      code: 'uploadTooLong',
    })
    expect(await bed.offset(url)).toBe(0)
    const streamed = await fetch(bed.here(url), {
      method: 'PATCH',
      headers: { ...TUS, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
      body: new ReadableStream({
        start: (controller) => {
          controller.enqueue(Buffer.alloc(20))
          controller.close()
        },
      }),
      duplex: 'half',
    } as RequestInit)
    expect(await codeOf(streamed)).toEqual({ status: 413, code: 'uploadTooLong' })
    expect(await bed.offset(url)).toBe(0)
    expect((await bed.patch(url, 0, 'abc')).status).toBe(204)
    expect(await anna.client.getFile({ params: { fileId } })).toMatchObject({
      state: 'uploading',
      upload: { received: 3 },
    })
    await expect(anna.client.createLink({ params: { fileId }, body: {} })).rejects.toMatchObject({
      code: 'fileNotReady',
    })
  })

  test('checksums: the right one passes, a wrong one leaves nothing', async () => {
    const { url, anna, fileId } = await begin(6)
    const checksum = (algorithm: string, text: string) => ({
      'upload-checksum': `${algorithm} ${createHash(algorithm).update(text).digest('base64')}`,
    })
    expect((await bed.patch(url, 0, 'abc', checksum('sha1', 'abc'))).status).toBe(204)
    expect(await codeOf(await bed.patch(url, 3, 'def', checksum('sha256', 'deX')))).toEqual({
      status: 460,
      code: 'checksumMismatch',
    })
    expect(await bed.offset(url)).toBe(3)
    for (const odd of ['crc32 AAAA', 'sha1', 'sha1 ***', 'sha256 YWJj'])
      expect([400, 460]).toContain((await bed.patch(url, 3, 'def', { 'upload-checksum': odd })).status)
    expect((await bed.patch(url, 3, 'def', checksum('sha256', 'def'))).status).toBe(204)
    expect((await anna.client.getFile({ params: { fileId } })).sha256).toBe(sha256(Buffer.from('abcdef')))
  })

  test('an address changed by one character is nobody’s', async () => {
    const { url } = await begin(3)
    const changed = url.slice(0, -1) + (url.endsWith('A') ? 'B' : 'A')
    for (const odd of [changed, `${url}/x`, url.slice(0, url.lastIndexOf('/'))]) {
      expect((await bed.patch(odd, 0, 'abc')).status, odd).toBe(404)
      expect((await fetch(bed.here(odd), { method: 'DELETE', headers: TUS })).status).toBe(404)
    }
    expect(await bed.offset(url)).toBe(0)
  })
})

describe('createUpload', () => {
  const create = (who: ReturnType<Bed['person']>, body: object) =>
    who.client.createUpload({ body: { name: 'x', purpose: 'test', size: 1, ...body } })

  test('refuses in words what cannot become a file', async () => {
    const anna = bed.person()
    await expect(create(anna, { size: 0 })).rejects.toMatchObject({ code: 'fileEmpty' })
    await expect(create(anna, { size: 2 * 1024 * MIB })).rejects.toMatchObject({
      status: 413,
      code: 'fileTooLarge',
      problem: { limit: 64 * MIB },
    })
    for (const [name, reason] of [
      ['../x', 'path'],
      ['a\u0007b', 'control'],
      ['a'.repeat(256), 'length'],
      ['gpj.\u202eexe', 'direction'],
    ])
      await expect(create(anna, { name })).rejects.toMatchObject({
        code: 'fileNameNotAllowed',
        problem: { reason },
      })
    // No text anywhere may have one.
    await expect(create(anna, { name: 'a\0b' })).rejects.toMatchObject({ code: 'malformedRequest' })
    for (const body of [{ size: -1 }, { size: 1.5 }, { purpose: 'X' }, { type: 'no type' }, { more: 1 }])
      await expect(create(anna, body)).rejects.toMatchObject({ code: 'validationFailed' })
    await expect(create(anna, { deleteAfter: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'deleteAfterNotRight',
    })
    expect(await anna.client.getUsage()).toMatchObject({ bytes: 0, files: 0 })
  })

  test('the quota holds against many at once, and refusals leave no objects', async () => {
    const anna = bed.person()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => create(anna, { size: 30 * MIB })),
    )
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(5)
    for (const { reason } of refused as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: 'fileQuotaExceeded', problem: { quota: 100 * MIB } })
    expect(await anna.client.getUsage()).toMatchObject({ bytes: 90 * MIB, files: 3, quota: 100 * MIB })
    const { sql, files } = bed.tools().tools
    const known = new Set((await sql<{ id: string }[]>`select id from files`).map(({ id }) => id))
    for await (const { key } of files.listGrowing('')) expect(known).toContain(key)
  })

  test('a hundred may be unfinished', async () => {
    const anna = bed.person()
    for (let n = 0; n < 100; n++) await create(anna, {})
    await expect(create(anna, {})).rejects.toMatchObject({ code: 'tooManyUploads', problem: { limit: 100 } })
  })
})

describe('a download', () => {
  test('in ranges, with a tag, and without the bytes', async () => {
    const anna = bed.person()
    const bytes = someBytes(100_000)
    const { fileId } = await bed.upload(anna, bytes)
    const part = await download(anna, fileId, { range: 'bytes=10-19' })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/100000'])
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20))
    const none = await download(anna, fileId, { range: 'bytes=100000-' })
    expect([none.status, none.headers.get('content-range')]).toEqual([416, 'bytes */100000'])
    const etag = part.headers.get('etag')!
    expect((await download(anna, fileId, { 'if-none-match': etag })).status).toBe(304)
    expect((await download(anna, fileId, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    const { url } = await anna.client.createLink({ params: { fileId }, body: {} })
    const head = await fetch(bed.here(url), { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '100000'])
    expect((await fetch(bed.here(url), { method: 'POST' })).status).toBe(405)
  })

  test('is shown only where that is harmless, and is of the type its bytes are', async () => {
    const anna = bed.person()
    const page = await bed.upload(anna, Buffer.from('<!doctype html><script>alert(1)</script>'), {
      name: 'x.png',
      type: 'image/png',
    })
    const shown = await download(anna, page.fileId, {}, { inline: true })
    expect(shown.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(shown.headers.get('content-security-policy')).toContain('sandbox')
    const png = await bed.upload(anna, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]), {
      type: 'text/html',
    })
    const picture = await download(anna, png.fileId, {}, { inline: true })
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(picture.headers.get('content-disposition')).toMatch(/^inline/)
  })

  test('ends: changed, expired, deleted', async () => {
    const anna = bed.person()
    const { fileId } = await bed.upload(anna, someBytes(10))
    const { url } = await anna.client.createLink({ params: { fileId }, body: { seconds: 60 } })
    const [, start, token, rest] = /^(.*\/download\/)([\w-]+)(\/.*)$/.exec(url)!
    const at = 40
    const changed = token!.slice(0, at) + (token![at] === 'x' ? 'y' : 'x') + token!.slice(at + 1)
    expect(await codeOf(await fetch(bed.here(start + changed + rest)))).toEqual({
      status: 404,
      code: 'downloadLinkInvalid',
    })
    expect((await fetch(bed.here(url))).status).toBe(200)
    bed.platform.advance(61_000)
    expect(await codeOf(await fetch(bed.here(url)))).toEqual({ status: 410, code: 'downloadLinkExpired' })
    const again = await anna.client.createLink({ params: { fileId }, body: {} })
    await anna.client.deleteFile({ params: { fileId } })
    expect(await codeOf(await fetch(bed.here(again.url)))).toEqual({ status: 404, code: 'notFound' })
  })

  test('an object the store lost is told as such', async () => {
    const anna = bed.person()
    const { fileId } = await bed.upload(anna, someBytes(10))
    await bed.tools().tools.files.delete(fileId)
    expect(await codeOf(await download(anna, fileId))).toEqual({ status: 410, code: 'fileLost' })
  })
})

test('what is somebody’s is nobody else’s', async () => {
  const [anna, boris] = [bed.person(), bed.person()]
  const { fileId } = await bed.upload(anna, someBytes(10))
  const params = { fileId }
  const absent = { code: 'notFound', status: 404 }
  await expect(boris.client.getFile({ params })).rejects.toMatchObject(absent)
  await expect(boris.client.createLink({ params, body: {} })).rejects.toMatchObject(absent)
  await expect(boris.client.deleteFile({ params })).rejects.toMatchObject(absent)
  await expect(boris.client.getFile({ params: { fileId: uuidv7() } })).rejects.toMatchObject(absent)
  expect((await boris.client.listFiles()).items).toEqual([])
  expect((await anna.client.listFiles()).items).toHaveLength(1)
})

test('listFiles pages newest first, by purpose and state', async () => {
  const anna = bed.person()
  const ids: string[] = []
  for (let n = 0; n < 5; n++)
    ids.unshift((await bed.upload(anna, someBytes(5), { purpose: n % 2 ? 'odd' : 'even' })).fileId)
  await anna.client.createUpload({ body: { name: 'x', purpose: 'odd', size: 9 } })
  const first = await anna.client.listFiles({ query: { limit: 2, state: 'ready' } })
  const second = await anna.client.listFiles({ query: { limit: 2, state: 'ready', cursor: first.next! } })
  const third = await anna.client.listFiles({ query: { limit: 2, state: 'ready', cursor: second.next! } })
  expect([first, second, third].flatMap(({ items }) => items.map(({ fileId }) => fileId))).toEqual(ids)
  expect(third.next).toBeUndefined()
  expect((await anna.client.listFiles({ query: { purpose: 'odd' } })).items).toHaveLength(3)
})
