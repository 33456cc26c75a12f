/** Requests for services of other processes: sent on before their body is read. The process they go to decides about them. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Forward } from '../rpc/forward.ts'
import type { FlatHeaders } from './answer.ts'
import { PROBLEM_TYPE, renderError } from './problems.ts'
import type { Tracking } from './tracking.ts'

interface Passing {
  readonly forward: Forward
  readonly tracking: Tracking
  readonly safety: FlatHeaders
  readonly log: Logger
  readonly bodyLimit: number
}

/** The function returns false for requests that belong to no other process; all others it answers by itself. */
export function createPassing(options: Passing): (request: FastifyRequest, reply: FastifyReply) => boolean {
  const { forward, tracking, safety, log, bodyLimit } = options

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = reply
    // Whoever asked is gone.
    if (raw.destroyed) return
    // Half an answer cannot be taken back: the client sees that it broke off.
    if (raw.headersSent) return void raw.destroy()
    const { status, problem, headers } = renderError(error, undefined, request.id, log, bodyLimit)
    for (let at = 0; at < safety.length; at += 2) raw.setHeader(safety[at]!, safety[at + 1]!)
    raw
      .writeHead(status, {
        ...headers,
        'content-type': PROBLEM_TYPE,
        'cache-control': 'no-store',
        'x-request-id': request.id,
      })
      .end(JSON.stringify(problem))
  }

  return (request, reply) => {
    const service = forward.serviceOf(request.url.split('?')[0]!)
    if (service === undefined) return false
    tracking.begin(request)
    reply.raw.once('close', () => tracking.settle(request, reply.raw.statusCode))
    reply.hijack()
    forward.send(service, request.raw, reply.raw).catch((error) => fail(error, request, reply))
    return true
  }
}
