/** How long models are kept, what will go, and what went. */
import { decodeCursor } from '@pleiad/platform/cursor'
import type { managing } from './contract-managing.ts'
import { type Part, pageFrom } from './routes-part.ts'
import { present } from './rows.ts'
import * as store from './store-retention.ts'

type Operations = Pick<
  typeof managing,
  'getRetention' | 'setRetention' | 'previewRetention' | 'listRemovedModels'
>

const WEEK_MS = 7 * 86_400_000
const SHOWN = 100

function viewHeld(held: store.HeldFile) {
  return {
    ...(held.isOrder ? { orderId: held.holderId } : {}),
    ...present('number', held.number),
    outcome: held.outcome ?? 'abandoned',
    fileId: held.fileId,
    ...present('modelId', held.modelId),
    name: held.name,
    bytes: held.bytes,
    deleteAfter: (held.deleteAfter ?? held.goneAt ?? new Date(0)).toISOString(),
    ...present('goneAt', held.goneAt?.toISOString()),
  } as const
}

export const retentionRoutes: Part<Operations> = () => ({
  getRetention: ({ sql }) => store.findRetention(sql),

  setRetention: ({ transact, body, ifMatch, fail, log, caller }) =>
    transact(async (tx) => {
      if (!/^\d{1,9}$/.test(ifMatch)) return fail('preconditionFailed')
      const version = await store.saveRetention(tx, Number(ifMatch), body)
      if (version === undefined) return fail('preconditionFailed')
      log.info({ audit: { by: caller.id, retention: body } }, 'an administrator changed the retention')
      return { retention: body, version }
    }),

  previewRetention: async ({ sql, query, now }) => {
    const until = query.until ? new Date(query.until) : new Date(now().getTime() + WEEK_MS)
    const { files, bytes, first } = await store.previewGoing(sql, until, SHOWN)
    return { files, bytes, first: first.map(viewHeld) }
  },

  listRemovedModels: async ({ sql, query: { cursor, limit = 25 } }) => {
    const [at, fileId] = cursor === undefined ? [] : decodeCursor(cursor, 2)
    const before = at === undefined ? undefined : { at: new Date(Number(at)), fileId: String(fileId) }
    const found = await store.listGone(sql, before, limit + 1)
    return pageFrom(found, limit, viewHeld, (held) => [held.goneAt!.getTime(), held.fileId])
  },
})
