/** The words of the console and of the hosted pages, beside those of the whole app. */

import atlasEn from '../../../web/src/atlas/i18n/en.ts'
import atlasRu from '../../../web/src/atlas/i18n/ru.ts'
import hostedEn from '../../../web/src/hosted/i18n/en.ts'
import hostedRu from '../../../web/src/hosted/i18n/ru.ts'
import type { Language } from '../../browser/browser.ts'

export const words = {
  en: { ...atlasEn, ...hostedEn },
  ru: { ...atlasRu, ...hostedRu },
} satisfies Record<Language, object>
