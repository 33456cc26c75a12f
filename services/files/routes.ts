import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import { type Caller, defineRoutes, type Tools } from '@pleiad/platform/service'
import { files } from './contract.ts'
import { addressOf, beginUpload } from './service-begin.ts'
import { linkTo } from './service-download.ts'
import type { Own } from './service-own.ts'
import { explain } from './service-refusals.ts'
import { remove } from './service-remove.ts'
import * as store from './store-files.ts'
import { countDue, listDue, listRemovals } from './store-lifecycle.ts'
import { type FileRow, viewFile } from './views.ts'

const PREVIEWED = 100
export const LOST_MS = 7 * 86_400_000

/** The file, if the caller may see it: its owner, and whom a service gave it to. */
async function readable({ sql }: Tools, caller: Caller, fileId: string): Promise<FileRow | undefined> {
  const file = await store.findFile(sql, fileId)
  if (!file || file.owner_id === caller.id) return file
  const subjects = [`user:${caller.id}`, ...caller.permissions.map((name) => `permission:${name}`)]
  return file.state === 'ready' && (await store.isGranted(sql, fileId, subjects)) ? file : undefined
}

export const routes = defineRoutes<typeof files, Own>(files, (own) => {
  return {
    createUpload: async (call) => {
      const { body, caller, fail } = call
      const begun = await beginUpload(call, own, caller.id, {
        ...body,
        deleteAfter: body.deleteAfter === undefined ? undefined : new Date(body.deleteAfter),
      }).catch((error) => Promise.reject(explain(error)))
      if ('trouble' in begun) return fail(begun.trouble, undefined, begun.more)
      return { file: viewFile(begun.row), uploadUrl: addressOf(call, own, begun.row) }
    },

    getUsage: async ({ sql, caller }) => ({
      ...(await store.findUsage(sql, caller.id)),
      quota: own.quota,
      largestFile: own.largest,
    }),

    listFiles: async ({ sql, caller, query }) => {
      const limit = query.limit ?? 25
      const found = await store.listFiles(sql, caller.id, { ...query, limit })
      const page = found.slice(0, limit)
      return { items: page.map(viewFile), ...(found.length > limit ? { next: page.at(-1)!.id } : {}) }
    },

    getFile: async (call) => {
      const file = await readable(call, call.caller, call.params.fileId)
      return file ? viewFile(file) : call.fail('notFound')
    },

    resumeUpload: async (call) => {
      const file = await store.findFile(call.sql, call.params.fileId)
      if (file?.owner_id !== call.caller.id || file.state !== 'uploading') return call.fail('notFound')
      return { file: viewFile(file), uploadUrl: addressOf(call, own, file) }
    },

    createLink: async (call) => {
      const file = await readable(call, call.caller, call.params.fileId)
      if (!file) return call.fail('notFound')
      if (file.state !== 'ready') return call.fail('fileNotReady')
      return linkTo(call, own, file, call.body.seconds ?? 900, call.body.inline ?? false)
    },

    deleteFile: async (call) => {
      await call.transact(async (tx) => {
        const file = await store.lockFile(tx, call.params.fileId)
        if (file?.owner_id !== call.caller.id) return call.fail('notFound')
        const keepers = await store.listKeepers(tx, file.id)
        if (keepers.length > 0) return call.fail('fileKept', undefined, { keepers })
        await remove(call, own, tx, [file.id], 'deleted')
      })
    },

    previewRemovals: async ({ sql, query, now }) => {
      const until = query.until === undefined ? now() : new Date(query.until)
      const lostBefore = new Date(until.getTime() - LOST_MS)
      const [sum, first] = await Promise.all([
        countDue(sql, until, lostBefore),
        listDue(sql, until, lostBefore, PREVIEWED),
      ])
      return {
        ...sum,
        first: first.map((row) => ({
          fileId: row.id,
          ownerId: row.owner_id,
          purpose: row.purpose,
          name: row.name,
          size: row.size,
          reason: row.reason,
          dueAt: row.due_at.toISOString(),
        })),
      }
    },

    listRemovals: async ({ sql, query }) => {
      const limit = query.limit ?? 25
      const [at, fileId] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 2)
      const after = at === undefined ? undefined : { at: new Date(at), fileId: String(fileId) }
      const found = await listRemovals(sql, limit, after)
      const page = found.slice(0, limit)
      const last = page.at(-1)
      return {
        items: page.map((row) => ({
          fileId: row.file_id,
          at: row.at.toISOString(),
          ...(row.owner_id ? { ownerId: row.owner_id } : {}),
          purpose: row.purpose,
          size: row.size,
          reason: row.reason,
        })),
        ...(found.length > limit && last ? { next: encodeCursor([last.at.getTime(), last.file_id]) } : {}),
      }
    },
  }
})
