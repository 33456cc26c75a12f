/**
 * An S3 service for tests, in this process and in memory: what of the protocol the driver uses, and as strict as S3 is
 * about it (signatures, order and size of parts). https://docs.aws.amazon.com/AmazonS3/latest/API/
 */
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

const MIN_PART = 5 * 1024 * 1024

interface Stored {
  readonly body: Buffer
  readonly modified: Date
}
interface Upload {
  readonly key: string
  readonly begun: Date
  readonly parts: Map<number, Buffer>
}
interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string | number>
  readonly body?: Buffer | string
}

export interface Bucket {
  readonly endpoint: string
  readonly name: string
  readonly accessKey: string
  readonly secretKey: string
  /** Answers the next requests of this kind with an error. */
  readonly failNext: (method: string, code: string, status: number) => void
  readonly objects: Map<string, Stored>
  readonly uploads: Map<string, Upload>
  readonly close: () => Promise<void>
}

/** A refusal in the words of S3. */
class Refused extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, status: number) {
    super(code)
    this.code = code
    this.status = status
  }
}

const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
const element = (name: string, ...inner: (string | number | boolean)[]) =>
  `<${name}>${inner.join('')}</${name}>`
const xml = (text: string): Answer => ({
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${text}`,
})

/** Verifies Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function verify(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  accessKey: string,
  secretKey: string,
): void {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    )
  if (!match) throw new Refused('AccessDenied', 403)
  const [, access, day, region, names, signature] = match as unknown as string[]
  if (access !== accessKey) throw new Refused('InvalidAccessKeyId', 403)
  const payload = String(request.headers['x-amz-content-sha256'])
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== createHash('sha256').update(body).digest('hex'))
    throw new Refused('XAmzContentSHA256Mismatch', 400)
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const path = url.pathname
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/')
  const headers = names!.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
  const canonical = [request.method, path, query.join('&'), headers.join(''), names, payload].join('\n')
  const date = String(request.headers['x-amz-date'])
  if (!date.startsWith(day!) || !names!.includes('host')) throw new Refused('AccessDenied', 403)
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  )
  let key: Buffer | string = `AWS4${secretKey}`
  for (const part of [day!, region!, 's3', 'aws4_request', text])
    key = createHmac('sha256', key).update(part).digest()
  if (!timingSafeEqual(key as Buffer, Buffer.from(signature!, 'hex')))
    throw new Refused('SignatureDoesNotMatch', 403)
}

/** Starts a service with one empty bucket. */
export async function startBucket(): Promise<Bucket> {
  const name = 'pleiad-test'
  const [accessKey, secretKey] = ['test-access-key', randomUUID()]
  const objects = new Map<string, Stored>()
  const uploads = new Map<string, Upload>()
  const failures: { method: string; code: string; status: number }[] = []

  function uploadOf(url: URL): [string, Upload] {
    const id = url.searchParams.get('uploadId')!
    const upload = uploads.get(id)
    if (!upload) throw new Refused('NoSuchUpload', 404)
    return [id, upload]
  }

  /** A page of sorted things, a few at a time, so that clients must ask for the next. */
  function pageOf<T>(
    things: readonly T[],
    marker: string | null,
    keyOf: (thing: T) => string | number,
    size: number,
  ) {
    const rest = things.filter((thing) => marker === null || isAfter(keyOf(thing), marker))
    return { page: rest.slice(0, size), truncated: rest.length > size }
  }
  const isAfter = (key: string | number, marker: string) =>
    typeof key === 'number' ? key > Number(marker) : key > marker

  function ofBucket(method: string, url: URL, body: Buffer): Answer {
    const query = url.searchParams
    if (method === 'HEAD') return {}
    if (method === 'POST' && query.has('delete')) {
      for (const [, key] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) objects.delete(key!)
      return xml(element('DeleteResult'))
    }
    const prefix = query.get('prefix') ?? ''
    if (query.has('uploads')) {
      const sorted = [...uploads]
        .filter(([, { key }]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
      const { page, truncated } = pageOf(sorted, query.get('upload-id-marker'), ([id]) => id, 2)
      const each = page.map(([id, { key, begun }]) =>
        element(
          'Upload',
          element('Key', escaped(key)),
          element('UploadId', id),
          element('Initiated', begun.toISOString()),
        ),
      )
      const last = page.at(-1)
      return xml(
        element(
          'ListMultipartUploadsResult',
          element('IsTruncated', truncated),
          ...each,
          ...(last
            ? [element('NextKeyMarker', escaped(last[1].key)), element('NextUploadIdMarker', last[0])]
            : []),
        ),
      )
    }
    const sorted = [...objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))
    const { page, truncated } = pageOf(sorted, query.get('continuation-token'), ([key]) => key, 10)
    const each = page.map(([key, { body: bytes, modified }]) =>
      element(
        'Contents',
        element('Key', escaped(key)),
        element('Size', bytes.length),
        element('LastModified', modified.toISOString()),
      ),
    )
    return xml(
      element(
        'ListBucketResult',
        element('IsTruncated', truncated),
        ...each,
        ...(truncated ? [element('NextContinuationToken', escaped(page.at(-1)![0]))] : []),
      ),
    )
  }

  function ofUpload(method: string, url: URL, key: string, body: Buffer): Answer {
    const [id, upload] = uploadOf(url)
    if (upload.key !== key) throw new Refused('NoSuchUpload', 404)
    if (method === 'PUT') {
      upload.parts.set(Number(url.searchParams.get('partNumber')), body)
      return { headers: { etag: etagOf(body) } }
    }
    if (method === 'DELETE') {
      uploads.delete(id)
      return { status: 204 }
    }
    const sorted = [...upload.parts].sort(([a], [b]) => a - b)
    if (method === 'GET') {
      const { page, truncated } = pageOf(sorted, url.searchParams.get('part-number-marker'), ([n]) => n, 2)
      const each = page.map(([n, bytes]) =>
        element(
          'Part',
          element('PartNumber', n),
          element('ETag', escaped(etagOf(bytes))),
          element('Size', bytes.length),
        ),
      )
      return xml(
        element(
          'ListPartsResult',
          element('IsTruncated', truncated),
          ...each,
          ...(truncated ? [element('NextPartNumberMarker', page.at(-1)![0])] : []),
        ),
      )
    }
    const named = [...body.toString().matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)![1]),
      etag: /<ETag>([^<]*)</.exec(part)![1]!.replaceAll('&quot;', '"'),
    }))
    const bodies = named.map(({ number, etag }, n) => {
      const bytes = upload.parts.get(number)
      if (!bytes || etagOf(bytes) !== etag) throw new Refused('InvalidPart', 400)
      if (n > 0 && number <= named[n - 1]!.number) throw new Refused('InvalidPartOrder', 400)
      if (n < named.length - 1 && bytes.length < MIN_PART) throw new Refused('EntityTooSmall', 400)
      return bytes
    })
    if (bodies.length === 0) throw new Refused('MalformedXML', 400)
    uploads.delete(id)
    objects.set(key, { body: Buffer.concat(bodies), modified: new Date() })
    return xml(element('CompleteMultipartUploadResult', element('ETag', 'whole')))
  }

  function ofObject(method: string, url: URL, key: string, body: Buffer, range: string | undefined): Answer {
    if (method === 'POST' && url.searchParams.has('uploads')) {
      const id = randomUUID()
      uploads.set(id, { key, begun: new Date(), parts: new Map() })
      return xml(element('InitiateMultipartUploadResult', element('UploadId', id)))
    }
    if (method === 'PUT') {
      objects.set(key, { body, modified: new Date() })
      return { headers: { etag: etagOf(body) } }
    }
    const found = objects.get(key)
    if (!found) throw new Refused('NoSuchKey', 404)
    const headers = { 'last-modified': found.modified.toUTCString(), etag: etagOf(found.body) }
    const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? '')
    if (!match) return { headers: { ...headers, 'content-length': found.body.length }, body: found.body }
    const part = found.body.subarray(Number(match[1]), Number(match[2]) + 1)
    return { status: 206, headers: { ...headers, 'content-length': part.length }, body: part }
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const url = new URL(request.url!, 'http://bucket')
    const { method = '' } = request
    try {
      verify(request, url, body, accessKey, secretKey)
      const failing = failures.findIndex((failure) => failure.method === method)
      const [failure] = failing < 0 ? [] : failures.splice(failing, 1)
      if (failure) throw new Refused(failure.code, failure.status)
      const [, bucket, ...rest] = url.pathname.split('/').map(decodeURIComponent)
      if (bucket !== name) throw new Refused('NoSuchBucket', 404)
      const key = rest.join('/')
      const answer =
        key === ''
          ? ofBucket(method, url, body)
          : url.searchParams.has('uploadId')
            ? ofUpload(method, url, key, body)
            : ofObject(method, url, key, body, request.headers.range)
      response.writeHead(answer.status ?? 200, answer.headers)
      response.end(method === 'HEAD' ? undefined : answer.body)
    } catch (error) {
      const { code, status } = error instanceof Refused ? error : { code: 'InternalError', status: 500 }
      response.writeHead(status, { 'content-type': 'application/xml' })
      response.end(
        method === 'HEAD' ? undefined : element('Error', element('Code', code), element('Message', code)),
      )
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    name,
    accessKey,
    secretKey,
    objects,
    uploads,
    failNext: (method, code, status) => void failures.push({ method, code, status }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
