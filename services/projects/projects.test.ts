/** The rules of projects, without any service. */

import { searchable, searchFor } from '@pleiad/platform/search'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activityKinds, wordsOf } from './activity.ts'
import { checkSettings, handleOf } from './environments.ts'
import { answerTrouble, type Invitation, maskEmail, nextMailAt, resendableAt } from './invitations.ts'
import { type Found, isExpiryAllowed, isUseNews, type Key, lookupOf, newSecret, worksUntil } from './keys.ts'
import { readLogo } from './logos.ts'
import {
  changeTrouble,
  leaveTrouble,
  type Member,
  mayConfigure,
  mayGive,
  type Role,
  successorOf,
} from './members.ts'
import {
  cleanLine,
  createProject,
  deleteProject,
  isSlugAllowed,
  next,
  restingOf,
  stateOf,
  updateProject,
} from './projects.ts'
import { isFull } from './quotas.ts'

const now = new Date('2026-11-21T10:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const acme = createProject({ projectId: 'p', slug: 'acme', name: 'Acme' }, now)

describe('slugs and names', () => {
  test.each(['admin', 'oidc', 'acme-', 'ac--me'])('%s cannot be a slug', (slug) => {
    expect(isSlugAllowed(slug)).toBe(false)
  })
  test.each(['acme', 'acme-2', 'a1b'])('%s can be a slug', (slug) => {
    expect(isSlugAllowed(slug)).toBe(true)
  })
  test('a name is one line of visible text, and cleaning it again changes nothing', () => {
    expect(cleanLine(' A\u202ec\u200bm\u0007e \n & Co ')).toBe('Acm e & Co')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanLine(text)
        expect(cleanLine(clean)).toBe(clean)
        expect(clean).not.toMatch(/[\p{Cc}\u202a-\u202e]/u)
      }),
    )
  })
})

describe('states', () => {
  test('active, archived and deleting follow from the two times', () => {
    const archived = next(acme, { archivedAt: now }, now)
    const deleting = deleteProject(archived, 7, now)
    expect([acme, archived, deleting].map(stateOf)).toEqual(['active', 'archived', 'deleting'])
    expect([acme, archived, deleting].map(restingOf)).toEqual([
      undefined,
      'projectArchived',
      'projectBeingDeleted',
    ])
    expect(stateOf(next(deleting, { deleteAt: null }, now))).toBe('archived')
  })
  test('given a deletion that runs, when it is asked for again, then its time stays', () => {
    const deleting = deleteProject(acme, 7, now)
    expect(deleting.deleteAt).toEqual(later(7 * 86_400))
    expect(deleteProject(deleting, 7, later(86_400))).toBe(deleting)
  })
  test('updateProject says what changed; nothing changed is no new version', () => {
    expect(updateProject(acme, { name: ' Acme ', accent: acme.accent.toUpperCase() }, now)).toEqual({
      project: acme,
      renamed: false,
      branded: false,
    })
    expect(updateProject(acme, { name: 'B', homeUrl: 'https://b.example' }, now)).toMatchObject({
      project: { name: 'B', version: 2 },
      renamed: true,
      branded: true,
    })
    expect(updateProject(acme, { name: '…', homeUrl: 'https://' }, now).troubles).toHaveLength(2)
  })
})

