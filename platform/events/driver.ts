/** What a bus must do. It only carries: retry, order, dedupe and dead letters live in the inbox, once for all drivers. */
import type { Envelope } from './envelope.ts'

export interface Subscription {
  /** The consuming service; of its processes one receives each event. */
  readonly service: string
  readonly types: readonly string[]
  /** Stores the events in the inbox. The bus may forget them only after this resolves; it may deliver again. */
  readonly receive: (events: readonly Envelope[]) => Promise<void>
}

export interface BusDriver {
  /** Resolves when every event is safe: with the memory driver in the inboxes, else acknowledged by the broker. */
  publish(events: readonly Envelope[]): Promise<void>
  subscribe(subscription: Subscription): Promise<void>
  /** Reaches every connected process, stores nothing. */
  broadcast(channel: string, message: unknown): void
  onBroadcast(channel: string, receive: (message: unknown) => void): void
  close(): Promise<void>
}
