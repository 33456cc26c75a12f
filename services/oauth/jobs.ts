/** What is due by the clock. */
import type { Job } from '@pleiad/platform/service'
import { breakBehind } from './service-ending.ts'
import type { Own } from './service-own.ts'
import { listMoved, purgeCalls, purgeConfigurations, settleMoved } from './store-configurations.ts'
import { purgeFlows } from './store-flows.ts'
import { listDue } from './store-refresh.ts'
import { purgeConnections } from './store-revocations.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const REFRESHED_AT_ONCE = 16
/** In one minute; the most urgent first, the others a minute later or when somebody asks. */
const DUE_AT_ONCE = 3000
const MOVED_AT_ONCE = 20

export function createJobs(aheadSecondsOf: (own: Own) => number): Readonly<Record<string, Job<Own>>> {
  return {
    refreshAhead: {
      description:
        'Refreshes provider tokens that end soon and were used in the last day; ends revoked ones at their providers',
      schedule: '* * * * *',
      run: async ({ tx, now, log }, own) => {
        const at = now().getTime()
        const due = await listDue(tx, {
          before: new Date(at + aheadSecondsOf(own) * 1000),
          after: new Date(at - DAY_MS),
          usedAfter: new Date(at - DAY_MS),
          now: now(),
          limit: DUE_AT_ONCE,
        })
        // Not in this transaction: providers are slow, and what is missed is due again in a minute.
        tx.afterCommit(() => {
          own.revoker.wake()
          const queue = [...due].reverse()
          const work = async () => {
            for (let row = queue.pop(); row; row = queue.pop())
              await own.vault.refresher
                .refresh(row)
                .catch((error) => log.warn({ err: error }, 'a refresh ahead of time failed'))
          }
          for (let n = 0; n < Math.min(REFRESHED_AT_ONCE, due.length); n++) void work()
        })
      },
    },
    breakMoved: {
      description: 'Breaks connections whose provider has moved to another address, a part at a time',
      schedule: '* * * * *',
      run: async ({ tx, now }, own) => {
        for (const { id, moved_at } of await listMoved(tx, MOVED_AT_ONCE)) {
          const broken = await breakBehind(tx, own, id)
          // A sign-in that was under way meanwhile may still have stored what the old address gave.
          if (broken === 0 && now().getTime() - moved_at.getTime() > 60 * MINUTE_MS) await settleMoved(tx, id)
        }
      },
    },
    purge: {
      description:
        'Deletes flows that are over, sign-ins that nobody claimed, old revoked connections and old figures',
      schedule: '*/10 * * * *',
      run: async ({ tx, now }, own) => {
        const at = now().getTime()
        await purgeFlows(tx, new Date(at - 60 * MINUTE_MS))
        await purgeConnections(tx, new Date(at - 30 * MINUTE_MS), new Date(at - 30 * DAY_MS), now())
        await purgeCalls(tx, new Date(at - 8 * DAY_MS))
        await purgeConfigurations(tx)
        tx.afterCommit(() => own.revoker.wake())
      },
    },
  }
}
