import { describe, expect, it } from 'vitest'
import { strengthOf } from '../sign/password-strength.tsx'
import { deviceOf } from './device.ts'
import { relativeTime } from './time.tsx'

describe('relativeTime', () => {
  const now = new Date('2026-11-21T12:00:00Z')
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
  it.each([
    [20, 'en', 'now'],
    [61, 'en', '1 minute ago'],
    [3 * 3600, 'ru', '3 часа назад'],
    [86_400, 'ru', 'вчера'],
    [-86_400, 'en', 'tomorrow'],
    [400 * 86_400, 'en', 'last year'],
  ])('%i seconds ago in %s is “%s”', (seconds, language, words) => {
    expect(relativeTime(ago(seconds), now, language)).toBe(words)
  })
})

describe('deviceOf', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox · Linux', false],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1',
      'Safari · iOS',
      true,
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
      'Edge · Windows',
      false,
    ],
    ['curl/8.5.0', 'curl', false],
    ['', 'unknown', false],
  ])('names %s', (agent, name, phone) => {
    expect(deviceOf(agent, 'unknown')).toEqual({ name, phone })
  })
})

describe('strengthOf', () => {
  it.each([
    ['', 0],
    ['short', 1],
    ['aaaaaaaaaaaaaaaa', 1],
    ['ten letter', 2],
    ['fourteen chars', 3],
    ['correct horse battery staple', 4],
  ])('gives “%s” %i', (password, strength) => {
    expect(strengthOf(password)).toBe(strength)
  })
})
