import { defineService } from '@pleiad/platform/service'
import { crm } from './contract.ts'
import { handlers } from './handlers.ts'
import { routes } from './routes.ts'
import { findCustomer } from './store-customers.ts'
import { listOrders, messagesBy, viewOrder } from './store-orders.ts'

/** An export is one answer: the newest of each. */
const EXPORTED = 1_000

export default defineService({
  contract: crm,
  url: import.meta.url,
  constraints: { segments_name: 'segmentNameTaken' },
  metrics: { decisions: { description: 'What the office said to orders', labels: ['decision'] } },
  routes,
  handlers,
  personalData: async ({ sql }, _own, userId) => {
    const customer = await findCustomer(sql, userId)
    const messages = await messagesBy(sql, userId, EXPORTED)
    if (!customer && messages.length === 0) return undefined
    const orders = await listOrders(sql, { customerId: userId, limit: EXPORTED })
    return { customer, orders: orders.map(viewOrder), messages }
  },
})
