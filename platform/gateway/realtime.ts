/** Live connections: the server's side of the protocol in `realtime-protocol.ts`. */
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Contract } from '../contract/contract.ts'
import type { Verified } from '../identity/identity.ts'
import { onUpgrade, type UpgradeOptions } from './handshake.ts'
import { createPresence } from './presence.ts'
import { type Connection, deliver, end, hears, send, type Topics } from './realtime-connection.ts'
import { createReceiver } from './realtime-messages.ts'
import { CLOSE_UNAUTHENTICATED, PRESENCE, SUBPROTOCOL } from './realtime-protocol.ts'
import { createRings } from './rings.ts'
import type { GatewaySettings } from './settings.ts'

export interface Realtime {
  /**
   * Sends `data` to the connections that subscribed to `topic`, in every process: those of a person or, where the topic
   * is for all who hold its permission, of everybody who does.
   */
  readonly push: (topic: string, userId: string | undefined, data: unknown) => void
  /** Lets clients subscribe to the topics of a contract. */
  readonly know: (contract: Contract) => void
  /** Open connections in this process. */
  readonly size: () => number
  readonly close: () => Promise<void>
}

export interface RealtimeOptions extends UpgradeOptions {
  readonly log: Logger
  readonly settings: GatewaySettings
  readonly broadcast: (channel: string, message: unknown) => void
  readonly onBroadcast: (channel: string, receive: (message: unknown) => void) => void
  readonly metrics?: {
    readonly counter: (
      metric: 'pleiad_realtime_messages_total',
      topic: string,
    ) => { readonly inc: (by?: number) => void }
    readonly gauge: (metric: 'pleiad_realtime_connections', value: number) => void
    readonly onScrape: (refresh: () => void) => void
  }
}

interface Push {
  readonly id: string
  readonly topic: string
  /** Undefined for a topic that is for all who hold its permission. */
  readonly userId?: string | undefined
  readonly data: unknown
}

const CHANNEL = 'realtime.push'
const SWEEP_MS = 500
const HEARTBEAT_MS = 25_000
const WARN_MS = 30_000
const MAX_MESSAGE_BYTES = 16 * 1024
const DEFAULT_CONNECTIONS = 20

export function openRealtime(options: RealtimeOptions): Realtime {
  const { identity, metrics } = options
  const people = new Map<string, Set<Connection>>()
  const topics: Topics = new Map([[PRESENCE, undefined]])
  const counters = new Map<string, { readonly inc: (by?: number) => void }>()
  const rings = createRings({ newId: options.newId })
  const limit = options.settings.REALTIME_CONNECTIONS ?? DEFAULT_CONNECTIONS
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  const presence = createPresence({
    process: options.newId(),
    broadcast: options.broadcast,
    onBroadcast: options.onBroadcast,
    changed: (userId, connections) => {
      for (const connection of people.get(userId) ?? [])
        if (connection.topics.has(PRESENCE)) send(connection, { type: 'presence', connections })
    },
  })
  let size = 0
  metrics?.onScrape(() => metrics.gauge('pleiad_realtime_connections', size))

  options.onBroadcast(CHANNEL, (message) => {
    const { id, topic, userId, data } = message as Push
    const kept = {
      id,
      topic,
      message: Buffer.from(JSON.stringify({ type: 'event', topic, id, data })),
      at: performance.now(),
    }
    if (userId === undefined) rings.addShared(topic, kept)
    else rings.add(userId, kept)
    let sent = 0
    for (const connections of userId === undefined ? people.values() : [people.get(userId) ?? []])
      for (const connection of connections) {
        if (!hears(connection, topics, topic)) continue
        deliver(connection, kept.message)
        sent++
      }
    if (sent > 0) counterOf(topic)?.inc(sent)
  })
  const counterOf = (topic: string) => {
    let counter = counters.get(topic)
    if (!counter && metrics) {
      counter = metrics.counter('pleiad_realtime_messages_total', topic)
      counters.set(topic, counter)
    }
    return counter
  }

  const receive = createReceiver({ identity, log: options.log, topics, rings, presence })

  const open = (socket: WebSocket, token: string, verified: Verified): void => {
    const userId = verified.caller.id
    const connection: Connection = {
      id: options.newId(),
      socket,
      topics: new Set(),
      token,
      verified,
      alive: true,
      warned: false,
      messages: 0,
    }
    const connections = people.get(userId) ?? new Set()
    connections.add(connection)
    people.set(userId, connections)
    size++
    socket.on('pong', () => {
      connection.alive = true
    })
    socket.on('message', (data, binary) => receive(connection, data as Buffer, binary))
    socket.on('error', () => {})
    socket.on('close', () => {
      size--
      connections.delete(connection)
      if (connections.size === 0) people.delete(userId)
      presence.change(userId, -1)
    })
    send(connection, {
      type: 'welcome',
      connectionId: connection.id,
      userId,
      lastId: rings.lastId(userId),
      expires: verified.expires,
    })
    presence.change(userId, 1)
    // Revoked between the check and now, before this connection was among those that a revocation ends.
    if (!identity.holds(verified)) check(connection)
  }

  /** Ends a connection whose token does not hold any more; verdicts about opaque tokens are renewed instead. */
  const check = (connection: Connection): unknown => {
    const { verified } = connection
    if (identity.holds(verified)) {
      if (
        !connection.warned &&
        verified.caller.kind === 'session' &&
        verified.expires - options.now().getTime() < WARN_MS
      ) {
        connection.warned = true
        send(connection, { type: 'expiring', expires: verified.expires })
      }
      return
    }
    if (verified.caller.kind === 'session') return end(connection, CLOSE_UNAUTHENTICATED, 'session ended')
    Promise.resolve(identity.verify(connection.token))
      .then((renewed) => {
        if (renewed) connection.verified = renewed
        else end(connection, CLOSE_UNAUTHENTICATED, 'token ended')
      })
      // The issuer cannot be asked: better no live connection than one that should not be.
      .catch(() => end(connection, 1013, 'token cannot be checked'))
  }
  const checkAll = () => {
    for (const connections of people.values()) for (const connection of connections) check(connection)
  }
  identity.onRevoked(checkAll)
  const sweep = setInterval(checkAll, SWEEP_MS)
  const heartbeat = setInterval(() => {
    for (const connections of people.values())
      for (const connection of connections) {
        if (!connection.alive) connection.socket.terminate()
        connection.alive = false
        connection.messages = 0
        if (connection.socket.readyState === connection.socket.OPEN) connection.socket.ping()
      }
  }, HEARTBEAT_MS)
  sweep.unref()
  heartbeat.unref()

  onUpgrade({
    ...options,
    full: (userId) => (presence.total(userId) >= limit ? limit : undefined),
    accept: (request, socket, head, token, verified) =>
      sockets.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, token, verified)),
  })

  return {
    push: (topic, userId, data) =>
      options.broadcast(CHANNEL, { id: options.newId(), topic, userId, data } satisfies Push),
    know: (contract) => {
      for (const [topic, { permission }] of Object.entries(contract.topics ?? {}))
        topics.set(topic, permission)
    },
    size: () => size,
    close: async () => {
      clearInterval(sweep)
      clearInterval(heartbeat)
      const open = [...people.values()].flatMap((connections) => [...connections])
      for (const connection of open) connection.socket.close(1001, 'server stops')
      const gone = Promise.all(
        open.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve))),
      )
      const timer = setTimeout(() => {
        for (const connection of open) connection.socket.terminate()
      }, 1_000)
      await gone
      clearTimeout(timer)
      presence.close()
      sockets.close()
    },
  }
}
