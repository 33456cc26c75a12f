/** Connections that break, hang or send too much, and requests that want the same upload. */
import { Agent, type ClientRequest } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { uuidv7 } from 'uuidv7'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Bed, openPatch, sha256, someBytes, startBed, TUS } from './testing-bed.ts'

const MIB = 1024 * 1024
let bed: Bed
beforeAll(async () => {
  bed = await startBed({ FILES_MAX_MB: '512', FILES_QUOTA_MB: '2000' })
})
afterAll(() => bed.platform.stop())
afterEach(() => vi.restoreAllMocks())

const tools = () => bed.tools().tools
const begin = async (size: number) => {
  const anna = bed.person()
  const { file, uploadUrl } = await anna.client.createUpload({ body: { name: 'x', purpose: 'test', size } })
  const { fileId } = file
  return {
    url: bed.here(uploadUrl),
    fileId,
    found: () => anna.client.getFile({ params: { fileId } }),
  }
}
const send = (url: string, method: string) => fetch(url, { method, headers: TUS })
const kept = async (fileId: string) => {
  const [row] = await tools().sql<{ store_ref: string }[]>`select store_ref from files where id = ${fileId}`
  return tools().files.lengthOf({ key: fileId, ref: row!.store_ref })
}
const written = (outgoing: ClientRequest, bytes: Buffer) =>
  new Promise((resolve) => outgoing.write(bytes, resolve))
/** Resolves when a request writes to the upload. */
const beingWritten = (fileId: string) => {
  const { writers } = bed.tools().own as { writers: Map<string, unknown> }
  return expect.poll(() => writers.has(fileId), { timeout: 5000, interval: 5 }).toBe(true)
}
/** A PATCH that has sent `bytes`, and sends nothing more. */
const hanging = async (url: string, fileId: string, bytes: Buffer) => {
  const { outgoing, answer } = openPatch(url, {})
  const cut = answer.then(
    ({ statusCode }) => statusCode,
    (error: NodeJS.ErrnoException) => error.code,
  )
  await written(outgoing, bytes)
  await beingWritten(fileId)
  return { cut }
}

test('what arrived before a break stays, the break is no error, and the next one need not wait', async () => {
  const bytes = someBytes(6 * MIB)
  const { url, fileId, found } = await begin(bytes.length)
  const debug = vi.spyOn(tools().log, 'debug')
  const { outgoing, answer } = openPatch(url, { 'content-length': bytes.length })
  await written(outgoing, bytes.subarray(0, 3 * MIB))
  await beingWritten(fileId)
  // Long enough for what was sent to have been read.
  await pause(300)
  outgoing.destroy()
  await expect(answer).rejects.toThrow()
  const before = performance.now()
  expect(await bed.offset(url)).toBe(3 * MIB)
  expect(performance.now() - before).toBeLessThan(2000)
  expect(debug).toHaveBeenCalledWith({ fileId }, 'an upload broke off')
  expect((await bed.patch(url, 3 * MIB, bytes.subarray(3 * MIB))).status).toBe(204)
  expect((await found()).sha256).toBe(sha256(bytes))
})

test('the upload is nobody else’s until the store has taken in what a broken request sent', async () => {
  const { url, fileId } = await begin(3 * MIB)
  const { append } = tools().files
  let ended = 0
  vi.spyOn(tools().files, 'append').mockImplementationOnce(async (each, offset, body) => {
    try {
      return await append(each, offset, body)
    } finally {
      await pause(1000)
      ended = performance.now()
    }
  })
  const { outgoing } = openPatch(url, { 'content-length': 3 * MIB })
  outgoing.on('error', () => {})
  await written(outgoing, someBytes(MIB))
  await beingWritten(fileId)
  outgoing.destroy()
  await bed.offset(url)
  expect(ended).toBeGreaterThan(0)
})

test.each([
  ['at once', { 'upload-offset': 5 }, 409],
  ['while it is read', { 'upload-checksum': 'crc32 AAAA' }, 400],
])(
  'who is refused %s and sends everything first gets the answer, on a connection that goes on',
  async (_when, headers, status) => {
    const { url } = await begin(300 * MIB)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }, 5)
    const { outgoing, answer } = openPatch(url, { ...headers, 'content-length': 300 * MIB }, agent)
    const piece = someBytes(MIB)
    // The next piece when the last one has left.
    for (let n = 0; n < 300; n++) await written(outgoing, piece)
    outgoing.end()
    const { statusCode } = await answer.finally(() => clearInterval(watch))
    const { socket } = outgoing
    expect(statusCode).toBe(status)
    expect(most).toBeLessThan(150 * MIB)
    ;(await answer).resume()
    const again = openPatch(url, { 'content-length': 3 }, agent)
    again.outgoing.end('abc')
    expect((await again.answer).statusCode).toBe(204)
    expect(again.outgoing.socket).toBe(socket)
    agent.destroy()
  },
)

