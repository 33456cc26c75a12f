/**
 * The trace context of the work at hand, carried through `await` by AsyncLocalStorage (W3C Trace Context,
 * https://www.w3.org/TR/trace-context/). Without an exporter a span is only an id that is passed on, made when
 * somebody asks for it; with one (`startTracing` in tracing.ts) it is an OpenTelemetry span.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

export interface SpanOptions {
  /** The context to continue: of an incoming request or an event. Default: the span that is running, if any. */
  readonly traceparent?: string | null | undefined
  /** Default `internal`. */
  readonly kind?: SpanKind
  /** The service the work belongs to: `service.name`. Default: that of the running span, else `pleiad`. */
  readonly service?: string
  readonly attributes?: Attributes
}

/** A piece of work that is traced. Use the functions below; the fields are theirs. */
export interface Span {
  traceparent: string | undefined
  readonly service: string | undefined
  readonly recorded: Recorded | undefined
}

/** What the exporter's side keeps of a span (tracing.ts). */
export interface Recorded {
  readonly set: (attributes: Attributes) => void
  readonly fail: (error: unknown) => void
  readonly end: () => void
}

/** Makes recorded spans; installed by `startTracing`. */
export type Recorder = (
  name: string,
  parent: string | undefined,
  options: SpanOptions,
) => { traceparent: string; recorded: Recorded }

const current = new AsyncLocalStorage<Span>()
let record: Recorder | undefined

/** Turns recording on, or off with `undefined`. */
export function recordWith(recorder: Recorder | undefined): void {
  record = recorder
}

/** Whether `value` is a traceparent that may be continued: well formed, version 00, ids not all zero. */
export function isTraceparent(value: unknown): value is string {
  return (
    typeof value === 'string' && /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(value)
  )
}

/** The `traceparent` of the operation or handler that is running, if any. */
export function currentTraceparent(): string | undefined {
  const span = current.getStore()
  if (!span) return undefined
  // Made on demand: most requests without an exporter never need one. Flags 00: nothing was recorded.
  span.traceparent ??= `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`
  return span.traceparent
}

/** The ids of the running work as log fields, or undefined outside of any. */
export function currentTraceIds(): { trace_id: string; span_id: string } | undefined {
  const traceparent = currentTraceparent()
  return traceparent === undefined
    ? undefined
    : { trace_id: traceparent.slice(3, 35), span_id: traceparent.slice(36, 52) }
}

/**
 * Starts a span that something else ends (an HTTP request: `onRequest` to `onResponse`). A malformed `traceparent` is
 * treated as absent. Work becomes part of it through `runInSpan`; `endSpan` must follow.
 */
export function startSpan(name: string, options: SpanOptions = {}): Span {
  const outer = current.getStore()
  const parent = isTraceparent(options.traceparent)
    ? options.traceparent
    : options.traceparent === undefined
      ? outer?.traceparent
      : undefined
  if (!record) return { traceparent: parent, service: undefined, recorded: undefined }
  const service = options.service ?? outer?.service
  return { service, ...record(name, parent, service === options.service ? options : { ...options, service }) }
}

/** Runs `work` (and all it awaits) inside a started span. */
export function runInSpan<T>(span: Span, work: () => T): T {
  return current.run(span, work)
}

/** Ends a span; with an `error` it is marked as failed. */
export function endSpan(span: Span | undefined, error?: unknown): void {
  if (!span?.recorded) return
  if (error !== undefined) span.recorded.fail(error)
  span.recorded.end()
}

/** Runs `work` in a span of its own, which ends with it: `withSpan('handle order.confirmed', { traceparent, kind: 'consumer' }, ...)`. */
export function withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => T): T {
  const span = startSpan(name, options)
  let result: T
  try {
    result = current.run(span, () => work(span))
  } catch (error) {
    endSpan(span, error)
    throw error
  }
  if (!span.recorded || !(result instanceof Promise)) {
    endSpan(span)
    return result
  }
  return result.then(
    (value) => {
      endSpan(span)
      return value
    },
    (error) => {
      endSpan(span, error)
      throw error
    },
  ) as T
}
