/** Upload addresses: tus 1.0.0 (https://tus.io/protocols/resumable-upload) with checksum, expiration, termination. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ReadableStream } from 'node:stream/web'
import { Refusal } from '@pleiad/platform/problem'
import type { Mount, Tools } from '@pleiad/platform/service'
import { ERRORS, TUS_RESUMABLE } from '@tus/server'
import { readUploadAddress } from './links.ts'
import { ALGORITHMS } from './service-checksum.ts'
import type { Own } from './service-own.ts'
import { explainHeaders, explainTus } from './service-refusals.ts'
import { type Exchange, serverFor } from './service-tus.ts'

export const UPLOADS = '/files/uploads/'
const METHODS = ['HEAD', 'PATCH', 'DELETE', 'OPTIONS']
const EXPOSED =
  'tus-resumable, tus-version, upload-offset, upload-length, upload-expires, retry-after, x-request-id'
const ACCEPTED =
  'content-type, tus-resumable, upload-offset, upload-length, upload-checksum, x-http-method-override, x-request-id'

/**
 * So that pages of other origins that may use the installation can upload:
 * https://fetch.spec.whatwg.org/#http-cors-protocol. The library's headers for it name methods that are not offered, and
 * are told to foreign pages too.
 */
function allowPages(
  request: IncomingMessage,
  response: ServerResponse,
  allowsOrigin: (origin: string) => boolean,
): void {
  response.setHeader('vary', 'origin')
  const { origin } = request.headers
  if (origin === undefined || !allowsOrigin(origin)) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', EXPOSED)
  response.setHeader('cross-origin-resource-policy', 'cross-origin')
  if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) return
  response.setHeader('access-control-allow-methods', METHODS.join(', '))
  response.setHeader('access-control-allow-headers', ACCEPTED)
  response.setHeader('access-control-max-age', '600')
}

/** Answers at upload addresses. Who creates an upload is known to `createUpload` alone, so POST is not offered here. */
export function createUploadMount(tools: Tools, own: Own): Mount {
  return async (request, response, { allowsOrigin }) => {
    response.setHeader('tus-resumable', TUS_RESUMABLE)
    response.setHeader('cache-control', 'no-store')
    allowPages(request, response, allowsOrigin)
    // Some proxies know no PATCH: https://tus.io/protocols/resumable-upload#x-http-method-override
    const method = String(request.headers['x-http-method-override'] ?? request.method).toUpperCase()
    if (!METHODS.includes(method))
      throw new Refusal('methodNotAllowed', undefined, {}, { allow: METHODS.join(', ') })
    const fileId = readUploadAddress(own.uploadKey, request.url!.split('?')[0]!.slice(UPLOADS.length))
    const exchange: Exchange = { tools, own, request, method, fileId }
    const answer = await ask(exchange)
    const { error, row, length, lease } = exchange
    if (error === ERRORS.ABORTED) {
      // Nobody is there to be told: they come back for the offset.
      tools.log.debug({ fileId }, 'an upload broke off')
      return void response.destroy()
    }
    if (error !== undefined) throw explainTus(error, length, row?.size)
    if (!answer.ok) throw explainHeaders(answer.status, await answer.text())
    for (const [name, value] of answer.headers)
      if (!/^(access-control|content)-/.test(name)) response.setHeader(name, value)
    if (method === 'OPTIONS') response.setHeader('tus-checksum-algorithm', ALGORITHMS.join())
    if (lease) response.setHeader('upload-expires', lease.expiresAt.toUTCString())
    response.writeHead(answer.status).end()
  }
}

/** What the library answers. It sees the headers of the protocol alone: it would refuse some that proxies add. */
async function ask(exchange: Exchange): Promise<Response> {
  const { request, method, tools } = exchange
  const headers = new Headers()
  for (const name of ['tus-resumable', 'upload-offset', 'content-length', 'content-type']) {
    const value = request.headers[name]
    if (value !== undefined) headers.set(name, String(value).toLowerCase())
  }
  // Not the request itself: the socket stays open when the library gives up early, as somebody waits for the answer.
  const pieces = request.iterator({ destroyOnReturn: false })
  const body = method === 'PATCH' ? ReadableStream.from(pieces as AsyncIterable<Uint8Array>) : null
  const asked = new Request(tools.publicUrl + UPLOADS, {
    method,
    headers,
    body,
    duplex: 'half',
  } as RequestInit)
  try {
    return await serverFor(exchange, UPLOADS).handleWeb(asked)
  } finally {
    // What is still to come is read and forgotten, or its sender would never come to read the answer.
    const forget = () => request.resume()
    pieces.return?.().then(forget, forget)
  }
}
