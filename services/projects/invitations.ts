/** Invitations: a token that only the mail has, for a time, once. */
import { createHash, randomBytes } from 'node:crypto'
import type { Role } from './members.ts'

export interface Invitation {
  readonly invitationId: string
  readonly projectId: string
  /** Null once it was answered. */
  readonly email: string | null
  readonly role: Role
  readonly state: 'open' | 'accepted' | 'declined'
  readonly invitedBy: string | null
  readonly createdAt: Date
  readonly sentAt: Date
  readonly expiresAt: Date
}

const DAY_MS = 86_400_000
/** One mail a minute for one invitation. */
export const MAIL_PAUSE_MS = 60_000

/** A secret of 256 bits, and the hash that is kept of it. */
export function newToken(): { readonly token: string; readonly hash: Buffer } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashToken(token) }
}

/** SHA-256, enough for a secret that cannot be guessed. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** The page that accepts it. The token is behind `#`: it reaches no server log and no `Referer`. */
export function invitationUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/invitation#token=${token}`
}

export function expiryOf(sentAt: Date, days: number): Date {
  return new Date(sentAt.getTime() + days * DAY_MS)
}

/** Why an invitation cannot be answered (any more); undefined: it can. */
export function answerTrouble(
  invitation: Invitation | undefined,
  now: Date,
): 'invitationUnknown' | 'invitationUsed' | 'invitationExpired' | undefined {
  if (!invitation) return 'invitationUnknown'
  if (invitation.state !== 'open') return 'invitationUsed'
  return invitation.expiresAt <= now ? 'invitationExpired' : undefined
}

/** When an invitation can be sent again; undefined: now. */
export function resendableAt(invitation: Invitation, now: Date): Date | undefined {
  const at = new Date(invitation.sentAt.getTime() + MAIL_PAUSE_MS)
  return at > now ? at : undefined
}

/** When the next mail may leave, given when the one came that fills the day's quota; undefined: now. */
export function nextMailAt(quotaFilledBy: Date | undefined, now: Date): Date | undefined {
  if (!quotaFilledBy) return undefined
  const at = new Date(quotaFilledBy.getTime() + DAY_MS)
  return at > now ? at : undefined
}

/** Enough of an address to recognise one's own: `b…@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${[...email.slice(0, at)][0] ?? ''}…${email.slice(at)}`
}
