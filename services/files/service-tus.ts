/**
 * The tus protocol as `@tus/server` speaks it, over what uploads are here: growing objects of the store, a lease as the
 * lock, and the end that makes a file of it, all while the lease is held.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { addAbortSignal } from 'node:stream'
import { faultPoint } from '@pleiad/platform/fault'
import { Refusal } from '@pleiad/platform/problem'
import type { Tools } from '@pleiad/platform/service'
import { DataStore, type Lock, Server, Upload } from '@tus/server'
import { verified } from './service-checksum.ts'
import { finishUpload } from './service-finish.ts'
import { type Lease, takeUpload } from './service-lease.ts'
import type { Own } from './service-own.ts'
import { remove } from './service-remove.ts'
import { findFile } from './store-files.ts'
import type { FileRow } from './views.ts'

/** One request to an upload, and what came of it so far. */
export interface Exchange {
  readonly tools: Tools
  readonly own: Own
  readonly request: IncomingMessage
  readonly method: string
  /** The file that the address names; undefined when nobody signed it. */
  readonly fileId: string | undefined
  row?: FileRow | undefined
  /** While there is something to write: a file has none. */
  lease?: Lease | undefined
  /** Bytes that are kept. */
  length?: number
  /** Why the library answers with an error. */
  error?: unknown
}

/**
 * The library's server for one request. Its store and its locks are told nothing but an id; ours need the lease of this
 * very request, or one whose lease was lost would write under the lease of the next.
 */
export function serverFor(exchange: Exchange, path: string): Server {
  return new Server({
    path,
    maxSize: exchange.own.largest,
    datastore: storeFor(exchange),
    locker: { newLock: (id) => lockFor(exchange, id) },
    getFileIdFromRequest: () => exchange.fileId,
    onResponseError: (_request, error) => {
      exchange.error = error
      return undefined
    },
  })
}

function lockFor(exchange: Exchange, id: string): Lock {
  const { tools, own, method } = exchange
  let lease: Lease | undefined
  return {
    lock: async () => {
      // A deletion waits for nobody: who writes loses the lease with the row.
      const needed = method !== 'DELETE'
      const taken = needed ? await takeUpload(tools, own, id) : undefined
      if (taken === 'busy') throw new Refusal('uploadBusy', undefined, {}, { 'retry-after': '1' })
      lease = taken
      exchange.lease = taken
      exchange.row = taken?.row ?? (await findFile(tools.sql, id))
      if (!exchange.row) throw new Refusal('notFound')
      if (needed && !taken && exchange.row.state !== 'ready') throw new Refusal('uploadExpired')
    },
    unlock: async () => lease?.release(exchange.length),
  }
}

/**
 * `expiration` is announced, but the library's own is not used: it counts from the beginning of an upload, ours from the
 * last request, and the row has it.
 */
function storeFor(exchange: Exchange): DataStore {
  return Object.assign(new DataStore(), {
    extensions: ['checksum', 'expiration', 'termination'],

    getUpload: async (id: string) => {
      const { tools, lease } = exchange
      const { size } = exchange.row!
      exchange.length = lease ? await lengthOf(tools, lease) : size
      // The process died between the last byte and the end.
      if (lease && exchange.length === size) await finish(exchange, lease)
      return new Upload({ id, size, offset: exchange.length })
    },

    write: async (stream: AsyncIterable<Uint8Array>, _id: string, offset: number) => {
      const { lease } = exchange
      // A file already: the library lets no byte more of it through.
      if (!lease) return offset
      exchange.length = await receive(exchange, lease, stream, offset)
      if (exchange.length === lease.row.size) await finish(exchange, lease)
      return exchange.length
    },

    remove: async (id: string) => {
      const { tools, own } = exchange
      // The address ends with the upload: what is a file is deleted by its owner.
      if (exchange.row!.state === 'ready') throw new Refusal('notFound')
      await tools.transact((tx) => remove(tools, own, tx, [id], 'deleted'))
    },
  })
}

/** How much there is; all of it when the object is sealed, but the row does not know yet. */
async function lengthOf({ files }: Tools, { row }: Lease): Promise<number> {
  const length = await files.lengthOf({ key: row.id, ref: row.store_ref! })
  if (length !== undefined) return length
  if (await files.head(row.id)) return row.size
  throw new Refusal('uploadExpired', 'The object store has nothing of this upload any more.')
}

async function finish(exchange: Exchange, lease: Lease): Promise<void> {
  if (!(await finishUpload(exchange.tools, exchange.own, lease))) throw new Refusal('notFound')
  exchange.lease = undefined
}

async function receive(
  { tools, own, request }: Exchange,
  { row, signal }: Lease,
  stream: AsyncIterable<Uint8Array>,
  offset: number,
): Promise<number> {
  // Somebody else writes, or wants to: also a connection that hangs half open, and gives nothing to stop at, ends.
  addAbortSignal(signal, request)
  const known = own.hashes.get(row.id)
  const inStep = known?.length === offset && known.epoch === row.epoch - 1
  const hash = offset === 0 ? createHash('sha256') : inStep ? known.hash : undefined
  own.hashes.delete(row.id)
  let received = 0

  async function* metered(body: AsyncIterable<Uint8Array>) {
    for await (const chunk of body) {
      hash?.update(chunk)
      received += chunk.length
      yield chunk
      faultPoint('files.received')
    }
  }

  const header = request.headers['upload-checksum']
  const body = header === undefined ? stream : verified(stream, String(header))
  try {
    const length = await tools.files.append({ key: row.id, ref: row.store_ref! }, offset, metered(body))
    if (hash && length === offset + received) own.noteHash(row.id, { hash, length, epoch: row.epoch })
    return length
  } finally {
    tools.count('bytes_received', {}, received)
  }
}
