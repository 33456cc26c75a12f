/** Where one service reads what may be somewhat old: pools on the standbys of its PostgreSQL, opened when they are used. */
import type postgres from 'postgres'
import type { Standby, Standbys } from './standbys.ts'
import type { Sql } from './store.ts'

type Pool = postgres.Sql<{ bigint: number }>

/** A standby for one read. */
export interface Source {
  readonly sql: Sql
  /** Tells that the read failed there. */
  readonly failed: (error: unknown) => void
}

export interface Reader {
  /** Tells that the caller has changed something, in whatever way. */
  readonly changed: (caller: string) => void
  /**
   * A standby that shows all that was committed `maxStalenessMs` ago, and all that this caller has changed through this
   * process; else why there is none.
   */
  readonly source: (maxStalenessMs: number, caller: string | undefined) => Source | 'changed' | 'late'
  readonly close: () => Promise<void>
}

/** @param open makes a pool like the primary's at the URL of a standby. */
export function openReader(standbys: Standbys, open: (url: string) => Pool): Reader {
  const pools = new Map<Standby, Pool>()
  const closePool = async (standby: Standby) => {
    const pool = pools.get(standby)
    pools.delete(standby)
    // What still waits on it is refused at once.
    await pool?.end({ timeout: 0 })
  }
  for (const standby of standbys.all) standby.onLost(() => void closePool(standby))
  return {
    changed: standbys.changes.note,
    source: (maxStalenessMs, caller) => {
      if (caller !== undefined && standbys.changes.sinceMs(caller) <= maxStalenessMs) return 'changed'
      const standby = standbys.pick(maxStalenessMs)
      if (!standby) return 'late'
      const pool = pools.get(standby) ?? open(standby.url)
      pools.set(standby, pool)
      return {
        sql: pool as unknown as Sql,
        failed: (error) => standby.failed(error, isAway(error)),
      }
    },
    close: async () => {
      await Promise.all([...pools.keys()].map(closePool))
    },
  }
}

/**
 * Whether the error is the server's: gone, going, full, or without the account. A query that had to give way to what is
 * replayed (40001) or took too long (57014) says nothing of the next one.
 */
function isAway(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code ?? '')
  return /^(08\w{3}|28\w{3}|3D\w{3}|53\w{3}|57P\w{2}|CONNECT_TIMEOUT|CONNECTION_\w+|E(CONN|HOST|NET|TIMEDOUT|PIPE|NOENT|NOTFOUND|AI_)\w*)$/.test(
    code,
  )
}
