/**
 * How the answer of an operation leaves. The usual one (JSON, no header of its own) is written in one go: its headers
 * are known, so nothing is collected, looked up or sorted. Every other goes the framework's way.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Decision, Limiter } from './limits.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The tightest budget that this request was counted in. */
    budget: { readonly limiter: Limiter; readonly decision: Decision } | undefined
    /** Whether the reply has headers of its own. */
    dressed: boolean
  }
}

/** The answer as it leaves, or as it is kept for a repeated request. */
export interface Sealed {
  readonly status: number
  readonly body: string | undefined
  readonly etag: string | undefined
}

/** Headers as names and values in turn, as `writeHead` takes them. */
export type FlatHeaders = readonly string[]

const JSON_TYPE = 'application/json; charset=utf-8'

/** Sets a header that only this answer has. */
export function dress(request: FastifyRequest, reply: FastifyReply, name: string, value: string): void {
  request.dressed = true
  reply.header(name, value)
}

/**
 * Sends the answer of an operation; `safety` are the headers that all such answers have. The ETag is for `If-Match`
 * alone: it is the version of the object, and what is answered also depends on who asks, so there is no 304.
 */
export function sendSealed(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body, etag }: Sealed,
  safety: FlatHeaders,
): number {
  if (request.dressed) {
    addStandard(request, reply, safety)
    if (etag !== undefined) reply.header('etag', etag)
    reply.code(status)
    if (body === undefined) reply.send()
    else reply.header('content-type', JSON_TYPE).send(body)
    return status
  }
  const headers = ['x-request-id', request.id, ...safety]
  const { budget } = request
  if (budget !== undefined)
    headers.push('ratelimit-policy', budget.limiter.policy, 'ratelimit', leftOf(budget))
  if (etag !== undefined) headers.push('etag', etag)
  if (body === undefined) {
    if (status !== 204) headers.push('content-length', '0')
    reply.raw.writeHead(status, headers)
    reply.hijack()
    reply.raw.end()
    return status
  }
  headers.push('content-type', JSON_TYPE, 'content-length', String(Buffer.byteLength(body)))
  // Throws for a header that cannot be sent; until then the error can still be answered.
  reply.raw.writeHead(status, headers)
  reply.hijack()
  reply.raw.end(body)
  return status
}

/** Adds the headers that every answer has, but for those that the reply has already. */
export function addStandard(request: FastifyRequest, reply: FastifyReply, safety: FlatHeaders): void {
  reply.header('x-request-id', request.id)
  for (let at = 0; at < safety.length; at += 2)
    if (!reply.hasHeader(safety[at]!)) reply.header(safety[at]!, safety[at + 1]!)
  const { budget } = request
  if (budget === undefined) return
  reply.header('ratelimit-policy', budget.limiter.policy)
  reply.header('ratelimit', leftOf(budget))
}

function leftOf({ limiter, decision }: NonNullable<FastifyRequest['budget']>): string {
  return `${limiter.name};r=${decision.remaining};t=${decision.seconds}`
}
