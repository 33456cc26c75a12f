/** What the events report to whoever counts (the Prometheus side is `platform/observe/metrics.ts`). */

export interface EventMetrics {
  /** An event has left the outbox. */
  emitted(type: string): void
  /** An attempt has ended. `ms` is the handler's own time, 0 when it failed; `lagMs` from emission to commit, when done. */
  handled(
    consumer: string,
    type: string,
    ms: number,
    outcome: 'done' | 'retry' | 'dead',
    lagMs?: number,
  ): void
}

export const noMetrics: EventMetrics = { emitted() {}, handled() {} }
