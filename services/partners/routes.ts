import { Code, ConnectError } from '@connectrpc/connect'
import { Models } from '@pleiad/editor/rpc'
import { Files } from '@pleiad/files/rpc'
import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import { defineRoutes } from '@pleiad/platform/service'
import { Orders } from '@pleiad/shop/rpc'
import { partners } from './contract.ts'
import { dayOf, minuteOf } from './plans.ts'
import { type Calling, called, partnerOf, planOf, standardPlan } from './service-call.ts'
import { viewModel, viewOrder } from './service-views.ts'
import * as store from './store.ts'

/** Models of partners go by themselves unless they are ordered: as the editor keeps them. */
const MODEL = 'model'

/** A model of the caller's project and environment, as the editor knows it now. */
async function openModel(call: Calling, modelId: string) {
  const { projectId, environment, ownerId } = partnerOf(call)
  const stored = await store.findModel(call.sql, modelId)
  if (stored?.projectId !== projectId || stored.environment !== environment) return undefined
  if (stored.state !== 'known') return viewModel(stored, undefined)
  const found = await call
    .rpc(Models)
    .getModel({ modelId, ownerId })
    .catch((error) => {
      if (error instanceof ConnectError && error.code === Code.NotFound) return { model: undefined }
      throw error
    })
  return viewModel(stored, found.model)
}

export const routes = defineRoutes(partners, () => ({
  createModel: (call) =>
    called(
      call,
      'createModel',
      async () => {
        const { body, newId, now } = call
        const { projectId, environment, ownerId } = partnerOf(call)
        const { fileId, uploadUrl } = await call.rpc(Files).beginUpload({
          file: { ownerId, purpose: MODEL, name: body.name, type: '', deleteAfter: 0n },
          size: BigInt(body.size),
        })
        return call.transact(async (tx) => {
          const model = await store.insertModel(tx, {
            modelId: newId(),
            projectId,
            environment,
            fileId,
            name: body.name,
            unit: body.unit ?? null,
            acceptRepair: body.acceptRepair ?? true,
            createdAt: now(),
          })
          return { model: viewModel(model, undefined), uploadUrl }
        })
      },
      { declared: ['uploadRefused'], about: ({ model }) => model.modelId },
    ),

  getModel: (call) =>
    called(
      call,
      'getModel',
      async () => (await openModel(call, call.params.modelId)) ?? call.fail('notFound'),
      { about: ({ modelId }) => modelId },
    ),

  requestQuote: (call) =>
    called(
      call,
      'requestQuote',
      async () => {
        const { reference, lines } = call.body
        for (const { modelId } of lines) {
          const model = await openModel(call, modelId)
          if (!model) return call.fail('requestNotRight', `There is no model ${modelId}.`)
          if (model.state !== 'ready' && model.state !== 'repaired')
            return call.fail('modelNotUsable', `${model.name} is ${model.state}.`, { modelId })
        }
        const { order } = await call.rpc(Orders).requestQuote({
          partner: partnerOf(call),
          key: reference,
          lines: lines.map(({ infillPercent, supports, ...line }) => ({
            ...line,
            version: 0,
            infillPercent: line.technology === 'fdm' ? (infillPercent ?? 20) : 100,
            supports: supports ?? 'auto',
          })),
        })
        return viewOrder(order!)
      },
      {
        counted: 'quotes',
        declared: ['requestNotRight', 'orderRefused'],
        about: ({ orderId }) => orderId,
      },
    ),

  placeOrder: (call) =>
    called(
      call,
      'placeOrder',
      async () => {
        const { quoteId, customer, delivery, note } = call.body
        const { address } = delivery
        const { order } = await call.rpc(Orders).placeOrder({
          partner: partnerOf(call),
          quoteId,
          customer: {
            name: customer.name,
            email: customer.email,
            company: customer.company ?? '',
            phone: customer.phone ?? '',
            language: customer.language ?? 'en',
          },
          deliveryMethod: delivery.method,
          ...(address ? { address: { ...address, phone: address.phone ?? '' } } : {}),
          note: note ?? '',
        })
        return viewOrder(order!)
      },
      {
        counted: 'orders',
        declared: ['requestNotRight', 'orderRefused'],
        about: ({ orderId }) => orderId,
      },
    ),

  listOrders: (call) =>
    called(
      call,
      'listOrders',
      async () => {
        const { state = '', limit = 25, cursor = '' } = call.query
        const { orders, next } = await call
          .rpc(Orders)
          .listOrders({ partner: partnerOf(call), state, limit, cursor })
        return { items: orders.map(viewOrder), ...(next === '' ? {} : { next }) }
      },
      { declared: ['requestNotRight'] },
    ),

  getOrder: (call) =>
    called(
      call,
      'getOrder',
      async () => {
        const { orderId } = call.params
        return viewOrder((await call.rpc(Orders).getOrder({ partner: partnerOf(call), orderId })).order!)
      },
      { about: ({ orderId }) => orderId },
    ),

  cancelOrder: (call) =>
    called(
      call,
      'cancelOrder',
      async () => {
        const { orderId } = call.params
        const reason = call.body.reason ?? ''
        const { order } = await call.rpc(Orders).cancelOrder({ partner: partnerOf(call), orderId, reason })
        return viewOrder(order!)
      },
      { declared: ['orderRefused'], about: ({ orderId }) => orderId },
    ),

  getUsage: async (call) => {
    const { sql, params, now } = call
    const days = await store.listDays(sql, params)
    const today = days.find(({ day }) => day === dayOf(now()))
    return {
      plan: await planOf(call, params.projectId),
      spent: {
        requests: await store.callsOfMinute(sql, params.projectId, minuteOf(now())),
        ...(await store.spentOf(sql, params.projectId, dayOf(now()))),
      },
      today: { quotes: today?.quotes ?? 0, orders: today?.orders ?? 0 },
      days,
    }
  },

  listLogs: async ({ sql, params, query }) => {
    const limit = query.limit ?? 25
    const cursor = query.cursor === undefined ? undefined : String(decodeCursor(query.cursor, 1)[0])
    const found = await store.listLogs(sql, params, {
      failed: query.failed,
      operation: query.operation,
      cursor,
      limit,
    })
    const page = found.slice(0, limit)
    return {
      items: page.map(({ about, at, ...entry }) => ({
        ...entry,
        at: at.toISOString(),
        ...(about === null ? {} : { about }),
      })),
      ...(found.length > limit ? { next: encodeCursor([page.at(-1)!.logId]) } : {}),
    }
  },

  listPlans: async (call) => {
    const { sql, query, now } = call
    const limit = query.limit ?? 25
    const cursor = query.cursor === undefined ? undefined : String(decodeCursor(query.cursor, 1)[0])
    const found = await store.listPlans(sql, { day: dayOf(now()), cursor, limit })
    const page = found.slice(0, limit)
    return {
      standard: standardPlan(call),
      items: page.map(({ quotes, orders, ...plan }) => ({ ...plan, today: { quotes, orders } })),
      ...(found.length > limit ? { next: encodeCursor([page.at(-1)!.projectId]) } : {}),
    }
  },

  setPlan: ({ transact, params, body }) =>
    transact(async (tx) => {
      await store.savePlan(tx, params.projectId, body)
      return body
    }),

  removePlan: ({ transact, params }) => transact((tx) => store.removePlan(tx, params.projectId)),
}))
