import { Models } from '@pleiad/editor/rpc'
import { Files } from '@pleiad/files/rpc'
import { defineService } from '@pleiad/platform/service'
import { Orders } from '@pleiad/shop/rpc'
import { partners } from './contract.ts'
import { handlers } from './handlers.ts'
import { routes } from './routes.ts'
import { settings } from './settings.ts'
import { purge } from './store.ts'

const LOG_MS = 30 * 86_400_000
const MINUTES_MS = 3_600_000
const PURGED_AT_ONCE = 5_000

export default defineService({
  contract: partners,
  url: import.meta.url,
  settings,
  metrics: { calls: { description: 'Calls of partners', labels: ['operation', 'result'] } },
  routes,
  handlers,
  calls: [Files, Models, Orders],
  jobs: {
    purge: {
      description: 'Forgets calls that the log has kept for thirty days',
      schedule: '50 * * * *',
      run: async ({ tx, now }) => {
        const before = (milliseconds: number) => new Date(now().getTime() - milliseconds)
        await purge(tx, before(LOG_MS), before(MINUTES_MS), PURGED_AT_ONCE)
      },
    },
  },
})
