import { Files } from '@pleiad/files/rpc'
import { defineService } from '@pleiad/platform/service'
import { shop } from './contract.ts'
import { handlers } from './handlers.ts'
import { jobs } from './jobs.ts'
import { routes } from './routes.ts'
import { addRpc } from './rpc.ts'
import { showCart } from './service-carts.ts'
import { createInvoiceMount } from './service-invoice.ts'
import { createOwn, type Own } from './service-own.ts'
import { createWebhookMount } from './service-payments.ts'
import { createPictureMount } from './service-pictures.ts'
import { settings } from './settings.ts'
import { findOwnCart } from './store-carts.ts'
import { findCustomer } from './store-catalogue.ts'
import { listOrders } from './store-orders.ts'
import { viewSummary } from './views.ts'

/** More orders than anybody has; an export is one answer. */
const EXPORTED = 10_000

export default defineService<typeof shop, typeof settings, Own>({
  contract: shop,
  url: import.meta.url,
  settings,
  constraints: { items_sku: 'skuTaken' },
  metrics: {
    orders_begun: { description: 'Orders and quotes that were begun', labels: ['channel'] },
    orders_moved: { description: 'Transitions of orders, by the state they led to', labels: ['state'] },
    webhooks_refused: { description: 'Webhooks of payment providers that were not theirs' },
  },
  start: createOwn,
  routes,
  handlers,
  jobs,
  rpc: addRpc,
  calls: [Files],
  mounts: (tools, own) => ({
    '/shop/invoices/': createInvoiceMount(tools, own),
    '/shop/pictures/': createPictureMount(tools),
    '/shop/stripe/': createWebhookMount(tools, own),
  }),
  personalData: async (tools, _own, userId) => {
    const { sql } = tools
    const [customer, cart, orders] = await Promise.all([
      findCustomer(sql, userId),
      findOwnCart(sql, userId),
      listOrders(sql, { customerId: userId, limit: EXPORTED }),
    ])
    if (!customer?.profile && !cart && orders.length === 0) return undefined
    return {
      ...(customer?.profile ? { profile: customer.profile } : {}),
      ...(cart ? { cart: await showCart(tools, sql, cart) } : {}),
      orders: orders.map((order) => ({
        ...viewSummary(order, order.lineCount ?? 0),
        delivery: order.delivery,
        note: order.note,
      })),
    }
  },
})
