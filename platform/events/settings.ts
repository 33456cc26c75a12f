/** How the events of a service are carried and handled; the host sets what depends on the installation. */
import { type Backoff, defaultBackoff } from './backoff.ts'

export interface EventSettings {
  /** How often to look for what a dead process left, in milliseconds. */
  readonly pollMs: number
  /** Handler transactions at once; keep it at least two below the store's pool size. */
  readonly parallel: number
  /** Events handled in one transaction. */
  readonly batchSize: number
  /** To how many they may grow while a backlog is worked off quickly. */
  readonly largestBatch: number
  /** Events carried in one transaction. */
  readonly relayBatchSize: number
  /** Days the history of carried events is kept (OUTBOX_RETENTION_DAYS). */
  readonly retentionDays: number
  readonly backoff: Backoff
  /** How long stopping waits for handlers before it interrupts them, in milliseconds. */
  readonly graceMs: number
}

export const defaultEventSettings: EventSettings = {
  pollMs: 2_000,
  parallel: 4,
  batchSize: 100,
  largestBatch: 500,
  relayBatchSize: 500,
  retentionDays: 14,
  backoff: defaultBackoff,
  graceMs: 10_000,
}
