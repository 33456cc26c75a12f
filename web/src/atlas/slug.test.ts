import { describe, expect, it } from 'vitest'
import { slugFrom, slugPattern } from './slug.ts'

describe('slugFrom', () => {
  it.each([
    ['Acme', 'acme'],
    ['  Acme & Co.  ', 'acme-co'],
    ['Моя Лавка', 'moya-lavka'],
    ['Подъезд №1', 'podezd-no1'],
    ['Crème brûlée', 'creme-brulee'],
    ['2048 — game', 'game'],
    ['a'.repeat(60), 'a'.repeat(40)],
    [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
    ['日本', ''],
  ])('makes “%s” into “%s”', (name, slug) => {
    expect(slugFrom(name)).toBe(slug)
  })
})

describe('slugPattern', () => {
  it.each([
    ['acme', true],
    ['my-shop-2', true],
    ['ab', false],
    ['Acme', false],
    ['2acme', false],
    ['acme-', false],
    ['ac--me', false],
    ['a'.repeat(41), false],
  ])('judges “%s”: %s', (slug, good) => {
    expect(slugPattern.test(slug)).toBe(good)
  })
})
