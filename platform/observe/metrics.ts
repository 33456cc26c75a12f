/** Prometheus metrics of one process. Handles are made once per label set, so that the hot path only adds numbers. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { MetricKind } from '../service/service.ts'
import { createTimings } from './timings.ts'

/** Every metric of the platform: its description, kind and labels; the metrics of services come on top. */
export const platformMetrics = {
  pleiad_http_request_duration_seconds: {
    kind: 'histogram',
    description:
      'Time from the request’s arrival until its answer was handed to the network, by service, operation and status class.',
    labels: ['service', 'operation', 'status'],
  },
  pleiad_http_requests_in_flight: {
    kind: 'gauge',
    description: 'Requests that are being answered now.',
    labels: [],
  },
  pleiad_rate_limited_total: {
    kind: 'counter',
    description: 'Requests refused because a budget was spent, by rate class.',
    labels: ['class'],
  },
  pleiad_events_emitted_total: {
    kind: 'counter',
    description: 'Events the relay handed to the bus, by emitting service and type.',
    labels: ['service', 'type'],
  },
  pleiad_events_handled_total: {
    kind: 'counter',
    description:
      'Attempts to handle an event, by outcome: done, retry (failed, will be tried again) or dead (parked).',
    labels: ['service', 'handler', 'type', 'outcome'],
  },
  pleiad_event_handling_seconds: {
    kind: 'histogram',
    description: 'Time one attempt to handle an event took.',
    labels: ['service', 'handler', 'type'],
  },
  pleiad_event_lag_seconds: {
    kind: 'histogram',
    description:
      'Time from the emission of an event to the commit of its effect; for a delayed event this includes the delay.',
    labels: ['service', 'handler', 'type'],
  },
  pleiad_outbox_pending: {
    kind: 'gauge',
    description: 'Events in the outbox that are due and not yet on the bus.',
    labels: ['service'],
  },
  pleiad_inbox_pending: {
    kind: 'gauge',
    description: 'Events in the inbox that are due and not yet handled.',
    labels: ['service'],
  },
  pleiad_services_missing: {
    kind: 'gauge',
    description: 'Services of other processes that this one needs and that run in none.',
    labels: ['service'],
  },
  pleiad_dead_letters: {
    kind: 'gauge',
    description: 'Events parked after their last attempt failed.',
    labels: ['service'],
  },
  pleiad_db_transaction_retries_total: {
    kind: 'counter',
    description: 'Transactions repeated after a serialization failure or deadlock.',
    labels: ['service'],
  },
  pleiad_standby_reads_total: {
    kind: 'counter',
    description:
      'Reads that a standby may answer, by service and outcome: standby (it did), changed (the caller had just changed something), late (none was fresh enough), failed (one failed); but for the first the primary answered.',
    labels: ['service', 'outcome'],
  },
  pleiad_standby_age_seconds: {
    kind: 'gauge',
    description:
      'A standby has all that was committed so long ago; infinite while it does not answer or is longer behind than a minute.',
    labels: ['standby'],
  },
  pleiad_redis_missed_total: {
    kind: 'counter',
    description:
      'Commands that Redis did not answer in time and that were done without it, by use: cache or limits.',
    labels: ['use'],
  },
  pleiad_outbound_requests_total: {
    kind: 'counter',
    description:
      'Requests to addresses that people gave, by service and outcome: the status class of the answer, or why there was none.',
    labels: ['service', 'outcome'],
  },
  pleiad_db_pool_connections: {
    kind: 'gauge',
    description:
      'Use of a service’s connections to PostgreSQL. State `transaction`: held by transactions; `waiting`: transactions that wait for one; `limit`: how many there may be.',
    labels: ['service', 'state'],
  },
  pleiad_realtime_connections: { kind: 'gauge', description: 'Open WebSocket connections.', labels: [] },
  pleiad_realtime_messages_total: {
    kind: 'counter',
    description: 'Messages pushed to WebSocket connections, by topic.',
    labels: ['topic'],
  },
} as const satisfies Record<
  string,
  { kind: 'counter' | 'gauge' | 'histogram'; description: string; labels: readonly string[] }
>

export type PlatformMetric = keyof typeof platformMetrics
type Kinds<K> = {
  [N in PlatformMetric]: (typeof platformMetrics)[N]['kind'] extends K ? N : never
}[PlatformMetric]

export interface CounterHandle {
  readonly inc: (by?: number) => void
}
export interface HistogramHandle {
  readonly observe: (value: number) => void
}
/** Observes one operation's requests: `observe(status, seconds)`. */
export type HttpObserver = (status: number, seconds: number) => void

