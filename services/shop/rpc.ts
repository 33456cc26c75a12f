/** The RPC of `shop.proto`: orders for the partners' API. */
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import type { Tools } from '@pleiad/platform/service'
import type { OrderCustomer } from './contract-schemas.ts'
import { orderStates } from './contract-states.ts'
import { checkOptions } from './options.ts'
import { deliveryChoice, invalid, optionsOf, partnerOf, text, uuid } from './rpc-input.ts'
import type { Cause } from './service-announce.ts'
import { pricesNow } from './service-carts.ts'
import { deliveryOf, insert, newOrder, placeQuote, settle } from './service-checkout.ts'
import { command } from './service-orders.ts'
import { pricedBy, priceFor } from './service-prices.ts'
import { Orders, type Partner } from './shop_pb.ts'
import { findCatalogue, findModel } from './store-catalogue.ts'
import * as store from './store-orders.ts'

const MAX_LINES = 50
const PRODUCTION = 'production'

const notNow = (message: string) => new ConnectError(message, Code.FailedPrecondition)
const notThere = () => new ConnectError('there is no such order', Code.NotFound)
const seconds = (date: Date | undefined) => BigInt(date ? Math.floor(date.getTime() / 1000) : 0)

function lineMessage(line: store.StoredLine) {
  const { options, problem } = line
  return {
    lineId: line.lineId,
    ...(options ? { part: { ...options, modelId: line.modelId ?? '', version: line.version ?? 0 } } : {}),
    name: line.name,
    priceState: line.priceState,
    unitPrice: BigInt(line.unitPrice ?? 0),
    total: BigInt(line.total ?? 0),
    problemCode: problem?.code ?? '',
    problemDetail: problem?.detail ?? '',
  }
}

function orderMessage(order: store.StoredOrder, lines: readonly store.StoredLine[]) {
  return {
    orderId: order.orderId,
    number: order.number,
    state: order.state,
    lines: lines.map(lineMessage),
    currency: order.currency,
    total: BigInt(order.total ?? 0),
    priced: order.total !== undefined,
    validUntil: seconds(order.validUntil),
    dueAt: seconds(order.dueAt),
    createdAt: seconds(order.createdAt),
    updatedAt: seconds(order.updatedAt),
    paymentMethod: order.paymentMethod,
    paymentState: order.paymentState,
    reason: order.reason ?? '',
    carrier: order.tracking?.carrier ?? '',
    tracking: order.tracking?.number ?? '',
    test: order.test,
    deliveryPrice: BigInt(order.delivery?.price ?? 0),
  }
}

