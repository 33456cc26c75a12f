/**
 * Requests to addresses that people gave: the only way out of the platform for them. It reaches the public internet and
 * what the administrator allows (OUTBOUND_ALLOW), nothing else: no private network, however its address is written, no
 * name that resolves to one, no redirect that leads there (docs/decisions/0013-requests-to-the-outside.md).
 */
import type { Metrics } from '../observe/metrics.ts'
import { withSpan } from '../observe/trace.ts'
import { type Allowance, mayReach, plainName, readAddress } from './addresses.ts'
import { OutboundError, reasonOf } from './errors.ts'
import { exchange, type RawAnswer } from './exchange.ts'
import { firstHop, type Hop, nextHop } from './hops.ts'
import { createLookup, failWhenAborted, type Lookup } from './lookup.ts'

export { OutboundError, type OutboundReason, outboundReasons } from './errors.ts'

export interface OutboundOptions {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined
  /** Whatever the connection itself needs (host, content-length, accept-encoding ...) is set here, not by the caller. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
  /** For everything together, from the name to the last byte. Default 10 s. */
  readonly timeoutMs?: number | undefined
  /** Longest body that is read, packed and unpacked. Default 1 MiB. */
  readonly maxBytes?: number | undefined
  /**
   * Redirects to follow, 0 to 5. Default 0: a redirect is an answer like any other. To another origin go neither
   * credentials nor a body.
   */
  readonly redirects?: number | undefined
}

export interface OutboundAnswer {
  readonly status: number
  /** Names in lower case; a header that came several times is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** In the charset that the answer names, else UTF-8. */
  readonly text: string
  readonly bytes: Buffer
}

/** Rejects with an `OutboundError`, and with nothing else. Any status is an answer. */
export type FetchOutside = (url: string, options?: OutboundOptions) => Promise<OutboundAnswer>

export interface OutboundSetup {
  readonly service: string
  readonly allowance: Allowance
  readonly metrics?: Pick<Metrics, 'counter'>
  /** Tests put a stub here. */
  readonly lookup?: Lookup
  /** Certificate authorities (PEM) instead of the system's, for tests. */
  readonly ca?: string
}

const MAX_REDIRECTS = 5
const CONNECT_MS = 5_000

/** Makes the `fetchOutside` of a service. */
export function createOutbound(setup: OutboundSetup): FetchOutside {
  const { service, allowance, metrics } = setup
  const lookup = setup.lookup ?? createLookup(allowance.names)
  const count = (outcome: string) =>
    metrics?.counter('pleiad_outbound_requests_total', service, outcome).inc()

  /** The addresses of a URL's host, resolved once; rejects unless every one of them may be reached. */
  async function addressesOf(url: URL, signal: AbortSignal): Promise<readonly string[]> {
    const host = plainName(url.hostname.replace(/^\[(.*)\]$/, '$1'))
    const literal = readAddress(host)
    const found = literal
      ? [host]
      : await Promise.race([lookup(host, signal), failWhenAborted(signal)]).catch(() => {
          throw new OutboundError(signal.aborted ? 'timeout' : 'dnsFailed', url.host)
        })
    if (found.length === 0) throw new OutboundError('dnsFailed', url.host)
    // One that is not allowed among others that are is how a name is made to change its meaning.
    if (!found.every((address) => mayReach(allowance, host, readAddress(address))))
      throw new OutboundError('blockedAddress', url.host)
    return found
  }

  async function ask(hop: Hop, maxBytes: number, signal: AbortSignal): Promise<RawAnswer> {
    const { url } = hop
    const addresses = await addressesOf(url, signal)
    try {
      return await exchange({ ...hop, addresses, maxBytes, signal, connectMs: CONNECT_MS, ca: setup.ca })
    } catch (error) {
      if (error instanceof OutboundError) throw error
      throw new OutboundError(signal.aborted ? 'timeout' : reasonOf(error), url.host)
    }
  }

  async function follow(first: Hop, options: OutboundOptions): Promise<OutboundAnswer> {
    const { timeoutMs = 10_000, maxBytes = 1_048_576 } = options
    const limit = Math.min(options.redirects ?? 0, MAX_REDIRECTS)
    const signal = AbortSignal.timeout(timeoutMs)
    let hop = first
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(hop, maxBytes, signal)
      const location = answer.headers['location']
      if (limit === 0 || location === undefined || !/^30[12378]$/.test(String(answer.status)))
        return { ...answer, text: textOf(answer) }
      if (redirects === limit) throw new OutboundError('tooManyRedirects', hop.url.host)
      hop = nextHop(hop, answer.status, location)
    }
  }

  return async (url, options = {}) => {
    try {
      const first = firstHop(url, options)
      const span = {
        kind: 'client',
        attributes: { 'http.request.method': first.method, 'server.address': first.url.host },
      } as const
      // The trace goes on here, but is not told to strangers.
      const answer = await withSpan('fetch outside', span, () => follow(first, options))
      count(`${Math.trunc(answer.status / 100)}xx`)
      return answer
    } catch (error) {
      const refusal = error instanceof OutboundError ? error : new OutboundError('badRequest')
      count(refusal.reason)
      throw refusal
    }
  }
}

function textOf({ headers, bytes }: RawAnswer): string {
  const [, charset] = /charset\s*=\s*"?([\w-]+)/i.exec(headers['content-type'] ?? '') ?? []
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}
