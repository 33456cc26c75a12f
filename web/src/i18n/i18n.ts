/** Languages. Only the chosen one is loaded; `en` gives the keys their types. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type en from './en/en.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en }
  }
}

export type Language = 'en' | 'ru'
export const languages: Readonly<Record<Language, string>> = { en: 'English', ru: 'Русский' }

const loaders: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import('./en/en.ts'),
  ru: () => import('./ru/ru.ts'),
}

/** The language chosen before, or the browser's. */
export function preferredLanguage(): Language {
  const chosen = localStorage.getItem('pleiad.language') ?? navigator.language
  return chosen.startsWith('ru') ? 'ru' : 'en'
}

export async function startLanguages(): Promise<void> {
  const lng = preferredLanguage()
  const { default: translation } = await loaders[lng]()
  await i18next.use(initReactI18next).init({
    lng,
    resources: { [lng]: { translation } },
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0])
  document.documentElement.lang = lng
}

/** Changes the language at once, everywhere in this tab, and remembers it on this device. */
export async function chooseLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    const { default: translation } = await loaders[language]()
    i18next.addResourceBundle(language, 'translation', translation)
  }
  localStorage.setItem('pleiad.language', language)
  document.documentElement.lang = language
  await i18next.changeLanguage(language)
}

export function currentLanguage(): Language {
  return i18next.language === 'ru' ? 'ru' : 'en'
}
