import { crm } from '@pleiad/crm/contract'
import { on, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { stopRunning, tellBoards } from './service-steps.ts'
import { erasePerson, savePerson } from './store-floor.ts'
import * as orders from './store-orders.ts'
import { insertWorks, saveWork, worksOfOrder } from './store-work.ts'
import { worksOf } from './work.ts'

type Call = Tools & { readonly tx: Tx }

/** Makes the works of an order once it is placed and confirmed, in whichever order that was heard. */
async function begin(call: Call, orderId: string): Promise<void> {
  const { tx, newId, now } = call
  const order = (await orders.lockOrder(tx, orderId))!
  if (!order.placed || !order.confirmed || order.calledOff || order.stage !== 'waiting') return
  const works = worksOf(order.lines).map((work) => ({ ...work, workId: newId() }))
  await insertWorks(tx, orderId, works, order.dueAt, now())
  await orders.saveStage(tx, orderId, 'queued')
  tellBoards(tx, call, 'confirmed', { orderId })
}

/** Withdraws what is not done; what runs stops. */
async function callOff(call: Call, orderId: string): Promise<void> {
  const { tx, now } = call
  const order = await orders.holdOrder(tx, orderId)
  if (order.calledOff) return
  await orders.saveCalledOff(tx, orderId)
  for (const work of await worksOfOrder(tx, orderId)) {
    if (work.state === 'finished' || work.state === 'withdrawn') continue
    const stopped = await stopRunning(tx, call, work, now())
    await saveWork(tx, work, { ...stopped, state: 'withdrawn' })
  }
  if (order.stage !== 'waiting') tellBoards(tx, call, 'withdrawn', { orderId })
}

export const handlers = {
  placeOrder: on(
    shop,
    'order.created',
    async (call) => {
      const { orderId, number, customer, lines, delivery, dueAt } = call.event.data
      await orders.holdOrder(call.tx, orderId)
      await orders.savePlaced(call.tx, orderId, {
        number,
        customerId: customer.userId,
        customerName: customer.company ?? customer.name,
        lines,
        delivery,
        dueAt: new Date(dueAt),
      })
      await begin(call, orderId)
    },
    { ordered: true },
  ),

  confirmOrder: on(
    crm,
    'order.confirmed',
    async (call) => {
      const { orderId, note, dueAt } = call.event.data
      await orders.holdOrder(call.tx, orderId)
      await orders.saveConfirmed(call.tx, orderId, note ?? null, dueAt === undefined ? null : new Date(dueAt))
      await begin(call, orderId)
    },
    { ordered: true },
  ),

  withdrawOrder: on(shop, 'order.cancelled', (call) => callOff(call, call.event.data.orderId), {
    ordered: true,
  }),

  followState: on(
    shop,
    'order.changed',
    async (call) => {
      const { tx, now } = call
      const { orderId, state, previous, test } = call.event.data
      if (test || previous === 'draft' || previous === 'quoted') return
      if (state === 'cancelled' || state === 'rejected') return callOff(call, orderId)
      // The shop's own staff or the customer said that it arrived, or came back.
      if (state !== 'delivered' && state !== 'returned') return
      const order = await orders.holdOrder(tx, orderId)
      if (order.stage === 'shipped' || (state === 'returned' && order.stage === 'delivered')) {
        await orders.saveStage(tx, orderId, state, state === 'delivered' ? { deliveredAt: now() } : {})
        tellBoards(tx, call, 'order', { orderId })
      }
    },
    { ordered: true },
  ),

  learnName: on(users, 'user.created', ({ tx, event }) => savePerson(tx, event.data), { ordered: true }),
  followName: on(users, 'user.updated', ({ tx, event }) => savePerson(tx, event.data), { ordered: true }),
  forgetPerson: on(users, 'user.deleted', ({ tx, event }) => erasePerson(tx, event.data.userId)),
}
