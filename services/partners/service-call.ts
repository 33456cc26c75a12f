/** What every call of a partner goes through: the plan, the log, and refusals of the services behind it in words. */
import { Code, ConnectError } from '@connectrpc/connect'
import type { Caller, ProjectOfCaller, RequestInfo, Tools } from '@pleiad/platform/service'
import { type Counted, dayOf, limitOf, minuteOf, type Plan, retryAfter } from './plans.ts'
import type { PartnersConfig } from './settings.ts'
import * as store from './store.ts'

type Codes = 'planExceeded' | 'requestNotRight' | 'orderRefused' | 'uploadRefused'
type Fail = (code: never, detail?: string, extensions?: Record<string, unknown>) => never

export interface Calling extends Tools {
  readonly caller: Caller & { readonly project: ProjectOfCaller }
  readonly request: RequestInfo
  readonly fail: Fail
  readonly answer: { header(name: string, value: string): void }
}

/** The project in whose name a program calls; its models belong to the project itself. */
export function partnerOf({ caller }: Pick<Calling, 'caller'>) {
  const { id, environment } = caller.project
  return { projectId: id, environment: environment ?? 'production', ownerId: id, programId: caller.id }
}

/** The plan of a project: its own, or what the settings give everybody. */
export async function planOf(
  { sql, config }: Pick<Tools, 'sql' | 'config'>,
  projectId: string,
): Promise<Plan> {
  return (await store.findPlan(sql, projectId)) ?? standardPlan({ config })
}

/** The plan of every project that has none of its own. */
export function standardPlan({ config }: Pick<Tools, 'config'>): Plan {
  const { PARTNERS_REQUESTS_PER_MINUTE, PARTNERS_QUOTES_PER_DAY, PARTNERS_ORDERS_PER_DAY } =
    config as PartnersConfig
  return {
    name: 'Standard',
    limits: {
      requestsPerMinute: PARTNERS_REQUESTS_PER_MINUTE,
      quotesPerDay: PARTNERS_QUOTES_PER_DAY,
      ordersPerDay: PARTNERS_ORDERS_PER_DAY,
    },
  }
}

/** Ends the call because a limit of the plan is reached. */
function exceeded({ now, fail, answer }: Calling, limit: string, per: 'minute' | 'day'): never {
  const seconds = retryAfter(now(), per)
  answer.header('retry-after', String(seconds))
  return (fail as (code: Codes, detail?: string, more?: object) => never)('planExceeded', undefined, {
    limit,
    retryAfter: seconds,
  })
}

/**
 * What a refusal of a service behind this one means to a partner. `declared` are the codes that the operation has;
 * what it does not declare, and what is no refusal, stays an error.
 */
function inWords(error: unknown, fail: Fail, declared: readonly Codes[]): never {
  if (!(error instanceof ConnectError)) throw error
  const say = fail as (code: Codes | 'notFound', detail?: string) => never
  const means: Partial<Record<Code, Codes>> = {
    [Code.InvalidArgument]: declared.includes('uploadRefused') ? 'uploadRefused' : 'requestNotRight',
    [Code.FailedPrecondition]: 'orderRefused',
    [Code.ResourceExhausted]: 'uploadRefused',
  }
  if (error.code === Code.NotFound) return say('notFound')
  const code = means[error.code]
  if (code && declared.includes(code)) return say(code, error.rawMessage)
  throw error
}

/**
 * Runs a call: counts it against the plan, notes it in the log whatever becomes of it, and says in words what a service
 * behind this one refused.
 */
export async function called<T>(
  call: Calling,
  operation: string,
  work: () => Promise<T>,
  options: {
    readonly counted?: Counted
    readonly declared?: readonly Codes[]
    readonly about?: (result: T) => string
  } = {},
): Promise<T> {
  const began = performance.now()
  const { now, newId, sql, transact, caller, request } = call
  const place = partnerOf(call)
  const day = dayOf(now())
  const { counted } = options
  let outcome = 'ok'
  let about: string | null = null
  try {
    const { limits } = await planOf(call, place.projectId)
    const calls = await store.countMinute(sql, place.projectId, minuteOf(now()))
    if (calls > limits.requestsPerMinute) exceeded(call, 'requestsPerMinute', 'minute')
    const limit = counted && limitOf[counted]
    if (
      counted &&
      limit &&
      !(await transact((tx) => store.takeOfDay(tx, place, day, counted, limits[limit])))
    )
      exceeded(call, limit, 'day')
    try {
      const result = await work()
      about = options.about?.(result) ?? null
      return result
    } catch (error) {
      if (counted) await store.giveBack(sql, place, day, counted)
      return inWords(error, call.fail, options.declared ?? [])
    }
  } catch (error) {
    outcome = (error as { code?: unknown }).code?.toString() ?? 'internal'
    throw error
  } finally {
    const milliseconds = Math.round(performance.now() - began)
    const entry = {
      logId: newId(),
      at: now(),
      operation,
      outcome,
      milliseconds,
      programId: caller.id,
      requestId: request.id,
      about,
    }
    // Beside the call's transactions: its Idempotency-Key would take the note for the effect, and burn on a failure.
    await store.insertLog(sql, place, day, entry)
    call.count('calls', { operation, result: outcome === 'ok' ? 'ok' : 'failed' })
  }
}
