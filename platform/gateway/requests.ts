/** What can be told of a request before it is routed: its id, where it comes from, whether its address can be read. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'
import type { Refusal } from '../contract/problem.ts'
import { malformed } from './json.ts'
import { MAX_URL_LENGTH, uriTooLong } from './problems.ts'

/** What is wrong with a request target; undefined when nothing is. Cheap for the usual one. */
export function troubleWith(url: string): Refusal | undefined {
  if (url.length > MAX_URL_LENGTH) return uriTooLong()
  if (!url.includes('%')) return undefined
  try {
    const text = decodeURIComponent(url)
    return text.includes('\0') ? malformed('The address contains the NUL character (%00).') : undefined
  } catch {
    return malformed('The address has an invalid percent-encoding.')
  }
}

/** The address a request without Fastify (an upgrade) comes from, by the same rules. */
export function addressOf(request: IncomingMessage, trust: boolean | number | string[]): string {
  const own = request.socket.remoteAddress ?? ''
  if (trust === false) return own
  const trusted =
    typeof trust === 'object'
      ? proxyAddress.compile(trust)
      : (_: string, hop: number) => trust === true || hop < trust
  return proxyAddress(request, trusted)
}

/** Ids that are unique in all processes and cost next to nothing: a random prefix and a counter. */
export function requestIds(): () => string {
  const prefix = randomBytes(6).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y')
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}
