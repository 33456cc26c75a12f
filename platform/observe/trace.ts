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

/**
 * Runs `work` as a named step of the trace that `traceparent` belongs to (a new trace when undefined).
 * `attributes` describe the step to whoever records spans.
 */
export function withSpan<T>(
  _name: string,
  traceparent: string | undefined,
  _attributes: Readonly<Record<string, string | number>>,
  work: () => T,
): T {
  return traceparent ? withTraceparent(traceparent, work) : work()
}
