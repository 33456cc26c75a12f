/** Whatever opens above a page is as accessible as the page, in light and dark. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useApp } from './app.ts'
import type { Language, Scheme } from './browser.ts'
import { accountOverlays } from './overlays-account.ts'
import { adminOverlays } from './overlays-admin.ts'
import { settled, violations } from './scan.ts'
import { addSecurityKey, assignRoles, csrf, isHome, person, registered, signIn, totp } from './steps.ts'
import { words } from './words.ts'

const app = useApp()
/** In an order that makes what later ones need. */
const overlays = [...accountOverlays, ...adminOverlays]
const SCAN_MS = 240_000

describe.each<{ scheme: Scheme; language: Language }>([
  { scheme: 'light', language: 'en' },
  { scheme: 'dark', language: 'ru' },
])('everything that opens, $scheme, in $language,', ({ scheme, language }) => {
  const w = words[language]

  /** Somebody who may do everything, with a security key. */
  async function enter(seed: string) {
    const who = person(`${seed}-${language}`)
    const userId = await registered(app.admin.page, language, who)
    await assignRoles(app.admin.page, userId, ['admin'])
    const visited = await app.visit({ language, scheme })
    await addSecurityKey(visited.page)
    await signIn(visited.page, language, who)
    await isHome(visited.page)
    return visited
  }

  /** What axe finds while something is open; it must be above the page by then. */
  async function scan(page: Page, name: string, popup = false): Promise<string[]> {
    return (await violations(page, popup)).map((line) => `${name}: ${line}`)
  }

  it(
    'is accessible, and closes without a trace',
    async () => {
      const { page, context, complaints } = await enter('open')
      const fired = await page.request.post('/api/v1/kiln/pots', { data: { pot: 'scan-0' }, headers: csrf })
      expect(fired.ok()).toBe(true)
      await app.platform.host.settled()
      const found: string[] = []
      for (const { name, path, popup, open, close } of overlays) {
        await page.goto(path)
        await settled(page)
        const seen = await open(page, w)
        await seen.waitFor()
        await settled(page)
        found.push(...(await scan(page, name, popup)))
        if (close) await close(page, w)
        else await page.keyboard.press('Escape')
        await seen.waitFor({ state: 'hidden' })
      }
      expect(found).toEqual([])
      expect(complaints).toEqual([])
      await context.close()
    },
    SCAN_MS,
  )

  it('is accessible from the authenticator to its end', async () => {
    const { page, context, complaints } = await enter('factor')
    const found: string[] = []
    await page.goto('/security')
    await page.getByRole('button', { name: w.totp.setUp, exact: true }).click()
    await page.getByRole('img', { name: w.totp.qr }).waitFor()
    const secret = (await page.getByTestId('totp-secret').textContent())!
    await page.getByLabel(w.factor.code, { exact: true }).fill(totp(secret))
    await page.getByRole('button', { name: w.totp.turnOn, exact: true }).click()
    const codes = page.getByRole('dialog', { name: w.codes.title })
    await codes.waitFor()
    found.push(...(await scan(page, 'recovery codes')))
    await codes.getByLabel(w.codes.kept).check()
    await codes.getByRole('button', { name: w.action.done, exact: true }).click()
    for (const name of [w.totp.newCodes, w.totp.turnOff]) {
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByRole('dialog', { name }).waitFor()
      found.push(...(await scan(page, name)))
      await page.keyboard.press('Escape')
      await page.getByRole('dialog', { name }).waitFor({ state: 'hidden' })
    }
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})
