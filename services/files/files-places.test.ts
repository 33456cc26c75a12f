/** Uploads to a disk that is full, and from pages of other origins. */
import { limitDisk } from '@pleiad/platform/testing-disk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, sha256, someBytes, startBed, TUS } from './testing-bed.ts'

const MIB = 1024 * 1024
const FRIEND = 'https://friend.example'
let bed: Bed
beforeAll(async () => {
  bed = await startBed({ CORS_ORIGINS: FRIEND })
})
afterAll(() => bed.platform.stop())

const begin = async (size: number) => {
  const anna = bed.person()
  const { file, uploadUrl } = await anna.client.createUpload({
    body: { name: 'x.bin', purpose: 'test', size },
  })
  return { anna, fileId: file.fileId, uploadUrl }
}

test('a full disk is answered with 507, what was kept stays, and the upload goes on when there is room', async () => {
  const bytes = someBytes(9 * MIB)
  const { anna, fileId, uploadUrl } = await begin(bytes.length)
  // The object store lies below the data folder, which is this platform's own.
  const release = await limitDisk(bed.platform.folder, 5 * MIB)
  const full = await bed.patch(uploadUrl, 0, bytes).finally(release)
  expect(full.status).toBe(507)
  expect(await full.json()).toMatchObject({ code: 'storageFull', status: 507 })
  const kept = await bed.offset(uploadUrl)
  expect(kept).toBeLessThan(bytes.length)
  expect((await bed.patch(uploadUrl, kept, bytes.subarray(kept))).status).toBe(204)
  expect(await anna.client.getFile({ params: { fileId } })).toMatchObject({
    state: 'ready',
    sha256: sha256(bytes),
  })
})

test('a page of an allowed origin may upload, and reads how far it is', async () => {
  const bytes = someBytes(1000)
  const { uploadUrl } = await begin(bytes.length)
  const preflight = await fetch(bed.here(uploadUrl), {
    method: 'OPTIONS',
    headers: {
      origin: FRIEND,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'content-type,tus-resumable,upload-offset',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe(FRIEND)
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH')
  const accepted = preflight.headers.get('access-control-allow-headers')!.split(', ')
  expect(accepted).toEqual(expect.arrayContaining(['content-type', 'tus-resumable', 'upload-offset']))
  const sent = await bed.patch(uploadUrl, 0, bytes, { origin: FRIEND })
  expect(sent.status).toBe(204)
  expect(sent.headers.get('access-control-allow-origin')).toBe(FRIEND)
  expect(sent.headers.get('access-control-expose-headers')).toContain('upload-offset')
  // Also what is refused can be read, so that the page can say it.
  const gone = await fetch(`${bed.platform.url}/files/uploads/nothing`, {
    method: 'HEAD',
    headers: { ...TUS, origin: FRIEND },
  })
  expect([gone.status, gone.headers.get('access-control-allow-origin')]).toEqual([404, FRIEND])
})

test('a page of a foreign origin is not told anything', async () => {
  const { uploadUrl } = await begin(10)
  for (const method of ['OPTIONS', 'HEAD']) {
    const answer = await fetch(bed.here(uploadUrl), {
      method,
      headers: { ...TUS, origin: 'https://evil.example', 'access-control-request-method': 'PATCH' },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('access-control-allow-methods')).toBeNull()
    expect(answer.headers.get('vary')).toContain('origin')
  }
})
