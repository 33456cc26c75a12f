/**
 * Files in a bucket of any S3 service. A growing object is a multipart upload: its parts are its length, so nothing has
 * to be remembered elsewhere. What is left over when a piece ends lies as an object of its own below `tails/`, named
 * after the number of parts it follows; it is the beginning of the next part. A tail that follows fewer parts than there
 * are is a leftover and means nothing.
 */
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  type Part,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { StartError } from '../service/refuse.ts'
import {
  checkKey,
  type FilesDriver,
  type Growing,
  inBlocks,
  type ObjectStore,
  type StoredObject,
  StoreError,
} from './store.ts'

/** All parts but the last must have at least 5 MiB: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const PART = 8 * 1024 * 1024
const DELETED_AT_ONCE = 1000

export interface S3Options {
  readonly endpoint: string
  readonly bucket: string
  readonly accessKey: string
  readonly secretKey: string
  readonly region: string
  /** The bucket's name is in the path, not in the host's name. */
  readonly pathStyle: boolean
}

/** Opens the bucket. Throws `StartError` when it cannot be used as the settings say. */
export async function openS3(options: S3Options): Promise<FilesDriver> {
  const { bucket: Bucket } = options
  const client = new S3Client({
    endpoint: options.endpoint,
    region: options.region,
    forcePathStyle: options.pathStyle,
    credentials: { accessKeyId: options.accessKey, secretAccessKey: options.secretKey },
    // Checksums in trailers are Amazon's own; other services refuse them. Ours are of whole files.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  await client.send(new HeadBucketCommand({ Bucket })).catch((error) => {
    client.destroy()
    throw new StartError(whyUnusable(error, options), { cause: error })
  })
  return { store: storeOf(client, Bucket), close: async () => client.destroy() }
}

function storeOf(client: S3Client, Bucket: string): ObjectStore {
  const tailsOf = ({ key, ref }: Growing) => `tails/${key}/${Buffer.from(ref).toString('hex').slice(-64)}`
  const tailOf = (growing: Growing, parts: number) => `${tailsOf(growing)}/${parts}`

  async function partsOf({ key, ref }: Growing): Promise<Part[] | undefined> {
    const parts: Part[] = []
    for (let marker: string | undefined; ; ) {
      const answer = await client
        .send(new ListPartsCommand({ Bucket, Key: key, UploadId: ref, PartNumberMarker: marker }))
        .catch(absent)
      if (!answer) return undefined
      parts.push(...(answer.Parts ?? []))
      if (!answer.IsTruncated) return parts
      marker = answer.NextPartNumberMarker
    }
  }

  async function stateOf(growing: Growing) {
    const parts = await partsOf(growing)
    if (!parts) return undefined
    const tail = tailOf(growing, parts.length)
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: tail })).catch(absent)
    const tailSize = head?.ContentLength ?? 0
    return { parts, tail, tailSize, length: parts.reduce((sum, { Size }) => sum + (Size ?? 0), tailSize) }
  }

  const read = async (key: string): Promise<Buffer> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }))
    return Buffer.from(await Body!.transformToByteArray())
  }
  const put = (key: string, body: Buffer) =>
    client.send(new PutObjectCommand({ Bucket, Key: key, Body: body, ContentLength: body.length }))
  const putPart = ({ key, ref }: Growing, PartNumber: number, body: Buffer) =>
    client.send(new UploadPartCommand({ Bucket, Key: key, UploadId: ref, PartNumber, Body: body }))

  async function remove(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
      const Objects = keys.slice(at, at + DELETED_AT_ONCE).map((Key) => ({ Key }))
      const { Errors } = await client.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      )
      const failed = Errors?.find(({ Code }) => Code !== 'NoSuchKey')
      if (failed) throw new StoreError('unavailable', `${failed.Key} was not deleted: ${failed.Code}`)
    }
  }

  async function* list(prefix: string): AsyncIterable<StoredObject> {
    for (let token: string | undefined; ; ) {
      const answer = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix: prefix, ContinuationToken: token }),
      )
      for (const { Key, Size, LastModified } of answer.Contents ?? [])
        yield { key: Key!, size: Size ?? 0, modified: LastModified ?? new Date(0) }
      if (!answer.IsTruncated) return
      token = answer.NextContinuationToken
    }
  }

  async function dropTails(growing: Growing): Promise<void> {
    const tails: string[] = []
    for await (const { key } of list(`${tailsOf(growing)}/`)) tails.push(key)
    await remove(tails)
  }

  const store: ObjectStore = {
    put: async (key, body) => {
      checkKey(key)
      let growing: Growing | undefined
      let size = 0
      try {
        // One request for what is small; what is larger is a growing object that is sealed at once.
        let first: Buffer | undefined
        let parts = 0
        for await (const block of inBlocks(body, PART)) {
          size += block.length
          if (!first && parts === 0) {
            first = block
            continue
          }
          growing ??= await store.begin(key)
          if (first) await putPart(growing, ++parts, first)
          first = undefined
          await putPart(growing, ++parts, block)
        }
        if (growing) await store.seal(growing)
        else await put(key, first ?? Buffer.alloc(0))
        return { size }
      } catch (error) {
        if (growing) await store.discard(growing).catch(() => {})
        throw error
      }
    },

    get: async (key, range) => {
      const Range = range && `bytes=${range.start}-${range.end}`
      const answer = await client
        .send(new GetObjectCommand({ Bucket, Key: checkKey(key), Range }))
        .catch(absent)
      return answer && (answer.Body as Readable)
    },

    head: async (key) => {
      const answer = await client.send(new HeadObjectCommand({ Bucket, Key: checkKey(key) })).catch(absent)
      return answer && { key, size: answer.ContentLength ?? 0, modified: answer.LastModified ?? new Date(0) }
    },

    delete: async (...keys) => remove(keys.map(checkKey)),
    list,

    begin: async (key) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: checkKey(key) }))
      return { key, ref: UploadId! }
    },

    lengthOf: async (growing) => (await stateOf(growing))?.length,

    append: async (growing, offset, body) => {
      const state = await stateOf(growing)
      if (!state) throw new StoreError('missing', 'there is no such growing object')
      if (state.length !== offset) throw new StoreError('offset', `its length is ${state.length}`)
      const old = state.tailSize > 0 ? await read(state.tail) : undefined
      let parts = state.parts.length
      let length = offset - state.tailSize
      const keep = async (block: Buffer) => {
        if (block.length === PART) await putPart(growing, ++parts, block)
        else await put(tailOf(growing, parts), block)
        length += block.length
      }
      // What breaks off is kept too: inBlocks gives the rest before it throws.
      for await (const block of inBlocks(body, PART, old ? [old] : [])) await keep(block)
      if (old && parts > state.parts.length) await remove([state.tail])
      return length
    },

    seal: async (growing) => {
      const state = await stateOf(growing)
      if (!state) {
        if (await store.head(growing.key)) return dropTails(growing)
        throw new StoreError('missing', 'there is no such growing object')
      }
      const parts = state.parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }))
      if (state.tailSize > 0 || parts.length === 0) {
        const rest = state.tailSize > 0 ? await read(state.tail) : Buffer.alloc(0)
        const { ETag } = await putPart(growing, parts.length + 1, rest)
        parts.push({ PartNumber: parts.length + 1, ETag })
      }
      await client.send(
        new CompleteMultipartUploadCommand({
          Bucket,
          Key: growing.key,
          UploadId: growing.ref,
          MultipartUpload: { Parts: parts },
        }),
      )
      await dropTails(growing)
    },

    discard: async (growing) => {
      await client
        .send(new AbortMultipartUploadCommand({ Bucket, Key: growing.key, UploadId: growing.ref }))
        .catch(absent)
      await dropTails(growing)
    },

    listGrowing: async function* (prefix) {
      for (let markers: { KeyMarker?: string; UploadIdMarker?: string } = {}; ; ) {
        const answer = await client.send(
          new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...markers }),
        )
        for (const { Key, UploadId, Initiated } of answer.Uploads ?? [])
          yield { key: Key!, ref: UploadId!, modified: Initiated ?? new Date(0) }
        if (!answer.IsTruncated) return
        markers = { KeyMarker: answer.NextKeyMarker!, UploadIdMarker: answer.NextUploadIdMarker! }
      }
    },

    space: async () => undefined,
  }
  return explainedAll(store)
}

