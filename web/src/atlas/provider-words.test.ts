import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CatalogueEntry, problems } from '@pleiad/oauth/contract'
import { describe, expect, it } from 'vitest'
import * as ru from './i18n/ru/providers.ts'
import { inRussian } from './provider-words.ts'

// The web app knows the contract only; its test looks behind it, to notice what is new there.
const folder = fileURLToPath(new URL('../../../services/oauth', import.meta.url))
const load = (file: string): Promise<Record<string, unknown>> => import(join(folder, file))

async function entries(): Promise<CatalogueEntry[]> {
  const { catalogue, entryOf } = (await load('providers/catalogue.ts')) as {
    catalogue: readonly object[]
    entryOf: (provider: object) => CatalogueEntry
  }
  return catalogue.map((provider) => entryOf(provider))
}

describe('the words of provider problems', () => {
  it('are there for every code in Russian; in English they are those of the contract', () => {
    expect(Object.keys(problems).length).toBeGreaterThan(30)
    expect(Object.keys(ru.trouble).sort()).toEqual(Object.keys(problems).sort())
  })
})

describe('the Russian words of the catalogue', () => {
  it('are there for every note and hint, and for every label of a generic provider', async () => {
    const found = (await entries()).flatMap((entry) => [
      ...entry.notes,
      ...entry.fields.flatMap(({ hint }) => hint ?? []),
      ...(entry.generic
        ? [entry.clientIdLabel, entry.secretLabel, ...entry.fields.map(({ label }) => label)]
        : []),
    ])
    expect(found.length).toBeGreaterThan(50)
    // Names of standards are the same in every language.
    const names = ['PKCE', 'RFC 7009']
    expect(found.filter((text) => inRussian(text) === undefined && !names.includes(text))).toEqual([])
  })

  it('are there for everything that a configuration is refused for', () => {
    const code = ['configurations.ts', 'urls.ts'].map((file) => readFileSync(join(folder, file), 'utf8'))
    const messages = [...code.join('\n').matchAll(/['`]((?:must|is) [^'`]+)['`]/g)].map(
      ([, text]) => text!.split('${')[0]!,
    )
    expect(messages.length).toBeGreaterThan(20)
    expect(messages.filter((text) => inRussian(text) === undefined)).toEqual([])
  })

  it('keep what is said after an opening', () => {
    expect(inRussian('must be one of basic, post')).toMatch(/[а-я].*: basic, post$/)
    expect(inRussian('something new')).toBeUndefined()
  })
})
