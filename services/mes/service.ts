import { defineService } from '@pleiad/platform/service'
import { mes } from './contract.ts'
import { handlers } from './handlers.ts'
import { jobs } from './jobs.ts'
import { viewJob } from './requests.ts'
import { routes } from './routes.ts'
import { addRpc } from './rpc.ts'
import { createOwn, type Own } from './service-own.ts'
import { settings } from './settings.ts'
import { listJobs } from './store-jobs.ts'

const EXPORTED = 10_000

export default defineService<typeof mes, typeof settings, Own>({
  contract: mes,
  url: import.meta.url,
  settings,
  metrics: {
    jobs: {
      description: 'Price requests that were decided: priced, pricedByHand, human, refused, cancelled',
      labels: ['lane', 'result'],
    },
    wait_seconds: {
      description: 'Seconds that price requests waited before they were worked on',
      labels: ['lane'],
    },
    work_seconds: { description: 'Seconds that workers had price requests in hand', labels: ['lane'] },
    taken_over: { description: 'Price requests taken over from workers that fell silent' },
    late_answers: { description: 'Answers of workers that came after their lease, and were ignored' },
  },
  start: createOwn,
  stop: ({ bell }) => bell.close(),
  routes,
  handlers,
  jobs,
  rpc: addRpc,
  personalData: async ({ sql }, _own, userId) => {
    const found = await listJobs(sql, userId, { limit: EXPORTED })
    return found.length > 0 ? { priceRequests: found.map((job) => viewJob(job)) } : undefined
  },
})
