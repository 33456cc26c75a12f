/** The price book: drafts, publishing, history, what would change. */
import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import type { Routes, Tools } from '@pleiad/platform/service'
import type { Sql, Tx } from '@pleiad/platform/store'
import type { PriceBook } from '@pleiad/workshop/price/book'
import { checkBook } from '@pleiad/workshop/price/check-book'
import { changedPaths, checkPeriod, MAX_DRAFTS, pointerOf, type StoredBook, viewBook } from './books.ts'
import type { mes } from './contract.ts'
import { previewOf } from './samples.ts'
import type { Own } from './service-own.ts'
import { putIntoForce } from './service-publish.ts'
import * as store from './store-books.ts'

type Names =
  | 'getBookInForce'
  | 'listBooks'
  | 'createBook'
  | 'getBook'
  | 'updateBook'
  | 'removeBook'
  | 'publishBook'
  | 'previewBook'
  | 'getBookHistory'
type BookRoutes = Pick<ReturnType<Routes<typeof mes, Own>>, Names>

type Fail = (code: 'bookNotRight', detail?: string, extensions?: Record<string, unknown>) => never

/** Ends the operation unless prices can be made from the book. */
function demandRight(book: PriceBook, fail: Fail): void {
  const problems = checkBook(book)
  if (problems.length === 0) return
  fail('bookNotRight', problems[0]!.message, {
    errors: problems.slice(0, 50).map(({ path, message }) => ({ path: pointerOf(path), message })),
  })
}

async function viewWhole(sql: Sql, stored: StoredBook, now: Date) {
  return { ...viewBook(stored, now), book: (await store.findContent(sql, stored.version))! }
}

/** Runs `work` on a draft whose revision is the one the caller has seen. */
async function withDraft<T>(
  call: Pick<Tools, 'transact'> & {
    readonly params: { readonly version: number }
    readonly ifMatch?: string
    readonly fail: (code: 'notFound' | 'bookPublished') => never
  },
  work: (tx: Tx, draft: StoredBook) => Promise<T>,
): Promise<T> {
  return call.transact(async (tx) => {
    const draft = await store.lockBook(tx, call.params.version)
    if (!draft) return call.fail('notFound')
    if (draft.publishedAt) return call.fail('bookPublished')
    return work(tx, draft)
  })
}

export const bookRoutes = (own: Own): BookRoutes => ({
  getBookInForce: async ({ sql, now }) => {
    const { version, book } = await own.shelf.inForce(sql, now())
    return { version, book }
  },

  listBooks: async ({ sql, query, now }) => {
    const limit = query.limit ?? 25
    const before = query.cursor ? Number(decodeCursor(query.cursor, 1)[0]) : undefined
    const found = await store.listBooks(sql, {
      limit,
      now: now(),
      ...(before ? { before } : {}),
      ...(query.state ? { state: query.state } : {}),
    })
    const page = found.slice(0, limit)
    return {
      items: page.map((stored) => viewBook(stored, now())),
      ...(found.length > limit ? { next: encodeCursor([page.at(-1)!.version]) } : {}),
    }
  },

  createBook: async ({ transact, body, caller, now, fail }) => {
    if (body.book) demandRight(body.book, fail)
    return transact(async (tx) => {
      await store.lockBooks(tx)
      if ((await store.countDrafts(tx)) >= MAX_DRAFTS)
        return fail('tooManyDrafts', `There may be ${MAX_DRAFTS} drafts.`)
      const from = body.from ?? (await own.shelf.inForce(tx, now())).version
      const book = body.book ?? (await store.findContent(tx, from))
      if (!book) return fail('notFound', `There is no version ${from} to copy.`)
      const stored = await store.insertBook(tx, { note: body.note, book, by: caller.id, at: now() })
      const { version } = stored
      await store.noteChange(tx, { version, at: now(), by: caller.id, change: 'created', paths: [] })
      return { ...viewBook(stored, now()), book }
    })
  },

  getBook: async ({ sql, params, now, fail }) => {
    const stored = await store.findBook(sql, params.version)
    return stored ? viewWhole(sql, stored, now()) : fail('notFound')
  },

  updateBook: (call) =>
    withDraft(call, async (tx, draft) => {
      const { body, params, ifMatch, caller, now, fail } = call
      if (ifMatch !== String(draft.revision)) return fail('preconditionFailed')
      demandRight(body.book, fail)
      const before = (await store.findContent(tx, params.version))!
      await store.saveBook(tx, params.version, body.note, body.book)
      const paths = changedPaths(before, body.book)
      const { version } = draft
      await store.noteChange(tx, { version, at: now(), by: caller.id, change: 'edited', paths })
      return viewWhole(tx, (await store.findBook(tx, params.version))!, now())
    }),

  removeBook: (call) =>
    withDraft(call, async (tx, { version }) => {
      await store.removeBook(tx, version)
    }),

  publishBook: async ({ transact, params, body, ifMatch, caller, now, fail }) =>
    transact(async (tx) => {
      await store.lockBooks(tx)
      const stored = await store.lockBook(tx, params.version)
      if (!stored) return fail('notFound')
      if (ifMatch !== String(stored.revision)) return fail('preconditionFailed')
      const at = now()
      const from = body.validFrom ? new Date(body.validFrom) : at
      const until = body.validUntil ? new Date(body.validUntil) : null
      const trouble = checkPeriod(from, until ?? undefined, at)
      if (trouble) return fail('bookPeriodNotRight', trouble)
      // Rules may have grown stricter since it was saved.
      demandRight((await store.findContent(tx, params.version))!, fail)
      await putIntoForce(tx, params.version, { from, until }, caller.id, at)
      return viewBook((await store.findBook(tx, params.version))!, at)
    }),

  previewBook: async ({ sql, params, now, fail }) => {
    const after = await store.findContent(sql, params.version)
    if (!after) return fail('notFound')
    const { version, book } = await own.shelf.inForce(sql, now())
    return { currency: after.currency, against: version, items: previewOf(book, after) }
  },

  getBookHistory: async ({ sql, params, fail }) => {
    const stored = await store.findBook(sql, params.version)
    if (!stored) return fail('notFound')
    const changes = await store.listChanges(sql, params.version)
    return {
      createdAt: stored.createdAt.toISOString(),
      items: changes.map(({ at, by, change, paths }) => ({
        at: at.toISOString(),
        ...(by ? { by } : {}),
        change,
        paths,
      })),
    }
  },
})
