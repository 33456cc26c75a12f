/** What clients say over a live connection, and what follows from it. */
import type { Logger } from 'pino'
import type { Identity } from '../identity/identity.ts'
import { parseJson } from './json.ts'
import type { Presence } from './presence.ts'
import { type Connection, deliver, end, hears, mayHear, send, type Topics } from './realtime-connection.ts'
import { type ClientMessage, clientMessages, PRESENCE } from './realtime-protocol.ts'
import type { Rings } from './rings.ts'
import { compileValidator } from './schemas.ts'

export interface Surroundings {
  readonly identity: Identity
  readonly log: Logger
  readonly topics: Topics
  readonly rings: Rings
  readonly presence: Presence
}

/** Messages one connection may send between two heartbeats. */
const MAX_MESSAGES = 300

const validators = Object.fromEntries(
  Object.entries(clientMessages).map(([type, schema]) => [type, compileValidator(schema, 'body')]),
)

/** Makes the receiver of all connections' messages. */
export function createReceiver(
  surroundings: Surroundings,
): (connection: Connection, data: Buffer, binary: boolean) => unknown {
  const { identity, log, topics, rings, presence } = surroundings

  const receive = (connection: Connection, data: Buffer, binary: boolean): unknown => {
    connection.alive = true
    if (++connection.messages > MAX_MESSAGES) return end(connection, 1008, 'too many messages')
    const message = binary ? undefined : read(data)
    if (!message) {
      send(connection, {
        type: 'error',
        code: 'malformed',
        message: 'This message is not one of the protocol.',
      })
      return end(connection, 1008, 'message not understood')
    }
    follow(connection, message).catch((error) => {
      log.error({ err: error }, 'a live message failed')
      end(connection, 1011, 'internal error')
    })
  }

  const follow = async (connection: Connection, message: ClientMessage): Promise<void> => {
    const userId = connection.verified.caller.id
    switch (message.type) {
      case 'ping':
        return send(connection, { type: 'pong' })
      case 'subscribe': {
        const unknown = message.topics.find((topic) => !topics.has(topic))
        if (unknown !== undefined)
          return send(connection, {
            type: 'error',
            code: 'unknownTopic',
            message: `No contract has the topic ${unknown}.`,
          })
        // What one may not hear is left out of the answer, and the rest of a page's wishes is heard.
        for (const topic of message.topics)
          if (mayHear(connection, topics, topic)) connection.topics.add(topic)
        send(connection, { type: 'subscribed', topics: [...connection.topics] })
        if (message.topics.includes(PRESENCE))
          send(connection, { type: 'presence', connections: presence.total(userId) })
        return
      }
      case 'unsubscribe':
        for (const topic of message.topics) connection.topics.delete(topic)
        return send(connection, { type: 'subscribed', topics: [...connection.topics] })
      case 'resume': {
        const missed = rings.since(userId, [...connection.topics], message.lastId)
        if (!missed) return send(connection, { type: 'reset', lastId: rings.lastId(userId) })
        for (const event of missed)
          if (hears(connection, topics, event.topic)) deliver(connection, event.message)
        return send(connection, { type: 'resumed' })
      }
      case 'authenticate': {
        const verified = await identity.verify(message.token)
        if (!verified || verified.caller.id !== userId)
          return send(connection, {
            type: 'error',
            code: 'unauthenticated',
            message: 'This token is not valid for this connection.',
          })
        connection.token = message.token
        connection.verified = verified
        connection.warned = false
        return send(connection, { type: 'authenticated', expires: verified.expires })
      }
    }
  }

  return receive
}

function read(data: Buffer): ClientMessage | undefined {
  try {
    const message = parseJson(data) as ClientMessage
    return validators[message?.type]?.(message) === undefined && message?.type in validators
      ? message
      : undefined
  } catch {
    return undefined
  }
}
