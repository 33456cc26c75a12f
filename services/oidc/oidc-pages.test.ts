import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, type Project, startBed } from './testing-bed.ts'

let bed: Bed
let project: Project
beforeAll(async () => {
  bed = await startBed()
  project = await bed.createProject('press')
})
afterAll(() => bed?.stop())

/** What a browser gets when an app that nobody knows sends it here. */
async function strange(language: string) {
  const answer = await fetch(`${project.issuer}/auth?client_id=app_unknown0000000000`, {
    headers: { accept: 'text/html', 'accept-language': language },
  })
  return { text: await answer.text(), policy: answer.headers.get('content-security-policy')!, answer }
}

test('a page of the issuer speaks the language of the browser', async () => {
  const english = await strange('de, en;q=0.5')
  expect(english.text).toContain('<html lang="en">')
  expect(english.text).toContain('Signing in did not work')
  const russian = await strange('ru-RU,ru;q=0.9,en;q=0.8')
  expect(russian.text).toContain('<html lang="ru">')
  expect(russian.text).toContain('Войти не получилось')
  expect(russian.answer.headers.get('vary')).toMatch(/accept-language/i)
})

test('its style is allowed by its hash, and no other', async () => {
  const { text, policy } = await strange('en')
  const style = /<style>([^<]*)<\/style>/.exec(text)![1]!
  const hash = createHash('sha256').update(style).digest('base64')
  expect(policy).toMatch(new RegExp(`style-src 'self' 'sha256-${hash.replace(/[+/]/g, '\\$&')}'(;|$)`))
  expect(policy).not.toContain('unsafe-inline')
  expect(text).not.toMatch(/ style=/)
})
