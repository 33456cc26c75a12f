/** The beginning of an upload: its room is reserved and its address can be given. For the operation and the RPC. */

import type { Tools } from '@pleiad/platform/service'
import { uploadAddress } from './links.ts'
import { checkName } from './names.ts'
import type { Own } from './service-own.ts'
import { UPLOADS } from './service-upload.ts'
import * as store from './store-files.ts'
import { isErased } from './store-lifecycle.ts'
import type { FileRow } from './views.ts'

const MAX_UPLOADS = 100

export interface Wish {
  readonly name: string
  readonly size: number
  readonly type?: string | undefined
  readonly purpose: string
  readonly deleteAfter?: Date | undefined
}

type Trouble =
  | 'fileNameNotAllowed'
  | 'fileEmpty'
  | 'fileTooLarge'
  | 'fileQuotaExceeded'
  | 'tooManyUploads'
  | 'storageFull'
  | 'deleteAfterNotRight'
  | 'forbidden'
type Refused = { readonly trouble: Trouble; readonly more?: Record<string, unknown> }

/** Where the bytes of an upload are sent; open to whoever knows it. */
export function addressOf({ publicUrl }: Pick<Tools, 'publicUrl'>, own: Own, file: FileRow): string {
  return `${publicUrl}${UPLOADS}${uploadAddress(own.uploadKey, file.id)}`
}

/** Reserves the room for a file of `ownerId`, or says why it cannot be. Rejects when the object store fails. */
export async function beginUpload(
  tools: Tools,
  own: Own,
  ownerId: string,
  wish: Wish,
): Promise<{ readonly row: FileRow } | Refused> {
  const { now, newId, transact, files, log } = tools
  const named = checkName(wish.name)
  if (named.trouble !== undefined) return { trouble: 'fileNameNotAllowed', more: { reason: named.trouble } }
  if (wish.size === 0) return { trouble: 'fileEmpty' }
  if (wish.size > own.largest) return { trouble: 'fileTooLarge', more: { limit: own.largest } }
  if (wish.deleteAfter && wish.deleteAfter <= now()) return { trouble: 'deleteAfterNotRight' }
  const space = await files.space()
  if (space !== undefined && space < wish.size) return { trouble: 'storageFull' }
  const file = {
    id: newId(),
    ownerId,
    purpose: wish.purpose,
    name: named.name,
    size: wish.size,
    declaredType: wish.type ?? 'application/octet-stream',
    deleteAfter: wish.deleteAfter,
  }
  // Before the row: what is left of it when this process dies here is found by mendStore.
  const growing = await files.begin(file.id)
  const letGo = () =>
    files.discard(growing).catch((trouble: unknown) => {
      log.warn({ err: trouble }, 'an upload that was refused is still in the object store')
    })
  try {
    const begun = await transact(async (tx): Promise<{ row: FileRow } | Refused> => {
      // The room is not taken by what is refused afterwards.
      if (await isErased(tx, ownerId)) return { trouble: 'forbidden' }
      if ((await store.countUploads(tx, ownerId, MAX_UPLOADS)) >= MAX_UPLOADS)
        return { trouble: 'tooManyUploads', more: { limit: MAX_UPLOADS } }
      if (!(await store.reserve(tx, ownerId, file.size, own.quota))) {
        const { bytes } = await store.findUsage(tx, ownerId)
        return { trouble: 'fileQuotaExceeded', more: { quota: own.quota, used: bytes } }
      }
      await store.insertUpload(tx, file, growing.ref, now(), new Date(now().getTime() + own.uploadMs))
      return { row: (await store.findFile(tx, file.id))! }
    })
    if ('trouble' in begun) await letGo()
    return begun
  } catch (error) {
    await letGo()
    throw error
  }
}