export function addRpc(router: ConnectRouter, tools: Tools): void {
  const { sql, transact } = tools

  async function find(partner: Partner | undefined, orderId: string) {
    const { projectId, environment } = partnerOf(partner)
    const order = await store.findOrder(sql, uuid(orderId, 'order_id'))
    if (!order || order.projectId !== projectId || order.environment !== environment) throw notThere()
    return { order: orderMessage(order, await store.listLines(sql, order.orderId)) }
  }

  /** Works on an order of the partner that is locked. */
  function withOrder(
    partner: Partner | undefined,
    orderId: string,
    work: (
      tx: Parameters<Parameters<Tools['transact']>[0]>[0],
      order: store.StoredOrder,
      lines: readonly store.StoredLine[],
      cause: Cause,
    ) => Promise<store.StoredOrder>,
  ) {
    const { projectId, environment, cause } = partnerOf(partner)
    const id = uuid(orderId, 'order_id')
    return transact(async (tx) => {
      const order = await store.lockOrder(tx, id)
      if (!order || order.projectId !== projectId || order.environment !== environment) throw notThere()
      const lines = await store.listLines(tx, id)
      return { order: orderMessage(await work(tx, order, lines, cause), lines) }
    })
  }

  router.service(Orders, {
    requestQuote: async ({ partner, key, lines: wanted }) => {
      const { projectId, environment, ownerId, cause } = partnerOf(partner)
      text(key, 'key', 200, 1)
      if (wanted.length === 0 || wanted.length > MAX_LINES) throw invalid(`lines: 1 to ${MAX_LINES}`)
      const parts = wanted.map((part) => ({ part, options: optionsOf(part) }))
      const catalogue = await findCatalogue(sql)
      for (const [index, { options }] of parts.entries()) {
        const [wrong] = checkOptions(options, catalogue)
        if (wrong)
          throw invalid(`lines[${index}] ${wrong.path.replace('/body/options/', '')} ${wrong.message}`)
      }
      const known = async () => {
        const order = await store.findOfPartnerKey(sql, projectId, environment, key)
        return order && { order: orderMessage(order, await store.listLines(sql, order.orderId)) }
      }
      const earlier = await known()
      if (earlier) return earlier
      const made = await transact(async (tx) => {
        const { bookVersion, currency } = await pricesNow(tools, tx)
        const orderId = tools.newId()
        const lines: store.StoredLine[] = []
        for (const [index, { part, options }] of parts.entries()) {
          const modelId = uuid(part.modelId, `lines[${index}].model_id`)
          const model = await findModel(tx, ownerId, modelId, part.version > 0 ? part.version : undefined)
          if (!model) throw notNow(`lines[${index}]: the model is not ready, or is not the project’s`)
          const price = await priceFor(tools, tx, model, options, bookVersion, 'partner')
          lines.push({
            lineId: tools.newId(),
            orderId,
            kind: 'made',
            name: model.name,
            modelId,
            version: model.version,
            fileId: model.fileId,
            options,
            quantity: options.quantity,
            requestId: price.requestId,
            ...pricedBy(price, options.quantity),
          })
        }
        const draft = await newOrder(tools, tx, {
          orderId,
          channel: 'partner',
          projectId,
          environment,
          test: environment !== PRODUCTION,
          partnerKey: key,
          customerId: ownerId,
          customer: { userId: ownerId, name: '', email: '', language: 'en' },
          currency,
        })
        if (!(await insert(tools, tx, draft, lines, cause))) throw new RepeatedKey()
        return { order: orderMessage(await settle(tools, tx, draft, lines), lines) }
      }).catch((error: unknown) => {
        if (error instanceof RepeatedKey) return undefined
        throw error
      })
      return made ?? (await known())!
    },

    getQuote: ({ partner, quoteId }) => find(partner, quoteId),
    getOrder: ({ partner, orderId }) => find(partner, orderId),

    placeOrder: ({ partner, quoteId, customer, deliveryMethod, address, note }) =>
      withOrder(partner, quoteId, async (tx, quote, lines, cause) => {
        if (quote.placedAt) return quote
        if (quote.state === 'draft') throw notNow('the quote has no prices yet')
        if (quote.state !== 'quoted') throw notNow(`the quote is ${quote.state}`)
        if (quote.validUntil! <= tools.now()) throw notNow('the quote is not valid any more')
        if (!customer) throw invalid('customer is missing')
        const { company, phone, language } = customer
        if (language !== 'en' && language !== 'ru' && language !== '')
          throw invalid('customer.language is en or ru')
        if (!/^[^@\s]{1,64}@[^@\s]{1,189}$/.test(customer.email))
          throw invalid('customer.email is not an e-mail address')
        const whole: OrderCustomer = {
          userId: quote.customerId,
          name: text(customer.name, 'customer.name', 120, 1),
          email: customer.email,
          language: language || 'en',
          ...(company === '' ? {} : { company: text(company, 'customer.company', 160) }),
          ...(phone === '' ? {} : { phone: text(phone, 'customer.phone', 40) }),
        }
        const delivery = deliveryOf(tools, deliveryChoice(deliveryMethod, address))
        if (!delivery) throw invalid('address is missing')
        const placing = {
          customer: whole,
          delivery,
          payment: 'invoice',
          note: text(note, 'note', 2000),
        } as const
        const order = await placeQuote(tools, tx, quote, lines, placing, cause)
        if (!order) throw notNow('the quote cannot be ordered now')
        return order
      }),

    cancelOrder: ({ partner, orderId, reason }) =>
      withOrder(partner, orderId, async (tx, order, lines, cause) => {
        if (order.state === 'cancelled') return order
        const why = text(reason, 'reason')
        const done = await command(tools, tx, order, lines, 'cancel', {
          ...cause,
          ...(why === '' ? {} : { reason: why }),
        })
        if (done.refused !== undefined) throw notNow(done.refused)
        return done.order
      }),

    listOrders: async ({ partner, state, limit, cursor }) => {
      const { projectId, environment } = partnerOf(partner)
      if (state !== '' && !orderStates.some((known) => known === state)) throw invalid('state is not known')
      const size = limit === 0 ? 25 : limit
      if (size < 1 || size > 100) throw invalid('limit is 1 to 100')
      let before: string | undefined
      try {
        before = cursor === '' ? undefined : uuid(String(decodeCursor(cursor, 1)[0]), 'cursor')
      } catch {
        throw invalid('cursor is not one of this list')
      }
      const found = await store.listOrders(sql, {
        projectId,
        environment,
        state: state === '' ? undefined : state,
        before,
        limit: size + 1,
      })
      const page = found.slice(0, size)
      const lines = await store.listLinesOf(
        sql,
        page.map((order) => order.orderId),
      )
      return {
        orders: page.map((order) => orderMessage(order, lines.get(order.orderId) ?? [])),
        next: found.length > size ? encodeCursor([page.at(-1)!.orderId]) : '',
      }
    },
  })
}

class RepeatedKey extends Error {}
