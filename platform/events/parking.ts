/**
 * What the bus refuses for good is set aside, so that it never stops the others: a dead letter of the service that
 * emitted it, under the consumer `<service>.outbox`. To retry it is to put it back into the outbox, as the same event.
 */
import type { Service } from '../service/service.ts'
import type { Sql, Tx } from '../store/store.ts'
import { type Consumer, DEAD_LETTER_DAYS } from './consumers.ts'
import type { OutboxRow } from './relay.ts'

export interface RefusedRow {
  readonly row: OutboxRow
  readonly reason: string
}

/** Versions of one event share its id, so those with a suffix (`@2`) are set aside apart from the others. */
function consumerOf(service: string, type: string): string {
  const suffix = type.indexOf('@')
  return suffix < 0 ? `${service}.outbox` : `${service}.outbox${type.slice(suffix)}`
}

/** Moves rows of the outbox to the dead letters, in the relay's transaction. */
export async function park(tx: Sql, service: string, refused: readonly RefusedRow[]): Promise<void> {
  const rows = refused.map(({ row, reason }) => ({
    sequence: row.sequence,
    consumer: consumerOf(service, row.type),
    error: reason,
  }))
  await tx`
    with gone as (
      delete from outbox using jsonb_to_recordset(${tx.json(rows)}) as r(sequence bigint, consumer text, error text)
      where outbox.sequence = r.sequence returning outbox.*, r.consumer, r.error
    )
    insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, traceparent, data, lane,
      state, attempts, error, finished_at, expires_at)
    select consumer, id, ${`/services/${service}`}, type, version, key, sequence, emitted_at, traceparent, data,
      array_position(array['high', 'normal', 'low'], lane) - 1,
      'dead', 1, error, now(), now() + ${DEAD_LETTER_DAYS}::int * interval '1 day'
    from gone
    on conflict (consumer, id) do update set state = 'dead', attempts = inbox.attempts + 1, error = excluded.error,
      finished_at = excluded.finished_at, expires_at = excluded.expires_at`
}

/** The consumers behind the names that `park` uses: what is retried there goes into the outbox again. */
export function outboxConsumers({ contract }: Service, wakeRelay: () => void): Consumer[] {
  const names = new Set(
    ['', ...Object.keys(contract.events ?? {})].map((type) => consumerOf(contract.name, type)),
  )
  return [...names].map((name) => ({
    name,
    type: '',
    version: 0,
    ordered: false,
    maxAttempts: 8,
    deadLetterDays: DEAD_LETTER_DAYS,
    timeoutMs: 30_000,
    batch: 100,
    largestBatch: 100,
    workers: 1,
    read: ({ data }) => ({ data }),
    handle: (tx, { id }) => putBack(tx, name, id, wakeRelay),
  }))
}

async function putBack(tx: Tx, consumer: string, id: string, wakeRelay: () => void): Promise<void> {
  await tx`
    insert into outbox (id, type, version, key, data, lane, emitted_at, traceparent)
    select id, type, version, key, data, (array['high', 'normal', 'low'])[lane + 1], emitted_at, traceparent
    from inbox where consumer = ${consumer} and id = ${id}`
  tx.afterCommit(wakeRelay)
}
