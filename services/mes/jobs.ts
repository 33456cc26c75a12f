/** What is due by the clock. */
import type { Job } from '@pleiad/platform/service'
import type { Own } from './service-own.ts'
import { purgeJobs } from './store-jobs.ts'
import { purgeWorks } from './store-models.ts'
import { purgeQueue } from './store-queue.ts'

const DAY_MS = 86_400_000
const PURGED_AT_ONCE = 5000

export const jobs: Readonly<Record<string, Job<Own>>> = {
  purge: {
    description:
      'Forgets decided price requests and what making meshes takes after their time, and workers that are gone',
    schedule: '25 * * * *',
    run: async ({ tx, now }, { config }) => {
      const before = new Date(now().getTime() - config.MES_JOB_DAYS * DAY_MS)
      await purgeJobs(tx, before, PURGED_AT_ONCE)
      await purgeWorks(tx, before, PURGED_AT_ONCE)
      await purgeQueue(tx, new Date(now().getTime() - DAY_MS))
    },
  },
}
