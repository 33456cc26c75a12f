/** Sends requests to the process that answers for a service: finds one, proves who asks, and tries the next when nobody is there. */
import { Agent, type Dispatcher } from 'undici'
import { Refusal } from '../contract/problem.ts'
import { currentTraceparent } from '../observe/trace.ts'
import type { About, Peer } from './peers.ts'
import { CALL_HEADER, signCall } from './token.ts'

export interface Outgoing {
  /** The service that is asked, for people to read. */
  readonly service: string
  /** Whether a process can answer. */
  readonly wants: (about: About) => boolean
  readonly method: string
  /** Path and query: it names what is asked, and the proof is for it alone. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: AsyncIterable<Uint8Array> | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the answer must begin. */
  readonly headersTimeout: number
}

export interface Sender {
  /**
   * @throws Refusal `serviceUnavailable` when no process could be reached, or one broke off before it answered.
   * Only what was never sent is sent again, to another process.
   */
  readonly send: (outgoing: Outgoing) => Promise<Dispatcher.ResponseData>
  /** Whether a process that answers is known and was not found gone since its last sign of life. */
  readonly has: (wants: (about: About) => boolean) => boolean
  readonly close: () => Promise<void>
}

export interface SenderOptions {
  readonly key: Buffer
  readonly others: () => readonly Peer[]
  readonly refresh: () => Promise<void>
}

/** Nothing was sent: there was no connection. */
const REFUSED = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
])
const CONNECT_MS = 2_000

export function createSender({ key, others, refresh }: SenderOptions): Sender {
  // One request at a time on a connection: a slow answer holds up no other.
  const agent = new Agent({ connect: { timeout: CONNECT_MS }, keepAliveTimeout: 10_000, pipelining: 1 })
  /** Processes that were not there when asked, until they give a sign of life again. */
  const gone = new Map<string, string>()
  let turn = 0

  const candidates = (wants: Outgoing['wants']): Peer[] => {
    const able = others().filter(({ alive, about }) => alive && wants(about))
    const start = able.length > 0 ? turn++ % able.length : 0
    return [...able.slice(start), ...able.slice(0, start)]
  }
  const isGone = ({ id, beat }: Peer) => gone.get(id) === beat

  async function attempt(peer: Peer, outgoing: Outgoing): Promise<Dispatcher.ResponseData | undefined> {
    const { method, url, body, signal, service, headersTimeout } = outgoing
    try {
      const traceparent = currentTraceparent()
      return await agent.request({
        origin: peer.address,
        path: url,
        method: method as Dispatcher.HttpMethod,
        headers: {
          ...(traceparent === undefined ? {} : { traceparent }),
          ...(outgoing.headers as Record<string, string | string[]>),
          [CALL_HEADER]: signCall(key, method, url),
        },
        // undici begins to read it only when it is connected.
        body: body ? (onlyOnce(body) as never) : null,
        headersTimeout,
        bodyTimeout: 300_000,
        ...(signal ? { signal } : {}),
      })
    } catch (error) {
      if (signal?.aborted) throw error
      if (!REFUSED.has(codeOf(error))) throw missing(service, 'broke off before it answered', error)
      gone.set(peer.id, peer.beat)
      return undefined
    }
  }

  return {
    has: (wants) => others().some((peer) => peer.alive && wants(peer.about) && !isGone(peer)),
    send: async (outgoing) => {
      const tried = new Set<string>()
      // The second time with what the database says now: it may have come back at another address.
      for (const again of [false, true]) {
        if (again) await refresh()
        for (const peer of candidates(outgoing.wants)) {
          if (tried.has(peer.address) || (isGone(peer) && !again)) continue
          tried.add(peer.address)
          const answer = await attempt(peer, outgoing)
          if (answer) return answer
        }
      }
      throw missing(outgoing.service, 'does not answer in any process')
    },
    close: () => agent.destroy(),
  }
}

/** What a caller gets when a service is not there. */
export function missing(service: string, what: string, cause?: unknown): Refusal {
  const refusal = new Refusal(
    'serviceUnavailable',
    `The service ${service} ${what}.`,
    { service },
    { 'retry-after': '2' },
  )
  if (cause !== undefined) refusal.cause = cause
  return refusal
}

async function* onlyOnce(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* body
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code)
}
