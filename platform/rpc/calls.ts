/**
 * Internal RPC: services of one process call each other through Connect's in-memory transport, those of other processes
 * over the Connect protocol (https://connectrpc.com/docs/protocol) on HTTP/1.1. Callers cannot tell which it was.
 */
import type { DescService } from '@bufbuild/protobuf'
import {
  type Client,
  Code,
  ConnectError,
  type ConnectRouter,
  createClient,
  createRouterTransport,
  type Interceptor,
  type Transport,
} from '@connectrpc/connect'
import type { UniversalClientFn } from '@connectrpc/connect/protocol'
import { createTransport } from '@connectrpc/connect/protocol-connect'
import { Refusal } from '../contract/problem.ts'
import { withSpan } from '../observe/trace.ts'
import { missing, type Sender } from './send.ts'

export const RPC_PREFIX = '/rpc'
/** Largest message. What may be larger is streamed. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024
/** How long a call without a deadline of its own may take; a stream may take as long as its bytes keep coming. */
const CALL_MS = 15_000

export interface Calls {
  /** The client of a service's RPC. Made on first use; usable once every service has started. */
  readonly rpc: <D extends DescService>(service: D) => Client<D>
  /** Called once, when all services have started and can answer. Returns the names of the RPC services that answer here. */
  readonly open: (addRoutes: (router: ConnectRouter) => void) => ReadonlySet<string>
}

/** Without a `sender` only services of this process are reached. */
export function createCalls(sender?: Sender): Calls {
  const remote = sender && remoteTransport(sender)
  const answering = new Set<string>()
  const clients = new Map<string, unknown>()
  let local: Transport | undefined
  return {
    open: (addRoutes) => {
      local = createRouterTransport((router) => {
        addRoutes(router)
        for (const { service } of router.handlers) answering.add(service.typeName)
      })
      return answering
    },
    rpc: <D extends DescService>(service: D) => {
      if (!local) throw new Error(`${service.typeName} was called before every service had started`)
      let client = clients.get(service.typeName) as Client<D> | undefined
      if (!client) {
        const transport = answering.has(service.typeName) ? local : (remote ?? local)
        client = createClient(service, transport)
        clients.set(service.typeName, client)
      }
      return client
    },
  }
}

/** The service that answers an RPC, by its name: `users` of `pleiad.users.v1.Profiles`. */
export function serviceOfRpc(typeName: string): string {
  return typeName.split('.')[1] ?? typeName
}

function remoteTransport(sender: Sender): Transport {
  const httpClient: UniversalClientFn = async ({ url, method, header, body, signal }) => {
    const { pathname, search } = new URL(url)
    const typeName = pathname.slice(RPC_PREFIX.length + 1).split('/')[0]!
    const answer = await sender
      .send({
        service: serviceOfRpc(typeName),
        wants: ({ rpc }) => rpc.includes(typeName),
        method,
        url: pathname + search,
        headers: Object.fromEntries(header),
        body,
        signal,
        // The deadline of the call is the signal's.
        headersTimeout: 0,
      })
      .catch((error) => {
        throw error instanceof Refusal
          ? new ConnectError(error.message, Code.Unavailable, undefined, undefined, error)
          : error
      })
    const headers = new Headers()
    for (const [name, value] of Object.entries(answer.headers))
      for (const each of [value ?? []].flat()) headers.append(name, each)
    return { status: answer.statusCode, header: headers, body: answer.body, trailer: new Headers() }
  }
  const transport = createTransport({
    httpClient,
    baseUrl: `http://installation${RPC_PREFIX}`,
    useBinaryFormat: true,
    interceptors: [tracing],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 0,
    readMaxBytes: MAX_MESSAGE_BYTES,
    writeMaxBytes: MAX_MESSAGE_BYTES,
  })
  return {
    unary: async (method, signal, timeoutMs, ...rest) => {
      try {
        return await transport.unary(method, signal, timeoutMs ?? CALL_MS, ...rest)
      } catch (error) {
        throw explained(error, serviceOfRpc(method.parent.typeName))
      }
    },
    stream: transport.stream,
  }
}

/** A call that found no answer in time says which service did not give it. */
function explained(error: unknown, service: string): unknown {
  if (error instanceof ConnectError && error.code === Code.DeadlineExceeded && error.cause === undefined)
    error.cause = missing(service, 'did not answer in time')
  return error
}

const tracing: Interceptor = (next) => (request) =>
  withSpan(`${request.service.typeName}/${request.method.name}`, { kind: 'client' }, () => next(request))
