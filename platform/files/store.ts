/**
 * Where files lie: a folder of this computer, or a bucket of any S3 service. Both drivers pass one suite
 * (`conformance.ts`). What an object is called, who may have it and how long it stays is the business of services.
 */
import type { Readable } from 'node:stream'

/** Bytes in pieces, as requests and files give them. */
export type Bytes = AsyncIterable<Uint8Array>

export interface StoredObject {
  readonly key: string
  readonly size: number
  readonly modified: Date
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** An object that is being written, piece by piece: it can be named after a restart of the process. */
export interface Growing {
  readonly key: string
  /** What the store calls it; opaque. */
  readonly ref: string
}

/** Keys are segments of lower-case letters, digits and dashes, joined by slashes. */
export interface ObjectStore {
  /** Writes a whole object; one of the same key is replaced, at once and only when all is there. */
  readonly put: (key: string, body: Bytes) => Promise<{ readonly size: number }>
  /** Undefined when there is no such object. Whoever does not read the stream to its end must destroy it. */
  readonly get: (key: string, range?: ByteRange) => Promise<Readable | undefined>
  readonly head: (key: string) => Promise<StoredObject | undefined>
  /** Deletes objects; those that do not exist are no mistake. */
  readonly delete: (...keys: string[]) => Promise<void>
  /** Every object whose key begins with `prefix`, in no particular order. */
  readonly list: (prefix: string) => AsyncIterable<StoredObject>

  /** Begins an object that grows by `append` and exists for the others once it is sealed. */
  readonly begin: (key: string) => Promise<Growing>
  /** Bytes that are kept of it; undefined when it does not exist, or not any more. */
  readonly lengthOf: (growing: Growing) => Promise<number | undefined>
  /**
   * Adds bytes at `offset`, which must be its length (else `StoreError` `offset`). Resolves with the new length when
   * they would survive a crash. When `body` breaks off, what came before is kept as far as the store can, and the
   * body's error is thrown. One at a time: two that append to one object must be kept apart by the caller.
   */
  readonly append: (growing: Growing, offset: number, body: Bytes) => Promise<number>
  /** Makes it an object. Sealing twice is no mistake. */
  readonly seal: (growing: Growing) => Promise<void>
  /** Gives it up; one that does not exist is no mistake. */
  readonly discard: (growing: Growing) => Promise<void>
  /** Those below `prefix` that are neither sealed nor discarded, `modified` being when they began or grew last. */
  readonly listGrowing: (prefix: string) => AsyncIterable<Growing & { readonly modified: Date }>

  /** Bytes that still fit; undefined where there is no telling. */
  readonly space: () => Promise<number | undefined>
}

/** A driver: what `objectStoreOf` gives each service its part of. */
export interface FilesDriver {
  readonly store: ObjectStore
  readonly close: () => Promise<void>
}

/**
 * `full`: there is no space left. `offset`: the object has another length. `missing`: there is no such growing object.
 * `unavailable`: the store does not answer, or not with what was asked for.
 */
export class StoreError extends Error {
  readonly reason: 'full' | 'offset' | 'missing' | 'unavailable'
  constructor(reason: StoreError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.reason = reason
  }
}

const KEY = /^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/
const MAX_KEY = 180

/** Throws for a key that is not of the form above: keys are made by services, so it is a mistake of theirs. */
export function checkKey(key: string): string {
  if (key.length <= MAX_KEY && KEY.test(key)) return key
  throw new Error(`${JSON.stringify(key.slice(0, 80))} is not a key of the object store`)
}

/** The part of the store that belongs to one service: its keys are unknown to the others. */
export function objectStoreOf(store: ObjectStore, service: string): ObjectStore {
  const mine = `${service}/`
  const inside = (key: string) => mine + checkKey(key)
  const outside = <T extends { readonly key: string }>(each: T): T => ({
    ...each,
    key: each.key.slice(mine.length),
  })
  const grown = ({ key, ref }: Growing): Growing => ({ key: inside(key), ref })
  async function* mapped<T extends { readonly key: string }>(all: AsyncIterable<T>): AsyncIterable<T> {
    for await (const each of all) yield outside(each)
  }
  return {
    put: async (key, body) => store.put(inside(key), body),
    get: async (key, range) => store.get(inside(key), range),
    head: async (key) => {
      const found = await store.head(inside(key))
      return found && outside(found)
    },
    delete: async (...keys) => store.delete(...keys.map(inside)),
    list: (prefix) => mapped(store.list(mine + prefix)),
    begin: async (key) => outside(await store.begin(inside(key))),
    lengthOf: async (growing) => store.lengthOf(grown(growing)),
    append: async (growing, offset, body) => store.append(grown(growing), offset, body),
    seal: async (growing) => store.seal(grown(growing)),
    discard: async (growing) => store.discard(grown(growing)),
    listGrowing: (prefix) => mapped(store.listGrowing(mine + prefix)),
    space: store.space,
  }
}

/**
 * Joins pieces into blocks of `size` bytes, the last one smaller. When `body` breaks off, what came before is given
 * first, then its error is thrown.
 */
export async function* inBlocks(body: Bytes, size: number, first: Uint8Array[] = []): AsyncIterable<Buffer> {
  let waiting = [...first]
  let bytes = waiting.reduce((sum, { length }) => sum + length, 0)
  let broken: { readonly error: unknown } | undefined
  const pieces = body[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => {
        broken = { error }
        return { done: true, value: undefined } as const
      })
      if (next.done) {
        ended = true
        break
      }
      waiting.push(next.value)
      bytes += next.value.length
      while (bytes >= size) {
        const all = Buffer.concat(waiting, bytes)
        yield all.subarray(0, size)
        // A copy: the rest must not hold the whole block in memory.
        waiting = bytes > size ? [Buffer.from(all.subarray(size))] : []
        bytes -= size
      }
    }
    if (bytes > 0) yield Buffer.concat(waiting, bytes)
  } finally {
    if (!ended) await pieces.return?.()
  }
  if (broken) throw broken.error
}