export interface Metrics {
  /** The handle of one label set of a counter; keep it. `labels` in the order of `platformMetrics`. */
  readonly counter: (metric: Kinds<'counter'>, ...labels: string[]) => CounterHandle
  /** The handle of one label set of a histogram; keep it. */
  readonly histogram: (
    metric: Exclude<Kinds<'histogram'>, typeof HTTP_TIMINGS>,
    ...labels: string[]
  ) => HistogramHandle
  /** Sets one label set of a gauge. */
  readonly gauge: (metric: Kinds<'gauge'>, value: number, ...labels: string[]) => void
  /** Runs at each scrape, before the text is made: for gauges that must be looked up. Failures are counted, never fatal. */
  readonly onScrape: (refresh: () => void | Promise<void>) => void
  /** The observer of one operation; handles for all five status classes are made here. */
  readonly http: (service: string, operation: string) => HttpObserver
  /** Registers a service's own described counters and returns its `tools.count`. */
  readonly service: (
    service: string,
    kinds: Readonly<Record<string, MetricKind>>,
  ) => (metric: string, labels?: Record<string, string>, by?: number) => void
  /** Everything in Prometheus' text format. */
  readonly text: () => Promise<string>
  readonly contentType: string
  /** Current values of one platform metric (histograms: their `_count` and `_sum`), for the system map. */
  readonly read: (
    metric: PlatformMetric,
  ) => Promise<{ labels: Record<string, string>; value: number; part: string }[]>
}

const HTTP_TIMINGS = 'pleiad_http_request_duration_seconds'
const HTTP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const EVENT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300]

/** The Prometheus name of a service's own metric: `signIns` of auth → `pleiad_auth_sign_ins_total`. */
export function metricName(service: string, metric: string): string {
  const snake = (text: string) =>
    text
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/[^A-Za-z0-9]+/g, '_')
      .toLowerCase()
  return `pleiad_${snake(service)}_${snake(metric).replace(/_total$/, '')}_total`
}

/** Makes the metrics of a process. `process: false` leaves out Node's own (tests). */
export function createMetrics(options: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry()
  const counters = new Map<string, Counter<string>>()
  const gauges = new Map<string, Gauge<string>>()
  const histograms = new Map<string, Histogram<string>>()
  for (const [name, { kind, description, labels }] of Object.entries(platformMetrics)) {
    const config = { name, help: description, labelNames: [...labels], registers: [registry] }
    if (name === HTTP_TIMINGS) continue
    if (kind === 'counter') counters.set(name, new Counter(config))
    else if (kind === 'gauge') gauges.set(name, new Gauge(config))
    else histograms.set(name, new Histogram({ ...config, buckets: EVENT_BUCKETS }))
  }
  const timings = createTimings(HTTP_TIMINGS, platformMetrics[HTTP_TIMINGS].description, HTTP_BUCKETS)
  registry.registerMetric(timings.metric)
  if (options.process !== false) collectDefaultMetrics({ register: registry, prefix: 'pleiad_' })
  const scrapeFailures = new Counter({
    name: 'pleiad_scrape_failures_total',
    help: 'Gauges that could not be refreshed for a scrape; they show their last value.',
    registers: [registry],
  })
  const refreshers: (() => void | Promise<void>)[] = []

  const refresh = async () => {
    for (const result of await Promise.allSettled(refreshers.map(async (refresher) => refresher())))
      if (result.status === 'rejected') scrapeFailures.inc()
  }

  return {
    counter: (metric, ...labels) => counters.get(metric)!.labels(...labels),
    histogram: (metric, ...labels) => histograms.get(metric)!.labels(...labels),
    gauge: (metric, value, ...labels) =>
      gauges
        .get(metric)!
        .labels(...labels)
        .set(value),
    onScrape: (refresher) => void refreshers.push(refresher),
    http: (service, operation) => {
      const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'].map((status) =>
        timings.series({ service, operation, status }),
      )
      return (status, seconds) => classes[Math.min(5, Math.max(1, Math.trunc(status / 100))) - 1]!(seconds)
    },
    service: (service, kinds) => {
      const own = new Map(
        Object.entries(kinds).map(([metric, kind]) => {
          const labelNames = [...(kind.labels ?? [])]
          return [
            metric,
            new Counter({
              name: metricName(service, metric),
              help: kind.description,
              labelNames,
              registers: [registry],
            }),
          ]
        }),
      )
      return (metric, labels = {}, by = 1) => {
        const counter = own.get(metric)
        if (!counter)
          throw new Error(`Service ${service} counts ${metric}, which its metrics do not describe`)
        counter.inc(labels, by)
      }
    },
    text: async () => {
      await refresh()
      return registry.metrics()
    },
    contentType: registry.contentType,
    read: async (metric) => {
      await refresh()
      const { values } = await registry.getSingleMetric(metric)!.get()
      return values
        .map((value) => ({
          labels: value.labels as Record<string, string>,
          value: value.value,
          part: ((value as { metricName?: string }).metricName ?? metric).slice(metric.length),
        }))
        .filter((value) => value.part !== '_bucket')
    },
  }
}
