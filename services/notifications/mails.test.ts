import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasSecrets, kindNames, kindOf, type Locale, maskFacts, scrubFacts } from './kinds.ts'
import {
  afterSending,
  escapeHtml,
  type Mail,
  nextAttempt,
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
    expect(hasSecrets('gone')).toBe(false)
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

describe('secrets', () => {
  test('are hidden from administrators while a mail server delivers, and shown when there is none', () => {
    const reset = mail('reset-password', { url: secret })
    expect(viewMail(reset, url, false)).toMatchObject({
      masked: false,
      text: expect.stringContaining(secret),
    })
    const hidden = viewMail(reset, url, true)
    expect(hidden.masked).toBe(true)
    expect(hidden.text + hidden.html).not.toContain('token=')
    expect(hidden.text).toContain('••••••')
    expect(viewMail(mail('welcome'), url, true).masked).toBe(false)
  })

  test('are forgotten once sent', () => {
    const kept = afterSending(mail('reset-password', { url: secret, expiresAt: 'x' }))
    expect(kept).toEqual({ facts: { expiresAt: 'x' }, scrubbed: true })
    const view = viewMail({ ...mail('reset-password'), ...kept }, url, false)
    expect(view).toMatchObject({ masked: true, text: expect.stringContaining('••••••') })
    expect(afterSending(mail('welcome', { name: 'Anna' }))).toEqual({
      facts: { name: 'Anna' },
      scrubbed: false,
    })
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
