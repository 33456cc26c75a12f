/** Upload addresses: what the library answers in our words, what becomes of an upload, and how it ends. */
import { createHash } from 'node:crypto'
import { StoreError } from '@pleiad/platform/files'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Bed, openPatch, sha256, someBytes, startBed, TUS } from './testing-bed.ts'

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000
let bed: Bed
beforeAll(async () => {
  bed = await startBed({ FILES_MAX_MB: '64', FILES_QUOTA_MB: '500', FILES_UPLOAD_HOURS: '24' })
})
afterAll(() => bed.platform.stop())
afterEach(() => vi.restoreAllMocks())

const tools = () => bed.tools().tools
const begin = async (size: number) => {
  const anna = bed.person()
  const { file, uploadUrl } = await anna.client.createUpload({ body: { name: 'x', purpose: 'test', size } })
  const { fileId } = file
  const found = () => anna.client.getFile({ params: { fileId } })
  return { anna, url: uploadUrl, fileId, found }
}
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code: string }).code,
]
const send = (url: string, method: string, headers: Record<string, string> = TUS) =>
  fetch(bed.here(url), { method, headers })
const growing = async (fileId: string) => {
  const [row] = await tools().sql<{ store_ref: string }[]>`select store_ref from files where id = ${fileId}`
  return { key: fileId, ref: row!.store_ref }
}
async function* of(bytes: Buffer) {
  yield bytes
}

