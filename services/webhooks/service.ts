import { defineService } from '@pleiad/platform/service'
import { webhooks } from './contract.ts'
import { belongsTo } from './endpoints.ts'
import { handlers } from './handlers.ts'
import { routes } from './routes.ts'
import { type Courier, startCourier } from './service-courier.ts'
import { settings, type WebhooksConfig } from './settings.ts'
import { purgeMessages } from './store-deliveries.ts'

const DAY_MS = 86_400_000
const PURGED_AT_ONCE = 5_000

export default defineService<typeof webhooks, typeof settings, Courier>({
  contract: webhooks,
  url: import.meta.url,
  settings,
  metrics: {
    deliveries: { description: 'Attempts to deliver: delivered, postponed, failed', labels: ['result'] },
  },
  sealed: [
    { table: 'endpoints', id: 'endpoint_id', column: 'secret', belongsTo },
    { table: 'endpoints', id: 'endpoint_id', column: 'previous_secret', belongsTo },
  ],
  start: (tools) => startCourier(tools),
  stop: (courier) => courier.close(),
  routes,
  handlers,
  jobs: {
    purge: {
      description: 'Forgets deliveries that the log has kept for long enough',
      schedule: '40 * * * *',
      run: async ({ tx, now, config }) => {
        const { WEBHOOK_LOG_DAYS } = config as WebhooksConfig
        await purgeMessages(tx, new Date(now().getTime() - WEBHOOK_LOG_DAYS * DAY_MS), PURGED_AT_ONCE)
      },
    },
  },
})
