/** What a bus must do. It only carries: retry, order, dedupe and dead letters live in the inbox, once for all drivers. */
import type { Envelope } from './envelope.ts'

export interface Subscription {
  /** The consuming service; of its processes one receives each event. */
  readonly service: string
  readonly types: readonly string[]
  readonly receive: Receive
}

/**
 * Stores the events in the inbox. The bus may forget them only after this resolves; it may deliver again. `from` is
 * `outbox` when they leave an outbox of the same PostgreSQL only after this has resolved.
 */
export type Receive = (events: readonly Envelope[], from?: 'outbox' | 'broker') => Promise<void>

/** What `publish` rejects with when some events can never be carried, for the reason given; all others are safe. */
export class EventsRefused extends Error {
  readonly refused: readonly { readonly event: Envelope; readonly reason: string }[]

  constructor(refused: EventsRefused['refused']) {
    super(`The bus refuses ${refused.map(({ event, reason }) => `${event.type} (${reason})`).join(', ')}`)
    this.refused = refused
  }
}

export interface BusDriver {
  /**
   * Resolves when every event is safe: with the memory driver in the inboxes, else acknowledged by the broker. Rejects
   * with `EventsRefused` for those that will be refused again and again; with anything else the whole batch comes again.
   */
  publish(events: readonly Envelope[]): Promise<void>
  /** Resolves with the types for which the broker held nothing for this service: it is new, or they were lost. */
  subscribe(subscription: Subscription): Promise<readonly string[]>
  /**
   * `listener` is called each time the broker was found without what it should have kept, when everything that this
   * process needs of it is there again: what was published and not received is gone from it.
   */
  onEmptied(listener: () => void): void
  /** Reaches every connected process, stores nothing. */
  broadcast(channel: string, message: unknown): void
  onBroadcast(channel: string, receive: (message: unknown) => void): void
  close(): Promise<void>
}
