/** The app as people use it: one platform, one Chromium, everything by the words on the screen. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desktop, type Language, launch, phone, type Scheme, type Visit, visit } from './browser.ts'
import { oven } from './flaky/service.ts'
import { type Platform, startPlatform } from './platform.ts'
import { innerPages, overflow, publicPages, settled, violations } from './scan.ts'
import {
  becomeAdministrator,
  isHome,
  join,
  mailedLink,
  person,
  signIn,
  signOut,
  totp,
  turnOnSecondFactor,
} from './steps.ts'
import { words } from './words.ts'

let platform: Platform
let browser: Browser
let admin: Visit
const languages: readonly Language[] = ['en', 'ru']
const administrator = person('maia')
/** A scan of all pages takes a while on a busy machine. */
const SCAN_MS = 240_000

beforeAll(async () => {
  ;[platform, browser] = await Promise.all([startPlatform(), launch()])
  admin = await visit(browser, platform.url)
  await becomeAdministrator(admin.page, platform.setupUrl, administrator)
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await platform?.stop()
})

describe.each(languages)('a person who reads %s', (language) => {
  const w = words[language]

  it('registers, confirms the address and signs in', async () => {
    const { page, context, complaints } = await visit(browser, platform.url, { language })
    await page.goto('/sign-up')
    await page.getByLabel(w.field.username, { exact: true }).fill(administrator.username)
    await page.getByText(w.username.taken).waitFor()
    await join(page, admin.page, language, person(`reg-${language}`))
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('is told in words that the password is wrong', async () => {
    const { page, context } = await visit(browser, platform.url, { language })
    await signIn(page, language, { ...administrator, password: 'not the password' })
    await page.getByRole('alert').getByText(w.errors.signInRefused).waitFor()
    await context.close()
  })

  it('signs in with a second factor, and with a recovery code', async () => {
    const { page, context, complaints } = await visit(browser, platform.url, { language })
    const who = person(`totp-${language}`)
    await join(page, admin.page, language, who)
    const { secret, codes } = await turnOnSecondFactor(page, language)
    await signOut(page, language)
    await signIn(page, language, who)
    await page.getByRole('heading', { name: w.factor.title }).waitFor()
    // The code of the step before was spent when the factor was turned on.
    await page
      .getByLabel(w.factor.digit.replace('{{number}}', '1'), { exact: true })
      .pressSequentially(totp(secret, 1))
    await isHome(page)
    await signOut(page, language)
    await signIn(page, language, who)
    await page.getByRole('button', { name: w.factor.switch.recoveryCode }).click()
    await page.getByLabel(w.factor.recoveryCode, { exact: true }).fill(codes[0]!)
    await page.getByRole('button', { name: w.signIn.submit, exact: true }).click()
    await isHome(page)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('adds a passkey and signs in with it alone', async () => {
    const { page, context, complaints } = await visit(browser, platform.url, { language })
    const devtools = await context.newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await join(page, admin.page, language, person(`key-${language}`))
    await page.goto('/security')
    await page.getByRole('button', { name: w.passkey.add, exact: true }).click()
    const naming = page.getByRole('dialog', { name: w.passkey.rename })
    await naming.getByLabel(w.field.name, { exact: true }).fill('Test key')
    await naming.getByRole('button', { name: w.action.save, exact: true }).click()
    await page.getByText('Test key').waitFor()
    await signOut(page, language)
    await page.getByRole('button', { name: w.signIn.passkey, exact: true }).click()
    await isHome(page)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('edits the profile, and is asked when another window was quicker', async () => {
    const { page, context, complaints } = await visit(browser, platform.url, { language })
    await join(page, admin.page, language, person(`pro-${language}`))
    await page.goto('/profile')
    await page.getByLabel(w.field.bio, { exact: true }).fill('Looks at stars.')
    await page.getByRole('button', { name: w.action.save, exact: true }).click()
    await page.getByText(w.profile.saved).waitFor()
    const other = await context.newPage()
    await other.goto('/profile')
    await other.getByLabel(w.field.displayName, { exact: true }).fill('Ada Elsewhere')
    await other.getByRole('button', { name: w.action.save, exact: true }).click()
    await other.getByText(w.profile.saved).waitFor()
    await page.getByLabel(w.field.bio, { exact: true }).fill('Looks at galaxies.')
    await page.getByRole('button', { name: w.action.save, exact: true }).click()
    await page.getByText(w.profile.conflictTitle).waitFor()
    await page.getByRole('button', { name: w.profile.conflictTheirs }).click()
    expect(await page.getByLabel(w.field.displayName, { exact: true }).inputValue()).toBe('Ada Elsewhere')
    expect(await page.getByLabel(w.field.bio, { exact: true }).inputValue()).toBe('Looks at stars.')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('sees within 100 ms that an action was taken, however slow the server is', async () => {
    const { page, context } = await visit(browser, platform.url, { language })
    await join(page, admin.page, language, person(`fast-${language}`))
    await page.goto('/profile')
    await page.getByLabel(w.field.bio, { exact: true }).fill('Waits.')
    await page.route('**/api/v1/users/*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500))
      await route.continue()
    })
    const button = page.getByRole('button', { name: w.action.save, exact: true })
    const took = await button.evaluate(
      (element) =>
        new Promise<number>((resolve) => {
          const start = performance.now()
          const look = () =>
            element.hasAttribute('data-loading')
              ? resolve(performance.now() - start)
              : requestAnimationFrame(look)
          ;(element as HTMLButtonElement).click()
          look()
        }),
    )
    expect(took).toBeLessThan(100)
    await page.getByText(w.profile.saved).waitFor()
    await context.close()
  })

  it('is asked before unsaved changes are lost', async () => {
    const { page, context } = await visit(browser, platform.url, { language })
    await join(page, admin.page, language, person(`dirty-${language}`))
    await page.goto('/profile')
    await page.getByLabel(w.field.bio, { exact: true }).fill('Not saved.')
    await page.getByRole('navigation').getByRole('link', { name: w.place.sessions, exact: true }).click()
    const question = page.getByRole('dialog', { name: w.leave.title })
    await question.getByRole('button', { name: w.action.cancel, exact: true }).click()
    expect(await page.getByLabel(w.field.bio, { exact: true }).inputValue()).toBe('Not saved.')
    await page.getByRole('navigation').getByRole('link', { name: w.place.sessions, exact: true }).click()
    await question.getByRole('button', { name: w.leave.leave, exact: true }).click()
    await page.getByRole('heading', { level: 1, name: w.place.sessions }).waitFor()
    await context.close()
  })

  it('sets a new password by the mailed link', async () => {
    const { page, context, complaints } = await visit(browser, platform.url, { language })
    const who = person(`reset-${language}`)
    await join(page, admin.page, language, who)
    await signOut(page, language)
    await page.getByRole('link', { name: w.signIn.forgot, exact: true }).click()
    await page.getByLabel(w.field.email, { exact: true }).fill(who.email)
    await page.getByRole('button', { name: w.forgot.submit }).click()
    await page.getByText(w.forgot.sent).waitFor()
    await page.goto(await mailedLink(admin.page, who.email, 'reset-password'))
    await page.getByLabel(w.field.newPassword, { exact: true }).fill('another calm evening sky')
    await page.getByRole('button', { name: w.reset.submit }).click()
    await page.getByRole('heading', { name: w.signIn.title }).waitFor()
    await signIn(page, language, { ...who, password: 'another calm evening sky' })
    await isHome(page)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('retries a dead letter, and the event is handled', async () => {
    const { page, context, complaints } = await visit(browser, platform.url, { language })
    await signIn(page, language, administrator)
    await isHome(page)
    const pot = `pot-${language}`
    oven.broken = true
    const fired = await page.request.post('/api/v1/kiln/pots', {
      data: { pot },
      headers: { 'x-pleiad-csrf': '1' },
    })
    expect(fired.ok()).toBe(true)
    await platform.host.settled()
    await page.goto('/admin/dead-letters')
    await page.getByRole('button', { name: new RegExp(pot) }).click()
    const letter = page.getByRole('dialog')
    await letter.getByText(`The oven is cold: ${pot} cannot be glazed`).first().waitFor()
    oven.broken = false
    await letter.getByRole('button', { name: w.dead.retry, exact: true }).click()
    await page.getByText(w.dead.none).waitFor()
    await platform.host.settled()
    const kiln = platform.host.running.find(({ service }) => service.contract.name === 'kiln')!
    expect((await kiln.store.sql`select pot from glazes where pot = ${pot}`).length).toBe(1)
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe.each<{ scheme: Scheme; language: Language; viewport: typeof phone }>([
  { scheme: 'light', language: 'en', viewport: desktop },
  { scheme: 'dark', language: 'ru', viewport: desktop },
  { scheme: 'light', language: 'ru', viewport: phone },
])('every page, $scheme, in $language, $viewport.width px wide,', ({ scheme, language, viewport }) => {
  it(
    'is accessible, fits and does not complain',
    async () => {
      const { page, context, complaints } = await visit(browser, platform.url, { language, scheme, viewport })
      const found: string[] = []
      const scan = async (path: string) => {
        await page.goto(path)
        await settled(page)
        const wider = await overflow(page)
        if (wider > 0) found.push(`${path}: ${wider} px wider than the screen`)
        for (const line of await violations(page)) found.push(`${path}: ${line}`)
      }
      for (const path of publicPages) await scan(path)
      await signIn(page, language, administrator)
      await isHome(page)
      for (const path of innerPages) await scan(path)
      expect(found).toEqual([])
      expect(complaints).toEqual([])
      await context.close()
    },
    SCAN_MS,
  )
})
