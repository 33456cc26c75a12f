/** The app's own words in both languages, so that a test finds what a person would. */
import en from '../../web/src/i18n/en/en.ts'
import ru from '../../web/src/i18n/ru/ru.ts'
import type { Language } from './browser.ts'

export const words = { en, ru } satisfies Record<Language, object>
