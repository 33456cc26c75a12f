/**
 * Who may pass, decided before a body is read: origin, budget of the address, token, budget of the person, access.
 * Each step goes on at once when its answer is at hand, and as a promise's continuation only when it is not.
 */
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../contract/contract.ts'
import { Refusal } from '../contract/problem.ts'
import type { Identity, Verified } from '../identity/identity.ts'
import type { Memberships } from '../identity/memberships.ts'
import { checkProof, PROOF_ALGORITHMS } from '../identity/proofs.ts'
import { createVerdicts } from '../identity/verdicts.ts'
import type { Caller } from '../service/service.ts'
import { type Permit, type Place, permitOf } from './access.ts'
import { dress } from './answer.ts'
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
  readonly memberships: Memberships
  readonly origins: Origins
  readonly nowMs: () => number
  /** Tells the metrics that a budget was spent. */
  readonly limited: () => void
  /** Without a trailing slash. */
  readonly publicUrl: string
  /** Proofs of possession that were seen. */
  readonly proofs: Limiter
}

type Done = (error?: Error) => void
/** By what their Authorization header said. */
type Programs = ReturnType<typeof createVerdicts<Verified>>
/** Goes on or ends the request through `done`; what it returns means nothing. */
type Step<T> = (state: State, value: T) => unknown

interface State {
  readonly guard: Guard
  readonly admission: Admission
  readonly permit: Permit
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly done: Done
  readonly nowMs: number
  verified: Verified | undefined
  /** A token was given in the header; otherwise a cookie may have one. */
  bearer: boolean
  /** The programs that came before, whose budget is their own. */
  readonly programs: Programs
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, as far as the operation may know. */
    caller: Caller | undefined
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
  const permit = permitOf(admission.access, guard.memberships)
  const programs: Programs = createVerdicts(5_000)
  const begin = (request: FastifyRequest, reply: FastifyReply, done: Done): unknown => {
    const { headers } = request
    const origin = headers.origin
    if (origin !== undefined && origin !== 'null' && !guard.origins.isOwn(origin, headers.host)) {
      dress(request, reply, 'vary', 'origin')
      if (guard.origins.isAllowed(origin, headers.host)) allowOrigin(reply, origin)
      else if (admission.unsafe) return done(foreignOrigin(origin))
    } else if (origin === 'null' && admission.unsafe) return done(foreignOrigin('an unknown origin'))
    const state: State = {
      guard,
      admission,
      permit,
      request,
      reply,
      done,
      nowMs: guard.nowMs(),
      verified: undefined,
      bearer: false,
      programs,
    }
    if (address === undefined || isKnownProgram(state)) return identify(state, undefined)
    go(state, address.take(budgetKey(request.ip), state.nowMs), spendAddress)
    return undefined
  }
  return (request, reply, done) => {
    begin(request, reply, done)
  }
}

/** Who is known as a program need not share the budget of an address with its neighbours: it has one of its own. */
function isKnownProgram({ guard, programs, request, nowMs }: State): boolean {
  const { authorization } = request.headers
  const known = authorization === undefined ? undefined : programs.get(authorization)
  return known !== undefined && guard.identity.holds(known, nowMs)
}

/** Programs that act for themselves. One that acts for an end user shares its id with all other users of its app. */
function isProgram({ kind, project }: Caller): boolean {
  return kind === 'program' && project?.endUser === undefined
}

function go<T>(state: State, value: T | Promise<T>, step: Step<T>): void {
  if (value instanceof Promise) value.then((settled) => step(state, settled)).catch(state.done)
  else step(state, value)
}

function spendAddress(state: State, decision: Decision): void {
  if (spend(state, decision, state.admission.limits.address!)) identify(state, undefined)
}

/** Notes a decision for the headers, the tightest of both budgets; false when the request is refused. */
function spend(state: State, decision: Decision, limiter: Limiter): boolean {
  const { request } = state
  const { budget } = request
  if (budget === undefined || decision.remaining <= budget.decision.remaining)
    request.budget = { limiter, decision }
  if (decision.allowed) return true
  state.guard.limited()
  state.done(tooMany(decision))
  return false
}

export function tooMany(decision: Decision): Refusal {
  const seconds = Math.max(1, decision.seconds)
  const detail = `Repeat after ${seconds} s.`
  return new Refusal('rateLimited', detail, { retryAfter: seconds }, { 'retry-after': String(seconds) })
}

