/** Upload addresses: tus 1.0.0 (https://tus.io/protocols/resumable-upload) with checksum, expiration, termination. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { faultPoint } from '@pleiad/platform/fault'
import { StoreError } from '@pleiad/platform/files'
import { Refusal } from '@pleiad/platform/problem'
import type { Mount, Tools } from '@pleiad/platform/service'
import { readUploadAddress } from './links.ts'
import { finishUpload } from './service-finish.ts'
import { type Lease, takeUpload } from './service-lease.ts'
import type { Own } from './service-own.ts'
import { remove } from './service-remove.ts'
import { findFile } from './store-files.ts'
import type { FileRow } from './views.ts'

export const UPLOADS = '/files/uploads/'
const VERSION = '1.0.0'
const METHODS = 'HEAD, PATCH, DELETE, OPTIONS'
const EXPOSED =
  'tus-resumable, tus-version, upload-offset, upload-length, upload-expires, retry-after, x-request-id'
const ACCEPTED =
  'content-type, tus-resumable, upload-offset, upload-length, upload-checksum, x-http-method-override, x-request-id'
const ALGORITHMS = ['sha1', 'sha256']
/** A piece with a checksum is held in memory: nothing of it may be kept before it was verified. */
const MAX_CHECKED = 16 * 1024 * 1024

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** So that pages of other origins that may use the installation can upload: https://fetch.spec.whatwg.org/#http-cors-protocol */
function allowPages({ request, response }: Exchange, allowsOrigin: (origin: string) => boolean): void {
  response.setHeader('vary', 'origin')
  const { origin } = request.headers
  if (origin === undefined || !allowsOrigin(origin)) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', EXPOSED)
  response.setHeader('cross-origin-resource-policy', 'cross-origin')
  if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) return
  response.setHeader('access-control-allow-methods', METHODS)
  response.setHeader('access-control-allow-headers', ACCEPTED)
  response.setHeader('access-control-max-age', '600')
}

export function createUploadMount(tools: Tools, own: Own): Mount {
  return async (request, response, { allowsOrigin }) => {
    response.setHeader('tus-resumable', VERSION)
    response.setHeader('cache-control', 'no-store')
    allowPages({ request, response }, allowsOrigin)
    // Some proxies know no PATCH: https://tus.io/protocols/resumable-upload#x-http-method-override
    const method = String(request.headers['x-http-method-override'] ?? request.method).toUpperCase()
    if (method === 'OPTIONS') {
      response.writeHead(204, {
        'tus-version': VERSION,
        'tus-extension': 'checksum,expiration,termination',
        'tus-max-size': own.largest,
        'tus-checksum-algorithm': ALGORITHMS.join(),
      })
      return void response.end()
    }
    if (request.headers['tus-resumable'] !== VERSION)
      throw new Refusal('tusVersion', undefined, {}, { 'tus-version': VERSION })
    const path = request.url!.split('?')[0]!.slice(UPLOADS.length)
    const id = readUploadAddress(own.uploadKey, path)
    const row = id && (await findFile(tools.sql, id))
    if (!row) throw new Refusal('notFound')
    const exchange = { request, response }
    if (method === 'HEAD') return head(tools, own, exchange, row)
    if (method === 'PATCH')
      return patch(tools, own, exchange, row).catch((error: unknown) => {
        if (!request.socket.destroyed) throw error
        // Nobody is there to be told: they come back for the offset.
        tools.log.debug({ err: error, fileId: row.id }, 'an upload broke off')
        response.destroy()
      })
    if (method === 'DELETE') return terminate(tools, own, exchange, row)
    throw new Refusal('methodNotAllowed', undefined, {}, { allow: METHODS })
  }
}

function describe(response: ServerResponse, row: FileRow, offset: number, expiresAt?: Date): void {
  response.setHeader('upload-offset', offset)
  response.setHeader('upload-length', row.size)
  if (expiresAt) response.setHeader('upload-expires', expiresAt.toUTCString())
}

/** Takes the upload for `work`, which returns its length at the end. Undefined when it is a file already. */
async function holding(
  tools: Tools,
  own: Own,
  row: FileRow,
  work: (lease: Lease) => Promise<number>,
): Promise<number | undefined> {
  const lease = row.state === 'ready' ? undefined : await takeUpload(tools, own, row.id)
  if (lease === 'busy') throw new Refusal('uploadBusy', undefined, {}, { 'retry-after': '1' })
  if (!lease) {
    const now = await findFile(tools.sql, row.id)
    if (now?.state === 'ready') return undefined
    throw new Refusal(now ? 'uploadExpired' : 'notFound')
  }
  let length: number | undefined
  try {
    length = await work(lease)
    return length
  } catch (error) {
    throw explain(error)
  } finally {
    await lease.release(length)
  }
}

/** How much there is; all of it when the object is sealed, but the row does not know yet. */
async function lengthOf({ files }: Tools, { row }: Lease): Promise<number> {
  const length = await files.lengthOf({ key: row.id, ref: row.store_ref! })
  if (length !== undefined) return length
  if (await files.head(row.id)) return row.size
  throw new Refusal('uploadExpired', 'The object store has nothing of this upload any more.')
}

