import fc from 'fast-check'
import { Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createTimings } from './timings.ts'

const bounds = [0.001, 0.01, 0.5, 1]
const value = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(...bounds))

test('prints what prom-client’s own histogram would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom('2xx', '4xx'), value)), async (observed) => {
      const registry = new Registry()
      const own = new Registry()
      const theirs = new Histogram({
        name: 'took_seconds',
        help: 'How long.',
        labelNames: ['service', 'status'],
        buckets: bounds,
        registers: [registry],
      })
      const timings = createTimings('took_seconds', 'How long.', bounds)
      own.registerMetric(timings.metric)
      const series = new Map(
        ['2xx', '4xx'].map((status) => [status, timings.series({ service: 'auth', status })]),
      )
      for (const [status, seconds] of observed) {
        theirs.labels('auth', status).observe(seconds)
        series.get(status)!(seconds)
      }
      const lines = async (from: Registry) => (await from.metrics()).trim().split('\n').sort()
      expect(await lines(own)).toEqual(await lines(registry))
    }),
    { numRuns: 50 },
  )
})

test('a label set is one series, however often it is asked for', async () => {
  const timings = createTimings('took_seconds', 'How long.', bounds)
  const first = timings.series({ service: 'auth' })
  for (let count = 0; count < 2; count++) timings.series({ service: 'auth' })(0.2)
  first(0.2)
  const registry = new Registry()
  registry.registerMetric(timings.metric)
  expect(await registry.metrics()).toContain('took_seconds_count{service="auth"} 3')
  registry.resetMetrics()
  expect(await registry.metrics()).not.toContain('count')
  first(0.2)
  expect(await registry.metrics()).toContain('took_seconds_count{service="auth"} 1')
})
