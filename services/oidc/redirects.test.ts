import { expect, test } from 'vitest'
import { logoutTrouble, redirectTrouble } from './redirects.ts'

test('addresses that are fine', () => {
  for (const [uri, kind] of [
    ['https://shop.example.com/callback', 'web'],
    ['https://shop.example.com', 'web'],
    ['https://shop.example.com:8443/a?b=c', 'browser'],
    ['http://localhost:3000/callback', 'web'],
    ['http://127.0.0.1/callback', 'native'],
    ['http://[::1]:7000/', 'native'],
    ['com.example.app:/callback', 'native'],
    ['com.example.app://callback', 'native'],
  ] as const)
    expect([uri, redirectTrouble(uri, kind)]).toEqual([uri, undefined])
})

test('schemes of an app’s own are for native apps, and need a dot', () => {
  expect(redirectTrouble('com.example.app:/callback', 'web')).toBe('is not https')
  expect(redirectTrouble('myapp:/callback', 'native')).toContain('scheme with a dot')
  expect(redirectTrouble('com.example.app://user@callback', 'native')).toBe('has a user name')
})

test('where back-channel logout may go', () => {
  expect(logoutTrouble('https://shop.example.com/logout')).toBeUndefined()
  expect(logoutTrouble('http://127.0.0.1:3000/logout')).toBeUndefined()
  expect(logoutTrouble('http://shop.example.com/logout')).toBe('is not https')
  expect(logoutTrouble('https://a:b@shop.example.com/')).toBe('has a user name')
  expect(logoutTrouble('https://shop.example.com/#x')).toBe('has a fragment')
  expect(logoutTrouble('logout')).toBe('is not an absolute address')
})
