/** Recording of spans with OpenTelemetry and their export over OTLP/HTTP. Loaded only where an endpoint is set. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { type Attributes, recordWith } from './trace.ts'

export interface TracingOptions {
  /** Base address of the collector, such as `http://localhost:4318`; `/v1/traces` is added (OTLP/HTTP). */
  readonly endpoint: string
  readonly headers?: Readonly<Record<string, string>>
  /** Part of the new traces that is recorded, 0 to 1. Default 1. A trace begun elsewhere keeps its own decision. */
  readonly ratio?: number
  /** The longest a finished span waits before it is sent. Default 2000 ms. */
  readonly delayMs?: number
  readonly version?: string
}

export interface Tracing {
  /** Sends what is waiting. */
  readonly flush: () => Promise<void>
  /** Sends what is waiting and stops recording. */
  readonly stop: () => Promise<void>
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const

/**
 * Starts recording. Each service appears under its own `service.name` though all may share the process; they share
 * one queue, which drops spans rather than grow when the collector does not answer.
 */
export function startTracing(options: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces`,
    ...(options.headers ? { headers: { ...options.headers } } : {}),
  })
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: options.delayMs ?? 2000,
    maxQueueSize: 8192,
  })
  const root =
    options.ratio === undefined || options.ratio >= 1
      ? new AlwaysOnSampler()
      : new TraceIdRatioBasedSampler(options.ratio)
  const tracers = new Map<string, Tracer>()
  const tracerOf = (service: string): Tracer => {
    let tracer = tracers.get(service)
    if (!tracer) {
      const provider = new TracerProvider({
        resource: resourceFromAttributes({
          'service.name': service,
          'service.namespace': 'pleiad',
          'service.version': options.version ?? '0.0.0',
          'service.instance.id': `${process.pid}`,
        }),
        sampler: new ParentBasedSampler({ root }),
        spanProcessors: [processor],
      })
      tracer = provider.getTracer('pleiad')
      tracers.set(service, tracer)
    }
    return tracer
  }

  recordWith((name, parent, { service = 'pleiad', kind = 'internal', attributes }) => {
    const context = parent
      ? trace.setSpanContext(ROOT_CONTEXT, {
          traceId: parent.slice(3, 35),
          spanId: parent.slice(36, 52),
          traceFlags: Number.parseInt(parent.slice(53, 55), 16),
          isRemote: true,
        })
      : ROOT_CONTEXT
    const span = tracerOf(service).startSpan(
      name,
      { kind: kinds[kind], ...(attributes ? { attributes: present(attributes) } : {}) },
      context,
    )
    const { traceId, spanId, traceFlags } = span.spanContext()
    return {
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
      recorded: {
        set: (more: Attributes) => void span.setAttributes(present(more)),
        fail: (error: unknown) => {
          const failure = error instanceof Error ? error : new Error(String(error))
          span.recordException(failure)
          span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message })
        },
        end: () => span.end(),
      },
    }
  })

  return {
    flush: () => processor.forceFlush(),
    stop: async () => {
      recordWith(undefined)
      await processor.shutdown()
    },
  }
}

function present(attributes: Attributes): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(attributes).filter(
      (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
    ),
  )
}
