/** SQL of messages, deliveries and attempts. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Delivery } from './contract.ts'
import type { StoredDelivery } from './deliveries.ts'

interface Row {
  delivery_id: string
  endpoint_id: string
  message_id: string
  project_id: string
  environment: string
  type: string
  state: Delivery['state']
  attempts: number
  created_at: Date
  begun_at: Date
  run_attempts: number
  next_attempt_at: Date | null
  delivered_at: Date | null
  last_status: number | null
  last_error: string | null
  lease_until: Date | null
}

export interface StoredAttempt {
  readonly at: Date
  readonly durationMs: number
  readonly status: number | null
  readonly answer: string | null
  readonly error: string | null
}

const ATTEMPTS_SHOWN = 50

function deliveryOf(row: Row): StoredDelivery {
  return {
    deliveryId: row.delivery_id,
    endpointId: row.endpoint_id,
    messageId: row.message_id,
    projectId: row.project_id,
    environment: row.environment,
    type: row.type,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    begunAt: row.begun_at,
    runAttempts: row.run_attempts,
    nextAttemptAt: row.next_attempt_at,
    deliveredAt: row.delivered_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
  }
}

export interface Message {
  readonly messageId: string
  readonly projectId: string
  readonly environment: string
  readonly type: string
  readonly body: string
  readonly at: Date
}

export async function insertMessage(tx: Tx, message: Message): Promise<void> {
  await tx`
    insert into messages (message_id, project_id, environment, type, body, created_at)
    values (${message.messageId}, ${message.projectId}, ${message.environment}, ${message.type}, ${message.body},
      ${message.at})
    on conflict do nothing`
}

/** One delivery of a message to an endpoint; undefined when there is one already. */
export async function insertDelivery(
  tx: Tx,
  deliveryId: string,
  endpointId: string,
  message: Message,
  now: Date,
): Promise<StoredDelivery | undefined> {
  const rows = await tx<Row[]>`
    insert into deliveries (delivery_id, endpoint_id, message_id, project_id, environment, type, state, created_at,
      begun_at, next_attempt_at)
    values (${deliveryId}, ${endpointId}, ${message.messageId}, ${message.projectId}, ${message.environment},
      ${message.type}, 'waiting', ${now}, ${now}, ${now})
    on conflict do nothing returning *`
  return rows[0] && deliveryOf(rows[0])
}

/** Newest first; one more than `limit` when there is a next page. */
export async function listDeliveries(
  sql: Sql,
  place: { projectId: string; environment: string },
  page: { cursor?: string; limit: number; endpointId?: string; state?: Delivery['state'] },
): Promise<StoredDelivery[]> {
  const rows = await sql<Row[]>`
    select * from deliveries where project_id = ${place.projectId} and environment = ${place.environment}
      ${page.endpointId ? sql`and endpoint_id = ${page.endpointId}` : sql``}
      ${page.state ? sql`and state = ${page.state}` : sql``}
      ${page.cursor ? sql`and delivery_id < ${page.cursor}` : sql``}
    order by delivery_id desc limit ${page.limit + 1}`
  return rows.map(deliveryOf)
}

export async function findDelivery(
  sql: Sql,
  place: { projectId: string; environment: string; deliveryId: string },
): Promise<(StoredDelivery & { body: string }) | undefined> {
  const rows = await sql<(Row & { body: string })[]>`
    select deliveries.*, messages.body from deliveries join messages using (message_id)
    where delivery_id = ${place.deliveryId} and deliveries.project_id = ${place.projectId}
      and deliveries.environment = ${place.environment}`
  return rows[0] && { ...deliveryOf(rows[0]), body: rows[0].body }
}

/** The last attempts, newest first. */
export async function listAttempts(sql: Sql, deliveryId: string): Promise<StoredAttempt[]> {
  return sql<StoredAttempt[]>`
    select at, duration_ms as "durationMs", status, answer, error from attempts
    where delivery_id = ${deliveryId} order by attempt desc limit ${ATTEMPTS_SHOWN}`
}

