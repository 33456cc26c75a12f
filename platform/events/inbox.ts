/** What a service received: one row for each (consumer, event). A duplicate is no row. */
import type { Store } from '../store/store.ts'
import type { Consumer } from './consumers.ts'
import type { Receive } from './driver.ts'
import type { Envelope, Lane } from './envelope.ts'
import { faultPoint } from './fault.ts'

export const laneNumber: Readonly<Record<Lane, number>> = { high: 0, normal: 1, low: 2 }

export interface Inbox {
  /** Stores the events for every consumer that wants them; resolves when they are safe. */
  readonly receive: Receive
}

/** `wake` is called with the names of the consumers that something arrived for. */
export function createInbox(
  store: Store,
  consumers: readonly Consumer[],
  wake: (consumers: ReadonlySet<string>) => void,
): Inbox {
  const byType = new Map<string, Consumer[]>()
  for (const consumer of consumers)
    byType.set(consumer.type, [...(byType.get(consumer.type) ?? []), consumer])

  return {
    async receive(envelopes, from = 'broker') {
      const touched = new Set<string>()
      const rows = envelopes.flatMap((envelope) =>
        (byType.get(envelope.type) ?? [])
          .filter((consumer) => !envelope.replay?.consumer || envelope.replay.consumer === consumer.name)
          .map((consumer) => {
            touched.add(consumer.name)
            return rowOf(envelope, consumer)
          }),
      )
      if (rows.length === 0) return
      // In one order everywhere, so that two deliveries of the same events cannot deadlock.
      rows.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.consumer < b.consumer ? -1 : 1))
      const { sql } = store
      // An outbox forgets them in a later commit of the same PostgreSQL: a power cut that takes these rows takes that
      // commit too, and they are carried again. So these need not wait for the disk. A replay has no outbox behind it.
      const unhurried = from === 'outbox' && !envelopes.some((envelope) => envelope.replay)
      await sql`
        insert into inbox (consumer, id, source, type, version, key, sequence, emitted_at, traceparent, data, lane, ordered, replay)
        select consumer, id, source, type, version, key, sequence, emitted_at, traceparent, data, lane, ordered, replay
        from jsonb_to_recordset(${sql.json(rows as never)}) as e(
          consumer text, id uuid, source text, type text, version int, key text, sequence bigint, emitted_at timestamptz,
          traceparent text, data jsonb, lane smallint, ordered boolean, replay uuid, again boolean)
        ${unhurried ? sql`where (select set_config('synchronous_commit', 'off', true)) = 'off'` : sql``}
        on conflict (consumer, id) do nothing`
      const again = rows.filter((row) => row.again)
      if (again.length > 0) await redo(store, again)
      faultPoint('inbox.received')
      wake(touched)
    },
  }
}

function rowOf(envelope: Envelope, consumer: Consumer) {
  return {
    consumer: consumer.name,
    id: envelope.id,
    source: envelope.source,
    type: envelope.type,
    version: envelope.dataversion,
    key: envelope.subject,
    sequence: envelope.sequence,
    emitted_at: envelope.time,
    traceparent: envelope.traceparent ?? null,
    data: envelope.data ?? null,
    lane: laneNumber[envelope.lane],
    ordered: consumer.ordered,
    replay: envelope.replay?.id ?? null,
    again: envelope.replay?.again === true,
  }
}

/** An explicit replay does finished events again, once for each replay however often the bus delivers it. */
async function redo(
  store: Store,
  rows: readonly { consumer: string; id: string; replay: string | null }[],
): Promise<void> {
  const { sql } = store
  await sql`
    update inbox set state = 'pending', due_at = now(), attempts = 0, error = null, finished_at = null, expires_at = null,
      replay = e.replay
    from jsonb_to_recordset(${sql.json(rows as never)}) as e(consumer text, id uuid, replay uuid)
    where inbox.consumer = e.consumer and inbox.id = e.id and inbox.state <> 'pending'
      and inbox.replay is distinct from e.replay`
}
