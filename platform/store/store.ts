/** One service's data: its own schema, reached by its own role through a small pool. All SQL is in `store.ts` of the service. */
import type postgres from 'postgres'
import { uuidv7 } from 'uuidv7'
import { Refusal } from '../contract/problem.ts'
import type { Emission } from '../events/envelope.ts'
import { currentTraceparent, withSpan } from '../observe/trace.ts'
import { connect } from './connect.ts'

/** Tagged-template SQL of postgres.js. Store functions that only read take this. */
export type Sql = postgres.ISql<{ bigint: number }>

/** A transaction: the SQL tag, and what leaves when it commits. */
export type Tx = Sql & {
  /** Adds an event to the outbox of this transaction; use the typed `emit(tx, contract, ...)`. */
  readonly emit: (emission: Emission) => void
  /** Sends to a person's live connections after the commit; use the typed `push(tx, contract, ...)`. */
  readonly pushAfterCommit: (topic: string, userId: string, data: unknown) => void
  /** Runs after the commit, in this process only, and is lost if it dies: for waking and invalidating, never for facts. */
  readonly afterCommit: (work: () => void) => void
}

export interface StoreOptions {
  readonly url: string
  readonly schema: string
  readonly poolSize: number
  readonly statementTimeoutMs: number
  /** Constraint name → error code of the service's contract. */
  readonly constraints?: Readonly<Record<string, string>>
  readonly push?: (topic: string, userId: string, data: unknown) => void
  /** Called after a commit that added events that are due. */
  readonly wake?: () => void
  /** Called before a transaction is repeated. */
  readonly onRetry?: () => void
}

export interface Store {
  readonly schema: string
  readonly sql: Sql
  readonly transact: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

const MAX_RETRIES = 5

/** Opens the pool of one service. Timestamps come as Date, int8 as number (safe: our counters stay below 2^53). */
export function openStore(options: StoreOptions): Store {
  const client = connect(options.url, {
    max: options.poolSize,
    idle_timeout: 60,
    max_lifetime: null,
    connect_timeout: 10,
    onnotice: () => {},
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    connection: {
      application_name: `pleiad-${options.schema}`,
      search_path: options.schema,
      statement_timeout: options.statementTimeoutMs,
      idle_in_transaction_session_timeout: 60_000,
    },
  })
  const sql = client as unknown as Sql

  async function transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const emissions: Emission[] = []
      const after: (() => void)[] = []
      try {
        const result = await client.begin(async (transaction) => {
          const tx = Object.assign(transaction as unknown as Sql, {
            emit: (emission: Emission) =>
              void emissions.push({ ...emission, traceparent: currentTraceparent() }),
            pushAfterCommit: (topic: string, userId: string, data: unknown) => {
              // The span that pushes is over when the transaction commits.
              const span = {
                traceparent: currentTraceparent() ?? null,
                kind: 'producer',
                service: options.schema,
              } as const
              after.push(() => withSpan(`push ${topic}`, span, () => options.push?.(topic, userId, data)))
            },
            afterCommit: (callback: () => void) => void after.push(callback),
          }) as Tx
          const value = await work(tx)
          if (emissions.length > 0) await insertOutbox(tx, emissions)
          return { value }
        })
        if (emissions.length > 0) options.wake?.()
        for (const callback of after) callback()
        return result.value as T
      } catch (error) {
        if (!isRetriable(error) || attempt > MAX_RETRIES) throw translate(error, options.constraints)
        options.onRetry?.()
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt))
      }
    }
  }

  return { schema: options.schema, sql, transact, close: () => client.end({ timeout: 5 }) }
}

/** Writes emitted events in one statement. `due_at` of an undelayed event is null. */
export async function insertOutbox(tx: Sql, emissions: readonly Emission[]): Promise<void> {
  const rows = emissions.map((emission, n) => ({
    n,
    id: uuidv7(),
    type: emission.type,
    version: emission.version,
    key: emission.key,
    data: emission.data,
    lane: emission.lane ?? 'normal',
    at: emission.at?.toISOString() ?? null,
    traceparent: emission.traceparent ?? null,
  }))
  await tx`
    insert into outbox (id, type, version, key, data, lane, due_at, traceparent)
    select e.id, e.type, e.version, e.key, e.data, e.lane, e.at, e.traceparent
    from jsonb_to_recordset(${tx.json(rows as never)})
      as e(id uuid, type text, version int, key text, data jsonb, lane text, at timestamptz, traceparent text, n int)
    order by e.n`
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '')
}

function isRetriable(error: unknown): boolean {
  return codeOf(error) === '40001' || codeOf(error) === '40P01'
}

/**
 * Turns what the database refused into a declared refusal; anything else is returned as it is.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function translate(error: unknown, constraints: Readonly<Record<string, string>> = {}): unknown {
  if (error instanceof Refusal) return error
  const code = codeOf(error)
  const constraint = (error as { constraint_name?: string } | null)?.constraint_name
  if (constraint && constraints[constraint]) return new Refusal(constraints[constraint])
  if (/^(23505|23503|23P01)$/.test(code)) return withCause(new Refusal('conflict'), error)
  if (
    /^(40001|40P01|57014|55P03|57P0\d|53\d{3}|08\w{3}|CONNECT_TIMEOUT|CONNECTION_\w+|ECONN\w+|ENOENT|EPIPE)$/.test(
      code,
    )
  )
    return withCause(new Refusal('unavailable', undefined, {}, { 'retry-after': '2' }), error)
  return error
}

function withCause<E extends Error>(refusal: E, cause: unknown): E {
  refusal.cause = cause
  return refusal
}
