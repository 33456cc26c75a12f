import { searchable, searchFor } from '@pleiad/platform/search'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanText, languageOf, ownView, publicView, setState, shorten, updateProfile } from './profiles.ts'
import { activateProfile, reserveProfile } from './registration.ts'

const now = new Date('2026-11-21T10:00:00Z')
const later = new Date('2026-11-22T10:00:00Z')
const reserved = reserveProfile(
  {
    userId: '01938a5e-7c00-7000-8000-000000000001',
    username: 'anna',
    displayName: ' Anna\u202e ',
    locale: 'ru-RU',
  },
  now,
)
const anna = activateProfile(reserved, 'anna', 'anna@example.com', now)

test('a reservation has a clean name and a language of ours; without a name it shows the username', () => {
  expect(reserved).toMatchObject({
    displayName: 'Anna',
    locale: 'ru',
    state: 'reserved',
    email: null,
    version: 1,
  })
  expect(reserveProfile({ ...reserved, displayName: '\u200b ' }, now).displayName).toBe('anna')
  expect(anna).toMatchObject({ state: 'active', email: 'anna@example.com' })
})

describe('updateProfile', () => {
  test('applies what differs and counts the version', () => {
    const updated = updateProfile(
      anna,
      { displayName: ' Anna  K. ', bio: 'one\r\n\r\n\r\n\r\ntwo ', locale: 'ru', timeZone: 'Europe/Berlin' },
      later,
    )
    expect(updated).toEqual({
      profile: {
        ...anna,
        displayName: 'Anna K.',
        bio: 'one\n\ntwo',
        timeZone: 'Europe/Berlin',
        version: 2,
        updatedAt: later,
      },
      changed: ['displayName', 'bio', 'timeZone'],
    })
  })

  test('changes nothing when nothing differs', () => {
    expect(updateProfile(anna, { displayName: 'Anna', links: [] }, later)).toEqual({
      profile: anna,
      changed: [],
    })
  })

  test('names every field that is not right', () => {
    const updated = updateProfile(
      anna,
      {
        displayName: '\u200b\u202e!',
        timeZone: 'Mars/Olympus',
        links: [
          { label: 'ok', url: 'https://example.com' },
          { label: ' ', url: 'https://user:secret@example.com' },
          { label: 'x', url: 'http://' },
        ],
      },
      later,
    )
    expect(updated.troubles?.map(({ path }) => path)).toEqual([
      '/body/displayName',
      '/body/timeZone',
      '/body/links/1/label',
      '/body/links/1/url',
      '/body/links/2/url',
    ])
  })
})

test('clean text has no controls, no invisible and no direction characters, and stays clean', () => {
  expect(cleanText('a\u0000b\tc\u202ed\u2066\ufeff')).toBe('a b cd')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, lines) => {
      const clean = cleanText(text, lines)
      expect(lines ? clean.replaceAll('\n', '') : clean).not.toMatch(/[\p{Cc}\u200b\u202a-\u202e]/u)
      expect(clean.isWellFormed()).toBe(true)
      expect(cleanText(clean, lines)).toBe(clean)
    }),
  )
})

test('shortening does not split a character', () => {
  expect(shorten('a😀😀', 2)).toBe('a😀')
})

test.each([
  ['ru', 'ru'],
  ['ru-RU', 'ru'],
  ['uk', 'ru'],
  ['en-US', 'en'],
  ['de', 'en'],
  ['rum', 'en'],
  ['', 'en'],
])('a reader of %j is served in %s', (tag, language) => {
  expect(languageOf(tag)).toBe(language)
})

test('others do not see what is only one’s own', () => {
  expect(Object.keys(publicView(anna))).toEqual([
    'userId',
    'username',
    'displayName',
    'bio',
    'links',
    'createdAt',
  ])
  expect(JSON.stringify(ownView(anna, 14, now))).not.toContain('anna@example.com')
})

test('the state changes once', () => {
  expect(setState(anna, 'active', later)).toBeUndefined()
  expect(setState(anna, 'deactivated', later)).toMatchObject({
    state: 'deactivated',
    version: 2,
    updatedAt: later,
  })
})

describe('search', () => {
  test('pieces are triples and marked beginnings', () => {
    expect(searchable('Anna', 'x').grams).toEqual(['  a', '  x', ' an', 'ann', 'nna'])
    expect(searchFor('AN')).toEqual({ grams: [' an'], words: ['an'] })
    expect(searchFor(' nna K')).toEqual({ grams: ['  k', 'nna'], words: ['nna', 'k'] })
    expect(searchFor(' . ')).toBeUndefined()
    expect(searchable('Алёна', '', 'B').text).toBe('алена\nb')
  })

  test('whatever part of a word is searched, its pieces are among those stored', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zа-я0-9]{3,12}$/), fc.nat(), fc.nat(), (word, a, b) => {
        const letters = [...word]
        const from = a % (letters.length - 2)
        const part = letters.slice(from, from + 3 + (b % letters.length)).join('')
        const stored = searchable(word).grams
        for (const gram of searchFor(part)!.grams) expect(stored).toContain(gram)
        for (const found of searchFor(part)!.words) expect(searchable(word).text).toContain(found)
      }),
    )
  })
})
