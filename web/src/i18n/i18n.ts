/** Languages. Only the chosen one is loaded, and a product's words only with its pages; `en` gives the keys their types. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type atlas from '../atlas/i18n/en.ts'
import { type ForgeWords, forgeLoaders } from '../forge/i18n/loaders.ts'
import type hosted from '../hosted/i18n/en.ts'
import type en from './en/en.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en & typeof atlas & typeof hosted & ForgeWords }
  }
}

export type Language = 'en' | 'ru'
export const languages: Readonly<Record<Language, string>> = { en: 'English', ru: 'Русский' }

/** Words that are loaded together. A product's stand under its own name: `t('atlas.projects.create')`. */
export const loaders = {
  app: { en: () => import('./en/en.ts'), ru: () => import('./ru/ru.ts') },
  atlas: { en: () => import('../atlas/i18n/en.ts'), ru: () => import('../atlas/i18n/ru.ts') },
  hosted: { en: () => import('../hosted/i18n/en.ts'), ru: () => import('../hosted/i18n/ru.ts') },
  ...forgeLoaders,
} satisfies Record<string, Record<Language, () => Promise<{ default: object }>>>
type Part = keyof typeof loaders
const wanted = new Set<Part>(['app'])

/** The language chosen before, or the browser's. */
export function preferredLanguage(): Language {
  const chosen = localStorage.getItem('pleiad.language') ?? navigator.language
  return chosen.startsWith('ru') ? 'ru' : 'en'
}

export async function startLanguages(): Promise<void> {
  const lng = preferredLanguage()
  const { default: translation } = await loaders.app[lng]()
  await i18next.use(initReactI18next).init({
    lng,
    resources: { [lng]: { translation } },
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0])
  document.documentElement.lang = lng
}

/** Makes the words of a product ready, now and after every change of language. */
export async function loadWords(part: Part): Promise<void> {
  wanted.add(part)
  await load(part, currentLanguage())
}

async function load(part: Part, language: Language): Promise<void> {
  const { default: words } = await loaders[part][language]()
  i18next.addResourceBundle(language, 'translation', words, true, true)
}

/** Changes the language at once, everywhere in this tab, and remembers it on this device. */
export async function chooseLanguage(language: Language): Promise<void> {
  await Promise.all([...wanted].map((part) => load(part, language)))
  localStorage.setItem('pleiad.language', language)
  document.documentElement.lang = language
  await i18next.changeLanguage(language)
}

export function currentLanguage(): Language {
  return i18next.language === 'ru' ? 'ru' : 'en'
}
