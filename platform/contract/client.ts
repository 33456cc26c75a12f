/** The typed client of a contract: the web app, tests and programs call operations by name. */
import type { BodyOf, Contract, Operation, ParamsOf, Problem, QueryOf, ReturnsOf } from './contract.ts'
import { pathOf } from './contract.ts'

type Part<Key extends string, T> = T extends undefined
  ? {}
  : {} extends T
    ? { [K in Key]?: T }
    : { [K in Key]: T }

export type InputOf<O extends Operation> = Part<'params', ParamsOf<O>> &
  Part<'query', QueryOf<O>> &
  Part<'body', BodyOf<O>> &
  (O extends { readonly ifMatch: true } ? { ifMatch: string | number } : {}) &
  (O extends { readonly idempotent: true } ? { idempotencyKey?: string } : {}) & { signal?: AbortSignal }

export type Client<C extends Contract> = {
  readonly [K in keyof C['operations']]: {} extends InputOf<C['operations'][K]>
    ? (input?: InputOf<C['operations'][K]>) => Promise<ReturnsOf<C['operations'][K]>>
    : (input: InputOf<C['operations'][K]>) => Promise<ReturnsOf<C['operations'][K]>>
}

/** A refusal by the server; `code` is the key in the error catalogue. */
export class ProblemError extends Error {
  readonly problem: Problem
  readonly status: number
  readonly code: string
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.name = 'ProblemError'
    this.problem = problem
    this.status = problem.status
    this.code = problem.code
  }
}

export interface ClientOptions {
  /** Origin of the gateway; empty for the page's own origin. */
  readonly baseUrl?: string
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Headers of every request, such as `authorization`. */
  readonly headers?: () => Record<string, string>
}

interface AnyInput {
  params?: Record<string, unknown>
  query?: Record<string, unknown>
  body?: unknown
  ifMatch?: string | number
  idempotencyKey?: string
  signal?: AbortSignal
}

/** Makes the client of `contract`. A refusal rejects with `ProblemError`; a lost connection with fetch's own error. */
export function createClient<C extends Contract>(contract: C, options: ClientOptions = {}): Client<C> {
  const send = options.fetch ?? ((url, init) => fetch(url, init))
  const call =
    (operation: Operation) =>
    async (input: AnyInput = {}) => {
      const path = pathOf(contract, operation).replace(/:(\w+)/g, (_, name) =>
        encodeURIComponent(String(input.params?.[name])),
      )
      const query = new URLSearchParams()
      for (const [name, value] of Object.entries(input.query ?? {}))
        if (value !== undefined) query.set(name, String(value))
      const headers: Record<string, string> = { accept: 'application/json', ...options.headers?.() }
      if (input.body !== undefined) headers['content-type'] = 'application/json'
      if (input.ifMatch !== undefined) headers['if-match'] = `"${input.ifMatch}"`
      if (input.idempotencyKey) headers['idempotency-key'] = input.idempotencyKey
      const response = await send(`${options.baseUrl ?? ''}${path}${query.size ? `?${query}` : ''}`, {
        method: operation.method,
        headers,
        body: input.body === undefined ? null : JSON.stringify(input.body),
        ...(input.signal ? { signal: input.signal } : {}),
      })
      const text = await response.text()
      if (response.ok) return text === '' ? undefined : JSON.parse(text)
      throw new ProblemError(problemFrom(response.status, text))
    }
  return Object.fromEntries(
    Object.entries(contract.operations).map(([name, operation]) => [name, call(operation)]),
  ) as Client<C>
}

/** A problem from any answer: a proxy in between may have answered with something that is not JSON. */
function problemFrom(status: number, text: string): Problem {
  try {
    const problem = JSON.parse(text)
    if (typeof problem?.code === 'string') return problem
  } catch {
    // Not JSON: described below.
  }
  return { type: 'about:blank', title: `The server answered ${status}.`, status, code: 'unreadableAnswer' }
}
