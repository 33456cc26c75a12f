/** The client of the live protocol (`realtime-protocol.ts`) for browsers and Node: reconnects, subscribes again, resumes. */
import type { ClientMessage, ServerMessage } from './realtime-protocol.ts'

export type RealtimeState = 'connecting' | 'open' | 'closed'

export interface RealtimeClientOptions {
  /** Address of the gateway, `http` or `https`. Default: the page's own. */
  readonly baseUrl?: string
  /**
   * A token that is good for at least a few seconds. Pages that use cookies leave it out; then `refresh` is called
   * before a new connection when the last one ended because the session's token did.
   */
  readonly token?: () => string | Promise<string>
  /** Renews the session's cookie; resolves to false when there is no session any more, which ends the client. */
  readonly refresh?: () => Promise<boolean>
  readonly onState?: (state: RealtimeState) => void
  /** Events were missed: load anew what the topics are about. */
  readonly onReset?: () => void
  /** How many live connections this person has. Only sent while `presence` is subscribed. */
  readonly onPresence?: (connections: number) => void
  /** For tests, and for Node before 22. Default: the global WebSocket. */
  readonly WebSocket?: typeof WebSocket
  /** Longest pause before another try. Default 30 s. */
  readonly maxDelayMs?: number
}

export interface RealtimeClient {
  /** Calls `receive` with each event of `topic` until the returned function is called. */
  readonly on: (topic: string, receive: (data: unknown) => void) => () => void
  readonly state: () => RealtimeState
  readonly close: () => void
}

const PATH = '/api/v1/realtime'
const UNAUTHENTICATED = 4401
/** The server pings every 25 s, which pages cannot see; so they ask themselves. */
const PING_MS = 20_000
const SEEN = 200

/** Connects at once and stays connected until `close`. */
export function connectRealtime(options: RealtimeClientOptions = {}): RealtimeClient {
  const Socket = options.WebSocket ?? globalThis.WebSocket
  const receivers = new Map<string, Set<(data: unknown) => void>>()
  const seen = new Set<string>()
  let socket: WebSocket | undefined
  let state: RealtimeState = 'connecting'
  let failures = 0
  let lastId: string | undefined
  let stopped = false
  let heard = true
  let timer: ReturnType<typeof setTimeout> | undefined
  let needsRefresh = false

  const become = (next: RealtimeState) => {
    if (state === next) return
    state = next
    options.onState?.(next)
  }
  const send = (message: ClientMessage) => {
    if (socket?.readyState === 1) socket.send(JSON.stringify(message))
  }
  const topics = () => [...receivers.keys(), ...(options.onPresence ? ['presence'] : [])]

  const receive = (message: ServerMessage): unknown => {
    switch (message.type) {
      case 'welcome': {
        failures = 0
        const wanted = topics()
        if (wanted.length > 0) send({ type: 'subscribe', topics: wanted })
        if (lastId === undefined) lastId = message.lastId
        else send({ type: 'resume', lastId })
        return become('open')
      }
      case 'event': {
        lastId = message.id
        if (seen.has(message.id)) return
        seen.add(message.id)
        if (seen.size > SEEN) seen.delete(seen.values().next().value!)
        for (const receiver of [...(receivers.get(message.topic) ?? [])]) receiver(message.data)
        return
      }
      case 'reset':
        lastId = message.lastId
        seen.clear()
        return options.onReset?.()
      case 'presence':
        return options.onPresence?.(message.connections)
      case 'expiring':
        if (options.token) {
          Promise.resolve(options.token())
            .then((token) => send({ type: 'authenticate', token }))
            // The connection will end with its token, and the next attempt asks again.
            .catch(() => {})
        } else {
          needsRefresh = true
          socket?.close(1000, 'session refresh')
        }
        return
    }
  }

  const connect = async (): Promise<void> => {
    timer = undefined
    try {
      if (needsRefresh && options.refresh && !(await options.refresh())) return close()
      needsRefresh = false
      const protocols = options.token ? ['pleiad.v1', `bearer.${await options.token()}`] : ['pleiad.v1']
      if (stopped) return
      const base = options.baseUrl ?? globalThis.location.origin
      open(new Socket(`${base.replace(/^http/, 'ws')}${PATH}`, protocols))
    } catch {
      again()
    }
  }

  const open = (opened: WebSocket) => {
    socket = opened
    heard = true
    const pinger = setInterval(() => {
      if (!heard) return opened.close(4000, 'no answer')
      heard = false
      send({ type: 'ping' })
    }, PING_MS)
    opened.onmessage = ({ data }) => {
      heard = true
      receive(JSON.parse(String(data)))
    }
    opened.onclose = ({ code }) => {
      clearInterval(pinger)
      if (socket !== opened) return
      socket = undefined
      // A refused upgrade (1006) may be a session that ended as well: browsers do not tell.
      if (code === UNAUTHENTICATED || (code === 1006 && state !== 'open')) needsRefresh = true
      again()
    }
  }

  const again = () => {
    if (stopped) return
    become('connecting')
    // Full jitter: after a restart of the server not everybody comes back at once.
    const longest = Math.min(options.maxDelayMs ?? 30_000, 500 * 2 ** failures++)
    timer = setTimeout(() => void connect(), Math.random() * longest)
  }

  const close = () => {
    stopped = true
    clearTimeout(timer)
    socket?.close(1000, 'done')
    become('closed')
  }

  void connect()
  return {
    state: () => state,
    close,
    on: (topic, receiver) => {
      const known = receivers.get(topic)
      if (known) known.add(receiver)
      else {
        receivers.set(topic, new Set([receiver]))
        send({ type: 'subscribe', topics: [topic] })
      }
      return () => {
        const left = receivers.get(topic)
        left?.delete(receiver)
        if (left?.size !== 0) return
        receivers.delete(topic)
        send({ type: 'unsubscribe', topics: [topic] })
      }
    },
  }
}
