/** Headers that make browsers careful, and which origins may do what (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../contract/problem.ts'
import type { FlatHeaders } from './answer.ts'

/** The content security policy of a page; `nonce` lets its own <style> elements in. Nothing inline otherwise. */
export function contentSecurityPolicy(publicUrl: string, nonce?: string): string {
  const { protocol, host } = new URL(publicUrl)
  const secure = protocol === 'https:'
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self'${nonce ? ` 'nonce-${nonce}'` : ''}`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // Not every browser takes 'self' for WebSockets.
    `connect-src 'self' ${secure ? 'wss' : 'ws'}://${host}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(secure ? ['upgrade-insecure-requests'] : []),
  ].join('; ')
}

/** Headers of every answer: those of pages, and the fewer that mean something for data. */
export function securityHeaders(publicUrl: string): { page: FlatHeaders; data: FlatHeaders } {
  const always: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...(publicUrl.startsWith('https:')
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  }
  return {
    page: flat({
      ...always,
      'content-security-policy': contentSecurityPolicy(publicUrl),
      'referrer-policy': 'strict-origin-when-cross-origin',
      'permissions-policy':
        'camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)',
      'cross-origin-opener-policy': 'same-origin',
    }),
    // Whatever opens an answer of the API as a page may do nothing with it.
    data: flat({
      ...always,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    }),
  }
}

const flat = (headers: Record<string, string>): FlatHeaders => Object.entries(headers).flat()

export interface Origins {
  /** Whether a page of `origin` is ours: the public address, or the address the request itself was sent to. */
  readonly isOwn: (origin: string, host: string | undefined) => boolean
  /** Ours or on the allow-list. */
  readonly isAllowed: (origin: string, host: string | undefined) => boolean
}

export function createOrigins(publicUrl: string, allowed: readonly string[]): Origins {
  const own = new URL(publicUrl).origin
  const list = new Set(allowed)
  // A foreign page cannot choose the Host its request carries, so Origin and Host of one name are one site.
  const isOwn = (origin: string, host: string | undefined) =>
    origin === own || (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`))
  return { isOwn, isAllowed: (origin, host) => list.has(origin) || isOwn(origin, host) }
}

const EXPOSED = 'etag, idempotency-replayed, location, ratelimit, ratelimit-policy, retry-after, x-request-id'

/** CORS headers of an answer to an allowed origin of the list. Ours needs none. */
export function allowOrigin(reply: FastifyReply, origin: string): void {
  reply.header('access-control-allow-origin', origin)
  reply.header('access-control-allow-credentials', 'true')
  reply.header('access-control-expose-headers', EXPOSED)
  reply.header('cross-origin-resource-policy', 'cross-origin')
}

/**
 * Answers a preflight.
 * @throws Refusal `foreignOrigin` for an origin that is not allowed.
 */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply, origins: Origins): void {
  const origin = request.headers.origin!
  reply.header('vary', 'origin')
  if (!origins.isAllowed(origin, request.headers.host)) throw foreignOrigin(origin)
  allowOrigin(reply, origin)
  reply.header('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE')
  reply.header(
    'access-control-allow-headers',
    'authorization, content-type, dpop, idempotency-key, if-match, if-none-match, traceparent, x-pleiad-csrf',
  )
  reply.header('access-control-max-age', '600')
  reply.code(204).send()
}

export function foreignOrigin(origin: string): Refusal {
  return new Refusal('foreignOrigin', `Pages of ${origin.slice(0, 200)} may not send this request.`)
}
