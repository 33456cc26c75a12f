/**
 * The one door: a Fastify instance that every service of the process is mounted on. Requests are dispatched without
 * a network hop; what all operations share (identity, limits, validation, problems, headers) happens here.
 */
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { Refusal } from '../contract/problem.ts'
import type { Identity } from '../identity/identity.ts'
import type { Memberships } from '../identity/memberships.ts'
import type { Forward } from '../rpc/forward.ts'
import type { Guard } from './admission.ts'
import { addStandard } from './answer.ts'
import { ARRIVAL_MS, watchArrival } from './arrival.ts'
import { answerPreflight, createOrigins, securityHeaders } from './headers.ts'
import { parseJson } from './json.ts'
import { createLimits, createProofs, type RateStore } from './limits.ts'
import { mountRaw } from './mounts.ts'
import { type Mounting, mountOperation, type OperationOptions } from './operation.ts'
import { createPassing } from './passing.ts'
import { answerClientError, type ConnectionError, sendError } from './problems.ts'
import { openRealtime, type Realtime } from './realtime.ts'
import { addressOf, requestIds, troubleWith } from './requests.ts'
import { type GatewaySettings, listOf, trustOf } from './settings.ts'
import { createSite } from './static.ts'
import { createTracking } from './tracking.ts'

export type { Mounting } from './operation.ts'
export type { GatewaySettings } from './settings.ts'

/** The metrics the gateway feeds; `platform/observe/metrics.ts` has them. */
export interface GatewayMetrics {
  readonly http: (service: string, operation: string) => (status: number, seconds: number) => void
  readonly counter: (
    metric: 'pleiad_rate_limited_total' | 'pleiad_realtime_messages_total' | 'pleiad_standby_reads_total',
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
  readonly memberships: Memberships
  readonly now: () => Date
  readonly newId: () => string
  /** Reaches every process, this one included. */
  readonly broadcast: (channel: string, message: unknown) => void
  readonly onBroadcast: (channel: string, receive: (message: unknown) => void) => void
  readonly metrics?: GatewayMetrics
  /** Where the web app was built to. */
  readonly webFolder?: string
  /** Where budgets are kept; in process by default. */
  readonly rateStore?: (name: string) => RateStore
  /** Refuse answers that do not fit their schema. Default: where NODE_ENV is `test` or `development`. */
  readonly strictAnswers?: boolean
  /** See `idempotency.ts`. Default 6 s. */
  readonly idempotencyLeaseMs?: number
  /** How long a body may take to arrive. Default 60 s. */
  readonly arrivalMs?: number
  /** Where requests for services of other processes go. */
  readonly forward?: Forward
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
const MAX_PARAM_LENGTH = 500

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, settings, metrics, publicUrl, forward } = options
  const bodyLimit = settings.BODY_LIMIT ?? 1024 * 1024
  const trust = trustOf(settings.TRUST_PROXY)
  const newRequestId = requestIds()
  const origins = createOrigins(publicUrl, listOf(settings.CORS_ORIGINS))
  const limits = createLimits(settings, options.rateStore)
  const proofs = createProofs(options.rateStore)
  const site = createSite(options.webFolder, publicUrl)
  const safety = securityHeaders(publicUrl)
  const allowed: { readonly path: RegExp; readonly method: string }[] = []
  const tracking = createTracking()
  const addSafety = (request: FastifyRequest, reply: FastifyReply) =>
    addStandard(request, reply, request.url.startsWith('/api/') ? safety.data : safety.page)
  const refuse: OperationOptions['refuse'] = (error, contract, request, reply) => {
    addSafety(request, reply)
    sendError(error, contract, request, reply, log, bodyLimit)
    tracking.settle(request, reply.statusCode)
  }
  /** What operations do by themselves, for all other routes. */
  const track = (request: FastifyRequest, reply: FastifyReply) => {
    addSafety(request, reply)
    tracking.begin(request)
    reply.raw.once('close', () => tracking.settle(request, reply.raw.statusCode))
  }

  const pass = forward && createPassing({ forward, tracking, safety: safety.data, log, bodyLimit })

  const app = fastify({
    logger: false,
    bodyLimit,
    trustProxy: trust as boolean,
    // Bodies are watched by `watchArrival`: some may take hours.
    requestTimeout: 0,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: ARRIVAL_MS },
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
      // The router speaks first of a parameter that is too long.
      const trouble = troubleWith(request.url) ?? error
      refuse(trouble, undefined, request as FastifyRequest, reply as never)
    },
    clientErrorHandler: (error, socket) =>
      answerClientError(error as Error as ConnectionError, socket, newRequestId()),
  })
  app.decorateRequest('caller', undefined)
  app.decorateRequest('span', undefined)
  app.decorateRequest('observe', undefined)
  app.decorateRequest('began', 0)
  app.decorateRequest('budget', undefined)
  app.decorateRequest('dressed', false)

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
    if (route.config?.operation) return
    const first = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      track(request, reply)
      done()
    }
    route.onRequest = [first, ...[route.onRequest ?? []].flat()]
  })

  app.addHook('onRequest', (request, reply, done) => {
    watchArrival(request.raw, {
      long: request.routeOptions.config?.raw === true || request.is404,
      limitMs: options.arrivalMs ?? ARRIVAL_MS,
      late: () =>
        answerClientError(
          Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }) as Error as ConnectionError,
          request.raw.socket,
          request.id,
        ),
    })
    const trouble = troubleWith(request.url)
    if (trouble) return done(trouble)
    if (
      request.method === 'OPTIONS' &&
      !request.routeOptions.config?.raw &&
      request.headers.origin &&
      request.headers['access-control-request-method']
    ) {
      try {
        addSafety(request, reply)
        return answerPreflight(request, reply, origins)
      } catch (error) {
        return done(error as Error)
      }
    }
    if (pass && request.is404 && pass(request, reply)) return
    done()
  })
  metrics?.onScrape(() => metrics.gauge('pleiad_http_requests_in_flight', tracking.size()))

  app.setErrorHandler((error, request, reply) =>
    refuse(error, request.routeOptions.config?.contract, request, reply),
  )
  app.setNotFoundHandler((request, reply) => {
    track(request, reply)
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
    memberships: options.memberships,
    origins,
    nowMs: () => options.now().getTime(),
    limited: () => limited.get(rate)?.inc(),
    publicUrl,
    proofs,
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
      const { contract, mounts = {} } = mounting
      for (const [name, operation] of Object.entries(contract.operations))
        mountOperation(app, name, mounting, {
          log,
          tracking,
          safety,
          refuse,
          guard: guardOf(operation.rate ?? 'default'),
          limits: limits[operation.rate ?? 'default'],
          bodyLimit,
          strictAnswers,
          idempotencyLeaseMs: options.idempotencyLeaseMs ?? 6_000,
          observe: metrics?.http(contract.name, name),
          countRead: (outcome) =>
            metrics?.counter('pleiad_standby_reads_total', contract.name, outcome).inc(),
        })
      for (const [prefix, mount] of Object.entries(mounts))
        mountRaw(app, prefix, mount, {
          contract,
          log,
          guard: guardOf('default'),
          address: limits.raw,
          bodyLimit,
          site,
          observe: metrics?.http(contract.name, prefix),
        })
      realtime.know(contract)
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
