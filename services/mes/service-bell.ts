/** Wakes those who wait for work. Lost wakes are harmless: waiters look by themselves now and then. */
import type { Tools } from '@pleiad/platform/service'

const CHANNEL = 'mes.work'
/** Other processes are not told more often than this. */
const TOLD_EVERY_MS = 50

export interface Bell {
  /** Tells every waiter of the installation that there may be work. */
  readonly ring: () => void
  /** Resolves when the bell rings, the time is over, `signal` aborts, or this process stops. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly closed: () => boolean
  readonly close: () => void
}

export function createBell({ broadcast, onBroadcast }: Pick<Tools, 'broadcast' | 'onBroadcast'>): Bell {
  const waiters = new Set<() => void>()
  let closed = false
  let toldAt = 0
  const wake = () => {
    for (const waiter of [...waiters]) waiter()
  }
  onBroadcast(CHANNEL, wake)
  return {
    ring: () => {
      if (closed) return
      wake()
      const now = performance.now()
      if (now - toldAt < TOLD_EVERY_MS) return
      toldAt = now
      broadcast(CHANNEL, null)
    },
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          waiters.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, milliseconds)
        waiters.add(done)
        signal.addEventListener('abort', done)
        if (closed || signal.aborted) done()
      }),
    closed: () => closed,
    close: () => {
      closed = true
      wake()
    },
  }
}