test('a store that is slow is waited for: the sender stops, and memory does not fill', async () => {
  const bytes = someBytes(60 * MIB)
  const { url, fileId, found } = await begin(bytes.length)
  const { append } = tools().files
  let go = () => {}
  const slow = new Promise<void>((resolve) => {
    go = resolve
  })
  vi.spyOn(tools().files, 'append').mockImplementationOnce((each, offset, body) =>
    append(
      each,
      offset,
      (async function* () {
        for await (const chunk of body) {
          yield chunk
          await slow
        }
      })(),
    ),
  )
  const { outgoing, answer } = openPatch(url, { 'content-length': bytes.length })
  let sent = 0
  const sending = (async () => {
    for (; sent < bytes.length; sent += MIB) await written(outgoing, bytes.subarray(sent, sent + MIB))
    outgoing.end()
  })()
  await beingWritten(fileId)
  await pause(500)
  // What the kernel holds for both ends, and a little in between.
  expect(sent).toBeLessThan(20 * MIB)
  go()
  await sending
  expect((await answer).statusCode).toBe(204)
  expect((await found()).sha256).toBe(sha256(bytes))
})

test('a request whose lease was lost is cut off, and its upload goes on for others', async () => {
  const bytes = someBytes(2 * MIB)
  const { url, fileId, found } = await begin(bytes.length)
  const { cut } = await hanging(url, fileId, bytes.subarray(0, MIB))
  // Another process took it, and died at once.
  await tools().sql`
    update files set writer = ${uuidv7()}, lease_until = now() + interval '1 second' where id = ${fileId}`
  expect(await cut).toBe('ECONNRESET')
  const offset = await bed.offset(url)
  expect((await bed.patch(url, offset, bytes.subarray(offset))).status).toBe(204)
  expect((await found()).sha256).toBe(sha256(bytes))
})

test('a request that was asked to stop before its first byte stops there', async () => {
  const { url, fileId } = await begin(MIB)
  const { lengthOf } = tools().files
  const own = bed.tools().own as { stopWriter: (fileId: string) => void }
  vi.spyOn(tools().files, 'lengthOf').mockImplementationOnce(async (each) => {
    own.stopWriter(fileId)
    return lengthOf(each)
  })
  await expect(bed.patch(url, 0, someBytes(MIB))).rejects.toThrow()
  expect(await bed.offset(url)).toBe(0)
  expect(await kept(fileId)).toBe(0)
})

test('what the library takes for a break ends the connection, also where it stands: nobody waits in vain', async () => {
  const { url } = await begin(3)
  const error = Object.assign(new Error('given up'), { name: 'AbortError' })
  vi.spyOn(tools().files, 'append').mockRejectedValueOnce(error)
  await expect(bed.patch(url, 0, 'abc')).rejects.toThrow()
  expect((await bed.patch(url, 0, 'abc')).status).toBe(204)
})

test('deleting waits for nobody: who writes is cut off, and nothing is left', async () => {
  const { url, fileId } = await begin(MIB)
  const { cut } = await hanging(url, fileId, someBytes(1000))
  expect((await send(url, 'DELETE')).status).toBe(204)
  expect(await cut).toBe('ECONNRESET')
  expect((await send(url, 'HEAD')).status).toBe(404)
  const keys: string[] = []
  for await (const { key } of tools().files.listGrowing('')) keys.push(key)
  expect(keys).not.toContain(fileId)
})

test('a writer elsewhere that does not stop is told of, and can still be deleted from under', async () => {
  const { url, fileId } = await begin(3)
  await tools().sql`
    update files set writer = ${uuidv7()}, lease_until = now() + interval '1 hour' where id = ${fileId}`
  const busy = await bed.patch(url, 0, 'abc')
  expect([busy.status, busy.headers.get('retry-after'), await busy.json()]).toMatchObject([
    423,
    '1',
    { code: 'uploadBusy' },
  ])
  expect((await send(url, 'DELETE')).status).toBe(204)
}, 30_000)