async function head(tools: Tools, own: Own, { response }: Exchange, row: FileRow): Promise<void> {
  const length = await holding(tools, own, row, async (lease) => {
    const found = await lengthOf(tools, lease)
    // The process died between the last byte and the end.
    if (found === row.size) await finishUpload(tools, own, lease)
    describe(response, row, found, lease.expiresAt)
    return found
  })
  if (length === undefined) describe(response, row, row.size)
  response.writeHead(200).end()
}

async function patch(tools: Tools, own: Own, exchange: Exchange, row: FileRow): Promise<void> {
  const { request, response } = exchange
  if (request.headers['content-type']?.toLowerCase() !== 'application/offset+octet-stream')
    throw new Refusal('uploadTypeNotRight')
  const offset = Number(request.headers['upload-offset'] ?? Number.NaN)
  if (!/^\d{1,16}$/.test(String(request.headers['upload-offset'])))
    throw new Refusal('malformedRequest', 'Upload-Offset must be a whole number.')
  const announced = request.headers['content-length']
  if (offset <= row.size && announced !== undefined && Number(announced) > row.size - offset)
    throw new Refusal('uploadTooLong', undefined, { limit: row.size - offset })
  const length = await holding(tools, own, row, async (lease) => {
    const found = await lengthOf(tools, lease)
    if (found !== offset) throw mismatch(found)
    const length = found < row.size ? await receive(tools, own, exchange, lease, offset) : found
    if (length === row.size && !(await finishUpload(tools, own, lease))) throw new Refusal('notFound')
    describe(response, row, length, lease.expiresAt)
    return length
  })
  if (length === undefined) {
    if (offset !== row.size) throw mismatch(row.size)
    describe(response, row, row.size)
  }
  response.writeHead(204).end()
}

function mismatch(length: number): Refusal {
  return new Refusal(
    'uploadOffsetMismatch',
    undefined,
    { offset: length },
    { 'upload-offset': String(length) },
  )
}

async function receive(
  tools: Tools,
  own: Own,
  { request }: Exchange,
  { row, signal }: Lease,
  offset: number,
): Promise<number> {
  const known = own.hashes.get(row.id)
  const inStep = offset === 0 ? undefined : known?.length === offset && known.epoch === row.epoch - 1
  const hash = offset === 0 ? createHash('sha256') : inStep ? known!.hash : undefined
  own.hashes.delete(row.id)
  let received = 0

  async function* metered(body: AsyncIterable<Uint8Array>) {
    for await (const chunk of body) {
      if (signal.aborted) throw new Refusal('uploadBusy', undefined, {}, { 'retry-after': '1' })
      if (offset + received + chunk.length > row.size)
        throw new Refusal('uploadTooLong', undefined, { limit: row.size - offset })
      hash?.update(chunk)
      received += chunk.length
      yield chunk
      faultPoint('files.received')
    }
  }

  // The socket stays open when this gives up early: somebody waits for the answer.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  const stop = () => request.destroy()
  // A connection that hangs half open gives nothing to stop at.
  signal.addEventListener('abort', stop, { once: true })
  try {
    const checked = await verified(request, body)
    const length = await tools.files.append({ key: row.id, ref: row.store_ref! }, offset, metered(checked))
    if (hash && length === offset + received) own.noteHash(row.id, { hash, length, epoch: row.epoch })
    return length
  } finally {
    signal.removeEventListener('abort', stop)
    tools.count('bytes_received', {}, received)
    if (!request.destroyed) request.resume()
  }
}

/** The body, whole and verified where the request has a checksum of it. */
async function verified(
  request: IncomingMessage,
  body: AsyncIterable<Buffer>,
): Promise<AsyncIterable<Uint8Array>> {
  const header = request.headers['upload-checksum']
  if (header === undefined) return body
  const [algorithm, expected] = String(header).split(' ')
  if (!ALGORITHMS.includes(algorithm!) || !/^[A-Za-z0-9+/]+=*$/.test(expected ?? ''))
    throw new Refusal('checksumUnknown')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_CHECKED)
      throw new Refusal('uploadTooLong', 'A piece with a checksum may have 16 MiB.', { limit: MAX_CHECKED })
    chunks.push(chunk)
  }
  const whole = Buffer.concat(chunks, size)
  const actual = createHash(algorithm!).update(whole).digest()
  const wanted = Buffer.from(expected!, 'base64')
  if (wanted.length !== actual.length || !timingSafeEqual(wanted, actual))
    throw new Refusal('checksumMismatch')
  return (async function* () {
    yield whole
  })()
}

async function terminate(tools: Tools, own: Own, { response }: Exchange, row: FileRow): Promise<void> {
  // The address ends with the upload: what is a file is deleted by its owner.
  if (row.state === 'ready') throw new Refusal('notFound')
  await tools.transact((tx) => remove(tools, own, tx, [row.id], 'deleted'))
  response.writeHead(204).end()
}

/** What the store says, as an answer. */
export function explain(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error
  const refusal = {
    full: () => new Refusal('storageFull'),
    offset: () => new Refusal('uploadOffsetMismatch'),
    missing: () => new Refusal('notFound'),
    unavailable: () => new Refusal('unavailable', undefined, {}, { 'retry-after': '5' }),
  }[error.reason]()
  refusal.cause = error
  return refusal
}
