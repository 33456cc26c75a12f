/** Customers, tags, notes. */
import type { customerOperations } from './contract-customers.ts'
import { idFrom, type Part, pageFrom, placeFrom } from './routes-part.ts'
import { boundsOf } from './segments.ts'
import * as store from './store-customers.ts'
import { findOrder } from './store-orders.ts'
import { findSegment } from './store-tasks.ts'

type Operations = typeof customerOperations
type Named =
  | 'listCustomers'
  | 'getCustomer'
  | 'tagCustomer'
  | 'listTags'
  | 'listNotes'
  | 'addNote'
  | 'removeNote'

export const customerRoutes: Part<Pick<Operations, Named>> = {
  async listCustomers({ sql, query, now, fail }) {
    const { limit = 25, cursor, segmentId, search, tag } = query
    const segment = segmentId === undefined ? undefined : await findSegment(sql, segmentId)
    if (segmentId !== undefined && !segment) return fail('segmentNotFound')
    const place = placeFrom(cursor)
    const rows = await store.listCustomers(sql, {
      ...(search === undefined ? {} : { search }),
      ...(tag === undefined ? {} : { tag }),
      ...(segment ? { bounds: boundsOf(segment.rules, now()) } : {}),
      ...(place ? { after: { at: new Date(place.at), customerId: place.id } } : {}),
      limit,
    })
    return pageFrom(
      rows,
      limit,
      (customer) => customer,
      ({ lastOrderAt, customerId }) => [lastOrderAt, customerId],
    )
  },

  async getCustomer({ sql, params, fail }) {
    return (await store.findCustomer(sql, params.customerId)) ?? fail('notFound')
  },

  tagCustomer: ({ transact, params, body, ifMatch, fail }) =>
    transact(async (tx) => {
      const customer = await store.findCustomer(tx, params.customerId)
      if (!customer) return fail('notFound')
      if (ifMatch !== String(customer.version)) return fail('preconditionFailed')
      const saved = await store.setTags(tx, params.customerId, body.tags, customer.version)
      return saved ?? fail('preconditionFailed')
    }),

  listTags: async ({ sql }) => ({ items: await store.listTags(sql) }),

  async listNotes({ sql, params, query, fail }) {
    if (!(await store.findCustomer(sql, params.customerId))) return fail('notFound')
    const { limit = 25, orderId } = query
    const cursor = idFrom(query.cursor)
    const rows = await store.listNotes(sql, params.customerId, {
      ...(orderId === undefined ? {} : { orderId }),
      ...(cursor === undefined ? {} : { cursor }),
      limit,
    })
    return pageFrom(
      rows,
      limit,
      (note) => note,
      ({ noteId }) => [noteId],
    )
  },

  addNote: ({ transact, params, body, caller, newId, now, fail }) =>
    transact(async (tx) => {
      const { customerId } = params
      if (!(await store.findCustomer(tx, customerId))) return fail('notFound')
      if (body.orderId !== undefined && (await findOrder(tx, body.orderId))?.customerId !== customerId)
        return fail('notTheirOrder')
      return store.insertNote(tx, customerId, {
        noteId: newId(),
        text: body.text.trim(),
        orderId: body.orderId ?? null,
        authorId: caller.id,
        at: now(),
      })
    }),

  removeNote: ({ transact, params, caller, fail }) =>
    transact(async (tx) => {
      if (!(await store.deleteNote(tx, params.noteId, caller.id))) fail('notFound')
    }),
}
