/** Registers one operation of a contract: admission, validation, the handler in its span, the answer. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { type Contract, type Operation, pathOf, statusOf } from '../contract/contract.ts'
import { Refusal } from '../contract/problem.ts'
import { runInSpan, type SpanOptions, startSpan } from '../observe/trace.ts'
import type { Mount, Tools } from '../service/service.ts'
import type { Store } from '../store/store.ts'
import { admit, type Guard } from './admission.ts'
import { addStandard, dress, type FlatHeaders, type Sealed, sendSealed } from './answer.ts'
import { type AnyCall, callPrototype, createCall } from './call.ts'
import { claimKey, type IdempotencyOptions, keyOf, withKey } from './idempotency.ts'
import { malformed } from './json.ts'
import type { ClassLimits } from './limits.ts'
import { PROBLEM_TYPE } from './problems.ts'
import { type ReadOutcome, routeWithStandbys } from './reading.ts'
import { compileSerialiser, compileValidator, type FieldError, type Validator } from './schemas.ts'
import type { Tracking } from './tracking.ts'

export type Route = (call: never) => Promise<unknown>

export interface Mounting {
  readonly contract: Contract
  readonly routes: Readonly<Record<string, Route>>
  readonly tools: Tools
  readonly store: Store
  /** Raw handlers by prefix. */
  readonly mounts?: Readonly<Record<string, Mount>>
}

export interface OperationOptions {
  readonly log: Logger
  readonly tracking: Tracking
  readonly safety: { readonly data: FlatHeaders; readonly page: FlatHeaders }
  /** Answers with an error, whatever it is. */
  readonly refuse: (
    error: unknown,
    contract: Contract | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => void
  readonly guard: Guard
  readonly limits: ClassLimits
  readonly bodyLimit: number
  /** Whether an answer that does not fit its schema is an error (tests, development) or is trimmed to fit. */
  readonly strictAnswers: boolean
  readonly idempotencyLeaseMs: number
  readonly observe: ((status: number, seconds: number) => void) | undefined
  /** Counts reads that a standby may answer. */
  readonly countRead: (outcome: ReadOutcome) => void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    contract?: Contract
    /** The route keeps its own account of requests and headers (answer.ts). */
    operation?: boolean
  }
}

export function mountOperation(
  app: FastifyInstance,
  name: string,
  mounting: Mounting,
  options: OperationOptions,
): void {
  const { contract } = mounting
  const operation = contract.operations[name]!
  const handler = mounting.routes[name] as ((call: AnyCall) => Promise<unknown>) | undefined
  if (!handler) throw new Error(`Service ${contract.name} has no route for ${name}`)
  const route = routeWithStandbys(handler, operation, mounting.store, options.countRead)
  const prototype = callPrototype(mounting.tools)
  const validate = requestValidator(operation)
  const seal = sealer(operation, options.strictAnswers)
  const path = pathOf(contract, operation)
  const spanName = `${operation.method} ${path}`
  const reading = operation.method === 'GET'
  const idempotency: IdempotencyOptions | undefined = operation.idempotent && {
    leaseMs: options.idempotencyLeaseMs,
    sealingKey: mounting.tools.deriveKey('kept answers'),
  }
  const first: SpanOptions = { traceparent: null, kind: 'server', service: contract.name }
  const { tracking } = options
  // An answer is for who asked, also where a cookie said who that is: shared caches leave it, others ask again.
  const safety = [
    ...(path.startsWith('/api/') ? options.safety.data : options.safety.page),
    'cache-control',
    'private, no-cache',
  ]

  const send = (request: FastifyRequest, reply: FastifyReply, sealed: Sealed): void => {
    tracking.settle(request, sendSealed(request, reply, sealed, safety))
  }

  const finish = async (call: AnyCall, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      const key = idempotency && keyOf(request)
      if (!idempotency || key === undefined) return send(request, reply, seal(await route(call)))
      const claim = await claimKey(mounting.store, idempotency, name, key, request)
      if ('sealed' in claim) {
        dress(request, reply, 'idempotency-replayed', 'true')
        const { status, body } = claim.sealed
        if (claim.problem) {
          addStandard(request, reply, safety)
          reply.code(status).header('content-type', PROBLEM_TYPE).send(body)
          return tracking.settle(request, status)
        }
        const version = operation.etag && body ? JSON.parse(body)[operation.etag] : undefined
        return send(request, reply, {
          status,
          body,
          etag: version === undefined ? undefined : `"${version}"`,
        })
      }
      send(request, reply, await withKey(claim, call, contract, request, seal, route, options))
    } catch (error) {
      options.refuse(error, contract, request, reply)
    }
  }

  const admitted = admit(options.guard, {
    access: operation.access,
    limits: options.limits,
    unsafe: !reading,
  })

  app.route({
    method: operation.method,
    url: path,
    config: { contract, operation: true },
    onRequest: (request, reply, done) => {
      tracking.begin(request)
      request.observe = options.observe
      const traceparent = request.headers['traceparent'] as string | undefined
      request.span = startSpan(spanName, traceparent === undefined ? first : { ...first, traceparent })
      admitted(request, reply, done)
    },
    handler: (request, reply) => {
      const call = createCall(prototype, request, reply, request.caller)
      const errors = validate(call, request)
      if (errors) throw new Refusal('validationFailed', undefined, { errors })
      if (operation.ifMatch) call.ifMatch = ifMatchOf(request.headers['if-match'])
      // Answering happens inside the span as well, so that its log lines carry the trace.
      runInSpan(request.span!, () => {
        if (operation.idempotent) return finish(call, request, reply)
        // The usual case, without the async function's frame.
        return route(call).then(
          (value) => {
            try {
              send(request, reply, seal(value))
            } catch (error) {
              options.refuse(error, contract, request, reply)
            }
          },
          (error) => options.refuse(error, contract, request, reply),
        )
      })
    },
  })
}

