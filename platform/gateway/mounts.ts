/**
 * Raw handlers below a prefix, for protocols that bring an implementation of their own. What is true for every request
 * happens here (request id, safety headers, budget of the address, trace, metrics); the rest is the handler's business.
 */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Contract } from '../contract/contract.ts'
import { runInSpan, startSpan } from '../observe/trace.ts'
import type { Mount } from '../service/service.ts'
import { budgetKey, type Guard, tooMany } from './admission.ts'
import { addStandard } from './answer.ts'
import type { Limiter } from './limits.ts'
import { PROBLEM_TYPE, renderError } from './problems.ts'
import type { Site } from './static.ts'

export interface MountOptions {
  readonly contract: Contract
  readonly log: Logger
  readonly guard: Guard
  readonly address: Limiter | undefined
  readonly bodyLimit: number
  readonly site: Site
  readonly observe: ((status: number, seconds: number) => void) | undefined
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route is a mount: nothing but its handler answers, preflights neither. */
    raw?: boolean
  }
}

/** @param prefix begins and ends with a slash. */
export function mountRaw(app: FastifyInstance, prefix: string, mount: Mount, options: MountOptions): void {
  const { contract, log, guard, address, site } = options
  if (!/^\/([a-z0-9.-]+\/)+$/.test(prefix) || prefix.startsWith('/api/'))
    throw new Error(
      `${contract.name} cannot mount ${prefix}: a prefix such as /${contract.name}/ is expected`,
    )

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { raw: response } = reply
    try {
      await mount(request.raw, response, {
        id: request.id,
        ip: request.ip,
        allowsOrigin: (origin) => guard.origins.isAllowed(origin, request.headers.host),
        serveApp: () => {
          const { headers, body } = site.page()
          response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
        },
      })
    } catch (error) {
      fail(error, response, request.id)
    }
  }
  const fail = (error: unknown, response: ServerResponse, requestId: string): void => {
    const { status, problem, headers } = renderError(error, contract, requestId, log, options.bodyLimit)
    // Half an answer cannot be taken back: the client sees that it broke off.
    if (response.headersSent) return void response.destroy()
    response
      .writeHead(status, { ...headers, 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' })
      .end(JSON.stringify(problem))
  }
  /** Puts the budget into the headers; throws when it is spent. */
  const spend = async (request: FastifyRequest, reply: FastifyReply, limiter: Limiter): Promise<void> => {
    const decision = await limiter.take(budgetKey(request.ip), guard.nowMs())
    request.budget = { limiter, decision }
    addStandard(request, reply, [])
    if (decision.allowed) return
    guard.limited()
    throw tooMany(decision)
  }

  app.route({
    method: app.supportedMethods,
    url: `${prefix}*`,
    config: { contract, raw: true },
    // In the first hook, so that nothing has read the body.
    onRequest: (request, reply, done) => {
      request.observe = options.observe
      const span = startSpan(`${request.method} ${prefix}`, {
        traceparent: (request.headers['traceparent'] as string | undefined) ?? null,
        kind: 'server',
        service: contract.name,
      })
      request.span = span
      const admitted = address ? spend(request, reply, address) : Promise.resolve()
      admitted.then(() => {
        reply.hijack()
        for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value!)
        return runInSpan(span, () => answer(request, reply))
      }, done)
    },
    handler: () => {},
  })
}