interface Answered {
  readonly name?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

function isAbsent(error: unknown): boolean {
  const { name, $metadata } = error as Answered
  return name === 'NoSuchKey' || name === 'NoSuchUpload' || $metadata?.httpStatusCode === 404
}

function absent(error: unknown): undefined {
  if (!isAbsent(error)) throw error
}

/** Says what the service answered in the words of `StoreError`; errors of bodies pass as they are. */
function explain(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error
  const { name, code, $metadata } = error as Answered
  if (name === 'NoSuchUpload')
    return new StoreError('missing', 'there is no such growing object', { cause: error })
  const status = $metadata?.httpStatusCode
  if (status === 507 || /StorageFull|QuotaExceeded|InsufficientCapacity/.test(name ?? ''))
    return new StoreError('full', 'The object store is full.', { cause: error })
  if (status !== undefined || /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE)$/.test(code ?? ''))
    return new StoreError('unavailable', `The object store does not do its work: ${name ?? code}`, {
      cause: error,
    })
  return error
}

function explainedAll(store: ObjectStore): ObjectStore {
  const each = Object.entries(store).map(([name, method]) => {
    if (name === 'list' || name === 'listGrowing') return [name, method]
    const call = method as (...args: unknown[]) => Promise<unknown>
    return [name, (...args: unknown[]) => call(...args).catch((error) => Promise.reject(explain(error)))]
  })
  return Object.fromEntries(each) as ObjectStore
}

function whyUnusable(error: unknown, { endpoint, bucket }: S3Options): string {
  const status = (error as Answered).$metadata?.httpStatusCode
  if (status === 404) return `The bucket ${bucket} does not exist at ${endpoint}. Make it, or mend S3_BUCKET.`
  if (status === 403)
    return `${endpoint} refuses S3_ACCESS_KEY and S3_SECRET_KEY for the bucket ${bucket}. Mend the keys or the bucket’s policy.`
  if (status === 301)
    return `The bucket ${bucket} is in another region than S3_REGION says. Mend S3_REGION or S3_ENDPOINT.`
  if (status === undefined)
    return `The object store at ${endpoint} cannot be reached (${(error as Error).message}). Start it, or mend S3_ENDPOINT.`
  return `The object store at ${endpoint} answers with status ${status} for the bucket ${bucket}. Mend the S3_ settings.`
}
