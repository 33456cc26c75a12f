import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Contract, platformErrors } from '@pleiad/platform/contract'
import { describe, expect, it } from 'vitest'
import en from './en/en.ts'
import { type Language, loaders } from './i18n.ts'

type Words = { readonly [key: string]: string | Words }
const plural = /_(one|few|many|other)$/

/** `a.b.c` → text, for every text of a language. */
function flat(words: Words, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(words))
    if (typeof value === 'string') found.set(prefix + key, value)
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) found.set(inner, text)
  return found
}

/** The words of every part in a language. Parts share no key at the top: each has its own name. */
async function wordsOf(language: Language): Promise<Map<string, string>> {
  const parts = await Promise.all(
    Object.values(loaders).map((part): Promise<{ default: object }> => part[language]()),
  )
  const all = new Map<string, string>()
  for (const part of parts)
    for (const [key, text] of flat(part.default as Words)) {
      if (all.has(key)) throw new Error(`Two parts have the text ${key} in ${language}: rename one.`)
      all.set(key, text)
    }
  return all
}

const [english, russian] = await Promise.all([wordsOf('en'), wordsOf('ru')])
const singular = (keys: Iterable<string>) => new Set([...keys].map((key) => key.replace(plural, '')))
const placeholders = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1]).sort()

/** The code of the app, without its tests and dictionaries. */
function sources(): string {
  const root = fileURLToPath(new URL('..', import.meta.url))
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts') && !/i18n[/\\](en|ru)[/\\.]/.test(name),
    )
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n')
}

/** Keys named whole in the code, and patterns of those put together from parts (`mail.${state}`). */
function usesOf(code: string): (key: string) => boolean {
  const whole = new Set([...code.matchAll(/'([a-zA-Z]+(?:\.[\w-]+)+)'/g)].map((match) => match[1]))
  const patterns = [...code.matchAll(/`([a-zA-Z]+\.[^`]*\$\{[^`]*)`/g)].map(
    (match) =>
      new RegExp(
        `^${match[1]!
          .replace(/\$\{[^}]*\}/g, '\0')
          .replaceAll('.', '\\.')
          .replaceAll('\0', '[\\w-]+')}$`,
      ),
  )
  return (key) => whole.has(key) || patterns.some((pattern) => pattern.test(key))
}

/** Every contract, found as the server finds the services: by their folders. */
async function contracts(): Promise<Contract[]> {
  const services = fileURLToPath(new URL('../../../services', import.meta.url))
  const files = readdirSync(services).map((name) => join(services, name, 'contract.ts'))
  const exported = await Promise.all(
    files.filter((file) => existsSync(file)).map((file): Promise<object> => import(file)),
  )
  return exported.flatMap((module) =>
    Object.values(module).filter(
      (value): value is Contract => typeof value === 'object' && value !== null && 'operations' in value,
    ),
  )
}

describe('both languages', () => {
  it('have the same keys', () => {
    expect([...singular(russian.keys())].sort()).toEqual([...singular(english.keys())].sort())
  })

  it('have every plural form that the language needs', () => {
    for (const [words, forms] of [
      [english, ['one', 'other']],
      [russian, ['one', 'few', 'many', 'other']],
    ] as const)
      for (const key of words.keys()) {
        if (!plural.test(key)) continue
        const missing = forms.filter((form) => !words.has(key.replace(plural, `_${form}`)))
        expect(missing, key).toEqual([])
      }
  })

  it('have the same placeholders in each text', () => {
    for (const [key, text] of english) {
      const other = russian.get(key) ?? russian.get(key.replace(plural, '_other'))
      expect(placeholders(other ?? ''), key).toEqual(placeholders(text))
    }
  })

  it('have no empty text, and no Latin-only text in Russian', () => {
    for (const [key, text] of [...english, ...russian]) expect(text.trim(), key).not.toBe('')
    for (const [key, text] of russian) expect(text, key).toMatch(/[а-яё]/i)
  })
})

describe('the texts and the code', () => {
  it('agree: no text is unused', () => {
    const used = usesOf(sources())
    const dynamic = (key: string) => key.startsWith('errors.')
    expect([...singular(english.keys())].filter((key) => !used(key) && !dynamic(key))).toEqual([])
  })

  it('are compared by a check that notices an unused text', () => {
    const used = usesOf("t('a.b') + t(`c.$" + '{kind}About`)')
    expect(['a.b', 'c.mailAbout', 'a.c', 'c.mail'].map(used)).toEqual([true, true, false, false])
  })

  it('name every error that the app can meet, and no other', async () => {
    const codes = new Set([
      ...Object.keys(platformErrors),
      ...(await contracts()).flatMap((contract) => Object.keys(contract.errors ?? {})),
    ])
    const own = ['offline', 'offlineDetail', 'reference', 'field', 'unreadableAnswer']
    const translated = Object.keys(en.errors).filter((code) => !own.includes(code))
    expect([...codes].filter((code) => !translated.includes(code))).toEqual([])
    expect(translated.filter((code) => !codes.has(code))).toEqual([])
  })
})
