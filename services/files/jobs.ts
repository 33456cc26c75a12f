/** What is due by the clock, and what keeps rows and objects in step. */
import type { Job, Tools } from '@pleiad/platform/service'
import { LOST_MS } from './routes.ts'
import type { Own } from './service-own.ts'
import { remove } from './service-remove.ts'
import { compareListed, type Listed, listDue, noteListed, purgeRecords } from './store-lifecycle.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const REMOVED_AT_ONCE = 1000
const PAGE = 1000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Everything the store has of us, in pages; what is not named as ours is none of our business. */
async function* listing({ files, now }: Tools): AsyncIterable<Listed[]> {
  // An upload that begins now has its object before it has its row.
  const young = now().getTime() - DAY_MS
  let page: Listed[] = []
  async function* all() {
    for await (const { key, modified } of files.list('')) yield { key, ref: '', modified }
    yield* files.listGrowing('')
  }
  for await (const { key, ref, modified } of all()) {
    if (!UUID.test(key)) continue
    page.push({ key, ref, old: modified.getTime() < young })
    if (page.length === PAGE) {
      yield page
      page = []
    }
  }
  yield page
}

export const jobs: Readonly<Record<string, Job<Own>>> = {
  removeDue: {
    description:
      'Deletes files whose time is over, uploads that were not finished, and files the store lost long ago',
    schedule: '*/10 * * * *',
    run: async (call, own) => {
      const { tx, now, log } = call
      const lostBefore = new Date(now().getTime() - LOST_MS)
      for (const reason of ['expired', 'due', 'lost'] as const) {
        const due = await listDue(tx, now(), lostBefore, REMOVED_AT_ONCE)
        const ids = due.filter((row) => row.reason === reason).map(({ id }) => id)
        if (ids.length === 0) continue
        const bytes = await remove(call, own, tx, ids, reason)
        log.info({ reason, files: ids.length, bytes }, 'files removed')
      }
    },
  },
  sweepObjects: {
    description:
      'Deletes from the object store what belonged to removed files and could not be deleted at once',
    schedule: '* * * * *',
    run: async ({ tx }, own) => {
      tx.afterCommit(() => void own.sweep())
    },
  },
  mendStore: {
    description:
      'Compares the object store with the rows: objects without a row are deleted after a day, files without an object are marked as lost',
    schedule: '17 3 * * *',
    timeoutMs: 3_600_000,
    run: async (call, own) => {
      const { tx, now, log, count } = call
      const before = new Date(now().getTime() - HOUR_MS)
      for await (const page of listing(call)) if (page.length > 0) await noteListed(tx, page)
      const { orphans, lost } = await compareListed(tx, before, now())
      await purgeRecords(tx, new Date(now().getTime() - 365 * DAY_MS))
      if (orphans > 0) log.warn({ orphans }, 'objects without a row are deleted')
      if (lost > 0) log.error({ lost }, 'the object store has lost files')
      tx.afterCommit(() => {
        count('orphans_found', {}, orphans)
        count('files_lost', {}, lost)
        void own.sweep()
      })
    },
  },
}
