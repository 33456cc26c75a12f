/** Bytes of meshes, which lie in files; those that were read lately stay in memory. */
import { createHash } from 'node:crypto'
import { Code, ConnectError } from '@connectrpc/connect'
import { Files } from '@pleiad/files/rpc'
import type { Tools } from '@pleiad/platform/service'
import type { Failure } from './tasks.ts'

const MIB = 1024 * 1024

/** The job ends here, with a reason. */
export class Failed extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.detail)
    this.name = 'Failed'
    this.failure = failure
  }
}

export interface MeshFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly sha256: string
}

export interface Meshes {
  /** @throws Failed when the file is gone or too large; ConnectError when files does not answer. */
  readonly read: (fileId: string, signal: AbortSignal) => Promise<MeshFile>
}

const missing = () =>
  new Failed({ code: 'fileMissing', detail: 'The file of the model is not there any more.', final: true })

export function createMeshes(
  { rpc, count }: Pick<Tools, 'rpc' | 'count'>,
  limits: { readonly largestMb: number; readonly cacheMb: number },
): Meshes {
  /** By SHA-256, the least lately used first. */
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()
  let keptBytes = 0

  function keep(sha256: string, bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length > limits.cacheMb * MIB) return
    kept.set(sha256, bytes)
    keptBytes += bytes.length
    for (const [oldest, { length }] of kept) {
      if (keptBytes <= limits.cacheMb * MIB) break
      kept.delete(oldest)
      keptBytes -= length
    }
  }

  async function fetchBytes(fileId: string, size: number, signal: AbortSignal) {
    const bytes = new Uint8Array(size)
    let at = 0
    for await (const part of rpc(Files).open({ fileId, start: 0n, length: 0n }, { signal })) {
      if (at + part.bytes.length > size) throw new Error(`files sent more than ${size} bytes of ${fileId}`)
      bytes.set(part.bytes, at)
      at += part.bytes.length
    }
    if (at < size) throw new Error(`files sent ${at} of ${size} bytes of ${fileId}`)
    count('bytes_read', {}, size)
    return bytes
  }

  async function read(fileId: string, signal: AbortSignal): Promise<MeshFile> {
    const [file] = (await rpc(Files).getFiles({ fileIds: [fileId] }, { signal })).files
    if (!file) throw missing()
    const size = Number(file.size)
    if (size > limits.largestMb * MIB)
      throw new Failed({
        code: 'modelTooLarge',
        detail: `The mesh takes ${Math.ceil(size / MIB)} MiB; workers take ${limits.largestMb} MiB.`,
        facts: { sizeMb: Math.ceil(size / MIB), limitMb: limits.largestMb },
        final: true,
      })
    const { sha256 } = file
    const known = kept.get(sha256)
    if (known) {
      kept.delete(sha256)
      kept.set(sha256, known)
      return { bytes: known, sha256 }
    }
    const bytes = await fetchBytes(fileId, size, signal)
    // A price for other bytes than those that were uploaded would be a wrong one.
    if (createHash('sha256').update(bytes).digest('hex') !== sha256)
      throw new Error(`the bytes of ${fileId} do not match their checksum`)
    keep(sha256, bytes)
    return { bytes, sha256 }
  }

  return {
    read: async (fileId, signal) => {
      try {
        return await read(fileId, signal)
      } catch (error) {
        const lost =
          error instanceof ConnectError && (error.code === Code.NotFound || error.code === Code.DataLoss)
        throw lost ? missing() : error
      }
    },
  }
}
