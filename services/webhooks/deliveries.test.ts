import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { explainStatus, GIVE_UP_AFTER_MS, nextAttempt, outcomeOf } from './deliveries.ts'
import { checkDraft, wants } from './endpoints.ts'
import { hintOf, sign, writeSecret } from './signature.ts'

const begun = new Date('2026-01-01T00:00:00Z')
const draft = { url: 'https://app.example/hooks', description: '', events: [], enabled: true }

describe('a delivery that failed', () => {
  test('is tried again with growing waits, for a day', () => {
    const waits: number[] = []
    let now = begun
    for (let attempt = 1; ; attempt++) {
      const at = nextAttempt(begun, attempt, now, 0.5)
      if (!at) break
      waits.push(at.getTime() - now.getTime())
      now = at
    }
    expect(waits.slice(0, 3)).toEqual([10_000, 30_000, 120_000])
    for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(waits[index - 1] ?? 0)
    const whole = now.getTime() - begun.getTime()
    expect(whole).toBeLessThanOrEqual(GIVE_UP_AFTER_MS)
    // The last wait that would still have fitted is the longest there is.
    expect(whole).toBeGreaterThan(GIVE_UP_AFTER_MS - 4.4 * 3_600_000)
  })

  test('comes back a little earlier or later than its neighbours', () => {
    const at = (random: number) => nextAttempt(begun, 1, begun, random)!.getTime() - begun.getTime()
    expect([at(0), at(0.5), at(1)]).toEqual([9000, 10_000, 11_000])
  })
})

test('only 2xx is a success, 410 ends the endpoint, a redirect is told from the rest', () => {
  expect([200, 204, 299].map(outcomeOf)).toEqual(['delivered', 'delivered', 'delivered'])
  expect([undefined, 199, 301, 400, 500].map(outcomeOf)).toEqual(Array(5).fill('failed'))
  expect(outcomeOf(410)).toBe('gone')
  expect(explainStatus(302)).toContain('Configure the address')
  expect(explainStatus(503)).toContain('503')
})

describe('a signature', () => {
  const secret = writeSecret(randomBytes(32))
  const now = Math.floor(Date.now() / 1000)
  const headers = (signature: string) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(now),
    'webhook-signature': signature,
  })

  test('is accepted by the reference library, and only for what was signed', () => {
    const body = '{"type":"webhook.test","data":"д"}'
    const signature = sign([secret], 'msg_1', now, body)
    expect(new Webhook(secret).verify(body, headers(signature))).toEqual(JSON.parse(body))
    expect(() => new Webhook(secret).verify(`${body} `, headers(signature))).toThrow()
  })

  test('is of its time: what somebody sends again later is refused, also with another time written on it', () => {
    const then = now - 6 * 60
    const signature = sign([secret], 'msg_1', then, '{}')
    const replayed = { ...headers(signature), 'webhook-timestamp': String(then) }
    expect(() => new Webhook(secret).verify('{}', replayed)).toThrow(/too old/)
    expect(() => new Webhook(secret).verify('{}', headers(signature))).toThrow(/signature/)
  })

  test('is made with every secret that holds', () => {
    const next = writeSecret(randomBytes(32))
    const signature = sign([next, secret], 'msg_1', now, '{}')
    for (const known of [secret, next])
      expect(new Webhook(known).verify('{}', headers(signature))).toEqual({})
    expect(() => new Webhook(writeSecret(randomBytes(32))).verify('{}', headers(signature))).toThrow()
  })

  test('a hint shows no more than the beginning', () => {
    expect(secret.startsWith(hintOf(secret))).toBe(true)
    expect(hintOf(secret).length).toBeLessThan(16)
  })
})

describe('an endpoint', () => {
  const known = new Set(['a.b'])
  const trouble = (url: string, environment = 'production') =>
    checkDraft({ ...draft, url }, environment, known).map(({ path }) => path)

  test('has an https address without tricks; http outside production or on this computer', () => {
    expect(trouble('https://app.example/hooks')).toEqual([])
    expect(trouble('http://app.example/hooks', 'development')).toEqual([])
    expect(trouble('http://localhost:3000/hooks')).toEqual([])
    for (const url of [
      'http://app.example/hooks',
      'ftp://app.example',
      'app.example',
      'https://user:secret@app.example/',
      'https://app.example/#part',
      'javascript:alert(1)',
    ])
      expect(trouble(url), url).toEqual(['/body/url'])
  })

  test('asks for types that exist; every bad one is named', () => {
    expect(checkDraft({ ...draft, events: ['a.b', 'c.d', 'e.f'] }, 'production', known)).toMatchObject([
      { path: '/body/events/1' },
      { path: '/body/events/2' },
    ])
  })

  test('wants what it asks for, everything when it asks for nothing, nothing while it is off', () => {
    expect(wants({ enabled: true, events: [] }, 'a.b')).toBe(true)
    expect(wants({ enabled: true, events: ['c.d'] }, 'a.b')).toBe(false)
    expect(wants({ enabled: false, events: [] }, 'a.b')).toBe(false)
  })
})
