/** Makes a whole upload a file: the object, its checksum and type, the row and the event. May be repeated. */
import { createHash } from 'node:crypto'
import { faultPoint } from '@pleiad/platform/fault'
import type { ObjectStore } from '@pleiad/platform/files'
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { files as contract } from './contract.ts'
import type { Lease } from './service-lease.ts'
import type { Own } from './service-own.ts'
import { type Content, completeUpload } from './store-files.ts'
import { HEAD_BYTES, sniffType, TAIL_BYTES } from './types.ts'
import type { FileRow } from './views.ts'

/** Reads an object to its end. */
async function hashOf(store: ObjectStore, key: string): Promise<Buffer> {
  const hash = createHash('sha256')
  const stream = await store.get(key)
  if (!stream) throw new Error(`the object ${key} is not there`)
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest()
}

async function readRange(store: ObjectStore, key: string, start: number, end: number): Promise<Buffer> {
  const stream = await store.get(key, { start, end })
  if (!stream) throw new Error(`the object ${key} is not there`)
  return Buffer.concat(await stream.toArray())
}

/** The type of a stored object, by its bytes. */
export async function typeOf(store: ObjectStore, key: string, size: number): Promise<string> {
  const head = await readRange(store, key, 0, Math.min(HEAD_BYTES, size) - 1)
  const tail =
    size <= HEAD_BYTES ? head : await readRange(store, key, Math.max(0, size - TAIL_BYTES), size - 1)
  return sniffType({ size, head, tail })
}

export function announce(tx: Tx, row: FileRow): void {
  emit(tx, contract, 'file.uploaded', {
    fileId: row.id,
    ownerId: row.owner_id,
    purpose: row.purpose,
    name: row.name,
    size: row.size,
    sha256: row.sha256!.toString('hex'),
    type: row.type!,
    declaredType: row.declared_type,
  })
}

/** Finishes the upload whose lease this is. False when it was deleted meanwhile. */
export async function finishUpload(tools: Tools, own: Own, { row, writer }: Lease): Promise<boolean> {
  const { files, transact, now } = tools
  await files.seal({ key: row.id, ref: row.store_ref! })
  faultPoint('files.sealed')
  // A checksum that was computed as the bytes came is good only if no other process wrote in between.
  const known = own.hashes.get(row.id)
  const sha256 =
    known?.length === row.size && known.epoch === row.epoch
      ? known.hash.copy().digest()
      : await hashOf(files, row.id)
  const content: Content = { sha256, type: await typeOf(files, row.id, row.size) }
  const done = await transact(async (tx) => {
    const completed = await completeUpload(tx, row.id, writer, content, now())
    if (completed) announce(tx, completed)
    return completed
  })
  own.hashes.delete(row.id)
  // Deleted while it was sealed: the deletion may have looked for the object before it was there.
  if (!done) await files.delete(row.id)
  else tools.count('uploads_finished', { purpose: row.purpose })
  return done !== undefined
}
