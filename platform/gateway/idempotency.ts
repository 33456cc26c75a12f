/**
 * `Idempotency-Key` (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/): the first answer is
 * kept for 24 hours and replayed.
 *
 * The key's row is claimed before the handler runs. Each transaction of the handler marks the row in the same commit
 * and checks that the claim is still its own, so whatever happens the effect happens at most once:
 * - a crash before the commit leaves an unmarked row, which another request takes over after the lease; it is short,
 *   because whoever works renews it;
 * - a crash after the commit leaves a marked row with the answer as far as it was known then: the value that the
 *   transaction returned, when that fits the operation's schema (handlers usually return it unchanged);
 * - a request that outlived its lease and lost the row cannot commit any more.
 */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Contract } from '../contract/contract.ts'
import { Refusal } from '../contract/problem.ts'
import { seal, unseal } from '../store/sealing.ts'
import type { Sql, Store, Tx } from '../store/store.ts'
import type { Sealed } from './answer.ts'
import type { AnyCall } from './call.ts'
import { malformed } from './json.ts'
import { renderError } from './problems.ts'

export interface IdempotencyOptions {
  /** How long a claim without an effect stands after its holder was last heard of. Milliseconds. */
  readonly leaseMs: number
  /** Seals the kept answers, 32 bytes: some hold a secret that is shown this once. */
  readonly sealingKey: Buffer
}

/** A row that this request holds; `stamp` tells it from a later claim of the same key. */
export interface Claim {
  readonly store: Store
  readonly caller: string
  readonly operation: string
  readonly key: string
  readonly stamp: string
  readonly sealingKey: Buffer
  readonly leaseMs: number
}

export interface Replay {
  readonly sealed: Sealed
  /** Whether the first answer was a refusal. */
  readonly problem: boolean
}

const KEEP_MS = 24 * 3600_000
/** A handler that hangs must not hold its key for good; nobody waits for an answer for so long. */
const LONGEST_MS = 300_000
/** Status of a row whose effect is committed while its answer is not known. */
const EFFECT_ONLY = 0

/** The key a request carries, if any. */
export function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    throw malformed('Idempotency-Key must be 1 to 200 visible ASCII characters.')
  return key
}

/**
 * Takes the key for this request, or finds the answer it already has.
 * @throws Refusal `idempotencyMismatch` for other parameters, `idempotencyInFlight` while the first request runs.
 */
export async function claimKey(
  store: Store,
  options: IdempotencyOptions,
  operation: string,
  key: string,
  request: FastifyRequest,
): Promise<Claim | Replay> {
  const caller = request.caller?.id ?? 'anybody'
  const fingerprint = fingerprintOf(request)
  const { leaseMs, sealingKey } = options
  const claimed = await store.transact(
    (tx) => tx<{ stamp: string }[]>`
      insert into idempotency_keys as k (caller, operation, key, fingerprint, created_at, held_until)
      values (${caller}, ${operation}, ${key}, ${fingerprint}, clock_timestamp(),
        clock_timestamp() + make_interval(secs => ${leaseMs / 1000}))
      on conflict (caller, operation, key) do update
        set fingerprint = excluded.fingerprint, status = null, body = null, created_at = clock_timestamp(),
          held_until = excluded.held_until
        where k.created_at < now() - make_interval(secs => ${KEEP_MS / 1000})
           or (k.status is null and k.fingerprint = excluded.fingerprint and k.held_until < now())
      returning k.created_at::text as stamp`,
  )
  const own = { caller, operation, key }
  if (claimed[0]) return { store, ...own, stamp: claimed[0].stamp, sealingKey, leaseMs }
  const [row] = await store.sql<{ fingerprint: Buffer; status: number | null; body: string | null }[]>`
    select fingerprint, status, body from idempotency_keys
    where caller = ${caller} and operation = ${operation} and key = ${key}`
  if (row && !fingerprint.equals(row.fingerprint)) throw new Refusal('idempotencyMismatch')
  if (!row || row.status === null) throw inFlight()
  const body = row.body === null ? undefined : attempt(() => openBody(sealingKey, row.body!, own))
  if (row.status === EFFECT_ONLY || (row.body !== null && body === undefined))
    throw new Refusal(
      'conflict',
      'The request with this Idempotency-Key was carried out, but its answer was lost. Read the object.',
    )
  const problem = row.status >= 400
  return { sealed: { status: row.status, body, etag: undefined }, problem }
}

