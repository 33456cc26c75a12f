/**
 * Proof that a request comes from a process of this installation: a keyed hash (HMAC-SHA256, RFC 2104) of the method,
 * the address with the service and what is asked of it, and the end of its life. One for each request: it opens
 * nothing else, and nothing for long.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What the key is derived for. No service can derive it: their own purposes begin with their name and a colon. */
export const CALL_PURPOSE = 'internal calls'
/** Header that carries it. */
export const CALL_HEADER = 'x-pleiad-call'
/** Life of a token, with room for clocks that differ. */
const LIFE_SECONDS = 30

/** Signs a request with method and address (path and query), such as `POST /rpc/pleiad.users.v1.Profiles/GetProfiles`. */
export function signCall(key: Buffer, method: string, url: string, nowMs = Date.now()): string {
  const expires = Math.floor(nowMs / 1000) + LIFE_SECONDS
  return `${expires}.${proofOf(key, method, url, expires).toString('base64url')}`
}

/** Why a token does not open this address; undefined when it does. */
export function refuseCall(
  key: Buffer,
  token: unknown,
  method: string,
  url: string,
  nowMs = Date.now(),
): string | undefined {
  const [, until, proof] = typeof token === 'string' ? (/^(\d{1,12})\.([\w-]{43})$/.exec(token) ?? []) : []
  if (until === undefined || proof === undefined) return 'The request has no proof that it comes from here.'
  const expires = Number(until)
  if (!timingSafeEqual(Buffer.from(proof, 'base64url'), proofOf(key, method, url, expires)))
    return 'The proof is for another address, or of another installation.'
  const left = expires - nowMs / 1000
  // Nobody signs for longer, whatever their clock says.
  return left <= 0 || left > 2 * LIFE_SECONDS
    ? 'The proof is no longer valid: compare the clocks.'
    : undefined
}

function proofOf(key: Buffer, method: string, url: string, expires: number): Buffer {
  return createHmac('sha256', key).update(`${expires} ${method} ${url}`).digest()
}
