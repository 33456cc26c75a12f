/**
 * The histogram of requests. prom-client finds the series of each value by hashing its labels; here the series is at
 * hand, and to observe a value is to add to three numbers. The registry prints it like any other.
 */
import type { Metric, MetricObjectWithValues, MetricValue } from 'prom-client'

interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Of each bucket alone, the last without a bound. */
  readonly counts: number[]
  sum: number
}

export interface Timings {
  /** What the registry takes. */
  readonly metric: Metric
  /** Observes values of one label set; keep it. The series appears with its first value. */
  readonly series: (labels: Readonly<Record<string, string>>) => (value: number) => void
}

export function createTimings(name: string, help: string, bounds: readonly number[]): Timings {
  const all = new Map<string, Series>()
  const values = (): MetricValue<string>[] =>
    [...all.values()].flatMap(({ labels, counts, sum }) => {
      let count = 0
      const buckets = counts.map((own, at) => {
        count += own
        return { metricName: `${name}_bucket`, labels: { le: bounds[at] ?? '+Inf', ...labels }, value: count }
      })
      if (count === 0) return []
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ]
    })
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: async () =>
      ({
        name,
        help,
        type: 'histogram',
        aggregator: 'sum',
        values: values(),
      }) as unknown as MetricObjectWithValues<MetricValue<string>>,
    reset: () => {
      for (const series of all.values()) {
        series.counts.fill(0)
        series.sum = 0
      }
    },
  }
  return {
    metric: metric as unknown as Metric,
    series: (labels) => {
      const key = JSON.stringify(labels)
      const known = all.get(key)
      const series: Series = known ?? { labels, counts: Array(bounds.length + 1).fill(0), sum: 0 }
      all.set(key, series)
      const { counts } = series
      return (value) => {
        let at = 0
        while (at < bounds.length && value > bounds[at]!) at++
        counts[at]!++
        series.sum += value
      }
    },
  }
}
