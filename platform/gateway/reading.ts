/** Reads that a standby may answer, and the primary whenever it does not. */
import type { Operation } from '../contract/contract.ts'
import { Refusal } from '../contract/problem.ts'
import type { Store } from '../store/store.ts'
import type { AnyCall } from './call.ts'

type Route = (call: AnyCall) => Promise<unknown>

/** Who answered a read, and of the primary why. */
export type ReadOutcome = 'standby' | 'changed' | 'late' | 'failed'

/**
 * The route of an operation where the service's PostgreSQL has standbys: `call.sql` of one with `maxStalenessMs` is a
 * standby's. What fails there is done again whole, on the primary: it only reads. That also spares it to know what a
 * standby may fail with; a refusal is an answer, from what the standby shows. Other routes are as they were, and
 * whoever changes something reads it from the primary afterwards.
 */
export function routeWithStandbys(
  route: Route,
  { method, maxStalenessMs }: Operation,
  { reader, sql }: Store,
  count: (outcome: ReadOutcome) => void,
): Route {
  if (!reader) return route
  if (method !== 'GET')
    return async (call) => {
      try {
        return await route(call)
      } finally {
        // Also when it failed: some of it may be done.
        if (call.caller) reader.changed(call.caller.id)
      }
    }
  if (maxStalenessMs === undefined) return route
  return async (call) => {
    const source = reader.source(maxStalenessMs, call.caller?.id)
    if (typeof source === 'string') {
      count(source)
      return route(call)
    }
    try {
      call.sql = source.sql
      const value = await route(call)
      count('standby')
      return value
    } catch (error) {
      if (error instanceof Refusal) {
        count('standby')
        throw error
      }
      source.failed(error)
      count('failed')
      call.sql = sql
      return route(call)
    }
  }
}
