/** Where a waiting job stands, and how long it is expected to wait. */
import type { Sql } from '@pleiad/platform/store'
import { expectedWait } from './queue.ts'
import { COUNTED_AHEAD, type Place, type StoredJob } from './requests.ts'
import { countAhead, countQueued, findPace } from './store-queue.ts'

/** A worker that was not heard of for so long does not count. */
export const SEEN_MS = 60_000
const COUNTED_OTHERS = 10_000

/** The place of a job that waits; undefined for others. */
export async function findPlace(sql: Sql, job: StoredJob, now: Date): Promise<Place | undefined> {
  if (job.state !== 'queued' && job.state !== 'resting') return undefined
  const counted = await countAhead(sql, job, COUNTED_AHEAD + 1)
  const place = { ahead: Math.min(counted, COUNTED_AHEAD), aheadIsMore: counted > COUNTED_AHEAD }
  const { secondsPerJob, slots } = await findPace(sql, new Date(now.getTime() - SEEN_MS))
  if (secondsPerJob === null || slots === 0) return place
  const others = await countQueued(sql, job.lane === 'regular' ? 'priority' : 'regular', COUNTED_OTHERS)
  const wait = expectedWait({ lane: job.lane, ahead: counted, others, secondsPerJob, slots })
  return { ...place, expectedWaitSeconds: wait }
}