/** Runs the handler under its claim and keeps its answer. */
export async function withKey(
  claim: Claim,
  call: AnyCall,
  contract: Contract,
  request: FastifyRequest,
  render: (value: unknown) => Sealed,
  route: (call: AnyCall) => Promise<unknown>,
  options: { readonly log: Logger; readonly bodyLimit: number },
): Promise<Sealed> {
  const { transact } = call
  call.transact = (work) =>
    transact(async (tx: Tx) => {
      const value = await work(tx)
      const known = attempt(() => render(value))
      if (!(await mark(tx, claim, known?.status ?? EFFECT_ONLY, known?.body))) throw inFlight()
      return value
    })
  const held = hold(claim, options.log)
  try {
    const sealed = render(await route(call))
    await keep(claim, sealed.status, sealed.body, options.log)
    return sealed
  } catch (error) {
    const { status, problem } = renderError(error, contract, request.id, silent, options.bodyLimit)
    // A refusal is an answer and stands. After trouble on our side the request may be tried again, if it had no effect.
    const lost = error instanceof Refusal && error.code === 'idempotencyInFlight'
    if (status < 500 && !lost) await keep(claim, status, JSON.stringify(problem), options.log)
    else await release(claim, options.log)
    throw error
  } finally {
    held.end()
  }
}

/** Renews the lease of a request that works for long. It looks whether the claim is still its own, as `mark` does. */
function hold(claim: Claim, log: Logger): { end: () => void } {
  const { store, caller, operation, key, stamp, leaseMs } = claim
  const begun = performance.now()
  const timer = setInterval(() => {
    if (performance.now() - begun > LONGEST_MS) return clearInterval(timer)
    store.sql`
      update idempotency_keys set held_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
      where caller = ${caller} and operation = ${operation} and key = ${key}
        and created_at = ${stamp}::text::timestamptz and status is null`.catch((err) =>
      log.warn({ err, operation }, 'the lease of an Idempotency-Key could not be renewed'),
    )
  }, leaseMs / 3).unref()
  return { end: () => clearInterval(timer) }
}

const silent = { error: () => {}, warn: () => {} } as unknown as Logger

function inFlight(): Refusal {
  return new Refusal('idempotencyInFlight', undefined, {}, { 'retry-after': '1' })
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** What a kept answer belongs to: moved to another row it does not open. */
function belongsTo({ caller, operation, key }: Pick<Claim, 'caller' | 'operation' | 'key'>): string {
  return `${operation} ${caller} ${key}`
}

function openBody(
  sealingKey: Buffer,
  kept: string,
  row: Pick<Claim, 'caller' | 'operation' | 'key'>,
): string {
  return unseal(sealingKey, Buffer.from(kept, 'base64'), belongsTo(row)).toString()
}

async function mark(sql: Sql, claim: Claim, status: number, body: string | undefined): Promise<boolean> {
  const { caller, operation, key, stamp, sealingKey } = claim
  const kept = body === undefined ? null : seal(sealingKey, body, belongsTo(claim)).toString('base64')
  const { count } = await sql`
    update idempotency_keys set status = ${status}, body = ${kept}
    where caller = ${caller} and operation = ${operation} and key = ${key} and created_at = ${stamp}::text::timestamptz`
  return count === 1
}

/** The effect is committed already: when keeping the answer fails, what the transaction kept must do. */
async function keep(claim: Claim, status: number, body: string | undefined, log: Logger): Promise<void> {
  try {
    await mark(claim.store.sql, claim, status, body)
  } catch (err) {
    log.warn(
      { err, operation: claim.operation },
      'the answer to a request with Idempotency-Key could not be kept',
    )
  }
}

async function release(claim: Claim, log: Logger): Promise<void> {
  const { caller, operation, key, stamp } = claim
  try {
    await claim.store.sql`
      delete from idempotency_keys
      where caller = ${caller} and operation = ${operation} and key = ${key}
        and created_at = ${stamp}::text::timestamptz and status is null`
  } catch (err) {
    log.warn({ err, operation }, 'an Idempotency-Key could not be released; its lease will end')
  }
}

/** SHA-256 of method, path with query, and body in a form that does not depend on the order of keys. */
export function fingerprintOf(request: Pick<FastifyRequest, 'method' | 'url' | 'body'>): Buffer {
  const text = `${request.method}\n${request.url}\n${JSON.stringify(sorted(request.body)) ?? ''}`
  return createHash('sha256').update(text).digest()
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const object = value as Record<string, unknown>
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((name) => [name, sorted(object[name])]),
  )
}
