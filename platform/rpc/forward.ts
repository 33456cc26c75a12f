/**
 * A request for a service that runs in another process goes there as it came: headers, body and the client's address.
 * The gateway there decides about it by itself (token, access, limits, validation), as if it had come in there.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { type Contract, pathOf } from '../contract/contract.ts'
import type { Peer } from './peers.ts'
import type { Sender } from './send.ts'

export const FORWARD_PREFIX = '/forward/'
const ADDRESS_HEADER = 'x-pleiad-client'
/** Belong to one connection (RFC 9110, section 7.6.1), or are set anew. */
const HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-pleiad-call',
  ADDRESS_HEADER,
])
/** An answer that does not begin for so long is given up; clients do so long before. */
const ANSWER_MS = 300_000

export interface Forward {
  /** The service in another process that a path belongs to. */
  readonly serviceOf: (path: string) => string | undefined
  /** Sends the request there and the answer back. Rejects only as long as nothing was answered. */
  readonly send: (service: string, request: IncomingMessage, response: ServerResponse) => Promise<void>
}

/** @param elsewhere contracts of services that run in other processes, as of now. */
export function createForward(
  sender: Sender,
  elsewhere: () => readonly Contract[],
  others: () => readonly Peer[],
): Forward {
  return {
    serviceOf: (path) => {
      const contracts = elsewhere()
      const name = /^\/api\/v\d+\/([a-z][a-z0-9-]*)(\/|$)/.exec(path)?.[1]
      const found = contracts.find((contract) => contract.name === name || hasRoot(contract, path))
      if (found) return found.name
      for (const { about } of others())
        for (const [prefix, service] of Object.entries(about.mounts))
          if (path.startsWith(prefix) && contracts.some((contract) => contract.name === service))
            return service
      return undefined
    },
    send: async (service, request, response) => {
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const bodiless =
        request.headers['content-length'] === undefined && !request.headers['transfer-encoding']
      const answer = await sender.send({
        service,
        wants: ({ services }) => services.includes(service),
        method: request.method ?? 'GET',
        url: `${FORWARD_PREFIX}${service}${request.url}`,
        headers: { ...headersOf(request), [ADDRESS_HEADER]: request.socket.remoteAddress ?? '' },
        body: bodiless ? undefined : bodyOf(request),
        signal: gone.signal,
        headersTimeout: ANSWER_MS,
      })
      for (const [name, value] of Object.entries(answer.headers))
        if (value !== undefined && !HOP.has(name)) response.setHeader(name, value)
      response.writeHead(answer.statusCode)
      // Half an answer cannot be taken back: the client sees that it broke off.
      await pipeline(answer.body, response).catch(() => response.destroy())
    },
  }
}

/** Whether it has an operation at this path outside of `/api`. */
function hasRoot(contract: Contract, path: string): boolean {
  return Object.values(contract.operations).some(
    (operation) =>
      operation.root &&
      new RegExp(`^${pathOf(contract, operation).replace(/[.+]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`).test(
        path,
      ),
  )
}

/** An answer may come before the body was read: the rest of it is dropped, or the next request would wait behind it. */
async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
  } finally {
    request.resume()
  }
}

function headersOf(request: IncomingMessage): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined || HOP.has(name) ? [] : [[name, value]],
    ),
  )
}

/**
 * Makes a forwarded request what it was: its own address, and the client's as that of its connection, so that the
 * gateway reads `X-Forwarded-For` as the first one would have. Returns the service it is for.
 */
export function takeOver(request: IncomingMessage): string | undefined {
  const [, service, url] = /^\/forward\/([a-z][a-z0-9-]*)(\/.*)$/.exec(request.url ?? '') ?? []
  const address = request.headers[ADDRESS_HEADER]
  if (service === undefined || url === undefined || typeof address !== 'string') return undefined
  delete request.headers[ADDRESS_HEADER]
  request.url = url
  // One request at a time uses the connection, and the next one says its own.
  Object.defineProperty(request.socket as Socket, 'remoteAddress', { value: address, configurable: true })
  return service
}