function identify(state: State, _: undefined): unknown {
  const { request, admission, guard } = state
  const { authorization, cookie } = request.headers
  state.bearer = authorization !== undefined
  if (
    !state.bearer &&
    admission.unsafe &&
    cookie?.includes('pleiad_') &&
    request.headers['x-pleiad-csrf'] !== '1'
  )
    return state.done(
      new Refusal('foreignOrigin', 'Requests with session cookies must carry the header `x-pleiad-csrf: 1`.'),
    )
  const credentials = authorization ?? cookie
  if (credentials === undefined) return recognise(state, undefined)
  // A connection mostly says the same again: to compare is cheaper than to look up by a long token.
  const { last } = request.raw.socket as RememberingSocket
  if (last !== undefined && last.credentials === credentials && last.bearer === state.bearer) {
    if (guard.identity.holds(last.verified, state.nowMs)) return recognise(state, last.verified)
  }
  const token = state.bearer ? tokenIn(credentials) : cookieOf(cookie, ACCESS_COOKIE)
  if (token === undefined && state.bearer)
    return state.done(unauthenticated('The Authorization header must be `Bearer <token>` or `DPoP <token>`.'))
  if (token === undefined) return recognise(state, undefined)
  let verified: Verified | undefined | Promise<Verified | undefined>
  try {
    verified = guard.identity.verify(token, state.nowMs)
  } catch (error) {
    return state.done(error as Error)
  }
  return go(state, verified, remember)
}

/** What a connection said last, and who that was. */
type RememberingSocket = Socket & {
  last?: { readonly credentials: string; readonly bearer: boolean; readonly verified: Verified }
}

function remember(state: State, verified: Verified | undefined): unknown {
  const { headers, raw } = state.request
  const credentials = headers.authorization ?? headers.cookie
  if (verified !== undefined && credentials !== undefined)
    (raw.socket as RememberingSocket).last = { credentials, bearer: state.bearer, verified }
  if (verified !== undefined && headers.authorization !== undefined && isProgram(verified.caller))
    state.programs.set(headers.authorization, verified)
  return recognise(state, verified)
}

function recognise(state: State, verified: Verified | undefined): unknown {
  const { admission } = state
  if (verified === undefined) {
    // A browser sends its cookie everywhere, so an old one must not stand in the way of signing in anew.
    if (state.bearer)
      return state.done(
        unauthenticated('The access token is expired, revoked or not valid.', 'invalid_token'),
      )
    if (admission.access !== 'public') return state.done(unauthenticated('This needs an access token.'))
    return state.done()
  }
  state.verified = verified
  const { boundTo } = verified.caller.project ?? {}
  const scheme = state.bearer && /^dpop /i.test(state.request.headers.authorization!)
  if (boundTo === undefined && !scheme) return charge(state, undefined)
  return prove(state, boundTo)
}

/** RFC 9449, section 7: a token that is bound to a key comes with a proof of it, and one that is not does not pretend to. */
function prove(state: State, boundTo: string | undefined): unknown {
  const { guard, request, nowMs } = state
  const token = /^dpop /i.test(request.headers.authorization!) && tokenIn(request.headers.authorization!)
  if (boundTo === undefined)
    return state.done(unproved('The token is not bound to a key: send it as Bearer.', 'invalid_token'))
  if (!token) return state.done(unproved('The token is bound to a key: send it as DPoP.', 'invalid_token'))
  const proof = checkProof(request.headers['dpop'] as string | undefined, boundTo, {
    method: request.method,
    url: `${guard.publicUrl}${request.url}`,
    token,
    now: nowMs / 1000,
  })
  if (!proof.holds) return state.done(unproved(proof.reason, 'invalid_dpop_proof'))
  return go(state, guard.proofs.take(proof.id, nowMs), acceptProof)
}

function acceptProof(state: State, { allowed }: Decision): unknown {
  if (!allowed)
    return state.done(
      unproved('This proof was used before: make one for each request.', 'invalid_dpop_proof'),
    )
  return charge(state, undefined)
}

/** The budget of whoever it is. */
function charge(state: State, _: undefined): unknown {
  const { caller } = state.verified!
  const limiter = limiterFor(state)
  if (limiter === undefined) return authorise(state)
  // Of a program that acts for an end user the budget is that person's.
  go(state, limiter.take(caller.project?.endUser ?? caller.id, state.nowMs), spendOwn)
}

function limiterFor({ admission: { limits }, verified }: State): Limiter | undefined {
  return isProgram(verified!.caller) ? limits.program : limits.person
}

function spendOwn(state: State, decision: Decision): void {
  if (spend(state, decision, limiterFor(state)!)) authorise(state)
}

function authorise(state: State): unknown {
  let caller: Caller | undefined | Promise<Caller>
  try {
    caller = state.permit(state.verified!.caller, state.request.params as Place)
  } catch (error) {
    return state.done(error as Error)
  }
  return go(state, caller, enter)
}

function enter(state: State, caller: Caller | undefined): void {
  state.request.caller = caller
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

/** The same for tokens that are bound to keys. RFC 9449, section 7.1. */
function unproved(detail: string, error: string): Refusal {
  const algorithms = PROOF_ALGORITHMS.join(' ')
  return new Refusal(
    'unauthenticated',
    detail,
    {},
    { 'www-authenticate': `DPoP realm="pleiad", error="${error}", algs="${algorithms}"` },
  )
}

function tokenIn(authorization: string): string | undefined {
  return /^(?:bearer|dpop) +(\S+)\s*$/i.exec(authorization)?.[1]
}
