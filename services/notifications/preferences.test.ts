import { describe, expect, test } from 'vitest'
import { digestFacts, nextDigest } from './digest.ts'
import { channelsOf, choose, defaultPreferences, viewPreferences } from './preferences.ts'
import { type Recipient, reach, unknownRecipient } from './recipients.ts'

describe('preferences', () => {
  test('begin with the defaults of the catalogue', () => {
    expect(channelsOf(defaultPreferences, 'welcome')).toEqual({ inApp: true, email: false })
    expect(channelsOf(defaultPreferences, 'reset-password')).toEqual({ inApp: false, email: true })
    expect(channelsOf(defaultPreferences, 'gone')).toEqual({ inApp: false, email: false })
    expect(viewPreferences(defaultPreferences, 'ru')).toMatchObject({ digest: 'weekly', version: 0 })
  })

  test('show what can be met unasked, and what cannot be changed', () => {
    const { kinds } = viewPreferences(defaultPreferences, 'en')
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'welcome',
      'new-sign-in',
      'security-notice',
      'roles-changed',
      'project-joined',
      'project-role-changed',
      'project-left',
      'project-deletion',
      'project-orphaned',
      'order-progress',
      'order-asks',
      'order-trouble',
      'order-payment',
      'order-message',
      'order-price',
      'order-model',
      'office-order',
      'office-message',
      'office-price',
    ])
    expect(kinds.find(({ kind }) => kind === 'security-notice')).toEqual({
      kind: 'security-notice',
      title: 'Changes to the safety of your account',
      inApp: true,
      email: true,
      inAppLocked: true,
      emailLocked: true,
    })
  })

  test('choose: replaces all choices', () => {
    const first = choose(defaultPreferences, 'daily', [{ kind: 'welcome', inApp: false, email: true }])
    if (first.troubles) throw new Error('refused')
    expect(first.preferences).toEqual({
      digest: 'daily',
      choices: { welcome: { inApp: false, email: true } },
      version: 1,
    })
    expect(channelsOf(first.preferences, 'welcome')).toEqual({ inApp: false, email: true })
    const second = choose(first.preferences, 'off', [])
    expect(second).toEqual({ preferences: { digest: 'off', choices: {}, version: 2 } })
  })

  test('choose: mails that keep the account safe cannot be switched off', () => {
    const chosen = choose(defaultPreferences, 'off', [
      { kind: 'security-notice', inApp: false, email: false },
      { kind: 'reset-password', inApp: false, email: true },
      { kind: 'nonsense', inApp: true, email: true },
      { kind: 'welcome', inApp: true, email: true },
      { kind: 'welcome', inApp: true, email: true },
    ])
    expect(chosen.troubles?.map(({ path }) => path)).toEqual([
      '/body/kinds/0/inApp',
      '/body/kinds/0/email',
      '/body/kinds/1/kind',
      '/body/kinds/2/kind',
      '/body/kinds/4/kind',
    ])
  })
})

describe('reach', () => {
  const anna: Recipient = { ...unknownRecipient('x'), email: 'anna@example.com' }

  test.each([
    ['an active person, as the defaults say', anna, 'roles-changed', true, true],
    ['nobody by mail without an address', { ...anna, email: null }, 'security-notice', true, false],
    ['a locked person of what is important', { ...anna, locked: true }, 'security-notice', true, true],
    ['a locked person of nothing else', { ...anna, locked: true }, 'roles-changed', false, false],
    [
      'a deactivated person by important mail',
      { ...anna, state: 'deactivated' },
      'account-deactivated',
      false,
      true,
    ],
    [
      'a deactivated person of nothing else',
      { ...anna, state: 'deactivated' },
      'roles-changed',
      false,
      false,
    ],
    ['an erased person of nothing', { ...anna, state: 'erased' }, 'security-notice', false, false],
  ] as const)('tells %s', (_what, recipient, kind, inApp, email) => {
    expect(reach(recipient, defaultPreferences, kind)).toEqual({ inApp, email })
  })
})

describe('digest', () => {
  test.each([
    ['daily', 'UTC', '2026-11-21T07:59:00Z', '2026-11-21T08:00:00.000Z'],
    ['daily', 'UTC', '2026-11-21T08:00:00Z', '2026-11-22T08:00:00.000Z'],
    ['daily', 'Asia/Tokyo', '2026-11-21T12:00:00Z', '2026-11-21T23:00:00.000Z'],
    ['weekly', 'UTC', '2026-11-21T12:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['weekly', 'America/New_York', '2026-11-21T12:00:00Z', '2026-11-23T13:00:00.000Z'],
    ['daily', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T07:00:00.000Z'],
    // Half an hour off the hour: the first whole UTC hour within their eighth.
    ['daily', 'Asia/Kolkata', '2026-11-21T12:00:00Z', '2026-11-22T03:00:00.000Z'],
  ] as const)('%s at %s after %s is due at %s', (digest, zone, now, due) => {
    expect(nextDigest(digest, zone, new Date(now))?.toISOString()).toBe(due)
  })

  test('off is never due', () => {
    expect(nextDigest('off', 'UTC', new Date())).toBeUndefined()
  })

  test('tells the newest and counts the rest', () => {
    expect(digestFacts([])).toBeUndefined()
    expect(digestFacts(['One'])).toEqual({ count: '1', list: '• One', more: '0' })
    const many = digestFacts(Array.from({ length: 13 }, (_, i) => `N${i}`))
    expect(many).toMatchObject({ count: '13', more: '3' })
    expect(many?.['list']?.split('\n')).toHaveLength(10)
  })
})
