/** People as notifications knows them, and who is left in peace. */
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
