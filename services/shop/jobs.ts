/** What is due by the clock. */
import type { Job, Tools } from '@pleiad/platform/service'
import { applyHeld } from './service-files.ts'
import { command } from './service-orders.ts'
import type { Own } from './service-own.ts'
import { configOf } from './settings.ts'
import { listAbandoned, removeCart } from './store-carts.ts'
import { listExpired, listLines, lockOrder } from './store-orders.ts'
import { purgeEvents } from './store-payments.ts'
import { purgePrices } from './store-prices.ts'
import { releaseCart } from './store-retention.ts'

const DAY_MS = 86_400_000
const AT_ONCE = 200
const PURGED_AT_ONCE = 2000
const PRICES_DAYS = 60
const EVENTS_DAYS = 60

const daysAgo = ({ now }: Pick<Tools, 'now'>, days: number) => new Date(now().getTime() - days * DAY_MS)

export const jobs: Readonly<Record<string, Job<Own>>> = {
  expire: {
    description: 'Ends quotes whose time is over, orders that never got prices, and carts nobody touches',
    schedule: '*/10 * * * *',
    run: async (call) => {
      const { tx, now } = call
      const old = daysAgo(call, configOf(call).SHOP_DRAFT_DAYS)
      for (const orderId of await listExpired(tx, now(), old, AT_ONCE)) {
        const order = await lockOrder(tx, orderId)
        if (!order || (order.state === 'quoted' && order.validUntil! >= now())) continue
        await command(call, tx, order, await listLines(tx, orderId), 'expire', {
          actor: 'system',
          reason: order.state === 'quoted' ? 'The quote’s time is over.' : 'There were no prices in time.',
        })
      }
      for (const { cartId } of await listAbandoned(tx, old, AT_ONCE)) {
        await releaseCart(tx, cartId, now())
        await removeCart(tx, cartId)
      }
    },
  },
  applyRetention: {
    description: 'Tells files what is kept and until when, after a change of the retention or an outage',
    schedule: '* * * * *',
    run: async (call, _own) => {
      for (let rounds = 0; rounds < 20; rounds++) if ((await applyHeld(call, call.tx)) === 0) return
    },
  },
  purge: {
    description: 'Forgets prices that nothing refers to, and webhooks that cannot come again',
    schedule: '25 * * * *',
    run: async (call) => {
      await purgePrices(call.tx, daysAgo(call, PRICES_DAYS), PURGED_AT_ONCE)
      await purgeEvents(call.tx, daysAgo(call, EVENTS_DAYS))
    },
  },
}
