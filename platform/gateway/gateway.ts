/**
 * The one door: a Fastify instance that every service of the process is mounted on. Requests are dispatched without
 * a network hop; what all operations share (identity, limits, validation, problems, headers) happens here.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import proxyAddress from '@fastify/proxy-addr'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { Refusal } from '../contract/problem.ts'
import type { Identity } from '../identity/identity.ts'
import type { Guard } from './admission.ts'
import { answerPreflight, createOrigins, securityHeaders } from './headers.ts'
import { malformed, parseJson } from './json.ts'
import { createLimits, type RateStore } from './limits.ts'
import { endRequestSpan, type Mounting, mountOperation } from './operation.ts'
import { answerClientError, type ConnectionError, sendError } from './problems.ts'
import { openRealtime, type Realtime } from './realtime.ts'
import { type GatewaySettings, listOf, trustOf } from './settings.ts'
import { createSite } from './static.ts'

export type { Mounting } from './operation.ts'
export type { GatewaySettings } from './settings.ts'

/** The metrics the gateway feeds; `platform/observe/metrics.ts` has them. */
export interface GatewayMetrics {
  readonly http: (service: string, operation: string) => (status: number, seconds: number) => void
  readonly counter: (
    metric: 'pleiad_rate_limited_total' | 'pleiad_realtime_messages_total',
    ...labels: string[]
  ) => { readonly inc: (by?: number) => void }
  readonly gauge: (
    metric: 'pleiad_http_requests_in_flight' | 'pleiad_realtime_connections',
    value: number,
  ) => void
  readonly onScrape: (refresh: () => void) => void
}

export interface GatewayOptions {
  readonly log: Logger
  /** Without a trailing slash. */
  readonly publicUrl: string
  readonly settings: GatewaySettings
  readonly identity: Identity
  readonly now: () => Date
  readonly newId: () => string
  /** Reaches every process, this one included. */
  readonly broadcast: (channel: string, message: unknown) => void
  readonly onBroadcast: (channel: string, receive: (message: unknown) => void) => void
  readonly metrics?: GatewayMetrics
  /** Where the web app was built to. */
  readonly webFolder?: string
  /** Where budgets are kept; in process by default. */
  readonly rateStore?: () => RateStore
  /** Refuse answers that do not fit their schema. Default: where NODE_ENV is `test` or `development`. */
  readonly strictAnswers?: boolean
  /** See `idempotency.ts`. Default 60 s. */
  readonly idempotencyLeaseMs?: number
}

export interface Gateway {
  readonly app: FastifyInstance
  /** Registers every operation of a contract. Before `listen`. */
  readonly mount: (mounting: Mounting) => void
  readonly realtime: Realtime
  /** Port 0 picks a free one; `url()` tells it. */
  readonly listen: (address: { readonly host: string; readonly port: number }) => Promise<void>
  readonly url: () => string
  /** Takes no new requests, finishes those in flight, closes live connections. */
  readonly close: () => Promise<void>
}

