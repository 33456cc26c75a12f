/** Between a broker that hands over one message at a time and an inbox that stores hundreds in one statement. */
import type { Envelope } from './envelope.ts'

/**
 * Collects what arrives while the batch before is being stored. The returned function resolves when its event is
 * stored and rejects when it could not be. Batches go one after another, in the order of arrival.
 */
export function createCollector(
  receive: (events: readonly Envelope[]) => Promise<void>,
  size: number,
): (event: Envelope) => Promise<void> {
  let waiting: { event: Envelope; resolve: () => void; reject: (error: unknown) => void }[] = []
  let running = false

  async function run(): Promise<void> {
    running = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, size)
      waiting = waiting.slice(size)
      try {
        await receive(batch.map(({ event }) => event))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = false
  }

  return (event) =>
    new Promise((resolve, reject) => {
      waiting.push({ event, resolve, reject })
      // Not at once: what came in the same packet goes in the same batch.
      if (!running) {
        running = true
        setImmediate(run)
      }
    })
}
