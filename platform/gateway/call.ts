/**
 * The `call` a handler gets. One is made per request, so it is cheap: a prototype per operation holds the tools and
 * what is the same for all requests; `request` and `answer` are made only when a handler asks for them.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../contract/problem.ts'
import type { Answer, Caller, RequestInfo, Tools } from '../service/service.ts'
import { dress } from './answer.ts'
import { cookiesOf } from './cookies.ts'

const http = Symbol('http')

export interface AnyCall extends Tools {
  params: unknown
  query: unknown
  body: unknown
  caller: Caller | undefined
  ifMatch: string
  transact: Tools['transact']
  sql: Tools['sql']
  readonly request: RequestInfo
  readonly answer: Answer
  readonly fail: (code: string, detail?: string, extensions?: Record<string, unknown>) => never
  [http]: { readonly request: FastifyRequest; readonly reply: FastifyReply }
}

function fail(code: string, detail?: string, extensions?: Record<string, unknown>): never {
  throw new Refusal(code, detail, extensions)
}

/** The prototype of an operation's calls. */
export function callPrototype(tools: Tools): object {
  return Object.create(tools, {
    fail: { value: fail },
    request: {
      get(this: AnyCall): RequestInfo {
        const { request } = this[http]
        return {
          id: request.id,
          ip: request.ip,
          userAgent: String(request.headers['user-agent'] ?? '').slice(0, 400),
          cookies: cookiesOf(request.headers.cookie),
          origin: request.headers.origin,
        }
      },
    },
    answer: {
      get(this: AnyCall): Answer {
        const { request, reply } = this[http]
        return {
          header: (name, value) => dress(request, reply, name, value),
          // Fastify collects Set-Cookie headers instead of replacing them.
          cookie: (cookie) => dress(request, reply, 'set-cookie', cookie),
        }
      },
    },
  })
}

export function createCall(
  prototype: object,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller | undefined,
): AnyCall {
  const call = Object.create(prototype) as AnyCall
  call.params = request.params
  call.query = request.query
  call.body = request.body
  call.caller = caller
  call.ifMatch = ''
  call[http] = { request, reply }
  return call
}
