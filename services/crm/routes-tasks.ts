/** Tasks and segments. */
import type { customerOperations } from './contract-customers.ts'
import { type Part, pageFrom, placeFrom } from './routes-part.ts'
import { findCustomer, isKnown } from './store-customers.ts'
import { findOrder } from './store-orders.ts'
import * as store from './store-tasks.ts'

const MAX_SEGMENTS = 100

type Operations = typeof customerOperations
type Named =
  | 'listTasks'
  | 'createTask'
  | 'updateTask'
  | 'removeTask'
  | 'listSegments'
  | 'createSegment'
  | 'updateSegment'
  | 'removeSegment'

export const taskRoutes: Part<Pick<Operations, Named>> = {
  async listTasks({ sql, query, caller }) {
    const { limit = 25, cursor, done = false, mine, customerId, orderId } = query
    const place = placeFrom(cursor)
    const rows = await store.listTasks(sql, {
      done,
      ...(mine ? { assigneeId: caller.id } : {}),
      ...(customerId === undefined ? {} : { customerId }),
      ...(orderId === undefined ? {} : { orderId }),
      ...(place ? { after: { at: place.at, taskId: place.id } } : {}),
      limit,
    })
    return pageFrom(
      rows,
      limit,
      (task) => task,
      ({ taskId, dueAt, doneAt }) => [(done ? doneAt : dueAt) ?? 'infinity', taskId],
    )
  },

  createTask: ({ transact, body, caller, newId, now, fail }) =>
    transact(async (tx) => {
      const order = body.orderId === undefined ? undefined : await findOrder(tx, body.orderId)
      const customerId = body.customerId ?? order?.customerId
      if (body.orderId !== undefined && order?.customerId !== customerId) return fail('notTheirOrder')
      if (customerId !== undefined && !(await findCustomer(tx, customerId))) return fail('notFound')
      if (body.assigneeId !== undefined && !(await isKnown(tx, body.assigneeId)))
        return fail('assigneeNotFound')
      return store.insertTask(tx, {
        taskId: newId(),
        title: body.title.trim(),
        customerId: customerId ?? null,
        orderId: body.orderId ?? null,
        assigneeId: body.assigneeId ?? null,
        dueAt: body.dueAt === undefined ? null : new Date(body.dueAt),
        createdBy: caller.id,
        createdAt: now(),
      })
    }),

  updateTask: ({ transact, params, body, ifMatch, now, fail }) =>
    transact(async (tx) => {
      const task = await store.lockTask(tx, params.taskId)
      if (!task) return fail('notFound')
      if (ifMatch !== String(task.version)) return fail('preconditionFailed')
      const { assigneeId, dueAt, doneAt, ...kept } = task
      const assignee = body.assigneeId === undefined ? assigneeId : (body.assigneeId ?? undefined)
      if (body.assigneeId && !(await isKnown(tx, body.assigneeId))) return fail('assigneeNotFound')
      const due = body.dueAt === undefined ? dueAt : (body.dueAt ?? undefined)
      const done = body.done === undefined ? doneAt : body.done ? (doneAt ?? now().toISOString()) : undefined
      return store.saveTask(tx, {
        ...kept,
        title: body.title?.trim() ?? kept.title,
        ...(assignee === undefined ? {} : { assigneeId: assignee }),
        ...(due === undefined ? {} : { dueAt: due }),
        ...(done === undefined ? {} : { doneAt: done }),
      })
    }),

  removeTask: ({ transact, params, fail }) =>
    transact(async (tx) => {
      if (!(await store.deleteTask(tx, params.taskId))) fail('notFound')
    }),

  listSegments: async ({ sql }) => ({ items: await store.listSegments(sql, MAX_SEGMENTS) }),

  createSegment: ({ transact, body, newId, fail }) =>
    transact(async (tx) => {
      if ((await store.countSegments(tx)) >= MAX_SEGMENTS) return fail('tooManySegments')
      return store.insertSegment(tx, { segmentId: newId(), name: body.name.trim(), rules: body.rules })
    }),

  updateSegment: ({ transact, params, body, ifMatch, fail }) =>
    transact(async (tx) => {
      const { segmentId } = params
      if (!(await store.findSegment(tx, segmentId))) return fail('notFound')
      const saved = await store.saveSegment(tx, {
        segmentId,
        name: body.name.trim(),
        rules: body.rules,
        version: Number(ifMatch),
      })
      return saved ?? fail('preconditionFailed')
    }),

  removeSegment: ({ transact, params, fail }) =>
    transact(async (tx) => {
      if (!(await store.deleteSegment(tx, params.segmentId))) fail('notFound')
    }),
}
