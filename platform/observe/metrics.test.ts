import { expect, test } from 'vitest'
import { createMetrics, metricName, platformMetrics } from './metrics.ts'

test('every metric appears with its description', async () => {
  const text = await createMetrics({ process: false }).text()
  for (const [name, { description, kind }] of Object.entries(platformMetrics)) {
    expect(description.length).toBeGreaterThan(10)
    expect(text).toContain(`# HELP ${name} ${description}`)
    expect(text).toContain(`# TYPE ${name} ${kind}`)
  }
})

test('http requests fall into their status class', async () => {
  const metrics = createMetrics({ process: false })
  const observe = metrics.http('auth', 'login')
  for (const status of [200, 204, 404, 503, 99, 700]) observe(status, 0.004)
  const text = await metrics.text()
  expect(text).toContain(
    'pleiad_http_request_duration_seconds_count{service="auth",operation="login",status="2xx"} 2',
  )
  expect(text).toContain(
    'pleiad_http_request_duration_seconds_bucket{le="0.005",service="auth",operation="login",status="4xx"} 1',
  )
  expect(text).toContain(
    'pleiad_http_request_duration_seconds_count{service="auth",operation="login",status="5xx"} 2',
  )
})

test('counters, histograms and gauges keep their labels, read tells them as data', async () => {
  const metrics = createMetrics({ process: false })
  const emitted = metrics.counter('pleiad_events_emitted_total', 'auth', 'account.registered')
  emitted.inc()
  emitted.inc(2)
  metrics.histogram('pleiad_event_lag_seconds', 'users', 'users.activate', 'account.registered').observe(0.5)
  metrics.onScrape(() => metrics.gauge('pleiad_dead_letters', 4, 'users'))
  expect(await metrics.read('pleiad_events_emitted_total')).toEqual([
    { labels: { service: 'auth', type: 'account.registered' }, value: 3, part: '' },
  ])
  expect((await metrics.read('pleiad_event_lag_seconds')).map(({ part, value }) => [part, value])).toEqual([
    ['_sum', 0.5],
    ['_count', 1],
  ])
  expect((await metrics.read('pleiad_dead_letters'))[0]!.value).toBe(4)
})

test('a gauge that cannot be refreshed does not spoil the scrape', async () => {
  const metrics = createMetrics({ process: false })
  metrics.onScrape(async () => Promise.reject(new Error('no database')))
  metrics.onScrape(() => {
    throw new Error('at once')
  })
  expect(await metrics.text()).toContain('pleiad_scrape_failures_total 2')
})

test('a service counts what it has described, and only that', async () => {
  const metrics = createMetrics()
  const count = metrics.service('reading-room', {
    booksLent: { description: 'Books that were lent', labels: ['kind'] },
    opened_total: { description: 'Openings' },
  })
  count('booksLent', { kind: 'novel' })
  count('booksLent', { kind: 'novel' }, 2)
  count('opened_total')
  const text = await metrics.text()
  expect(text).toContain('# HELP pleiad_reading_room_books_lent_total Books that were lent')
  expect(text).toContain('pleiad_reading_room_books_lent_total{kind="novel"} 3')
  expect(text).toContain('pleiad_reading_room_opened_total 1')
  expect(text).toContain('pleiad_process_cpu_seconds_total')
  expect(() => count('unknown')).toThrow(/reading-room counts unknown/)
  expect(metricName('auth', 'signIns')).toBe('pleiad_auth_sign_ins_total')
  expect(metrics.contentType).toContain('text/plain')
})
