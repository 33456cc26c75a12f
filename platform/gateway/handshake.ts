/** Who may open a live connection: what an HTTP request passes (admission.ts), for an upgrade, which has no hooks. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { problemOf, Refusal } from '../contract/problem.ts'
import type { Identity, Verified } from '../identity/identity.ts'
import { budgetKey } from './admission.ts'
import { ACCESS_COOKIE, cookieOf } from './cookies.ts'
import { foreignOrigin, type Origins } from './headers.ts'
import type { ClassLimits } from './limits.ts'
import { PROBLEM_TYPE } from './problems.ts'
import { REALTIME_PATH } from './realtime-protocol.ts'

export interface UpgradeOptions {
  readonly server: Server
  readonly identity: Identity
  readonly origins: Origins
  readonly limits: ClassLimits
  readonly now: () => Date
  readonly newId: () => string
  /** The client's address; behind a trusted proxy not the socket's. */
  readonly addressOf: (request: IncomingMessage) => string
}

interface Acceptance {
  /** The limit of connections, when this person has reached it. */
  readonly full: (userId: string) => number | undefined
  readonly accept: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    token: string,
    verified: Verified,
  ) => void
}

/** Answers upgrades of `server`: accepts those at the live address that pass, refuses the others with a problem. */
export function onUpgrade(options: UpgradeOptions & Acceptance): void {
  options.server.on('upgrade', (request, socket, head) => {
    const onError = () => socket.destroy()
    socket.on('error', onError)
    pass(options, request)
      .then(({ token, verified }) => {
        socket.off('error', onError)
        options.accept(request, socket, head, token, verified)
      })
      .catch((error) =>
        refuse(socket, error instanceof Refusal ? error : new Refusal('internal'), options.newId()),
      )
  })
}

async function pass(
  options: UpgradeOptions & Acceptance,
  request: IncomingMessage,
): Promise<{ token: string; verified: Verified }> {
  const { origin, host } = request.headers
  if (request.url?.split('?')[0] !== REALTIME_PATH) throw new Refusal('notFound')
  if (origin !== undefined && !options.origins.isAllowed(origin, host)) throw foreignOrigin(origin)
  const decision = await options.limits.address?.take(
    budgetKey(options.addressOf(request)),
    options.now().getTime(),
  )
  if (decision && !decision.allowed)
    throw new Refusal('rateLimited', undefined, {}, { 'retry-after': String(Math.max(1, decision.seconds)) })
  const token = tokenOf(request)
  const verified = token === undefined ? undefined : await options.identity.verify(token)
  if (token === undefined || !verified)
    throw new Refusal('unauthenticated', undefined, {}, { 'www-authenticate': 'Bearer realm="pleiad"' })
  // Topics reach people; a program is none.
  if (verified.caller.kind === 'program')
    throw new Refusal(
      'forbidden',
      'Programs have no live connections: those take a person’s session or token.',
    )
  const limit = options.full(verified.caller.id)
  if (limit !== undefined)
    throw new Refusal(
      'rateLimited',
      `One person may have ${limit} live connections.`,
      {},
      { 'retry-after': '30' },
    )
  return { token, verified }
}

/** From the header, the subprotocol or the cookie, in this order. */
function tokenOf({ headers }: IncomingMessage): string | undefined {
  if (headers.authorization !== undefined) return /^bearer (.+)$/i.exec(headers.authorization)?.[1]?.trim()
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
  const bearer = offered.find((name) => name.startsWith('bearer.'))
  return bearer ? bearer.slice(7) : cookieOf(headers.cookie, ACCESS_COOKIE)
}

function refuse(socket: Duplex, refusal: Refusal, requestId: string): void {
  const problem = problemOf(refusal, undefined, requestId)
  const body = JSON.stringify(problem)
  const headers = Object.entries({
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...refusal.headers,
  })
  if (socket.writable)
    socket.end(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    )
}
