/** History again: for a consumer that was not there, for a broker that lost its disk, or to redo on purpose. */
import { uuidv7 } from 'uuidv7'
import type { Store } from '../store/store.ts'
import type { Envelope } from './envelope.ts'
import { envelopeOf } from './relay.ts'

export interface ReplayRequest {
  /** Published at or after this time; the history reaches back as far as the retention. */
  readonly from: Date
  /** Published before this time. Default: now. */
  readonly to?: Date
  /** Only these types. Default: all. */
  readonly types?: readonly string[]
  /** Only this consumer (`<service>.<handler>`). Default: every consumer; what they have done they do not do again. */
  readonly consumer?: string
  /** Do again what is done. Needs `consumer`, so that nobody redoes everything by mistake. */
  readonly again?: boolean
  /** Each event in the lane it was emitted in. Default: the low one, so that nothing waits for history. */
  readonly keepLane?: boolean
}

const BATCH = 500

/** Publishes the history of one emitting service again, in its order. Returns the number of events. */
export async function replayHistory(
  store: Store,
  service: string,
  publish: (envelopes: readonly Envelope[]) => Promise<void>,
  request: ReplayRequest,
): Promise<number> {
  if (request.again && !request.consumer)
    throw new Error('A replay that does things again names its consumer')
  const { sql } = store
  const id = uuidv7()
  const to = request.to ?? null
  let total = 0
  let after: { published: string; sequence: number } = { published: request.from.toISOString(), sequence: -1 }
  for (;;) {
    const rows = await sql<(Parameters<typeof envelopeOf>[1] & { published: string })[]>`
      select sequence, id, type, version, key, data, lane, emitted_at, traceparent, published_at::text as published from outbox_log
      where (published_at, sequence) > (${after.published}::text::timestamptz, ${after.sequence})
        and published_at < coalesce(${to}::timestamptz, now()) and type not like 'job.%'
        ${request.types ? sql`and type = any(${request.types as string[]})` : sql``}
      order by published_at, sequence limit ${BATCH}`
    if (rows.length === 0) return total
    const replay = {
      id,
      ...(request.consumer ? { consumer: request.consumer } : {}),
      ...(request.again ? { again: true } : {}),
    }
    await publish(
      rows.map((row) => {
        const envelope = envelopeOf(service, row)
        return { ...envelope, lane: request.keepLane ? envelope.lane : ('low' as const), replay }
      }),
    )
    total += rows.length
    const last = rows.at(-1)!
    after = { published: last.published, sequence: last.sequence }
  }
}
