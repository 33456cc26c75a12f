/**
 * Secrets inside events. An event stays in outboxes, inboxes and brokers for weeks; what gives access (a link with a
 * token, a code) travels in it sealed, readable by the one service it is for.
 */
import { seal, unseal } from '../store/sealing.ts'

/** Seals text for the service `receiver`: base64url, safe in an event. Whoever sends cannot open it again. */
export function sealFor(deriveKey: (purpose: string) => Buffer, receiver: string, plain: string): string {
  return seal(keyOf(deriveKey, receiver), plain, receiver).toString('base64url')
}

/** Opens what was sealed for `receiver`. Throws when it was sealed for another or under another secret, or was changed. */
export function openSealed(deriveKey: (purpose: string) => Buffer, receiver: string, sealed: string): string {
  return unseal(keyOf(deriveKey, receiver), Buffer.from(sealed, 'base64url'), receiver).toString()
}

/** No service can derive it for itself: its own purposes begin with its name and a colon. */
function keyOf(deriveKey: (purpose: string) => Buffer, receiver: string): Buffer {
  return deriveKey(`sealed for ${receiver}`)
}
