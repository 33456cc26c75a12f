/** The three ways a security event is told: the audit log, the owner's mail, and an event for the app. */
import type { EventData } from '@pleiad/platform/contract'
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { auth } from './contract.ts'
import { type LinkPurpose, linkExpiry, linkUrl } from './links.ts'
import type { AnyCall } from './service-own.ts'
import { putLink } from './store-accounts.ts'
import { insertAudit } from './store-audit.ts'
import { hashToken, newToken } from './tokens.ts'

type Mail = EventData<typeof auth, 'email.requested'>
export type SecurityChange = EventData<typeof auth, 'security.changed'>['what']

/** Whose account something is about. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly locale: 'en' | 'ru'
}

/** A call of an operation, or of a handler, which comes from nowhere. */
export type From = Tools & Partial<Pick<AnyCall, 'request' | 'caller'>>

/** Writes the audit log: who (the caller, unless told otherwise), whose account, from where, when. */
export async function record(
  tx: Tx,
  call: From,
  event: string,
  about: {
    readonly subjectId?: string | undefined
    readonly actorId?: string | undefined
    readonly details?: Record<string, unknown>
  } = {},
): Promise<void> {
  call.count('auth_security_events_total', { event })
  await insertAudit(tx, {
    event,
    at: call.now(),
    actorId: about.actorId ?? call.caller?.id,
    subjectId: about.subjectId,
    ip: call.request?.ip,
    userAgent: call.request && programOf(call.request.userAgent),
    details: about.details ?? {},
  })
}

/** The user agent as it is kept: programs may send anything. */
export function programOf(userAgent: string): string {
  return userAgent.slice(0, 300)
}

/** Asks for a mail. */
export function mail(tx: Tx, to: Person, kind: Mail['kind'], data: Mail['data']): void {
  emit(tx, auth, 'email.requested', { userId: to.id, email: to.email, locale: to.locale, kind, data })
}

/** Tells the owner that something about the safety of the account changed, in the app and by mail. */
export function tell(
  tx: Tx,
  call: From,
  person: Person,
  what: SecurityChange,
  alsoTo: readonly string[] = [],
): void {
  const at = call.now().toISOString()
  const from = call.request ? { ip: call.request.ip, userAgent: programOf(call.request.userAgent) } : {}
  emit(tx, auth, 'security.changed', { userId: person.id, what, at, ...from })
  const kind = what === 'newSignIn' ? 'new-sign-in' : 'security-notice'
  for (const email of [person.email, ...alsoTo]) mail(tx, { ...person, email }, kind, { what, at, ...from })
}

const mailKinds: Record<LinkPurpose, Mail['kind']> = {
  register: 'verify-email',
  verifyEmail: 'verify-email',
  resetPassword: 'reset-password',
  changeEmail: 'change-email',
}

/** Makes a single-use link and asks for the mail that carries it; only the hash of its token is stored. */
export async function mailLink(tx: Tx, call: Tools, to: Person, purpose: LinkPurpose): Promise<void> {
  const now = call.now()
  const token = newToken()
  const expiresAt = linkExpiry(purpose, now)
  await putLink(tx, { hash: hashToken(token), purpose, subjectId: to.id, email: to.email, expiresAt }, now)
  mail(tx, to, mailKinds[purpose], {
    sealedUrl: call.sealFor('notifications', linkUrl(call.publicUrl, purpose, token)),
    expiresAt: expiresAt.toISOString(),
  })
}
