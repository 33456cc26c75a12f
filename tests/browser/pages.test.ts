/** Every page: accessible, not wider than the screen, silent; in both languages, light, dark and on a phone. */
import { describe, expect, it } from 'vitest'
import { administrator, useApp } from './app.ts'
import { desktop, type Language, phone, type Scheme } from './browser.ts'
import { innerPages, overflow, publicPages, settled, violations } from './scan.ts'
import { isHome, signIn } from './steps.ts'

const app = useApp()
/** A scan of all pages takes a while on a busy machine. */
const SCAN_MS = 240_000
const looks: readonly { scheme: Scheme; language: Language; viewport: typeof phone }[] = [
  { scheme: 'light', language: 'en', viewport: desktop },
  { scheme: 'dark', language: 'ru', viewport: desktop },
  { scheme: 'light', language: 'ru', viewport: phone },
]

describe.each(looks)('every page, $scheme, in $language, $viewport.width px wide,', (look) => {
  it(
    'is accessible, fits and does not complain',
    async () => {
      const { page, context, complaints } = await app.visit(look)
      const found: string[] = []
      const scan = async (path: string) => {
        await page.goto(path)
        await settled(page)
        const wider = await overflow(page)
        if (wider > 0) found.push(`${path}: ${wider} px wider than the screen`)
        for (const line of await violations(page)) found.push(`${path}: ${line}`)
      }
      for (const path of publicPages) await scan(path)
      await signIn(page, look.language, administrator)
      await isHome(page)
      for (const path of innerPages) await scan(path)
      expect(found).toEqual([])
      expect(complaints).toEqual([])
      await context.close()
    },
    SCAN_MS,
  )
})

describe.each(looks)('the API reference, $scheme, $viewport.width px wide,', (look) => {
  it(
    'is accessible, can be searched and leads on',
    async () => {
      const { page, context, complaints } = await app.visit(look)
      const found: string[] = []
      for (const path of ['/docs', '/docs/events', '/docs/errors']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        const wider = await overflow(page)
        if (wider > 0) found.push(`${path}: ${wider} px wider than the screen`)
        for (const line of await violations(page)) found.push(`${path}: ${line}`)
      }
      expect(found).toEqual([])
      await page
        .getByRole('navigation', { name: 'Documents' })
        .getByRole('link', { name: 'Operations' })
        .click()
      await page.getByRole('heading', { level: 1, name: 'API reference' }).waitFor()
      // A phone has no room for the contents; there one comes by the links between the pages.
      if (look.viewport === phone) await page.goto('/docs#auth.registerPasskey')
      else {
        const index = page.getByRole('navigation', { name: 'Contents' })
        const login = index.getByRole('link', { name: 'login', exact: true })
        await login.waitFor()
        const find = page.getByRole('searchbox')
        // The key works from when the page's script has run.
        await expect
          .poll(async () => {
            await page.keyboard.press('/')
            return find.evaluate((field) => field === document.activeElement)
          })
          .toBe(true)
        await find.fill('')
        await page.keyboard.type('passkey register')
        await login.waitFor({ state: 'hidden' })
        await index.getByRole('link', { name: 'registerPasskey', exact: true }).click()
      }
      expect(new URL(page.url()).hash).toBe('#auth.registerPasskey')
      const article = page.locator('article:target')
      await article.getByText('/api/v1/auth/passkeys', { exact: true }).first().waitFor()
      expect(await article.isVisible()).toBe(true)
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toMatch(
        look.scheme === 'dark' ? /^rgb\((\d|[1-5]\d), / : /^rgb\(2\d\d, /,
      )
      expect(complaints).toEqual([])
      await context.close()
    },
    SCAN_MS,
  )
})
