/** What lives as long as the process. */
import type { Hash } from 'node:crypto'
import type { Tools } from '@pleiad/platform/service'
import type { FilesConfig } from './settings.ts'
import { forgetDoomed, listDoomed } from './store-lifecycle.ts'

const MIB = 1024 * 1024
/** Uploads whose checksum is being computed as they come; of others it is read back when they are whole. */
const HASHES = 1000
const DOOMED_AT_ONCE = 200
const STOP = 'files.stop'

/** How far the checksum of an upload has come in this process. */
interface Progress {
  readonly hash: Hash
  readonly length: number
  readonly epoch: number
}

export interface Own {
  readonly quota: number
  readonly largest: number
  readonly uploadMs: number
  readonly uploadKey: Buffer
  readonly linkKey: Buffer
  /** Requests of this process that write to an upload now, by file. */
  readonly writers: Map<string, AbortController>
  /** Asks whoever writes to an upload, in any process, to stop. */
  readonly stopWriter: (fileId: string) => void
  readonly hashes: Map<string, Progress>
  readonly noteHash: (fileId: string, progress: Progress) => void
  /** Deletes the objects of removed files; what cannot be deleted now is tried again by a job. */
  readonly sweep: () => Promise<number>
}

export function createOwn(tools: Tools<FilesConfig>): Own {
  const { config, files, sql, log } = tools
  const writers: Own['writers'] = new Map()
  const hashes: Own['hashes'] = new Map()
  tools.onBroadcast(STOP, (message) => writers.get((message as { fileId: string }).fileId)?.abort())
  let sweeping: Promise<number> | undefined

  async function sweepOnce(): Promise<number> {
    let gone = 0
    for (;;) {
      const doomed = await listDoomed(sql, DOOMED_AT_ONCE)
      for (const each of doomed) {
        if (each.store_ref !== '') await files.discard({ key: each.key, ref: each.store_ref })
        await files.delete(each.key)
        await forgetDoomed(sql, each)
        hashes.delete(each.key)
        gone++
      }
      if (doomed.length < DOOMED_AT_ONCE) return gone
    }
  }

  return {
    quota: config.FILES_QUOTA_MB * MIB,
    largest: config.FILES_MAX_MB * MIB,
    uploadMs: config.FILES_UPLOAD_HOURS * 3_600_000,
    uploadKey: tools.deriveKey('uploads'),
    linkKey: tools.deriveKey('links'),
    writers,
    stopWriter: (fileId) => {
      writers.get(fileId)?.abort()
      tools.broadcast(STOP, { fileId })
    },
    hashes,
    noteHash: (fileId, progress) => {
      hashes.delete(fileId)
      hashes.set(fileId, progress)
      if (hashes.size > HASHES) hashes.delete(hashes.keys().next().value!)
    },
    sweep: async () => {
      // What was added while one ran may have been too late for it.
      await sweeping?.catch(() => {})
      sweeping ??= sweepOnce().finally(() => {
        sweeping = undefined
      })
      return sweeping.catch((error: unknown) => {
        log.warn({ err: error }, 'objects of deleted files are still there; this is tried again')
        return 0
      })
    },
  }
}
