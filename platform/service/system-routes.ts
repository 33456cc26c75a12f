/** The pages of the process itself: health for people and orchestrators, metrics for Prometheus. */
import type { FastifyInstance } from 'fastify'
import type { EventMetrics } from '../events/metrics.ts'
import { type HealthSource, healthReport, healthStatus } from '../observe/health.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Running } from './assemble.ts'

export interface SystemRoutes {
  readonly version: string
  readonly startedAt: Date
  readonly running: readonly Running[]
  readonly metrics: Metrics
  /** True between being ready and stopping. */
  readonly ready: () => boolean
  /** What a service needs of other processes and misses. */
  readonly troublesOf: (service: Running['service']) => string[]
}

/**
 * Adds `/health` (each service's state), `/health/live` (the process answers), `/health/ready` (it wants requests)
 * and `/metrics`.
 */
export function systemRoutes(app: FastifyInstance, system: SystemRoutes): void {
  const report = () =>
    healthReport(
      Object.fromEntries(
        system.running.map((running) => [
          running.service.contract.name,
          { ...sourceOf(running), missing: () => system.troublesOf(running.service) },
        ]),
      ),
      {
        version: system.version,
        startedAt: system.startedAt,
        now: new Date(),
      },
    )
  app.get('/health/live', async () => ({ state: 'up' }))
  app.get('/health', async (_request, reply) => {
    const health = await report()
    return reply.code(healthStatus(health.state)).send(health)
  })
  app.get('/health/ready', async (_request, reply) => {
    const { state } = await report()
    const status = system.ready() ? healthStatus(state) : 503
    return reply.code(status).send({ state: status === 503 ? 'down' : state })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type(system.metrics.contentType).send(await system.metrics.text()),
  )
  system.metrics.onScrape(async () => {
    for (const { service, events, store } of system.running) {
      for (const [state, value] of Object.entries(store.pool()))
        system.metrics.gauge('pleiad_db_pool_connections', value, service.contract.name, state)
      const { outbox, inbox, dead } = await backlogOf(events)
      system.metrics.gauge('pleiad_outbox_pending', outbox, service.contract.name)
      system.metrics.gauge('pleiad_inbox_pending', inbox, service.contract.name)
      system.metrics.gauge('pleiad_dead_letters', dead, service.contract.name)
      system.metrics.gauge(
        'pleiad_services_missing',
        system.troublesOf(service).length,
        service.contract.name,
      )
    }
  })
}

function sourceOf({ events }: Running): HealthSource {
  return { store: () => events.ping(), started: () => true, backlog: () => backlogOf(events) }
}

async function backlogOf(events: Running['events']) {
  const { outbox, inbox } = await events.stats()
  return {
    outbox: outbox.reduce((total, { waiting }) => total + waiting, 0),
    inbox: inbox.reduce((total, { pending }) => total + pending, 0),
    dead: inbox.reduce((total, { dead }) => total + dead, 0),
    oldestSeconds: Math.max(0, ...[...outbox, ...inbox].map(({ oldestSeconds }) => oldestSeconds)),
  }
}

/** What the events of one service report, as Prometheus metrics; handles are kept by their labels. */
export function eventMetrics(metrics: Metrics, service: string): EventMetrics {
  const kept = new Map<string, { inc: () => void } | { observe: (value: number) => void }>()
  const keep = <T extends { inc: () => void } | { observe: (value: number) => void }>(
    key: string,
    make: () => T,
  ): T => {
    const handle = (kept.get(key) as T | undefined) ?? make()
    kept.set(key, handle)
    return handle
  }
  return {
    emitted: (type) =>
      keep(`e ${type}`, () => metrics.counter('pleiad_events_emitted_total', service, type)).inc(),
    handled: (consumer, type, ms, outcome, lagMs) => {
      keep(`h ${consumer} ${outcome}`, () =>
        metrics.counter('pleiad_events_handled_total', service, consumer, type, outcome),
      ).inc()
      if (outcome === 'done')
        keep(`s ${consumer}`, () =>
          metrics.histogram('pleiad_event_handling_seconds', service, consumer, type),
        ).observe(ms / 1000)
      if (lagMs !== undefined)
        keep(`l ${consumer}`, () =>
          metrics.histogram('pleiad_event_lag_seconds', service, consumer, type),
        ).observe(Math.max(0, lagMs) / 1000)
    },
  }
}
