/** One service's data: its own schema, reached by its own role through a small pool. All SQL is in `store.ts` of the service. */
import type postgres from 'postgres'
import { uuidv7 } from 'uuidv7'
import { Refusal } from '../contract/problem.ts'
import { type Emission, MAX_EVENT_BYTES } from '../events/envelope.ts'
import { currentTraceparent, withSpan } from '../observe/trace.ts'
import { connect } from './connect.ts'
import { countTransactions, type PoolUse } from './pool.ts'
import { openReader, type Reader } from './reader.ts'
import type { Standbys } from './standbys.ts'

/** Tagged-template SQL of postgres.js. Store functions that only read take this. */
export type Sql = postgres.ISql<{ bigint: number }>

/** A transaction: the SQL tag, and what leaves when it commits. */
export type Tx = Sql & {
  /** Adds an event, in one or several versions, to the outbox of this transaction; use the typed `emit(tx, contract, ...)`. */
  readonly emit: (...versions: Emission[]) => void
  /** Sends to live connections after the commit; use the typed `push(tx, contract, ...)` and `pushToHolders`. */
  readonly pushAfterCommit: (topic: string, userId: string | undefined, data: unknown) => void
  /**
   * Sends one last statement together with the commit, which saves a round trip; when the database refuses it, nothing
   * is committed. `statement` must make and run it at once: what it fails to send would not hold the commit back.
   */
  readonly withCommit: (statement: () => Promise<unknown>) => void
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
  readonly push?: (topic: string, userId: string | undefined, data: unknown) => void
  /** Called after a commit that added events that are due. */
  readonly wake?: () => void
  /** Called before a transaction is repeated. */
  readonly onRetry?: () => void
  /** Of its PostgreSQL; `urlOn` is `url` on one of them. */
  readonly standbys?: { readonly watched: Standbys; readonly urlOn: (standbyUrl: string) => string }
}

export interface Store {
  readonly schema: string
  readonly sql: Sql
  readonly transact: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /** How the pool is used now. Reads outside of transactions are not among it: they share connections. */
  readonly pool: () => PoolUse
  /** Reads from standbys, where there are any. */
  readonly reader?: Reader
  readonly close: () => Promise<void>
}

const MAX_RETRIES = 5
const never = () => new Promise<never>(() => {})

