import { on } from '@pleiad/platform/service'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import type { OrderState } from './contract-schemas.ts'
import { calledOff, concernsOffice, ended } from './orders.ts'
import { tellDesks } from './service-desks.ts'
import * as customers from './store-customers.ts'
import * as orders from './store-orders.ts'

const ends = { ended, calledOff }

export const handlers = {
  placeOrder: on(
    shop,
    'order.created',
    async (call) => {
      const { tx, event } = call
      const { customer, lines, dueAt, createdAt, note, ...order } = event.data
      const { userId, name, email, language, company, phone } = customer
      const known = {
        customerId: userId,
        name,
        email,
        language,
        company: company ?? null,
        phone: phone ?? null,
        currency: order.currency,
        at: new Date(createdAt),
      }
      await orders.placeOrder(
        tx,
        {
          ...order,
          customerId: userId,
          customerName: company ? `${name}, ${company}` : name,
          lines: lines.map(
            ({ lineId, kind, modelId, version, options, sku, quantity, unitPrice, total, ...line }) => ({
              lineId,
              kind,
              name: line.name,
              ...(modelId === undefined ? {} : { modelId }),
              ...(version === undefined ? {} : { version }),
              ...(options === undefined ? {} : { options }),
              ...(sku === undefined ? {} : { sku }),
              quantity,
              unitPrice,
              total,
            }),
          ),
          note: note ?? null,
          dueAt: new Date(dueAt),
          createdAt: new Date(createdAt),
        },
        [email],
      )
      customers.changeCustomer(tx, userId, ends, [known])
      tellDesks(tx, call, order.orderId)
    },
    { ordered: true },
  ),

  followState: on(
    shop,
    'order.changed',
    async (call) => {
      const { tx, event } = call
      const { orderId, state, at } = event.data
      if (!concernsOffice(event.data)) return
      const customerId = await orders.changeState(tx, orderId, state as OrderState, new Date(at))
      if (!customerId) return
      customers.changeCustomer(tx, customerId, ends)
      tellDesks(tx, call, orderId)
    },
    { ordered: true },
  ),

  learnRefusal: on(
    shop,
    'order.confirmation.refused',
    async (call) => {
      const { tx, event } = call
      const { orderId, event: type, reason } = event.data
      if (type !== 'order.confirmed' && type !== 'order.rejected') return
      await orders.saveRefusal(tx, orderId, reason)
      tellDesks(tx, call, orderId)
    },
    { ordered: true },
  ),

  learnName: on(users, 'user.created', ({ tx, event }) => customers.savePerson(tx, event.data), {
    ordered: true,
  }),
  followName: on(users, 'user.updated', ({ tx, event }) => customers.savePerson(tx, event.data), {
    ordered: true,
  }),
  forgetPerson: on(users, 'user.deleted', ({ tx, event }) => customers.erasePerson(tx, event.data.userId)),
}