/** `early`: its next attempt is not due yet, by the clock that says when events are. */
export async function lockDelivery(
  tx: Tx,
  deliveryId: string,
): Promise<(StoredDelivery & { leaseUntil: Date | null; early: boolean }) | undefined> {
  const rows = await tx<(Row & { early: boolean })[]>`
    select *, coalesce(next_attempt_at > now(), false) as early from deliveries
    where delivery_id = ${deliveryId} for update`
  return rows[0] && { ...deliveryOf(rows[0]), leaseUntil: rows[0].lease_until, early: rows[0].early }
}

/** Gives the delivery to a sender: until `until` nobody else sends it. */
export async function claimDelivery(tx: Tx, deliveryId: string, lease: string, until: Date): Promise<void> {
  await tx`
    update deliveries set state = 'sending', lease = ${lease}, lease_until = ${until}
    where delivery_id = ${deliveryId}`
}

/** The delivery with its body, if `lease` still holds; holds it until `until` then. */
export async function renewLease(
  sql: Sql,
  deliveryId: string,
  lease: string,
  until: Date,
): Promise<(StoredDelivery & { body: string }) | undefined> {
  const rows = await sql<(Row & { body: string })[]>`
    update deliveries set lease_until = ${until} from messages
    where delivery_id = ${deliveryId} and lease = ${lease} and state = 'sending'
      and messages.message_id = deliveries.message_id
    returning deliveries.*, messages.body`
  return rows[0] && { ...deliveryOf(rows[0]), body: rows[0].body }
}

/** Records an attempt and what follows from it. False when the lease was lost meanwhile: then nothing is recorded. */
export async function recordAttempt(
  tx: Tx,
  deliveryId: string,
  lease: string,
  attempt: StoredAttempt,
  next: { state: 'delivered' | 'failed' } | { state: 'waiting'; at: Date },
): Promise<boolean> {
  const done = next.state === 'delivered'
  const rows = await tx<{ attempts: number }[]>`
    update deliveries set state = ${next.state}, attempts = attempts + 1, run_attempts = run_attempts + 1,
      next_attempt_at = ${next.state === 'waiting' ? next.at : null},
      delivered_at = ${done ? new Date(attempt.at.getTime() + attempt.durationMs) : null},
      last_status = ${attempt.status}, last_error = ${done ? null : attempt.error}, lease = null, lease_until = null
    where delivery_id = ${deliveryId} and lease = ${lease} returning attempts`
  if (!rows[0]) return false
  await tx`
    insert into attempts (delivery_id, attempt, at, duration_ms, status, answer, error)
    values (${deliveryId}, ${rows[0].attempts}, ${attempt.at}, ${attempt.durationMs}, ${attempt.status},
      ${attempt.answer}, ${attempt.error})`
  return true
}

/** Begins another run of attempts. */
export async function beginAgain(tx: Tx, deliveryId: string, now: Date): Promise<StoredDelivery> {
  const rows = await tx<Row[]>`
    update deliveries set state = 'waiting', begun_at = ${now}, run_attempts = 0, next_attempt_at = ${now},
      lease = null, lease_until = null
    where delivery_id = ${deliveryId} returning *`
  return deliveryOf(rows[0]!)
}

/** Gives up what waits: its endpoint was switched off. */
export async function giveUp(tx: Tx, deliveryId: string, error: string): Promise<void> {
  await tx`
    update deliveries set state = 'failed', next_attempt_at = null, last_error = ${error}, lease = null,
      lease_until = null
    where delivery_id = ${deliveryId}`
}

/** Forgets messages with all their deliveries, some at a time: true when there may be more. */
export async function purgeMessages(tx: Tx, before: Date, atMost: number): Promise<boolean> {
  const rows = await tx`
    delete from messages where message_id in (
      select message_id from messages where created_at < ${before} order by created_at limit ${atMost})
    returning 1`
  return rows.length === atMost
}
