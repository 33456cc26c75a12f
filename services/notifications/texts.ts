/** Both languages, and facts as people read them. */
import { type Facts, type KindName, kindOf, type Locale } from './kinds.ts'
import { english } from './texts-en.ts'
import { russian } from './texts-ru.ts'
import type { Wording } from './wording.ts'

const wordings: Readonly<Record<Locale, Readonly<Record<KindName, Wording>>>> = {
  en: english,
  ru: russian,
}

/** The wording of a kind, or one that only names it when the catalogue no longer has it. */
export function wordingOf(name: string, locale: Locale): Wording {
  return kindOf(name)
    ? wordings[locale][name as KindName]
    : { about: name, title: () => name, body: () => [] }
}

/** A point in time as people of this language and place write it. */
export function formatTime(iso: string, locale: Locale, timeZone: string): string {
  return new Intl.DateTimeFormat(locale === 'ru' ? 'ru-RU' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone,
  })
    .format(new Date(iso))
    .concat(timeZone === 'UTC' ? ' UTC' : '')
}

const times = ['at', 'expiresAt', 'deleteAt']

/** The facts with points in time as the reader writes them. */
export function readableFacts(facts: Facts, locale: Locale, timeZone: string): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([fact, value]) => [
      fact,
      value !== undefined && times.includes(fact) && !Number.isNaN(Date.parse(value))
        ? formatTime(value, locale, timeZone)
        : value,
    ]),
  )
}
