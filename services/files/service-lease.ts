/**
 * One writer at a time. A request that wants to write asks the one that does to stop, and waits for it; one that died
 * with its process loses its lease by itself. So an upload can go on at once where a connection hangs half open.
 */
import { randomUUID } from 'node:crypto'
import type { Tools } from '@pleiad/platform/service'
import type { Own } from './service-own.ts'
import { claimUpload, releaseUpload, renewLease } from './store-files.ts'
import type { FileRow } from './views.ts'

const LEASE_MS = 10_000
const RENEW_MS = 2_500
/** A little longer than a lease lives. */
const WAIT_MS = 12_000
const ASK_AGAIN_MS = 150

export interface Lease {
  readonly row: FileRow
  readonly writer: string
  /** Aborted when somebody else wants to write, or the lease was lost. */
  readonly signal: AbortSignal
  readonly expiresAt: Date
  /** Gives the upload back. `received` is its length now, if known. */
  readonly release: (received?: number) => Promise<void>
}

type Needs = Pick<Tools, 'sql' | 'now' | 'log'>

/** Undefined when there is no such upload any more; `busy` when its writer does not stop. */
export async function takeUpload(tools: Needs, own: Own, id: string): Promise<Lease | 'busy' | undefined> {
  const { sql, now } = tools
  const writer = randomUUID()
  const until = () => new Date(now().getTime() + LEASE_MS)
  const expiresAt = new Date(now().getTime() + own.uploadMs)
  const deadline = Date.now() + WAIT_MS
  for (;;) {
    const row = await claimUpload(sql, id, writer, { now: now(), leaseUntil: until(), expiresAt })
    if (row) return lease(row)
    const rows =
      await sql`select 1 from files where id = ${id} and state = 'uploading' and expires_at > ${now()}`
    if (rows.length === 0) return undefined
    if (Date.now() > deadline) return 'busy'
    own.stopWriter(id)
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }

  function lease(row: FileRow): Lease {
    const controller = new AbortController()
    own.writers.set(id, controller)
    let renewed = Date.now()
    const timer = setInterval(() => {
      renewLease(sql, id, writer, until()).then(
        (still) => {
          if (still) renewed = Date.now()
          else controller.abort()
        },
        // The database is away for a moment: go on for as long as the lease certainly lives.
        (error: unknown) => {
          tools.log.warn({ err: error }, 'the lease of an upload was not renewed')
          if (Date.now() - renewed > LEASE_MS - 2 * RENEW_MS) controller.abort()
        },
      )
    }, RENEW_MS)
    return {
      row,
      writer,
      signal: controller.signal,
      expiresAt,
      release: async (received) => {
        clearInterval(timer)
        if (own.writers.get(id) === controller) own.writers.delete(id)
        await releaseUpload(sql, id, writer, received, expiresAt)
      },
    }
  }
}
