/** Events in: models, price books, prices, people, files; those of orders are in `handlers-orders.ts`. */
import { auth } from '@pleiad/auth/contract'
import { editor } from '@pleiad/editor/contract'
import { files } from '@pleiad/files/contract'
import { mes } from '@pleiad/mes/contract'
import { emit, on } from '@pleiad/platform/service'
import { users } from '@pleiad/users/contract'
import { shop } from './contract.ts'
import { orderHandlers } from './handlers-orders.ts'
import { keyOf } from './options.ts'
import { hasEnded } from './orders.ts'
import { priceAnew, tellCart } from './service-carts.ts'
import { priceDrafts } from './service-checkout.ts'
import { noteGone } from './service-files.ts'
import { command, eraseOrder } from './service-orders.ts'
import type { Handling, Own } from './service-own.ts'
import * as carts from './store-carts.ts'
import * as catalogue from './store-catalogue.ts'
import { idsOfCustomer, listLines, lockOrder, saveOrder } from './store-orders.ts'
import { type Answer, answerPrice, insertPrice, type StoredPrice } from './store-prices.ts'

const CARTS_AT_ONCE = 100

interface PriceEvent extends Pick<StoredPrice, 'requestId' | 'ownerId' | 'modelId' | 'version' | 'options'> {
  readonly source: string
}

/** The answer to a request, or a price that came with an upload; the first final one counts. */
async function takePrice(call: Handling<PriceEvent>, answer: Answer): Promise<void> {
  const { tx, event, now } = call
  const { requestId, ownerId, modelId, version, options, source } = event.data
  // Nobody asked: editor announced a model with its options.
  if (source === 'model') {
    const about = { requestId, ownerId, modelId, version, options, optionsKey: keyOf(options) }
    await insertPrice(tx, { ...about, state: 'asked', byHand: false, askedAt: now() })
  }
  if (!(await answerPrice(tx, requestId, answer, now()))) return
  const touched = new Set((await carts.linesAwaiting(tx, requestId)).map(({ cartId }) => cartId))
  for (const cartId of touched) await tellCart(call, tx, cartId)
  await priceDrafts(call, tx, requestId)
}

export const handlers = {
  ...orderHandlers,

  priceCalculated: on<typeof mes, 'order.price.calculated', Own>(mes, 'order.price.calculated', (call) => {
    const { currency, unitPrice, total, breakdown, work, bookVersion, validUntil, byHand } = call.event.data
    return takePrice(call, {
      state: 'calculated',
      currency,
      unitPrice,
      total,
      breakdown,
      bookVersion,
      validUntil: new Date(validUntil),
      byHand,
      ...(work ? { work } : {}),
    })
  }),
  priceDelayed: on<typeof mes, 'order.price.delayed', Own>(mes, 'order.price.delayed', (call) => {
    const { code, detail } = call.event.data.reason
    return takePrice(call, { state: 'delayed', problem: { code, detail } })
  }),
  priceRefused: on<typeof mes, 'order.price.refused', Own>(mes, 'order.price.refused', (call) => {
    const { code, detail } = call.event.data.reason
    return takePrice(call, { state: 'refused', problem: { code, detail } })
  }),

  followBook: on<typeof mes, 'pricebook.published', Own>(mes, 'pricebook.published', async (call) => {
    const { tx, event, now } = call
    const { version: bookVersion, currency, technologies, materials, finishes } = event.data
    const content = { bookVersion, currency, technologies, materials, finishes }
    if (!(await catalogue.saveCatalogue(tx, event.id, content, now()))) return
    emit(tx, shop, 'cart.prices.due', { bookVersion }, { lane: 'low' })
  }),
  priceCarts: on<typeof shop, 'cart.prices.due', Own>(shop, 'cart.prices.due', async (call) => {
    const { tx, event } = call
    const { bookVersion, after } = event.data
    // A still newer book prices everything itself.
    if ((await catalogue.findCatalogue(tx))?.bookVersion !== bookVersion) return
    const lines = await carts.linesOfOtherBooks(tx, bookVersion, after, CARTS_AT_ONCE)
    await priceAnew(call, tx, lines)
    const last = lines.at(-1)
    if (lines.length === CARTS_AT_ONCE && last)
      emit(tx, shop, 'cart.prices.due', { bookVersion, after: last.lineId }, { lane: 'low' })
  }),

  followModel: on<typeof editor, 'model.ready', Own>(editor, 'model.ready', async (call) => {
    const { tx, event } = call
    const { modelId, version, ownerId, name, fileId } = event.data
    if (!(await catalogue.saveModel(tx, { modelId, version, ownerId, name, fileId }))) return
    const lines = await carts.linesOfModel(tx, modelId)
    await priceAnew(
      call,
      tx,
      lines.filter((line) => line.follows && line.version! < version),
      version,
    )
  }),
  forgetModel: on<typeof editor, 'model.deleted', Own>(editor, 'model.deleted', async (call) => {
    const { tx, event, now } = call
    const { modelId } = event.data
    const lines = await carts.linesOfModel(tx, modelId)
    await catalogue.removeModel(tx, modelId, now())
    for (const { cartId, lineId } of lines) await carts.removeCartLine(tx, cartId, lineId)
    for (const cartId of new Set(lines.map((line) => line.cartId))) await tellCart(call, tx, cartId)
  }),
  noteFileGone: on<typeof files, 'file.deleted', Own>(files, 'file.deleted', (call) =>
    noteGone(call, call.tx, call.event.data.fileId, call.event.data.size),
  ),

  followNewUser: on<typeof users, 'user.created', Own>(users, 'user.created', ({ tx, event }) =>
    catalogue.saveUser(tx, event.data),
  ),
  followUser: on<typeof users, 'user.updated', Own>(users, 'user.updated', ({ tx, event }) =>
    catalogue.saveUser(tx, event.data),
  ),
  followRegistration: on<typeof auth, 'account.registered', Own>(
    auth,
    'account.registered',
    ({ tx, event }) => catalogue.saveEmail(tx, event.data.userId, event.data.email),
  ),
  followEmail: on<typeof auth, 'email.changed', Own>(auth, 'email.changed', ({ tx, event }) =>
    catalogue.saveEmail(tx, event.data.userId, event.data.email),
  ),

  // What was never begun is cancelled; what is being made goes on, and loses its names when it has ended.
  forgetPerson: on<typeof users, 'user.deleted', Own>(users, 'user.deleted', async (call) => {
    const { tx, event } = call
    const { userId } = event.data
    await catalogue.eraseCustomer(tx, userId)
    await carts.removeCartsOf(tx, userId)
    for (const orderId of await idsOfCustomer(tx, userId)) {
      const order = await lockOrder(tx, orderId)
      if (!order || order.customerId !== userId) continue
      const reason = 'The customer has left.'
      const lines = await listLines(tx, orderId)
      if (hasEnded(order.state)) await eraseOrder(call, tx, order)
      else {
        const leaving = await saveOrder(tx, { ...order, erase: true }, call.now())
        await command(call, tx, leaving, lines, 'cancel', { actor: 'customer', reason })
      }
    }
  }),
}
