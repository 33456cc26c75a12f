/** Profiles: what a person may write about themselves, and what changes when they do. */
import type { ListedProfile, OwnProfile, PublicProfile } from './contract.ts'
import { changeableAt } from './usernames.ts'

export interface Link {
  readonly label: string
  readonly url: string
}

export interface Profile {
  readonly userId: string
  readonly username: string
  readonly displayName: string
  readonly bio: string
  readonly locale: 'en' | 'ru'
  readonly timeZone: string
  readonly links: readonly Link[]
  readonly state: 'reserved' | 'active' | 'deactivated'
  readonly email: string | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly usernameChangedAt: Date | null
}

export interface ProfileChange {
  readonly displayName?: string
  readonly bio?: string
  readonly locale?: 'en' | 'ru'
  readonly timeZone?: string
  readonly links?: readonly Link[]
}

export interface FieldTrouble {
  readonly path: string
  readonly message: string
}

export type Updated =
  | { readonly troubles: readonly FieldTrouble[] }
  | { readonly troubles?: undefined; readonly profile: Profile; readonly changed: readonly string[] }

/**
 * Text as it is kept: NFC, line ends as \n, without characters that are invisible, turn the direction of what follows,
 * or control a terminal. One line unless `lines` is set.
 */
export function cleanText(input: string, lines = false): string {
  const visible = input
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u200b\u2028-\u202e\u2060-\u2069\ufeff\u00ad\p{Cs}\p{Co}]/gu, '')
    .replace(/[^\P{Cc}\n]/gu, ' ')
  return lines ? visible.replace(/\n{3,}/g, '\n\n').trim() : visible.replace(/\s+/gu, ' ').trim()
}

/** The language of ours that serves a reader of `tag` (BCP 47). */
export function languageOf(tag: string): 'en' | 'ru' {
  return /^(ru|be|uk|kk)\b/i.test(tag) ? 'ru' : 'en'
}

/** Whether the runtime's time zone database knows the name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Cuts to `max` characters without splitting one. */
export function shorten(text: string, max: number): string {
  return [...text].slice(0, max).join('').trim()
}

function troublesOf(change: ProfileChange): FieldTrouble[] {
  const troubles: FieldTrouble[] = []
  if (change.displayName !== undefined && !/[\p{L}\p{N}\p{So}]/u.test(change.displayName))
    troubles.push({ path: '/body/displayName', message: 'must have a letter or digit' })
  if (change.timeZone !== undefined && !isTimeZone(change.timeZone))
    troubles.push({ path: '/body/timeZone', message: 'must be an IANA time zone, such as Europe/Berlin' })
  for (const [index, link] of (change.links ?? []).entries()) {
    if (link.label === '') troubles.push({ path: `/body/links/${index}/label`, message: 'must not be empty' })
    const url = URL.parse(link.url)
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      troubles.push({ path: `/body/links/${index}/url`, message: 'must be an http or https address' })
  }
  return troubles
}

/** Applies what the owner changed. `changed` is empty when nothing differs. */
export function updateProfile(profile: Profile, change: ProfileChange, now: Date): Updated {
  const clean: ProfileChange = {
    ...change,
    ...(change.displayName === undefined ? {} : { displayName: cleanText(change.displayName) }),
    ...(change.bio === undefined ? {} : { bio: cleanText(change.bio, true) }),
    ...(change.links === undefined
      ? {}
      : { links: change.links.map(({ label, url }) => ({ label: cleanText(label), url: url.trim() })) }),
  }
  const troubles = troublesOf(clean)
  if (troubles.length > 0) return { troubles }
  const changed = (Object.keys(clean) as (keyof ProfileChange)[]).filter(
    (field) => JSON.stringify(clean[field]) !== JSON.stringify(profile[field]),
  )
  if (changed.length === 0) return { profile, changed }
  return { profile: { ...profile, ...clean, version: profile.version + 1, updatedAt: now }, changed }
}

/** Whether `state` may become `wanted`: undefined when it is so already. */
export function setState(profile: Profile, wanted: 'active' | 'deactivated', now: Date): Profile | undefined {
  if (profile.state === wanted) return undefined
  return { ...profile, state: wanted, version: profile.version + 1, updatedAt: now }
}

/** What everybody signed in may see. */
export function publicView(profile: Profile): PublicProfile {
  return {
    userId: profile.userId,
    username: profile.username,
    displayName: profile.displayName,
    bio: profile.bio,
    links: [...profile.links],
    createdAt: profile.createdAt.toISOString(),
  }
}

/** What the person sees of themselves. */
export function ownView(profile: Profile, waitDays: number, now: Date): OwnProfile {
  const changeable = changeableAt(profile.usernameChangedAt ?? undefined, waitDays, now)
  return {
    ...publicView(profile),
    locale: profile.locale,
    timeZone: profile.timeZone,
    state: profile.state === 'deactivated' ? 'deactivated' : 'active',
    version: profile.version,
    updatedAt: profile.updatedAt.toISOString(),
    ...(changeable ? { usernameChangeableAt: changeable.toISOString() } : {}),
  }
}

/** What an administrator sees. */
export function listedView(profile: Profile, waitDays: number, now: Date): ListedProfile {
  return { ...ownView(profile, waitDays, now), ...(profile.email ? { email: profile.email } : {}) }
}

/** What travels in user.created and user.updated. */
export function announced(profile: Profile) {
  const { userId, username, displayName, locale, timeZone, version } = profile
  return { userId, username, displayName, locale, timeZone, version }
}
