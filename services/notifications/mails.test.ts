import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindNames, kindOf, type Locale, maskFacts, scrubFacts, sealFacts, secretsOf } from './kinds.ts'
import { escapeHtml, inkOn } from './layout.ts'
import {
  afterSending,
  isResendable,
  type Mail,
  nextAttempt,
  openMail,
  renderMail,
  settingsUrl,
  viewMail,
} from './mails.ts'
import { formatTime, readableFacts, wordingOf } from './texts.ts'

const url = 'https://pleiad.example'
const secret = 'https://pleiad.example/reset-password#token=abcdefghijklmnop'
const locales: Locale[] = ['en', 'ru']

function mail(kind: string, facts: Record<string, string> = {}, locale: Locale = 'en'): Mail {
  return {
    mailId: '01938a5e-7c00-7000-8000-000000000010',
    userId: null,
    to: 'anna@example.com',
    kind,
    locale,
    name: 'Anna',
    timeZone: 'UTC',
    facts,
    sealed: {},
    scrubbed: false,
    subject: '',
    state: 'kept',
    attempts: 0,
    error: null,
    createdAt: new Date('2026-11-21T10:00:00Z'),
    sentAt: null,
  }
}

describe('wording', () => {
  test.each(kindNames.flatMap((kind) => locales.map((locale) => [kind, locale] as const)))(
    'of %s in %s is complete, with and without facts',
    (kind, locale) => {
      const wording = wordingOf(kind, locale)
      expect(wording.about).not.toBe('')
      for (const facts of [
        {},
        {
          what: 'passwordChanged',
          at: 'now',
          ip: '::1',
          userAgent: 'X',
          expiresAt: 'soon',
          name: 'N',
          roles: 'r',
          count: '5',
          list: 'l',
          more: '2',
        },
      ]) {
        expect(wording.title(facts)).not.toMatch(/undefined|^$/)
        expect(wording.body(facts).join('')).not.toMatch(/undefined|^$/)
      }
      if (locale === 'ru') expect(wording.title({})).toMatch(/[а-я]/)
    },
  )

  test('counts in Russian agree', () => {
    const title = (count: string) => wordingOf('digest', 'ru').title({ count })
    expect(title('1')).toBe('Вас ждёт 1 уведомление')
    expect(title('3')).toBe('Вас ждут 3 уведомления')
    expect(title('11')).toBe('Вас ждут 11 уведомлений')
    expect(wordingOf('digest', 'en').title({ count: '1' })).toBe('One notification is waiting for you')
  })

  test('a kind that is not known any more is only named', () => {
    expect(wordingOf('gone', 'en').title({})).toBe('gone')
    expect(wordingOf('toString', 'en').title({})).toBe('toString')
    expect(kindOf('constructor')).toBeUndefined()
    expect(secretsOf('gone')).toEqual([])
  })

  test('time is written as the reader writes it', () => {
    expect(formatTime('2026-11-21T10:00:00Z', 'en', 'UTC')).toBe('21 November 2026 at 10:00 UTC')
    expect(formatTime('2026-11-21T22:30:00Z', 'ru', 'Europe/Moscow')).toBe('22 ноября 2026 г. в 01:30')
    expect(readableFacts({ at: 'no time', ip: '2026-11-21T10:00:00Z' }, 'en', 'UTC')).toEqual({
      at: 'no time',
      ip: '2026-11-21T10:00:00Z',
    })
  })
})

describe('renderMail', () => {
  test('says the same in HTML and in text, with the link in both', () => {
    const { subject, html, text } = renderMail(
      mail('reset-password', { url: secret, expiresAt: '2026-11-21T11:00:00Z' }),
      url,
    )
    expect(subject).toBe('Set a new password')
    for (const part of [
      'Set a new password',
      'Hello, Anna.',
      'until 21 November 2026 at 11:00 UTC',
      secret,
    ]) {
      expect(text).toContain(part)
      expect(html).toContain(escapeHtml(part))
    }
    expect(html).toContain(`href="${escapeHtml(secret)}"`)
    expect(html).toContain('<html lang="en">')
    expect(html).not.toMatch(/<(script|img|link)|src=/)
  })

  test('is Russian for who reads Russian', () => {
    const { subject, html, text } = renderMail(mail('verify-email', { url: secret }, 'ru'), url)
    expect(subject).toBe('Подтвердите адрес почты')
    expect(html).toContain('<html lang="ru">')
    expect(text).toContain('Здравствуйте, Anna.')
  })

  test('leads to the page of the kind when there is no other address, and to the settings when they matter', () => {
    const { text } = renderMail(mail('roles-changed', { roles: 'admin' }), url)
    expect(text).toContain('Change what you get: https://pleiad.example/settings')
    expect(renderMail(mail('new-sign-in'), url).text).toContain('https://pleiad.example/sessions')
    expect(settingsUrl('reset-password', url)).toBeUndefined()
    expect(settingsUrl('digest', url)).toBe('https://pleiad.example/settings')
  })

  test('whatever the facts hold stays text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.constantFrom(...kindNames),
        fc.constantFrom(...locales),
        (evil, kind, locale) => {
          const hostile = `"><script>alert(1)</script>${evil}\r\nBcc: all@example.com`
          const facts = {
            name: hostile,
            what: hostile,
            ip: hostile,
            userAgent: hostile,
            roles: hostile,
            list: hostile,
            url: `javascript:${hostile}`,
          }
          const { subject, html } = renderMail({ ...mail(kind, facts, locale), name: hostile }, url)
          expect(subject).not.toMatch(/[\r\n]/)
          expect(html).not.toMatch(/<script/i)
          expect(html).not.toMatch(/href="javascript/i)
        },
      ),
    )
  })
})

