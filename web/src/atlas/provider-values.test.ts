import { describe, expect, it } from 'vitest'
import type { CatalogueEntry } from './provider-list.ts'
import { changes, errorsAtFields, merge, valuesOf, type Written, writtenOf } from './provider-values.ts'

const entry = {
  name: 'OpenID Connect',
  fields: [{ key: 'issuer', label: 'Issuer', kind: 'url', required: true }],
} as unknown as CatalogueEntry
const before: Written = {
  name: 'Corporate',
  clientId: 'one',
  settings: { issuer: 'https://id.example.org' },
  scopes: ['openid'],
  parameters: { prompt: 'consent', hd: 'example.org' },
  returnUrls: [],
  signIn: true,
  enabled: true,
}

describe('the form of a provider', () => {
  it('gives back what it was filled with, and changes nothing by that', () => {
    expect(writtenOf(valuesOf(entry, before, 'corporate'))).toEqual(before)
    expect(changes(before, writtenOf(valuesOf(entry, before, 'corporate')))).toEqual({})
  })

  it('sends what was changed and nothing else, whatever order parameters stand in', () => {
    const values = valuesOf(entry, before, 'corporate')
    values.parameters.reverse()
    values.returnUrls = '\n https://app.example.org/a \n\nhttps://app.example.org/b\n'
    expect(changes(before, writtenOf(values))).toEqual({
      returnUrls: ['https://app.example.org/a', 'https://app.example.org/b'],
    })
  })

  it('leaves out settings and parameters that are empty', () => {
    const values = valuesOf(entry, undefined, 'oidc')
    values.parameters = [{ row: 0, key: ' ', value: 'x' }]
    expect(writtenOf(values)).toMatchObject({ settings: {}, parameters: {}, name: 'OpenID Connect' })
  })
})

describe('two people who change one provider', () => {
  it('both keep what only one of them changed', () => {
    const merged = merge(
      before,
      { ...before, name: 'Mine' },
      { ...before, enabled: false, parameters: { hd: 'example.org', prompt: 'consent' } },
      false,
    )
    expect(merged).toEqual({
      written: { ...before, name: 'Mine', enabled: false },
      theirs: ['enabled'],
      both: [],
    })
  })

  it('are told what both changed; the one who saves last decides', () => {
    const merged = merge(
      before,
      { ...before, name: 'Mine', signIn: false },
      { ...before, name: 'Theirs', signIn: false },
      false,
    )
    expect(merged.written.name).toBe('Mine')
    expect(merged.both).toEqual(['name'])
    expect(merged.theirs).toEqual([])
  })

  it('are told that the secret was replaced, by the other or by both', () => {
    const theirs = { ...before, secretChangedAt: '2026-01-02T00:00:00.000Z' }
    expect(merge(before, before, theirs, false)).toMatchObject({ theirs: ['secret'], both: [] })
    expect(merge(before, before, theirs, true)).toMatchObject({ theirs: [], both: ['secret'] })
    expect(merge(theirs, before, theirs, true)).toMatchObject({ theirs: [], both: [] })
  })
})

describe('what the server refuses', () => {
  const words = {
    field: (message: string) => message,
    line: (line: number, trouble: string) => `${line}: ${trouble}`,
  }
  const values = {
    ...valuesOf(entry, before, 'corporate'),
    returnUrls: 'https://a.example.org/\n\nhttp://b.example.org/\nhttps://c.example.org/#x',
  }

  it('stands at its field: a setting, a row of the parameters, a line of the addresses', () => {
    const found = errorsAtFields(
      [
        { path: '/body/settings/issuer', message: 'is required' },
        { path: '/body/parameters/hd', message: 'is set by the platform' },
        { path: '/body/returnUrls/1', message: 'must be https' },
        { path: '/body/returnUrls/2', message: 'must not have a fragment' },
        { path: '/body/clientId', message: 'must not have spaces' },
        { path: '/body/somethingElse', message: 'is new' },
      ],
      values,
      words,
    )
    expect(found).toEqual({
      'settings.issuer': 'is required',
      'parameters.1.key': 'is set by the platform',
      returnUrls: '3: must be https 4: must not have a fragment',
      clientId: 'must not have spaces',
    })
  })
})
