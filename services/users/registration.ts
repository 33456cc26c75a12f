/** Registration as users sees it: a name is reserved first, and becomes a profile when auth says that the account exists. */
import { cleanText, languageOf, type Profile, shorten } from './profiles.ts'

/** How long a reservation lasts unless it is confirmed. */
export const RESERVATION_MS = 60 * 60 * 1000

export interface Newcomer {
  readonly userId: string
  readonly username: string
  readonly displayName: string
  readonly locale: string
}

/** The profile of somebody who is about to register. Without a name to show, the username is shown. */
export function reserveProfile(newcomer: Newcomer, now: Date): Profile {
  return {
    userId: newcomer.userId,
    username: newcomer.username,
    displayName: shorten(cleanText(newcomer.displayName), 80) || newcomer.username,
    bio: '',
    locale: languageOf(newcomer.locale),
    timeZone: 'UTC',
    links: [],
    state: 'reserved',
    email: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
    usernameChangedAt: null,
  }
}

/** The account exists: the profile is active from now on. */
export function activateProfile(profile: Profile, username: string, email: string, now: Date): Profile {
  return { ...profile, username, email, state: 'active', createdAt: now, updatedAt: now }
}