const noFields = { type: 'object', properties: {} }

/** Checks params, query and body together, so that one answer names every bad field. */
function requestValidator(
  operation: Operation,
): (call: AnyCall, request: FastifyRequest) => FieldError[] | undefined {
  const params: Validator | undefined = operation.params && compileValidator(operation.params, 'params')
  const query = compileValidator(operation.query ?? noFields, 'query')
  const body: Validator | undefined = operation.body && compileValidator(operation.body, 'body')
  let needsBody: boolean | undefined
  return (call, request) => {
    let errors: FieldError[] | undefined
    if (params) errors = params(call.params)
    // Without a question mark only defaults and required fields could matter.
    const badQuery = operation.query || request.url.includes('?') ? query(call.query) : undefined
    if (badQuery) errors = errors ? [...errors, ...badQuery] : badQuery
    if (body) {
      needsBody ??= body(undefined) !== undefined
      if (call.body === undefined && needsBody) throw malformed('The body is empty; JSON is expected.')
      const badBody = call.body === undefined ? undefined : body(call.body)
      if (badBody) errors = errors ? [...errors, ...badBody] : badBody
    } else if (request.body !== undefined && !isEmptyObject(request.body)) {
      errors = [...(errors ?? []), { path: '/body', message: 'is not taken by this operation' }]
    }
    return errors
  }
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  )
}

/** Turns what a handler returned into status, text and ETag. */
function sealer(operation: Operation, strict: boolean): (value: unknown) => Sealed {
  const status = statusOf(operation)
  const { returns, etag } = operation
  if (!returns) return () => ({ status, body: undefined, etag: undefined })
  const serialise = compileSerialiser(returns)
  const validate = compileValidator(returns, 'answer')
  return (value) => {
    if (strict) {
      const errors = validate(JSON.parse(JSON.stringify(value ?? null)))
      if (errors)
        throw new Error(
          `The answer does not fit its schema: ${errors.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
        )
    }
    const version = etag === undefined ? undefined : (value as Record<string, unknown>)[etag]
    return { status, body: serialise(value), etag: version === undefined ? undefined : `"${version}"` }
  }
}

/** The version that `If-Match` names. RFC 9110, section 13.1.1; lists and `*` make no sense for a version. */
function ifMatchOf(header: string | undefined): string {
  if (header === undefined) throw new Refusal('preconditionRequired')
  const match = /^\s*(?:W\/)?"([\x21\x23-\x7e]{1,200})"\s*$/.exec(header)
  if (!match) throw malformed('If-Match must be one ETag in quotes, as it was received.')
  return match[1]!
}
