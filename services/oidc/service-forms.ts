/** Forms as programs send them, and the credentials of apps in them. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** As much as oidc-provider takes. */
const MAX_BODY = 56 * 1024
const MAX_FORM = 16 * 1024

export function sendJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'content-length': Buffer.byteLength(body),
      ...headers,
    })
    .end(body)
}

/**
 * The whole body: 'gone' when whoever sent it went away, 'tooLarge' beyond 56 KiB, of which the rest is not kept. Read
 * before anything else is awaited: a request whose sender has left meanwhile looks like one that somebody has read.
 */
export function readBody(request: IncomingMessage): Promise<Buffer | 'gone' | 'tooLarge'> {
  return new Promise((resolve) => {
    if (request.destroyed) return resolve('gone')
    const parts: Buffer[] = []
    let size = 0
    request.on('data', (part: Buffer) => {
      size += part.length
      if (size <= MAX_BODY) parts.push(part)
    })
    request.on('error', () => resolve('gone'))
    request.on('close', () => resolve('gone'))
    request.on('end', () => resolve(size > MAX_BODY ? 'tooLarge' : Buffer.concat(parts)))
  })
}

/** The form in a body; undefined when it is none, larger than any we take here, or names a field twice. */
export function formOf(request: IncomingMessage, body: Buffer): URLSearchParams | undefined {
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(request.headers['content-type'] ?? ''))
    return undefined
  if (body.length > MAX_FORM) return undefined
  const form = new URLSearchParams(body.toString())
  const names = [...form.keys()]
  return new Set(names).size === names.length ? form : undefined
}

/**
 * Makes a request look unread: oidc-provider iterates over its raw body. It must never find one that is read already,
 * which it would take for the work of a parser before it.
 */
export function replay(request: IncomingMessage, body: Buffer): void {
  const iterator = async function* () {
    yield body
  }
  Object.defineProperty(request, 'readable', { value: true })
  Object.defineProperty(request, 'iterator', { value: iterator })
}

/** RFC 6749, section 2.3.1: in the header, form-encoded, or in the body; never both. */
export function credentialsOf(
  header: string | undefined,
  form: URLSearchParams,
): { appId: string; secret: string } | 'twice' | undefined {
  const secret = form.get('client_secret')
  if (header !== undefined) {
    if (secret !== null) return 'twice'
    const encoded = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header)?.[1]
    if (!encoded) return undefined
    const text = Buffer.from(encoded, 'base64').toString()
    const at = text.indexOf(':')
    if (at < 1) return undefined
    try {
      const decode = (part: string) => decodeURIComponent(part.replaceAll('+', '%20'))
      return { appId: decode(text.slice(0, at)), secret: decode(text.slice(at + 1)) }
    } catch {
      return undefined
    }
  }
  const appId = form.get('client_id')
  return appId && secret ? { appId, secret } : undefined
}
