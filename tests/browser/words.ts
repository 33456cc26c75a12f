/** The app's own words in both languages, so that a test finds what a person would. */
import en from '../../web/src/i18n/en/en.ts'
import ru from '../../web/src/i18n/ru/ru.ts'
import type { Language } from './browser.ts'

export const words = { en, ru } satisfies Record<Language, object>

/** A text with its placeholders filled in, as the app shows it. */
export function say(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/{{(\w+)}}/g, (_, name) => String(values[name]))
}
