/**
 * Carries what the outbox holds to the bus. One relay at a time in the whole installation (an advisory lock), strictly
 * in the order of the sequence, and by deleting what was carried: there is no cursor that a late commit could slip under.
 */
import type { Sql, Store } from '../store/store.ts'
import { EventsRefused } from './driver.ts'
import type { Envelope } from './envelope.ts'
import { faultPoint } from './fault.ts'
import { createLoop, type Loop } from './loop.ts'
import { park, type RefusedRow } from './parking.ts'

const NOT_READY_MS = 200

export interface RelayOptions {
  readonly service: string
  readonly store: Store
  /** Resolves when the events are safe elsewhere; rejects with `EventsRefused` for those that never will be. */
  readonly publish: (envelopes: readonly Envelope[]) => Promise<void>
  readonly batchSize: number
  /** False while new events have to wait. */
  readonly ready: () => boolean
  readonly onError: (error: unknown) => void
  readonly onPublished: (envelopes: readonly Envelope[]) => void
  /** Some were set aside as dead letters. */
  readonly onRefused: (error: EventsRefused) => void
}

export interface OutboxRow {
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
async function relayOnce({
  service,
  store,
  publish,
  batchSize,
  ready,
  onPublished,
  onRefused,
}: RelayOptions): Promise<number> {
  if (!ready()) return NOT_READY_MS
  let carried: Envelope[] = []
  let refusal: EventsRefused | undefined
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
    const envelopes = sorted.map((row) => envelopeOf(service, row))
    faultPoint('relay.claimed')
    refusal = await publish(envelopes).then(
      () => undefined,
      (error) => {
        if (error instanceof EventsRefused) return error
        throw error
      },
    )
    faultPoint('relay.published')
    const reasons = new Map(refusal?.refused.map(({ event, reason }) => [event, reason]))
    const refused = sorted.flatMap((row, at): RefusedRow[] => {
      const reason = reasons.get(envelopes[at]!)
      return reason === undefined ? [] : [{ row, reason }]
    })
    if (refused.length > 0) await park(tx, service, refused)
    carried = envelopes.filter((envelope) => !reasons.has(envelope))
    tx.withCommit(async () => {
      const moved = moveToLog(
        tx,
        sorted.map((row) => row.sequence),
      )
      faultPoint('relay.moved')
      await moved
    })
    return rows.length >= batchSize ? 0 : wait
  })
  if (refusal) onRefused(refusal)
  if (carried.length > 0) {
    faultPoint('relay.committed')
    onPublished(carried)
  }
  return wait
}

/** What was set aside has left the outbox already. */
async function moveToLog(tx: Sql, sequences: readonly number[]): Promise<void> {
  await tx`
    with carried as (
      delete from outbox where sequence = any(${sequences as number[]}::bigint[])
      returning sequence, id, type, version, key, data, lane, emitted_at, traceparent
    )
    insert into outbox_log (sequence, id, type, version, key, data, lane, emitted_at, traceparent)
    select * from carried order by sequence`
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