describe('mails of a project to its end users', () => {
  const project = { project: 'Shop', accent: '#ffd43b', homeUrl: 'https://shop.example' }

  test('are in its name, colour and language, with the code to be seen', () => {
    const facts = { ...project, code: '12345678', expiresAt: '2026-11-21T10:15:00Z' }
    const { subject, html, text } = renderMail(mail('enduser-confirm-email', facts), url)
    expect(subject).toBe('Your code for Shop')
    for (const form of [html, text]) {
      expect(form).toContain('12345678')
      expect(form).toContain('this address was given at Shop')
      expect(form).not.toMatch(/pleiad/i)
    }
    expect(text).toContain('https://shop.example')
    const russian = renderMail(mail('enduser-set-password', { ...project, url: secret }, 'ru'), url)
    expect(russian.subject).toBe('Задайте пароль: Shop')
    // Dark letters on the yellow of the project.
    expect(russian.html).toContain('background:#ffd43b;color:#1b2129')
  })

  test('the code is no part of the subject, and hidden like a link', () => {
    const kept = { ...mail('enduser-reset-password', project), sealed: { code: '87654321' } }
    expect(viewMail(kept, url, true, (text) => text).text).not.toContain('87654321')
    expect(viewMail(kept, url, false, (text) => text).text).toContain('87654321')
    expect(renderMail(mail('enduser-reset-password', { ...project, code: '1' }), url).subject).toBe(
      'Your code for a new password at Shop',
    )
  })

  test('a colour that is none is not used', () => {
    const facts = { ...project, accent: 'red;background:url(https://evil.example)', url: secret }
    expect(renderMail(mail('enduser-set-password', facts), url).html).toContain(
      'background:#2f5bd0;color:#ffffff',
    )
    expect(['#000000', '#1c7ed6', '#ffffff'].map(inkOn)).toEqual(['#ffffff', '#1b2129', '#1b2129'])
  })
})

test('what can be sent again', () => {
  const now = new Date('2026-11-21T10:00:00Z')
  const kept = mail('reset-password', { expiresAt: '2026-11-21T11:00:00Z' })
  expect(isResendable(kept, true, now)).toBe(true)
  expect(isResendable(kept, false, now)).toBe(false)
  for (const state of ['sent', 'failed'] as const)
    expect(isResendable({ ...kept, state }, true, now)).toBe(true)
  for (const state of ['queued', 'sending'] as const)
    expect(isResendable({ ...kept, state }, true, now)).toBe(false)
  expect(isResendable({ ...kept, scrubbed: true }, true, now)).toBe(false)
  expect(isResendable(kept, true, new Date('2026-11-21T11:00:00Z'))).toBe(false)
  expect(isResendable(mail('welcome', { expiresAt: '2020-01-01T00:00:00Z' }), true, now)).toBe(true)
})

describe('secrets', () => {
  /** Stands in for encryption: whoever has it turns it round. */
  const backwards = (text: string) => [...text].reverse().join('')
  const never = () => {
    throw new Error('Nothing is to be opened')
  }

  test('are hidden from administrators while a mail server delivers, and shown when there is none', () => {
    const reset = {
      ...mail('reset-password'),
      sealed: sealFacts('reset-password', { url: secret }, backwards),
    }
    expect(JSON.stringify(reset)).not.toContain('token=')
    expect(viewMail(reset, url, false, backwards)).toMatchObject({
      masked: false,
      text: expect.stringContaining(secret),
    })
    const hidden = viewMail(reset, url, true, never)
    expect(hidden.masked).toBe(true)
    expect(hidden.text + hidden.html).not.toContain('token=')
    expect(hidden.text).toContain('••••••')
    expect(viewMail(mail('welcome'), url, true, never).masked).toBe(false)
  })

  test('are forgotten once sent', () => {
    const kept = afterSending(mail('reset-password', { url: secret, expiresAt: 'x' }))
    expect(kept).toEqual({ facts: { expiresAt: 'x' }, scrubbed: true })
    const view = viewMail({ ...mail('reset-password'), ...kept }, url, false, never)
    expect(view).toMatchObject({ masked: true, text: expect.stringContaining('••••••') })
    expect(afterSending(mail('welcome', { name: 'Anna' }))).toEqual({
      facts: { name: 'Anna' },
      scrubbed: false,
    })
    expect(
      openMail({ ...mail('welcome', { name: 'Anna' }), sealed: { url: 'b/' } }, backwards).facts,
    ).toEqual({
      name: 'Anna',
      url: '/b',
    })
    expect(sealFacts('welcome', { url: secret }, never)).toEqual({})
    expect(maskFacts('welcome', { url: secret })).toEqual({ url: secret })
    expect(scrubFacts('gone', { url: secret })).toEqual({ url: secret })
  })
})

test('a mail is tried again later and later, but not when the server says never', () => {
  const now = new Date(0)
  const waits = [1, 2, 3, 9].map((attempts) => nextAttempt(attempts, undefined, now, 0.5)!.getTime() / 1000)
  expect(waits).toEqual([15, 45, 135, 3600])
  expect(nextAttempt(10, undefined, now, 0.5)).toBeUndefined()
  expect(nextAttempt(1, 550, now, 0.5)).toBeUndefined()
  expect(nextAttempt(1, 450, now, 0)).toEqual(new Date(11_250))
})
