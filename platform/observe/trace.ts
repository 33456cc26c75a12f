/** The trace context of the work at hand, carried through `await` by AsyncLocalStorage (W3C Trace Context). */
import { AsyncLocalStorage } from 'node:async_hooks'

const context = new AsyncLocalStorage<{ traceparent: string }>()

/** The `traceparent` of the operation or handler that is running, if any. */
export function currentTraceparent(): string | undefined {
  return context.getStore()?.traceparent
}

/** Runs `work` inside the given trace context. */
export function withTraceparent<T>(traceparent: string, work: () => T): T {
  return context.run({ traceparent }, work)
}
