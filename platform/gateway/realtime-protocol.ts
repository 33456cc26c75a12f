/**
 * The live protocol at `/api/v1/realtime`: JSON texts over a WebSocket (RFC 6455).
 *
 * Opening. Who connects is told by the session's cookie, an `Authorization: Bearer` header, or, from a page that has a
 * bearer token, by the subprotocols `['pleiad.v1', 'bearer.<token>']`; the server chooses `pleiad.v1`. A page of a
 * foreign origin is refused. The server begins with `welcome`.
 *
 * Events. A person's connections get the events of the topics they subscribed to. Each has an `id`; a client that was
 * cut off opens a new connection, subscribes and sends `resume` with the last id it saw. What it missed follows, some
 * of it perhaps a second time (ids tell), or `reset` when the server does not remember that far: then load anew.
 *
 * Ending. `expiring` comes 30 s before the token ends: send `authenticate` with a fresh one (clients with cookies
 * refresh their session and reconnect). Close codes: 4401 the session ended or the token expired, 1013 too slow or
 * too many connections, 1008 a message was not understood, too large or one of too many, 1001 the server stops.
 */
import { type Static, Type } from 'typebox'

const Topics = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  minItems: 1,
  maxItems: 100,
  description: 'Topics of contracts, or `presence`',
})

/** What clients send, by `type`. */
export const clientMessages = {
  subscribe: Type.Object(
    { type: Type.Literal('subscribe'), topics: Topics },
    { description: 'Send me events of these topics.' },
  ),
  unsubscribe: Type.Object(
    { type: Type.Literal('unsubscribe'), topics: Topics },
    { description: 'No more events of these topics.' },
  ),
  resume: Type.Object(
    {
      type: Type.Literal('resume'),
      lastId: Type.String({ maxLength: 64, description: 'Last event seen, or `lastId` of `welcome`' }),
    },
    { description: 'Send what I missed of the topics I subscribed to. After `subscribe`.' },
  ),
  authenticate: Type.Object(
    { type: Type.Literal('authenticate'), token: Type.String({ maxLength: 8192 }) },
    { description: 'Go on with this token, of the same person.' },
  ),
  ping: Type.Object({ type: Type.Literal('ping') }, { description: 'Are you there? Answered with `pong`.' }),
}

/** What the server sends, by `type`. */
export const serverMessages = {
  welcome: Type.Object(
    {
      type: Type.Literal('welcome'),
      connectionId: Type.String(),
      userId: Type.String(),
      lastId: Type.String({ description: 'Where the events of this connection begin' }),
      expires: Type.Integer({ description: 'When the token ends, epoch milliseconds' }),
    },
    { description: 'The connection is open.' },
  ),
  subscribed: Type.Object(
    { type: Type.Literal('subscribed'), topics: Type.Array(Type.String()) },
    { description: 'All topics of this connection, after a change.' },
  ),
  event: Type.Object(
    { type: Type.Literal('event'), topic: Type.String(), id: Type.String(), data: Type.Unknown() },
    { description: 'Something happened; `data` is as the topic’s contract says.' },
  ),
  resumed: Type.Object({ type: Type.Literal('resumed') }, { description: 'Everything missed was sent.' }),
  reset: Type.Object(
    {
      type: Type.Literal('reset'),
      lastId: Type.String({ description: 'Where the events begin that can be resumed' }),
    },
    { description: 'Events were missed that are no longer kept: load anew.' },
  ),
  presence: Type.Object(
    { type: Type.Literal('presence'), connections: Type.Integer() },
    { description: 'How many live connections this person has, on all their devices. Topic `presence`.' },
  ),
  expiring: Type.Object(
    { type: Type.Literal('expiring'), expires: Type.Integer() },
    { description: 'The token ends soon: authenticate again.' },
  ),
  authenticated: Type.Object(
    { type: Type.Literal('authenticated'), expires: Type.Integer() },
    { description: 'The new token was accepted.' },
  ),
  pong: Type.Object({ type: Type.Literal('pong') }, { description: 'Answer to `ping`.' }),
  error: Type.Object(
    { type: Type.Literal('error'), code: Type.String(), message: Type.String() },
    { description: 'The last message could not be followed: unknownTopic, malformed or unauthenticated.' },
  ),
}

export type ClientMessage = Static<(typeof clientMessages)[keyof typeof clientMessages]>
export type ServerMessage = Static<(typeof serverMessages)[keyof typeof serverMessages]>

export const REALTIME_PATH = '/api/v1/realtime'
export const SUBPROTOCOL = 'pleiad.v1'
export const CLOSE_UNAUTHENTICATED = 4401
/** Built-in topic: the person's own connections. */
export const PRESENCE = 'presence'
