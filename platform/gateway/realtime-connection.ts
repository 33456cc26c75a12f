/** One live connection of the server's side: what is known of it, how it is told something, how it ends. */
import type { WebSocket } from 'ws'
import type { Verified } from '../identity/identity.ts'
import type { ServerMessage } from './realtime-protocol.ts'

/** A client that lets this much wait is cut off; it resumes when it can keep up. */
const MAX_BUFFERED_BYTES = 1024 * 1024

/** Every topic that may be subscribed to, with the permission that it takes. */
export type Topics = Map<string, string | undefined>

export interface Connection {
  readonly id: string
  readonly socket: WebSocket
  readonly topics: Set<string>
  token: string
  verified: Verified
  /** Whether the last heartbeat was answered. */
  alive: boolean
  warned: boolean
  /** Messages since the last heartbeat. */
  messages: number
}

/** Whether its person may listen to a topic: a topic nobody knows is for nobody. */
export function mayHear({ verified }: Connection, topics: Topics, topic: string): boolean {
  const permission = topics.get(topic)
  return topics.has(topic) && (permission === undefined || verified.caller.permissions.includes(permission))
}

/** Asked for every message, as a token that was renewed may hold less than the one that subscribed. */
export function hears(connection: Connection, topics: Topics, topic: string): boolean {
  return connection.topics.has(topic) && mayHear(connection, topics, topic)
}

/** Sends a message that is encoded already. */
export function deliver(connection: Connection, message: Buffer): void {
  if (connection.socket.readyState !== connection.socket.OPEN) return
  if (connection.socket.bufferedAmount > MAX_BUFFERED_BYTES) end(connection, 1013, 'too slow')
  else connection.socket.send(message, { binary: false })
}

export function send(connection: Connection, message: ServerMessage): void {
  deliver(connection, Buffer.from(JSON.stringify(message)))
}

/** Closes politely, and for good a second later: a peer that does not answer must not keep getting events. */
export function end(connection: Connection, code: number, reason: string): void {
  const { socket } = connection
  connection.topics.clear()
  if (socket.readyState !== socket.OPEN) return
  socket.close(code, reason)
  setTimeout(() => socket.terminate(), 1_000).unref()
}