const MAX_HEADER_BYTES = 16 * 1024
const MAX_URL_LENGTH = 8 * 1024
const MAX_PARAM_LENGTH = 500

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, settings, metrics, publicUrl } = options
  const bodyLimit = settings.BODY_LIMIT ?? 1024 * 1024
  const trust = trustOf(settings.TRUST_PROXY)
  const newRequestId = requestIds()
  const origins = createOrigins(publicUrl, listOf(settings.CORS_ORIGINS))
  const limits = createLimits(settings, options.rateStore)
  const site = createSite(options.webFolder, publicUrl)
  const safety = securityHeaders(publicUrl)
  const allowed: { readonly path: RegExp; readonly method: string }[] = []
  let inFlight = 0
  const addSafety = (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('x-request-id', request.id)
    const headers = request.url.startsWith('/api/') ? safety.data : safety.page
    for (let at = 0; at < headers.length; at++) reply.header(headers[at]![0], headers[at]![1])
  }

  const app = fastify({
    logger: false,
    bodyLimit,
    trustProxy: trust as boolean,
    requestTimeout: 60_000,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    forceCloseConnections: 'idle',
    // A draining server refuses politely: with problem details, below.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: false },
    // A proxy's id is taken over only from a proxy that is trusted.
    genReqId: (request) => {
      const given = trust === false ? undefined : request.headers['x-request-id']
      return typeof given === 'string' && /^[\w.-]{8,64}$/.test(given) ? given : newRequestId()
    },
    // Errors of the router come before any hook.
    frameworkErrors: (error, request, reply) => {
      addSafety(request as FastifyRequest, reply as never)
      sendError(error, undefined, request as FastifyRequest, reply as never, log, bodyLimit)
    },
    clientErrorHandler: (error, socket) =>
      answerClientError(error as ConnectionError, socket, newRequestId()),
  })
  app.decorateRequest('verified', undefined)
  app.decorateRequest('span', undefined)
  app.decorateRequest('observe', undefined)

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })

  app.addHook('onRoute', (route) => {
    const path = new RegExp(
      `^${route.url
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replace(/:\w+/g, '[^/]+')
        .replace(/\\\*/g, '.*')}$`,
    )
    for (const method of [route.method].flat()) allowed.push({ path, method })
  })

  app.addHook('onRequest', (request, reply, done) => {
    inFlight++
    addSafety(request, reply)
    const trouble = troubleWith(request.url)
    if (trouble) return done(malformed(trouble))
    if (
      request.method === 'OPTIONS' &&
      request.headers.origin &&
      request.headers['access-control-request-method']
    ) {
      try {
        return answerPreflight(request, reply, origins)
      } catch (error) {
        return done(error as Error)
      }
    }
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    inFlight--
    request.observe?.(reply.statusCode, reply.elapsedTime / 1000)
    endRequestSpan(request, reply.statusCode)
    done()
  })
  metrics?.onScrape(() => metrics.gauge('pleiad_http_requests_in_flight', inFlight))

  app.setErrorHandler((error, request, reply) =>
    sendError(error, request.routeOptions.config?.contract, request, reply, log, bodyLimit),
  )
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!
    const methods = [...new Set(allowed.flatMap((route) => (route.path.test(path) ? [route.method] : [])))]
    if (methods.length > 0) {
      reply.header('allow', [...methods, 'OPTIONS'].join(', '))
      if (request.method === 'OPTIONS') return reply.code(204).send()
      throw new Refusal('methodNotAllowed', `${request.method} is not offered here.`)
    }
    if ((request.method === 'GET' || request.method === 'HEAD') && site.serve(request, reply)) return reply
    throw new Refusal('notFound', 'There is nothing at this address.')
  })

  const limited = new Map(
    Object.keys(limits).map((name) => [name, metrics?.counter('pleiad_rate_limited_total', name)]),
  )
  const guardOf = (rate: string): Guard => ({
    identity: options.identity,
    origins,
    nowMs: () => options.now().getTime(),
    limited: () => limited.get(rate)?.inc(),
  })

  const realtime = openRealtime({
    ...options,
    server: app.server,
    origins,
    limits: limits.default,
    addressOf: (request) => addressOf(request, trust),
  })
  const strictAnswers =
    options.strictAnswers ?? ['test', 'development'].includes(process.env['NODE_ENV'] ?? '')

  return {
    app,
    realtime,
    mount: (mounting) => {
      for (const [name, operation] of Object.entries(mounting.contract.operations))
        mountOperation(app, name, mounting, {
          log,
          guard: guardOf(operation.rate ?? 'default'),
          limits: limits[operation.rate ?? 'default'],
          bodyLimit,
          strictAnswers,
          idempotency: { leaseMs: options.idempotencyLeaseMs ?? 60_000 },
          observe: metrics?.http(mounting.contract.name, name),
        })
      realtime.know(mounting.contract)
    },
    listen: async (address) => {
      await app.listen({ ...address, listenTextResolver: () => '' })
    },
    url: () => {
      const { address, family, port } = app.server.address() as AddressInfo
      const host =
        address === '::' || address === '0.0.0.0' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
      return `http://${host}:${port}`
    },
    close: async () => {
      await realtime.close()
      await app.close()
    },
  }
}

/** What is wrong with a request target; undefined when nothing is. Cheap for the usual one. */
function troubleWith(url: string): string | undefined {
  if (url.length > MAX_URL_LENGTH) return `The address is longer than ${MAX_URL_LENGTH} characters.`
  if (!url.includes('%')) return undefined
  try {
    const text = decodeURIComponent(url)
    return text.includes('\0') ? 'The address contains the NUL character (%00).' : undefined
  } catch {
    return 'The address has an invalid percent-encoding.'
  }
}

/** The address a request without Fastify (an upgrade) comes from, by the same rules. */
function addressOf(request: IncomingMessage, trust: boolean | number | string[]): string {
  const own = request.socket.remoteAddress ?? ''
  if (trust === false) return own
  const trusted =
    typeof trust === 'object'
      ? proxyAddress.compile(trust)
      : (_: string, hop: number) => trust === true || hop < trust
  return proxyAddress(request, trusted)
}

/** Ids that are unique in all processes and cost next to nothing: a random prefix and a counter. */
function requestIds(): () => string {
  const prefix = randomBytes(6).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y')
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}
