/** What a person is told and where: their choices over the defaults of the catalogue. */
import { type Channel, type KindName, kindNames, kindOf, kinds, type Locale } from './kinds.ts'
import { wordingOf } from './texts.ts'

export type Digest = 'off' | 'daily' | 'weekly'

export interface Choice {
  readonly inApp: boolean
  readonly email: boolean
}

export interface Preferences {
  readonly digest: Digest
  readonly choices: Readonly<Record<string, Choice>>
  readonly version: number
}

/** Of somebody who never chose. */
export const defaultPreferences: Preferences = { digest: 'weekly', choices: {}, version: 0 }

function decided(channel: Channel, chosen: boolean | undefined): boolean {
  if (channel === 'always') return true
  if (channel === 'never') return false
  return chosen ?? channel === 'on'
}

function isLocked(channel: Channel): boolean {
  return channel === 'always' || channel === 'never'
}

/** Where a person is told of a kind. */
export function channelsOf(preferences: Preferences, name: string): Choice {
  const kind = kindOf(name)
  if (!kind) return { inApp: false, email: false }
  const chosen = preferences.choices[name]
  return { inApp: decided(kind.inApp, chosen?.inApp), email: decided(kind.email, chosen?.email) }
}

function isListed(name: KindName): boolean {
  const kind = kindOf(name)!
  return !kind.onRequest && !(isLocked(kind.inApp) && kind.inApp === 'never' && isLocked(kind.email))
}

/** Every kind a person can meet unasked, with their choice. */
export function viewPreferences(preferences: Preferences, locale: Locale) {
  return {
    digest: preferences.digest,
    version: preferences.version,
    kinds: kindNames.filter(isListed).map((name) => ({
      kind: name,
      ...channelsOf(preferences, name),
      title: wordingOf(name, locale).about,
      inAppLocked: isLocked(kinds[name].inApp),
      emailLocked: isLocked(kinds[name].email),
    })),
  }
}

export type Chosen =
  | { readonly troubles: readonly { path: string; message: string }[] }
  | { readonly troubles?: undefined; readonly preferences: Preferences }

/** Replaces the choices; kinds left out go back to their default. */
export function choose(
  before: Preferences,
  digest: Digest,
  wanted: readonly ({ readonly kind: string } & Choice)[],
): Chosen {
  const troubles: { path: string; message: string }[] = []
  const choices = new Map<string, Choice>()
  for (const [index, { kind: name, inApp, email }] of wanted.entries()) {
    const kind = kindOf(name)
    const path = `/body/kinds/${index}`
    if (!kind || !isListed(name as KindName)) {
      troubles.push({ path: `${path}/kind`, message: 'is not a kind that can be chosen' })
      continue
    }
    if (choices.has(name)) troubles.push({ path: `${path}/kind`, message: 'is named twice' })
    if (decided(kind.inApp, inApp) !== inApp)
      troubles.push({ path: `${path}/inApp`, message: 'cannot be changed' })
    if (decided(kind.email, email) !== email)
      troubles.push({ path: `${path}/email`, message: 'cannot be changed' })
    choices.set(name, { inApp, email })
  }
  if (troubles.length > 0) return { troubles }
  return { preferences: { digest, choices: Object.fromEntries(choices), version: before.version + 1 } }
}
