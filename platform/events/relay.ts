/**
 * Carries what the outbox holds to the bus. One relay at a time in the whole installation (an advisory lock), strictly
 * in the order of the sequence, and by deleting what was carried: there is no cursor that a late commit could slip under.
 */
import type { Store } from '../store/store.ts'
import type { Envelope } from './envelope.ts'
import { faultPoint } from './fault.ts'
import { createLoop, type Loop } from './loop.ts'

export interface RelayOptions {
  readonly service: string
  readonly store: Store
  /** Resolves when the events are safe elsewhere. */
  readonly publish: (envelopes: readonly Envelope[]) => Promise<void>
  readonly batchSize: number
  readonly onError: (error: unknown) => void
  readonly onPublished: (envelopes: readonly Envelope[]) => void
}

interface OutboxRow {
  readonly sequence: number
  readonly id: string
  readonly type: string
  readonly version: number
  readonly key: string
  readonly data: unknown
  readonly lane: Envelope['lane']
  readonly emitted_at: Date
  readonly traceparent: string | null
}

/** Makes the relay; it runs when woken, when a delayed event falls due, and again at once while batches are full. */
export function createRelay(options: RelayOptions): Loop {
  return createLoop(() => relayOnce(options), options.onError)
}

/** Carries one batch. Returns the milliseconds until there is more to do. */
async function relayOnce({ service, store, publish, batchSize, onPublished }: RelayOptions): Promise<number> {
  let carried: Envelope[] = []
  const wait = await store.transact(async (tx) => {
    // Losing this commit in a power cut only makes the events travel again, and the inbox knows them: no fsync needed.
    const locked = tx`select pg_advisory_xact_lock(hashtextextended(current_schema() || '/relay', 0)), set_config('synchronous_commit', 'off', true)`
    const [, rows, next] = await Promise.all([
      locked,
      tx<OutboxRow[]>`
        (select sequence, id, type, version, key, data, lane, emitted_at, traceparent
          from outbox where due_at is null order by sequence limit ${batchSize})
        union all
        (select sequence, id, type, version, key, data, lane, emitted_at, traceparent
          from outbox where due_at <= now() order by due_at, sequence limit ${batchSize})`,
      tx<{ wait: number | null }[]>`
        select extract(epoch from min(due_at) - now())::float8 * 1000 as wait from outbox where due_at > now()`,
    ])
    const wait = next[0]?.wait ?? Number.POSITIVE_INFINITY
    if (rows.length === 0) return wait
    const sorted = [...rows].sort((a, b) => a.sequence - b.sequence)
    carried = sorted.map((row) => envelopeOf(service, row))
    faultPoint('relay.claimed')
    await publish(carried)
    faultPoint('relay.published')
    await tx`
      with carried as (
        delete from outbox where sequence = any(${sorted.map((row) => row.sequence)}::bigint[])
        returning sequence, id, type, version, key, data, lane, emitted_at, traceparent
      )
      insert into outbox_log (sequence, id, type, version, key, data, lane, emitted_at, traceparent)
      select * from carried order by sequence`
    faultPoint('relay.moved')
    return rows.length >= batchSize ? 0 : wait
  })
  if (carried.length > 0) {
    faultPoint('relay.committed')
    onPublished(carried)
  }
  return wait
}

/** The CloudEvent of a row of `outbox` or `outbox_log`. */
export function envelopeOf(service: string, row: OutboxRow): Envelope {
  return {
    specversion: '1.0',
    id: row.id,
    source: `/services/${service}`,
    type: row.type,
    subject: row.key,
    time: row.emitted_at.toISOString(),
    datacontenttype: 'application/json',
    dataversion: row.version,
    sequence: String(row.sequence),
    lane: row.lane,
    ...(row.traceparent ? { traceparent: row.traceparent } : {}),
    data: row.data,
  }
}
