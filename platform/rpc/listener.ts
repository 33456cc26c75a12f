/**
 * The internal listener: what the processes of an installation ask each other, on a port of its own. Every request
 * proves first that it comes from one of them (token.ts), before a byte of its body is read.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Code, ConnectError, type ConnectRouter, type Interceptor } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import type { Logger } from 'pino'
import { withSpan } from '../observe/trace.ts'
import { StartError } from '../service/refuse.ts'
import { type AnswerQuestion, answerQuestion, QUESTION_PREFIX } from './ask.ts'
import { MAX_MESSAGE_BYTES, RPC_PREFIX, serviceOfRpc } from './calls.ts'
import { FORWARD_PREFIX, takeOver } from './forward.ts'
import { CALL_HEADER, refuseCall } from './token.ts'

export interface ListenerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly key: Buffer
  readonly log: Logger
  readonly addRoutes: (router: ConnectRouter) => void
  readonly answer: AnswerQuestion
  /** The gateway, for requests that another process took in; whether this process runs the service. */
  readonly gateway: (request: IncomingMessage, response: ServerResponse) => void
  readonly runs: (service: string) => boolean
}

export interface Listener {
  /** Such as http://127.0.0.1:9090. */
  readonly address: string
  /** Takes no more, finishes what is in flight for as long as `CLOSE_MS`. */
  readonly close: () => Promise<void>
}

const CLOSE_MS = 10_000
/** Longer than a client keeps an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000

/** Opens it. Rejects with one clear line when the address cannot be had. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { host, port, key, log } = options
  const rpc = connectNodeAdapter({
    routes: options.addRoutes,
    requestPathPrefix: RPC_PREFIX,
    interceptors: [watched(log)],
    readMaxBytes: MAX_MESSAGE_BYTES,
    writeMaxBytes: MAX_MESSAGE_BYTES,
    acceptCompression: [],
    grpc: false,
    grpcWeb: false,
  })
  const server = createServer({ maxHeaderSize: 32 * 1024, requestTimeout: 0, headersTimeout: 10_000 })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? ''
    const trouble = refuseCall(key, request.headers[CALL_HEADER], request.method ?? '', url)
    if (trouble !== undefined) {
      log.warn({ from: request.socket.remoteAddress }, `an internal request was refused: ${trouble}`)
      return refuse(response, 401, trouble)
    }
    delete request.headers[CALL_HEADER]
    if (url.startsWith(`${RPC_PREFIX}/`)) return rpc(request, response)
    if (url.startsWith(QUESTION_PREFIX)) return void answerQuestion(options.answer, request, response, log)
    if (url.startsWith(FORWARD_PREFIX)) {
      const service = takeOver(request)
      if (service !== undefined && options.runs(service)) return options.gateway(request, response)
    }
    refuse(response, 404, 'Nothing answers here.')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  }).catch((error) => {
    throw new StartError(
      `The internal listener cannot have ${host} port ${port} (${(error as NodeJS.ErrnoException).code}). Set INTERNAL_HOST to an address of this computer, and INTERNAL_PORT to a port that is free.`,
      { cause: error },
    )
  })
  const { family, port: taken } = server.address() as AddressInfo
  return {
    address: `http://${family === 'IPv6' ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS).unref()
        server.close(() => {
          clearTimeout(late)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    .end(JSON.stringify({ code: status === 401 ? 'unauthenticated' : 'unimplemented', message }))
}

/** Continues the caller's trace, and logs what went wrong on this side. */
function watched(log: Logger): Interceptor {
  return (next) => (request) => {
    const { typeName } = request.service
    return withSpan(
      `${typeName}/${request.method.name}`,
      {
        traceparent: request.header.get('traceparent'),
        kind: 'server',
        service: serviceOfRpc(typeName),
      },
      async () => {
        try {
          return await next(request)
        } catch (error) {
          if (!(error instanceof ConnectError) || error.code === Code.Internal || error.code === Code.Unknown)
            log.error({ err: error, rpc: typeName, method: request.method.name }, 'an internal call failed')
          throw error
        }
      },
    )
  }
}
