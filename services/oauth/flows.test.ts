import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  browserCookie,
  isMixUp,
  isSameBrowser,
  nonceOf,
  readToken,
  refusalOf,
  tokenOf,
  verifierOf,
} from './flows.ts'

const key = randomBytes(32)
const id = '01938a5e-7c00-7000-8000-00000000000f'
const other = '01938a5e-7c00-7000-8000-00000000000e'

describe('the secrets of a flow', () => {
  test('name their flow, serve one purpose, and cannot be made without the key', () => {
    const uses = ['state', 'open', 'ticket'] as const
    for (const use of uses) {
      expect(readToken(key, use, tokenOf(key, use, id))).toBe(id)
      expect(readToken(randomBytes(32), use, tokenOf(key, use, id))).toBeUndefined()
      for (const another of uses.filter((one) => one !== use))
        expect(readToken(key, another, tokenOf(key, use, id))).toBeUndefined()
      expect(readToken(key, use, tokenOf(key, use, id).replace(id, other))).toBeUndefined()
    }
    for (const text of [
      undefined,
      '',
      '.',
      id,
      `${id}.`,
      'x.y',
      `${id}.${'A'.repeat(43)}`,
      `'; drop table flows.x`,
    ])
      expect(readToken(key, 'state', text)).toBeUndefined()
    expect(
      new Set([nonceOf(key, id), verifierOf(key, id), nonceOf(key, other), verifierOf(key, other)]).size,
    ).toBe(4)
    // RFC 7636, section 4.1.
    expect(verifierOf(key, id)).toMatch(/^[A-Za-z0-9._~-]{43,128}$/)
  })
})

describe('the browser', () => {
  const pair = (url: string, of = id) => browserCookie(key, of, url).split(';')[0]!

  test('is known by its cookie, among others', () => {
    for (const url of ['http://localhost:8080', 'https://pleiad.example.org']) {
      expect(isSameBrowser(key, id, `a=b; ${pair(url)};c=d`, url)).toBe(true)
      for (const header of [
        undefined,
        '',
        pair(url, other),
        `${pair(url)}x`,
        `x${pair(url)}`,
        pair(url).split('=')[0],
      ])
        expect(isSameBrowser(key, id, header, url)).toBe(false)
    }
  })

  test('with https takes no cookie that a neighbouring host could have planted', () => {
    const url = 'https://pleiad.example.org'
    expect(browserCookie(key, id, url)).toMatch(/^__Host-pleiad_flow_\w+=[\w-]{43}; Path=\/; .*; Secure$/)
    expect(isSameBrowser(key, id, pair(url).replace('__Host-', ''), url)).toBe(false)
    expect(browserCookie(key, id, url, 0)).toMatch(/=; Path=\/; Max-Age=0;/)
  })
})

describe('what the provider says with the browser', () => {
  test('a refusal is the person’s, the provider’s trouble, or ours', () => {
    expect(refusalOf({ code: 'x' })).toBeUndefined()
    for (const error of ['access_denied', 'login_required', 'user_cancelled_authorize'])
      expect(refusalOf({ error })).toBe('denied')
    expect(refusalOf({ error: 'server_error' })).toBe('providerFailed')
    for (const error of ['invalid_scope', 'unauthorized_client', ''])
      expect(refusalOf({ error })).toBe('providerRefused')
  })

  test('another issuer is a mix-up; none is one only where it was promised', () => {
    const never = () => false
    const issuer = 'https://id.example.org'
    expect(isMixUp(issuer, { issuer, promised: true }, never)).toBe(false)
    expect(isMixUp(undefined, { issuer, promised: true }, never)).toBe(true)
    expect(isMixUp(undefined, { issuer, promised: false }, never)).toBe(false)
    expect(isMixUp(`${issuer}/`, { issuer, promised: false }, never)).toBe(true)
    expect(isMixUp('https://evil.example', { issuer: undefined, promised: false }, never)).toBe(false)
    expect(
      isMixUp('https://a.example', { issuer, promised: false }, (named) => named === 'https://a.example'),
    ).toBe(false)
  })
})
