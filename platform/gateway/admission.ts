/**
 * Who may pass, decided before a body is read: origin, budget of the address, token, budget of the person, access.
 * Each step goes on at once when its answer is at hand, and as a promise's continuation only when it is not.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../contract/contract.ts'
import { Refusal } from '../contract/problem.ts'
import type { Identity, Verified } from '../identity/identity.ts'
import { createVerdicts } from '../identity/verdicts.ts'
import { ACCESS_COOKIE, cookieOf } from './cookies.ts'
import { allowOrigin, foreignOrigin, type Origins } from './headers.ts'
import { addressKey, type ClassLimits, type Decision, type Limiter } from './limits.ts'

export interface Admission {
  readonly access: Access
  readonly limits: ClassLimits
  /** Whether the method changes something. */
  readonly unsafe: boolean
}

export interface Guard {
  readonly identity: Identity
  readonly origins: Origins
  readonly nowMs: () => number
  /** Tells the metrics that a budget was spent. */
  readonly limited: () => void
}

type Done = (error?: Error) => void
/** Goes on or ends the request through `done`; what it returns means nothing. */
type Step<T> = (state: State, value: T) => unknown

interface State {
  readonly guard: Guard
  readonly admission: Admission
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly done: Done
  bearer: boolean
  tightest: Decision | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    verified: Verified | undefined
  }
}

const keys = createVerdicts<string>(10_000)

/** The key of an address's budget, remembered: parsing IPv6 for every request would be waste. */
export function budgetKey(ip: string): string {
  let key = keys.get(ip)
  if (key === undefined) {
    key = addressKey(ip)
    keys.set(ip, key)
  }
  return key
}

/** An `onRequest` hook that lets a request through or ends it with the refusal it deserves. */
export function admit(
  guard: Guard,
  admission: Admission,
): (request: FastifyRequest, reply: FastifyReply, done: Done) => void {
  const { address } = admission.limits
  const begin = (request: FastifyRequest, reply: FastifyReply, done: Done): unknown => {
    const { headers } = request
    const origin = headers.origin
    if (origin !== undefined && origin !== 'null' && !guard.origins.isOwn(origin, headers.host)) {
      reply.header('vary', 'origin')
      if (guard.origins.isAllowed(origin, headers.host)) allowOrigin(reply, origin)
      else if (admission.unsafe) return done(foreignOrigin(origin))
    } else if (origin === 'null' && admission.unsafe) return done(foreignOrigin('an unknown origin'))
    const state: State = { guard, admission, request, reply, done, bearer: false, tightest: undefined }
    if (address === undefined) return identify(state, undefined)
    go(state, address.take(budgetKey(request.ip), guard.nowMs()), spendAddress)
    return undefined
  }
  return (request, reply, done) => {
    begin(request, reply, done)
  }
}

function go<T>(state: State, value: T | Promise<T>, step: Step<T>): void {
  if (value instanceof Promise) value.then((settled) => step(state, settled)).catch(state.done)
  else step(state, value)
}

function spendAddress(state: State, decision: Decision): void {
  if (spend(state, decision, state.admission.limits.address!)) identify(state, undefined)
}

/** Notes a decision in the headers, the tightest of both budgets; false when the request is refused. */
function spend(state: State, decision: Decision, limiter: Limiter): boolean {
  const { reply } = state
  if (state.tightest === undefined || decision.remaining <= state.tightest.remaining) {
    state.tightest = decision
    reply.header('ratelimit-policy', limiter.policy)
    reply.header('ratelimit', `${limiter.name};r=${decision.remaining};t=${decision.seconds}`)
  }
  if (decision.allowed) return true
  state.guard.limited()
  const seconds = Math.max(1, decision.seconds)
  state.done(
    new Refusal(
      'rateLimited',
      `Repeat after ${seconds} s.`,
      { retryAfter: seconds },
      { 'retry-after': String(seconds) },
    ),
  )
  return false
}

function identify(state: State, _: undefined): unknown {
  const { request, admission, guard } = state
  const { authorization, cookie } = request.headers
  let token: string | undefined
  if (authorization !== undefined) {
    state.bearer = true
    if (!/^bearer /i.test(authorization))
      return state.done(unauthenticated('The Authorization header must be `Bearer <token>`.'))
    token = authorization.slice(7).trim()
  } else if (cookie !== undefined) {
    token = cookieOf(cookie, ACCESS_COOKIE)
    if (admission.unsafe && cookie.includes('pleiad_') && request.headers['x-pleiad-csrf'] !== '1')
      return state.done(
        new Refusal(
          'foreignOrigin',
          'Requests with session cookies must carry the header `x-pleiad-csrf: 1`.',
        ),
      )
  }
  if (token === undefined) return recognise(state, undefined)
  let verified: Verified | undefined | Promise<Verified | undefined>
  try {
    verified = guard.identity.verify(token)
  } catch (error) {
    return state.done(error as Error)
  }
  return go(state, verified, recognise)
}

function recognise(state: State, verified: Verified | undefined): unknown {
  const { admission, request, guard } = state
  if (verified === undefined) {
    // A browser sends its cookie everywhere, so an old one must not stand in the way of signing in anew.
    if (state.bearer)
      return state.done(
        unauthenticated('The access token is expired, revoked or not valid.', 'invalid_token'),
      )
    if (admission.access !== 'public') return state.done(unauthenticated('This needs an access token.'))
    return state.done()
  }
  request.verified = verified
  const { person } = admission.limits
  if (person === undefined) return authorise(state)
  go(state, person.take(verified.caller.id, guard.nowMs()), spendPerson)
}

function spendPerson(state: State, decision: Decision): void {
  if (spend(state, decision, state.admission.limits.person!)) authorise(state)
}

function authorise(state: State): unknown {
  const { access } = state.admission
  if (typeof access === 'object' && !state.request.verified!.caller.permissions.includes(access.permission))
    return state.done(
      new Refusal('forbidden', `This needs the permission ${access.permission}.`, {
        permission: access.permission,
      }),
    )
  state.done()
}

/** RFC 6750: how to authenticate, and what was wrong with the token. */
function unauthenticated(detail: string, error?: string): Refusal {
  return new Refusal(
    'unauthenticated',
    detail,
    {},
    { 'www-authenticate': `Bearer realm="pleiad"${error ? `, error="${error}"` : ''}` },
  )
}
