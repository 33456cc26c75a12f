/** Bytes of models, which lie in files. */
import { Code, ConnectError } from '@connectrpc/connect'
import { Files } from '@pleiad/files/rpc'
import type { Tools } from '@pleiad/platform/service'
import { fileMissing, noRoom } from './reasons.ts'

const CHUNK = 256 * 1024
/** Who may read what is made of a model, beside its owner. */
const STAFF = 'permission:models:read'

export interface Found {
  readonly name: string
  readonly size: number
  readonly ownerId: string
  readonly purpose: string
  readonly kept: boolean
  readonly deleteAfter: Date | undefined
}

type Needs = Pick<Tools, 'rpc'>

const isCode = (error: unknown, ...codes: Code[]) =>
  error instanceof ConnectError && codes.includes(error.code)

/** What files knows of these files, by id; those that are not ready, or gone, are left out. */
export async function findFiles({ rpc }: Needs, fileIds: readonly string[]): Promise<Map<string, Found>> {
  const found = new Map<string, Found>()
  for (let at = 0; at < fileIds.length; at += 100) {
    const { files } = await rpc(Files).getFiles({ fileIds: fileIds.slice(at, at + 100) })
    for (const { fileId, name, size, ownerId, purpose, keepers, deleteAfter } of files)
      found.set(fileId, {
        name,
        size: Number(size),
        ownerId,
        purpose,
        kept: keepers.length > 0,
        deleteAfter: deleteAfter > 0n ? new Date(Number(deleteAfter) * 1000) : undefined,
      })
  }
  return found
}

/** `length` bytes from the start of a file, in memory of their own. Throws `Rejected` when it is gone. */
export async function readFile(
  { rpc }: Needs,
  fileId: string,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  let at = 0
  try {
    for await (const part of rpc(Files).open({ fileId, start: 0n, length: BigInt(length) }, { signal })) {
      bytes.set(part.bytes.subarray(0, length - at), at)
      at += part.bytes.length
    }
  } catch (error) {
    throw isCode(error, Code.NotFound, Code.DataLoss) ? fileMissing() : error
  }
  if (at < length) throw new Error(`files sent ${at} of ${length} bytes of ${fileId}`)
  return bytes
}

/** Makes a file of the owner's, which goes by itself at `deleteAfter`; the office and production may read it. */
export async function putFile(
  { rpc }: Needs,
  about: { ownerId: string; purpose: string; name: string; type: string; deleteAfter: Date },
  bytes: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<{ fileId: string; sha256: string }> {
  async function* parts() {
    const deleteAfter = BigInt(Math.floor(about.deleteAfter.getTime() / 1000))
    yield { part: { case: 'file' as const, value: { ...about, deleteAfter } } }
    for (let at = 0; at < bytes.length; at += CHUNK)
      yield { part: { case: 'bytes' as const, value: bytes.subarray(at, at + CHUNK) } }
  }
  try {
    const { file } = await rpc(Files).put(parts(), { signal })
    await rpc(Files).grant({ fileId: file!.fileId, subject: STAFF })
    return { fileId: file!.fileId, sha256: file!.sha256 }
  } catch (error) {
    if (isCode(error, Code.ResourceExhausted)) throw noRoom()
    throw isCode(error, Code.NotFound) ? fileMissing() : error
  }
}

/** Deletes a file if it is still there. False when something keeps it. */
export async function deleteFile({ rpc }: Needs, fileId: string): Promise<boolean> {
  try {
    await rpc(Files).delete({ fileId })
    return true
  } catch (error) {
    if (isCode(error, Code.NotFound)) return true
    if (isCode(error, Code.FailedPrecondition)) return false
    throw error
  }
}

/** Says when a file goes by itself, if it is still there; undefined: not by itself. */
export async function setDeleteAfter({ rpc }: Needs, fileId: string, at: Date | undefined): Promise<void> {
  const deleteAfter = at ? BigInt(Math.floor(at.getTime() / 1000)) : 0n
  try {
    await rpc(Files).setDeleteAfter({ fileId, deleteAfter })
  } catch (error) {
    if (!isCode(error, Code.NotFound)) throw error
  }
}
