/**
 * How long a request's body may take to arrive. Node knows one limit for all of them (`requestTimeout`), which would
 * cut off an upload of an hour; so the gateway watches by itself: what it reads for operations must be there in time,
 * and what a mount reads must go on arriving.
 */
import type { IncomingMessage } from 'node:http'

export const ARRIVAL_MS = 60_000

/**
 * Calls `late` when the body of `request` has not arrived `limitMs` after its headers, or, when it is `long`, when
 * nothing of it has come for that long.
 */
export function watchArrival(
  request: IncomingMessage,
  { long, limitMs, late }: { readonly long: boolean; readonly limitMs: number; readonly late: () => void },
): void {
  const { headers, socket } = request
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return
  let seen = socket.bytesRead
  const timer = setInterval(() => {
    if (request.complete || socket.destroyed) return clearInterval(timer)
    if (long && socket.bytesRead > seen) {
      seen = socket.bytesRead
      return
    }
    clearInterval(timer)
    late()
  }, limitMs)
  timer.unref()
  request.once('close', () => clearInterval(timer))
}
