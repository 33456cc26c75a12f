/** People as notifications knows them, and who is left in peace. */
import { createHash } from 'node:crypto'
import { kindOf, type Locale } from './kinds.ts'
import { type Choice, channelsOf, type Preferences } from './preferences.ts'

export interface Recipient {
  readonly userId: string
  readonly email: string | null
  readonly name: string
  readonly locale: Locale
  readonly timeZone: string
  readonly state: 'active' | 'deactivated' | 'erased'
  readonly locked: boolean
}

/** Somebody of whom only the id is known yet: their registration has not arrived. */
export function unknownRecipient(userId: string): Recipient {
  return { userId, email: null, name: '', locale: 'en', timeZone: 'UTC', state: 'active', locked: false }
}

/**
 * The id of the mail to one of several people about one event: the same however often the event comes. A UUIDv7 with the
 * time of the event's id, so that mails stay in order.
 */
export function mailIdFor(eventId: string, userId: string): string {
  const hex = createHash('sha256').update(`${eventId} ${userId}`).digest('hex')
  return `${eventId.slice(0, 13)}-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`
}

/** Where this person is told of a kind now: who is shut out gets important mails only, who is erased gets nothing. */
export function reach(recipient: Recipient, preferences: Preferences, kind: string): Choice {
  const channels = channelsOf(preferences, kind)
  if (recipient.state === 'erased') return { inApp: false, email: false }
  const quiet = recipient.state === 'deactivated' || recipient.locked
  const important = kindOf(kind)?.important === true
  return {
    inApp: channels.inApp && recipient.state === 'active' && (!quiet || important),
    email: channels.email && recipient.email !== null && (!quiet || important),
  }
}