/** Opens the pool of one service. Timestamps come as Date, int8 as number (safe: our counters stay below 2^53). */
export function openStore(options: StoreOptions): Store {
  const open = (url: string, connectSeconds: number) =>
    connect(url, {
      max: options.poolSize,
      idle_timeout: 60,
      max_lifetime: null,
      connect_timeout: connectSeconds,
      onnotice: () => {},
      types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
      connection: {
        application_name: `pleiad-${options.schema}`,
        search_path: options.schema,
        statement_timeout: options.statementTimeoutMs,
        idle_in_transaction_session_timeout: 60_000,
      },
    })
  const client = open(options.url, 10)
  const { standbys } = options
  const reader = standbys && openReader(standbys.watched, (url) => open(standbys.urlOn(url), 2))
  const sql = client as unknown as Sql
  const pool = countTransactions<postgres.TransactionSql<{ bigint: number }>>(options.poolSize, (work) =>
    client.begin(work),
  )

  async function transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const emissions: Written[] = []
      let tooLarge: Error | undefined
      let over = false
      // postgres.js rejects by itself when the connection is lost; a rollback or commit that it then still tries to send
      // would end the process with an exception that nobody can catch.
      let gone = false
      const after: (() => void)[] = []
      const last: (() => Promise<unknown>)[] = []
      try {
        const begun = pool.begin(async (transaction) => {
          const tx = Object.assign(
            fenced(transaction, () => over),
            {
              emit: (...versions: Emission[]) => {
                const about = { id: uuidv7(), traceparent: currentTraceparent() }
                for (const emission of versions) {
                  const text = JSON.stringify(emission.data) ?? 'null'
                  const bytes = Buffer.byteLength(text)
                  if (bytes > MAX_EVENT_BYTES) {
                    tooLarge = new Error(
                      `${emission.type} takes ${bytes} bytes; an event takes at most ${MAX_EVENT_BYTES}. Let it name what is large instead of carrying it.`,
                    )
                    throw tooLarge
                  }
                  emissions.push({ ...emission, ...about, text })
                }
              },
              pushAfterCommit: (topic: string, userId: string | undefined, data: unknown) => {
                // The span that pushes is over when the transaction commits.
                const span = {
                  traceparent: currentTraceparent() ?? null,
                  kind: 'producer',
                  service: options.schema,
                } as const
                after.push(() => withSpan(`push ${topic}`, span, () => options.push?.(topic, userId, data)))
              },
              withCommit: (statement: () => Promise<unknown>) => void last.push(statement),
              afterCommit: (callback: () => void) => void after.push(callback),
            },
          ) as Tx
          const value = await work(tx).catch((error) => {
            over = true
            return gone || isConnectionLost(error) ? never() : Promise.reject(error)
          })
          if (gone) return never()
          // Also when it was caught: the rows must not be without their event.
          if (tooLarge) throw tooLarge
          if (emissions.length > 0) {
            const rows = asJson(emissions)
            last.push(() => insertOutbox(tx, rows))
          }
          // After a refused statement the commit is a rollback, and the statement's own error is what is thrown.
          const sent = Promise.all(last.map((statement) => statement()))
          sent.catch(() => {})
          over = true
          return { value, sent }
        })
        begun.catch(() => {
          gone = true
          over = true
        })
        const result = await begun
        await result.sent
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

  return {
    schema: options.schema,
    sql,
    transact,
    pool: pool.use,
    ...(reader ? { reader } : {}),
    close: async () => {
      await Promise.all([client.end({ timeout: 5 }), reader?.close()])
    },
  }
}

/**
 * The transaction for its own time only. Its connection goes to others afterwards, and work that was given up (a handler
 * that took too long) may still try to write through it.
 */
function fenced(transaction: postgres.TransactionSql, over: () => boolean): Sql {
  const guard = <A extends unknown[], R>(call: (...args: A) => R) => {
    return (...args: A): R => {
      if (over()) throw new Error('This transaction is over')
      return call(...args)
    }
  }
  const tagged = guard(transaction as unknown as (...args: unknown[]) => unknown)
  const savepoint = (work: (inner: Sql) => unknown) =>
    transaction.savepoint((inner) => work(fenced(inner, over)) as Promise<unknown>)
  return Object.assign(tagged, transaction, {
    unsafe: guard(transaction.unsafe),
    savepoint: guard(savepoint),
  }) as unknown as Sql
}

/** An emission with its data as JSON. */
type Written = Emission & { readonly text: string }

function asJson(emissions: readonly Written[]): string {
  const rows = emissions.map(({ data: _, text, ...emission }, n) => {
    const rest = JSON.stringify({ ...emission, lane: emission.lane ?? 'normal', n })
    return `${rest.slice(0, -1)},"data":${text}}`
  })
  return `[${rows.join()}]`
}

/** Writes emitted events in one statement. `due_at` of an undelayed event is null. */
async function insertOutbox(tx: Sql, rows: string): Promise<void> {
  await tx`
    insert into outbox (id, type, version, key, data, lane, due_at, traceparent)
    select e.id, e.type, e.version, e.key, e.data, e.lane, e.at, e.traceparent
    from jsonb_to_recordset(${rows}::text::jsonb)
      as e(id uuid, type text, version int, key text, data jsonb, lane text, at timestamptz, traceparent text, n int)
    order by e.n`
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '')
}

function isConnectionLost(error: unknown): boolean {
  return /^(CONNECTION_\w+|ECONN\w+|EPIPE)$/.test(codeOf(error))
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
