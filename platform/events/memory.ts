/** The bus inside one process: publishing is receiving. */
import type { BusDriver, Subscription } from './driver.ts'

/**
 * Makes a bus for the services of this process. `publish` resolves when every subscribed service has stored the events,
 * and rejects when one could not; the relay then sends them again. `onError` hears of broadcast receivers that throw.
 * @param onePostgres whether all services share one PostgreSQL: then what is received need not wait for its disk.
 */
export function createMemoryDriver(
  onError: (error: unknown) => void = () => {},
  onePostgres = true,
): BusDriver {
  const subscriptions = new Map<string, { types: ReadonlySet<string>; receive: Subscription['receive'] }>()
  const channels = new Map<string, ((message: unknown) => void)[]>()
  let closed = false

  return {
    async publish(events) {
      if (closed) throw new Error('The bus is closed')
      const outcomes = await Promise.allSettled(
        [...subscriptions.values()].map(async ({ types, receive }) => {
          const wanted = events.filter((event) => types.has(event.type))
          if (wanted.length > 0) await receive(wanted, onePostgres ? 'outbox' : 'broker')
        }),
      )
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) throw failed.reason
    },
    async subscribe({ service, types, receive }) {
      subscriptions.set(service, { types: new Set(types), receive })
      return []
    },
    // It holds nothing that could be lost.
    onEmptied() {},
    broadcast(channel, message) {
      if (closed) return
      // A copy, as over a network: receivers cannot change what the others see.
      const text = JSON.stringify(message ?? null)
      for (const receive of channels.get(channel) ?? [])
        queueMicrotask(() => {
          try {
            receive(JSON.parse(text))
          } catch (error) {
            onError(error)
          }
        })
    },
    onBroadcast(channel, receive) {
      channels.set(channel, [...(channels.get(channel) ?? []), receive])
    },
    async close() {
      closed = true
      subscriptions.clear()
      channels.clear()
    },
  }
}