describe('roles', () => {
  const roles: Role[] = ['viewer', 'developer', 'admin', 'owner']
  const anyRole = fc.constantFrom(...roles)
  test('only admins and owners give roles, and at most their own', () => {
    const may = roles.map((own) => roles.filter((role) => mayGive(own, role)))
    expect(may).toEqual([[], [], ['viewer', 'developer', 'admin'], roles])
  })
  test('production takes an admin', () => {
    expect(roles.map((role) => mayConfigure(role, 'production'))).toEqual([false, false, true, true])
    expect(roles.map((role) => mayConfigure(role, 'staging'))).toEqual([false, true, true, true])
  })
  test('whatever is asked of whomever, a project keeps an owner and nobody rises above who lets them', () => {
    fc.assert(
      fc.property(
        fc.array(anyRole, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.option(anyRole, { nil: undefined })), { maxLength: 30 }),
        (others, wishes) => {
          const members = new Map<number, Role>([
            [0, 'owner'],
            ...others.map((role, n) => [n + 1, role] as const),
          ])
          for (const [actor, target, wanted] of wishes) {
            const own = members.get(actor)
            const role = members.get(target)
            if (!own || !role) continue
            const owners = [...members.values()].filter((each) => each === 'owner').length
            const trouble =
              actor === target && wanted === undefined
                ? leaveTrouble({ role }, undefined, owners)
                : changeTrouble(own, { role }, wanted, owners)
            if (trouble) continue
            if (wanted === undefined) members.delete(target)
            else {
              members.set(target, wanted)
              expect(roles.indexOf(wanted)).toBeLessThanOrEqual(roles.indexOf(own))
            }
            expect([...members.values()]).toContain('owner')
          }
        },
      ),
    )
  })
  test('the longest-serving admin succeeds; without one nobody does', () => {
    const member = (userId: string, role: Role, seconds: number): Member => ({
      userId,
      role,
      joinedAt: later(seconds),
    })
    const rest = [member('v', 'viewer', 0), member('b', 'admin', 5), member('a', 'admin', 2)]
    expect(successorOf(rest)?.userId).toBe('a')
    expect(successorOf([member('b', 'admin', 1), member('a', 'admin', 1)])?.userId).toBe('a')
    expect(successorOf(rest.slice(0, 1))).toBeUndefined()
  })
})

describe('invitations', () => {
  const open: Invitation = {
    invitationId: 'i',
    projectId: 'p',
    email: 'bob@example.com',
    role: 'viewer',
    state: 'open',
    invitedBy: null,
    createdAt: now,
    sentAt: now,
    expiresAt: later(60),
  }
  test('an invitation can be answered once, before its time is over', () => {
    expect(answerTrouble(open, later(59))).toBeUndefined()
    expect(answerTrouble(open, later(60))).toBe('invitationExpired')
    expect(answerTrouble({ ...open, state: 'declined' }, now)).toBe('invitationUsed')
    expect(answerTrouble(undefined, now)).toBe('invitationUnknown')
  })
  test('a minute lies between two mails, a day between the first and the one too many', () => {
    expect(resendableAt(open, later(59))).toEqual(later(60))
    expect(resendableAt(open, later(60))).toBeUndefined()
    expect(nextMailAt(undefined, now)).toBeUndefined()
    expect(nextMailAt(now, later(3600))).toEqual(later(86_400))
    expect(nextMailAt(now, later(86_400))).toBeUndefined()
  })
  test('an address is masked to its first character', () => {
    expect(maskEmail('bob@example.com')).toBe('b…@example.com')
    expect(maskEmail('"a@b"@example.com')).toBe('"…@example.com')
  })
})

describe('keys', () => {
  const { secret, hash, hint } = newSecret()
  const key: Key = {
    keyId: 'k',
    projectId: 'p',
    environment: 'production',
    name: 'K',
    hint,
    scopes: [],
    createdBy: null,
    createdAt: now,
    expiresAt: null,
    lastUsedAt: null,
    rotatedAt: null,
    previousUntil: null,
  }
  const found: Found = { hash, until: null, key, projectState: 'active' }

  test('a secret leads to its hash; what cannot be a key is not looked up', () => {
    expect(lookupOf(secret)).toEqual(hash)
    expect(secret.startsWith(hint)).toBe(true)
    for (const token of ['', 'plk_', `${secret}x`, secret.slice(1), `${secret.slice(0, -1)}=`])
      expect(lookupOf(token)).toBeUndefined()
  })
  test('it works until the first of its ends, in an active project, and only for its own hash', () => {
    expect(worksUntil(found, hash, now)).toBeNull()
    const ending = { ...found, until: later(20), key: { ...key, expiresAt: later(10) } }
    expect(worksUntil(ending, hash, now)).toEqual(later(10))
    expect(worksUntil(ending, hash, later(10))).toBeUndefined()
    expect(worksUntil({ ...found, until: later(5) }, hash, later(5))).toBeUndefined()
    expect(worksUntil({ ...found, projectState: 'archived' }, hash, now)).toBeUndefined()
    expect(worksUntil(found, newSecret().hash, now)).toBeUndefined()
    expect(worksUntil(undefined, hash, now)).toBeUndefined()
  })
  test('an end lies in the next five years; a use is news once a minute', () => {
    expect(
      [later(-1), now, later(1), new Date('2031-11-21'), new Date('2031-11-22')].map((at) =>
        isExpiryAllowed(at, now),
      ),
    ).toEqual([false, false, true, true, false])
    expect(isUseNews(key, now)).toBe(true)
    expect(isUseNews({ lastUsedAt: now }, later(59))).toBe(false)
    expect(isUseNews({ lastUsedAt: now }, later(60))).toBe(true)
  })
})

