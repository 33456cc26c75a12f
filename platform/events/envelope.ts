/** The event on the wire: CloudEvents 1.0 (https://github.com/cloudevents/spec) with our extension attributes. */

/** Urgency of an event. Lower lanes still move: every fourth batch takes the oldest, whatever its lane. */
export type Lane = 'high' | 'normal' | 'low'

export interface Envelope {
  readonly specversion: '1.0'
  /** UUIDv7, made when the event is emitted; the inbox refuses to receive one id twice. Versions of one event share it. */
  readonly id: string
  /** `/services/<name>` of the emitter. */
  readonly source: string
  readonly type: string
  /** The aggregate's id: the contract's `key` field. */
  readonly subject: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** Version of the data's schema. */
  readonly dataversion: number
  /** Position in the emitter's outbox: grows, with gaps. */
  readonly sequence: string
  readonly lane: Lane
  /** W3C trace context of the emitting operation. */
  readonly traceparent?: string
  /** Set when history is replayed: to one consumer only, and whether what it has done is to be done again. */
  readonly replay?: { readonly id: string; readonly consumer?: string; readonly again?: boolean }
  readonly data: unknown
}

/**
 * The most an event's data may take, as JSON in bytes: well below what brokers take (NATS: 1 MB by default). Large things
 * belong into tables or files of their own, and the event names them.
 */
export const MAX_EVENT_BYTES = 256 * 1024

/** An event as handlers and routes emit it, before the store gives it an id and a sequence. */
export interface Emission {
  readonly type: string
  readonly version: number
  readonly key: string
  readonly data: unknown
  /** Not before this time. */
  readonly at?: Date
  readonly lane?: Lane
  /** Versions of one event share it; the store fills it in. */
  readonly id?: string
  /** Trace context of the work that emits; the store fills it in. */
  readonly traceparent?: string
}
