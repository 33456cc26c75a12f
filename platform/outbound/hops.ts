/** What is sent where: of the first request, and after each redirect. Pure decisions. */
import { OutboundError } from './errors.ts'
import type { OutboundOptions } from './outbound.ts'

export interface Hop {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

/** Belongs to the connection, or would make the request another one than it seems. */
const reserved =
  /^(host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length|accept-encoding|traceparent|tracestate|baggage)$/

/** Says nothing about who asks; everything else stays with the origin it was meant for. */
const harmless = /^(accept|accept-language|user-agent|accept-encoding)$/

/** Ports of services that could take a request for their own protocol: https://fetch.spec.whatwg.org/#port-blocking, and 0. */
const badPorts = new Set(
  `0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135
  137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719
  1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080`.split(/\s+/),
)
const MAX_URL = 8 * 1024

function readUrl(text: string, base?: URL): URL | undefined {
  if (text.length > MAX_URL || !URL.canParse(text, base)) return undefined
  const url = new URL(text, base)
  const plain =
    /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hostname !== ''
  return plain && !badPorts.has(url.port) ? url : undefined
}

/** The request as the caller wants it. */
export function firstHop(text: string, options: OutboundOptions): Hop {
  const url = readUrl(text)
  if (!url) throw new OutboundError('badUrl')
  const headers: Record<string, string> = {
    accept: '*/*',
    'user-agent': 'Pleiad',
    'accept-encoding': 'gzip, br',
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    const lower = name.toLowerCase()
    if (reserved.test(lower)) throw new OutboundError('badRequest', url.host)
    headers[lower] = value
  }
  return { url, method: options.method ?? 'GET', headers, body: options.body }
}

/** The request that a redirect asks for; throws when it must not be followed. */
export function nextHop(from: Hop, status: number, location: string): Hop {
  const url = readUrl(location, from.url)
  if (!url || (from.url.protocol === 'https:' && url.protocol === 'http:'))
    throw new OutboundError('badRedirect', from.url.host)
  const stays = url.origin === from.url.origin
  // As browsers do: https://fetch.spec.whatwg.org/#http-redirect-fetch
  const becomesGet = status === 303 ? from.method !== 'HEAD' : status < 303 && from.method === 'POST'
  const method = becomesGet ? 'GET' : from.method
  const body = becomesGet ? undefined : from.body
  if (!stays && body !== undefined) throw new OutboundError('badRedirect', from.url.host)
  const headers = Object.fromEntries(
    Object.entries(from.headers).filter(
      ([name]) => (stays || harmless.test(name)) && !(becomesGet && name.startsWith('content-')),
    ),
  )
  return { url, method, headers, body }
}