describe('environments', () => {
  test('the handle of production is the slug', () => {
    expect(handleOf('acme', 'production')).toBe('acme')
    expect(handleOf('acme', 'staging')).toBe('acme.staging')
  })
  test.each([
    ['https://app.example.com', 'production', true],
    ['http://app.example.com', 'production', false],
    ['http://app.example.com', 'development', true],
    ['http://localhost:3000', 'production', true],
    ['http://[::1]:3000', 'production', true],
    ['http://localhost.evil.example', 'production', false],
    ['https://app.example.com/', 'production', false],
    ['https://APP.example.com', 'production', false],
    ['https://app.example.com:443', 'production', false],
    ['https://*.example.com', 'production', false],
    ['https://user@app.example.com', 'production', false],
    ['null', 'development', false],
    ['file:///etc/passwd', 'development', false],
  ])('origin %s in %s: %s', (origin, environment, right) => {
    expect(checkSettings({ allowedOrigins: [origin] }, environment).troubles === undefined).toBe(right)
  })
  test('addresses to be sent to have no fragment', () => {
    const settings = {
      allowedOrigins: [],
      defaultRedirectUri: 'https://a.example/x#y',
      defaultLogoutUri: 'x',
    }
    expect(checkSettings(settings, 'development').troubles?.map(({ path }) => path)).toEqual([
      '/body/defaultRedirectUri',
      '/body/defaultLogoutUri',
    ])
  })
})

describe('the rest', () => {
  test('0 is no limit', () => {
    expect([isFull(0, 1e9), isFull(2, 1), isFull(2, 2)]).toEqual([false, false, true])
  })
  test('what was written is found by any part of three letters or more', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zа-я]{3,12}$/), fc.nat(9), (name, from) => {
        const part = name.slice(from % (name.length - 2))
        const { grams, text } = searchable(name, 'slug')
        const wanted = searchFor(part)!
        expect(wanted.grams.every((gram) => grams.includes(gram))).toBe(true)
        expect(wanted.words.every((word) => text.includes(word))).toBe(true)
      }),
    )
    expect(searchFor('%_')).toBeUndefined()
  })
  test('a logo is what its bytes say', () => {
    const read = (bytes: Buffer) => {
      const answer = readLogo(bytes.toString('base64'))
      return 'logo' in answer ? answer.logo.type : answer.reason
    }
    const riff = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1'), Buffer.alloc(20)])
    const jpeg = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(20)])
    expect([riff, jpeg, Buffer.from('GIF89a'), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')].map(read)).toEqual(
      ['image/webp', 'image/jpeg', 'type', 'type'],
    )
  })
  test('every kind of activity has a line without gaps in both languages', () => {
    const details = {
      name: 'N',
      before: 'viewer',
      role: 'admin',
      email: 'e',
      environment: 'production',
      host: 'h',
      deleteAt: '2026-11-28T10:00:00.000Z',
    }
    for (const kind of Object.keys(activityKinds))
      for (const locale of ['en', 'ru'] as const)
        expect(wordsOf(kind, details, locale, 'Anna')).toMatch(/^[^{}]{5,}$/)
    expect(wordsOf('member.changed', details, 'ru', undefined)).toBe(
      'Роль участника (имя неизвестно): была наблюдатель, теперь администратор',
    )
    expect(wordsOf('from.the.future', {}, 'en', undefined)).toBe('from.the.future')
    expect(wordsOf('project.renamed', { before: '{name}', name: 'viewer' }, 'en', undefined)).toBe(
      'Renamed from “{name}” to “viewer”',
    )
  })
})