describe('a request', () => {
  test('by a proxy that knows no PATCH says what it is in a header', async () => {
    const { url, found } = await begin(3)
    const headers = { ...TUS, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' }
    const posted = await fetch(bed.here(url), {
      method: 'POST',
      headers: { ...headers, 'x-http-method-override': 'PATCH' },
      body: 'abc',
    })
    expect([posted.status, posted.headers.get('upload-offset')]).toEqual([204, '3'])
    expect((await found()).state).toBe('ready')
  })

  test('of a method that is not offered is told which are', async () => {
    const { url } = await begin(3)
    for (const method of ['GET', 'POST', 'PUT']) {
      const answer = await send(url, method)
      expect(answer.headers.get('allow')).toBe('HEAD, PATCH, DELETE, OPTIONS')
      expect(await codeOf(answer)).toEqual([405, 'methodNotAllowed'])
    }
  })

  test('lacks a header, and is told which', async () => {
    const { url } = await begin(3)
    const type = 'application/offset+octet-stream'
    const patch = (headers: Record<string, string>) =>
      fetch(bed.here(url), { method: 'PATCH', headers, body: Buffer.from('abc') })
    const noVersion = await patch({ 'upload-offset': '0', 'content-type': type })
    expect(noVersion.headers.get('tus-version')).toBe('1.0.0')
    expect(await codeOf(noVersion)).toEqual([412, 'tusVersion'])
    expect(await codeOf(await patch({ ...TUS, 'upload-offset': '0' }))).toEqual([415, 'uploadTypeNotRight'])
    const noOffset = await patch({ ...TUS, 'content-type': type })
    expect([noOffset.status, await noOffset.json()]).toMatchObject([
      400,
      { code: 'malformedRequest', detail: 'Upload-Offset header required' },
    ])
    expect(await bed.offset(url)).toBe(0)
  })

  test('passes with what proxies add, and a media type in any letters', async () => {
    const { url } = await begin(3)
    const more = { 'x-forwarded-proto': 'https, http', 'content-type': 'Application/Offset+Octet-Stream' }
    expect((await bed.patch(url, 0, 'abc', more)).status).toBe(204)
  })

  test('OPTIONS says which checksums there are', async () => {
    const { url } = await begin(1)
    const { headers } = await send(url, 'OPTIONS', {})
    expect(headers.get('tus-checksum-algorithm')).toBe('sha1,sha256')
  })
})

describe('a file', () => {
  test('answers at the address of its upload: it is whole, and takes nothing more', async () => {
    const { url } = await begin(3)
    const last = await bed.patch(url, 0, 'abc')
    expect([last.status, last.headers.get('upload-expires')]).toEqual([204, null])
    const head = await send(url, 'HEAD')
    expect(head.headers.get('content-type')).toBeNull()
    expect([head.status, head.headers.get('upload-offset'), head.headers.get('upload-length')]).toEqual([
      200,
      '3',
      '3',
    ])
    expect(head.headers.get('cache-control')).toBe('no-store')
    expect(head.headers.get('upload-expires')).toBeNull()
    expect((await bed.patch(url, 3, '')).status).toBe(204)
    expect(await codeOf(await bed.patch(url, 3, 'd'))).toEqual([413, 'uploadTooLong'])
    // The same without a length told.
    const { outgoing, answer } = openPatch(bed.here(url), { 'upload-offset': 3 })
    outgoing.end('d')
    expect((await answer).statusCode).toBe(413)
    const behind = await bed.patch(url, 1, 'bc')
    expect(behind.headers.get('upload-offset')).toBe('3')
    expect(await codeOf(behind)).toEqual([409, 'uploadOffsetMismatch'])
    expect(await codeOf(await send(url, 'DELETE'))).toEqual([404, 'notFound'])
    expect((await send(url, 'HEAD')).status).toBe(200)
  })

  test.each(['HEAD', 'PATCH'])('is made by %s when the process died before it could', async (method) => {
    const bytes = someBytes(1000)
    const { url, fileId, found } = await begin(bytes.length)
    await tools().files.append(await growing(fileId), 0, of(bytes))
    if (method === 'PATCH') await tools().files.seal(await growing(fileId))
    const answer = method === 'HEAD' ? await send(url, 'HEAD') : await bed.patch(url, bytes.length, '')
    expect([answer.ok, answer.headers.get('upload-offset')]).toEqual([true, '1000'])
    expect(await found()).toMatchObject({ state: 'ready', sha256: sha256(bytes) })
    expect((await bed.eventsOf(fileId)).map(({ type }) => type)).toEqual(['file.uploaded'])
  })

  test('does not come to be when it was deleted while it was sealed', async () => {
    const { url, fileId } = await begin(3)
    const { seal } = tools().files
    vi.spyOn(tools().files, 'seal').mockImplementation(async (each) => {
      await seal(each)
      expect((await send(url, 'DELETE')).status).toBe(204)
    })
    expect(await codeOf(await bed.patch(url, 0, 'abc'))).toEqual([404, 'notFound'])
    expect(await tools().files.head(fileId)).toBeUndefined()
  })
})

describe('an upload', () => {
  test('says how much may still come when too much does', async () => {
    const { url } = await begin(10)
    await bed.patch(url, 0, 'abc')
    const answer = await bed.patch(url, 3, 'a'.repeat(8))
    expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'uploadTooLong', limit: 7 }])
  })

  test('lives from its last request on, and says until when', async () => {
    const { url } = await begin(6)
    const left = (answer: Response) =>
      Date.parse(answer.headers.get('upload-expires')!) - tools().now().getTime()
    bed.platform.advance(20 * HOUR_MS)
    const sent = left(await bed.patch(url, 0, 'abc'))
    expect(sent).toBeGreaterThan(24 * HOUR_MS - 10_000)
    expect(sent).toBeLessThanOrEqual(24 * HOUR_MS)
    bed.platform.advance(20 * HOUR_MS)
    expect(left(await send(url, 'HEAD'))).toBeGreaterThan(24 * HOUR_MS - 10_000)
    bed.platform.advance(25 * HOUR_MS)
    expect(await codeOf(await bed.patch(url, 3, 'def'))).toEqual([410, 'uploadExpired'])
    expect((await send(url, 'DELETE')).status).toBe(204)
    expect((await send(url, 'DELETE')).status).toBe(404)
  })

  test('whose object the store lost is over', async () => {
    const { url, fileId } = await begin(3)
    await tools().files.discard(await growing(fileId))
    expect(await codeOf(await bed.patch(url, 0, 'abc'))).toEqual([410, 'uploadExpired'])
  })

  test('waits for a store that is away, and says when to ask again', async () => {
    const { url } = await begin(3)
    const away = vi
      .spyOn(tools().files, 'append')
      .mockRejectedValue(new StoreError('unavailable', 'the bucket does not answer'))
    const answer = await bed.patch(url, 0, 'abc')
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await codeOf(answer)).toEqual([503, 'unavailable'])
    away.mockRejectedValue(new Error('a bug'))
    expect(await codeOf(await bed.patch(url, 0, 'abc'))).toEqual([500, 'internal'])
    away.mockRestore()
    expect((await bed.patch(url, 0, 'abc')).status).toBe(204)
  })

  test('keeps nothing of a piece with a checksum that breaks off or is too long', async () => {
    const bytes = someBytes(17 * MIB)
    const { url } = await begin(bytes.length)
    const checksum = { 'upload-checksum': `sha256 ${createHash('sha256').update(bytes).digest('base64')}` }
    const tooLong = await bed.patch(url, 0, bytes, checksum)
    expect([tooLong.status, await tooLong.json()]).toMatchObject([
      413,
      { code: 'uploadTooLong', limit: 16 * MIB },
    ])
    const { outgoing } = openPatch(bed.here(url), { ...checksum, 'content-length': bytes.length })
    outgoing.on('error', () => {})
    await new Promise((resolve) => outgoing.write(bytes.subarray(0, MIB), resolve))
    outgoing.destroy()
    expect(await bed.offset(url)).toBe(0)
  })
})
