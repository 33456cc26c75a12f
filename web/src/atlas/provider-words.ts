/** What oauth says in English, in the reader's language. */
import i18next from 'i18next'
import { catalogueWords } from './i18n/ru/catalogue.ts'

const openings = Object.keys(catalogueWords).filter((text) => text.endsWith(' '))

/** A text of the catalogue or about a field, in Russian where it is known; undefined when it is not. */
export function inRussian(text: string): string | undefined {
  const whole = catalogueWords[text]
  if (whole !== undefined) return whole
  const opening = openings.find((one) => text.startsWith(one))
  return opening && `${catalogueWords[opening]}${text.slice(opening.length)}`
}

/** A text of the catalogue: what a provider calls its own things stays as it is. */
export function said(text: string): string {
  return i18next.language === 'ru' ? (inRussian(text) ?? text) : text
}

/** What is wrong with a field. Never English to somebody who reads Russian. */
export function saidOfField(text: string): string {
  return i18next.language === 'ru' ? (inRussian(text) ?? i18next.t('errors.field')) : text
}

/**
 * A problem between here and a provider. English words of the server hold more than those of the code, such as what
 * the provider answered: they are the text for who reads English, and the detail for others.
 */
export function troubleWords(code: string | undefined, words: string): { text: string; detail?: string } {
  if (i18next.language === 'en') return { text: words }
  const key = [`atlas.trouble.${code}`, `errors.${code}`].find((one) => code && i18next.exists(one))
  if (!key) return { text: words }
  return { text: i18next.t(key as 'atlas.trouble.internal'), detail: words }
}
