import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowedReturnUrl, isReturnPath, returnUrlTrouble, withQuery } from './urls.ts'

describe('a return address', () => {
  test.for([
    'https://app.example.org/connected',
    'https://app.example.org/',
    'https://app.example.org:8443/a/b?c=d',
    'http://localhost:3000/cb',
    'http://127.0.0.1/cb',
    'http://[::1]:3000/cb',
    'com.example.app:/oauth/cb',
    'com.example.app://oauth/cb',
    'https://xn--e1afmkfd.xn--p1ai/',
  ])('%s may be registered', (url) => expect(returnUrlTrouble(url)).toBeUndefined())

  test.for([
    ['http://app.example.org/', 'https'],
    ['https://app.example.org/#x', 'fragment'],
    ['https://app.example.org/#', 'fragment'],
    ['https://user@app.example.org/', 'user name'],
    ['https://user:secret@app.example.org/', 'user name'],
    ['https://@app.example.org/', 'user name'],
    ['https://app.example.org@evil.example/', 'user name'],
    ['https://*.example.org/', 'wildcard'],
    ['https://app.example.org/*', 'wildcard'],
    ['https://App.example.org/', 'written as it is sent'],
    ['HTTPS://app.example.org/', 'lower case'],
    ['https://app.example.org./', 'dot after'],
    ['https://app.example.org', 'written as it is sent'],
    ['https://app.example.org:443/', 'written as it is sent'],
    ['https://app.example.org/a/../b', 'written as it is sent'],
    ['https://app.example.org/a%2fb', 'encoded'],
    ['https://app.example.org/a%5Cb', 'encoded'],
    ['https://app.example.org/%2e%2e/b', 'encoded'],
    ['https://app.example.org\\@evil.example/', 'backslash'],
    ['https:/app.example.org/', 'written as it is sent'],
    ['https://0x7f.1/', 'written as it is sent'],
    ['https://app.example.org/ x', 'visible ASCII'],
    ['https://app.example.org/\n', 'visible ASCII'],
    ['https://пример.рф/', 'visible ASCII'],
    ['javascript:alert(1)', 'https'],
    ['data:text/html,x', 'https'],
    ['/connected', 'whole address'],
    ['', 'visible ASCII'],
  ])('%s may not: %s', ([url, why]) => expect(returnUrlTrouble(url!)).toContain(why))

  test('is allowed only when equal in every character', () => {
    const registered = ['https://app.example.org/cb', 'https://app.example.org/bad#x']
    fc.assert(
      fc.property(fc.string({ maxLength: 4 }), fc.nat(26), (added, at) => {
        const url = registered[0]!
        const wanted = url.slice(0, at) + added + url.slice(at)
        expect(allowedReturnUrl(wanted, registered)).toBe(wanted === url ? url : undefined)
      }),
    )
    // What was registered before a rule came is not let through by it.
    expect(allowedReturnUrl(registered[1]!, registered)).toBeUndefined()
  })
})

describe('a return path', () => {
  const ours = 'https://pleiad.example.org'
  test.for(['/oidc/acme/interaction/abc', '/x?y=https://evil.example'])('%s is ours', (path) =>
    expect(isReturnPath(path, ours)).toBe(true),
  )
  test.for([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/',
    '/a/../../b',
    '/./a',
    '/a#b',
    '/a b',
    '/a\tb',
    '/\t/evil.example',
    'a',
    '',
    `/${'a'.repeat(2000)}`,
  ])('%j is not', (path) => expect(isReturnPath(path, ours)).toBe(false))

  test('whatever is taken leads nowhere else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (tail) => {
        const path = `/${tail}`
        if (isReturnPath(path, ours)) expect(new URL(path, ours).origin).toBe(ours)
      }),
    )
  })
})

test('parameters are added to addresses and paths, and replace those of the same name', () => {
  expect(withQuery('/a?ticket=old&b=1', { ticket: 'new', error: undefined })).toBe('/a?ticket=new&b=1')
  expect(withQuery('https://app.example.org/cb?x=1', { state: 'a b&c' })).toBe(
    'https://app.example.org/cb?x=1&state=a+b%26c',
  )
  expect(withQuery('com.example.app:/cb', { error: 'denied' })).toBe('com.example.app:/cb?error=denied')
})
