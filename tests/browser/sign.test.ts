/** Coming in and leaving for good, by the words on the screen. */
import { describe, expect, it } from 'vitest'
import { administrator, useApp } from './app.ts'
import type { Language } from './browser.ts'
import {
  addSecurityKey,
  enter,
  isHome,
  join,
  mailedLink,
  person,
  signIn,
  signOut,
  totp,
  turnOnSecondFactor,
} from './steps.ts'
import { say, words } from './words.ts'

const app = useApp()

describe.each<Language>(['en', 'ru'])('a person who reads %s', (language) => {
  const w = words[language]

  it('registers, confirms the address and signs in', async () => {
    const { page, context, complaints } = await app.visit({ language })
    await page.goto('/sign-up')
    await page.getByLabel(w.field.username, { exact: true }).fill(administrator.username)
    await page.getByText(w.username.taken).waitFor()
    await join(page, app.admin.page, language, person(`reg-${language}`))
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('is told in words that the password is wrong', async () => {
    const { page, context } = await app.visit({ language })
    await signIn(page, language, { ...administrator, password: 'not the password' })
    await page.getByRole('alert').getByText(w.errors.signInRefused).waitFor()
    await context.close()
  })

  it('signs in with a second factor, and with a recovery code', async () => {
    const { page, context, complaints } = await app.visit({ language })
    const who = person(`totp-${language}`)
    await enter(page, app.admin.page, language, who)
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
    const { page, context, complaints } = await app.visit({ language })
    await addSecurityKey(page)
    await enter(page, app.admin.page, language, person(`key-${language}`))
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

  it('sets a new password by the mailed link', async () => {
    const { page, context, complaints } = await app.visit({ language })
    const who = person(`reset-${language}`)
    await enter(page, app.admin.page, language, who)
    await signOut(page, language)
    await page.getByRole('link', { name: w.signIn.forgot, exact: true }).click()
    await page.getByRole('heading', { name: w.forgot.title }).waitFor()
    await page.getByLabel(w.field.email, { exact: true }).fill(who.email)
    await page.getByRole('button', { name: w.forgot.submit }).click()
    await page.getByText(w.forgot.sent).waitFor()
    await page.goto(await mailedLink(app.admin.page, who.email, 'reset-password'))
    await page.getByLabel(w.field.newPassword, { exact: true }).fill('another calm evening sky')
    await page.getByRole('button', { name: w.reset.submit }).click()
    await page.getByRole('heading', { name: w.signIn.title }).waitFor()
    await signIn(page, language, { ...who, password: 'another calm evening sky' })
    await isHome(page)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('changes the address, after proving who it is, and signs in with the new one', async () => {
    const { page, context, complaints } = await app.visit({ language })
    const who = person(`move-${language}`)
    const email = `moved-${language}@example.org`
    await enter(page, app.admin.page, language, who)
    await page.goto('/security')
    // The proof of a fresh sign-in still holds; the first answer is that of an old one.
    await page.route(
      '**/auth/request-email-change',
      (route) =>
        route.fulfill({
          status: 403,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            type: '',
            title: 'Prove it',
            status: 403,
            code: 'reauthenticationRequired',
          }),
        }),
      { times: 1 },
    )
    await page.getByRole('button', { name: w.email.change, exact: true }).click()
    const dialog = page.getByRole('dialog', { name: w.email.change })
    await dialog.getByLabel(w.email.new, { exact: true }).fill(email)
    await dialog.getByRole('button', { name: w.email.send, exact: true }).click()
    const proof = page.getByRole('dialog', { name: w.proof.title })
    await proof.getByLabel(w.field.password, { exact: true }).fill(who.password)
    await proof.getByRole('button', { name: w.action.continue, exact: true }).click()
    await page.getByText(say(w.email.pending, { email })).waitFor()
    await page.goto(await mailedLink(app.admin.page, email, 'confirm-email-change'))
    await page.getByText(w.link.changedAbout).waitFor()
    await context.clearCookies()
    await page.evaluate(() => localStorage.clear())
    await signIn(page, language, who)
    await page.getByRole('alert').getByText(w.errors.signInRefused).waitFor()
    await signIn(page, language, { ...who, email })
    await isHome(page)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('deletes the account, which is then gone', async () => {
    const { page, context, complaints } = await app.visit({ language })
    const who = person(`gone-${language}`)
    await enter(page, app.admin.page, language, who)
    await page.goto('/data')
    await page.getByRole('button', { name: w.data.delete, exact: true }).click()
    const dialog = page.getByRole('dialog', { name: w.data.deleteTitle })
    const remove = dialog.getByRole('button', { name: w.data.delete, exact: true })
    expect(await remove.isDisabled()).toBe(true)
    await dialog.getByLabel(say(w.data.deleteType, { username: who.username })).fill(who.username)
    await remove.click()
    await page.getByText(w.data.deleted).waitFor()
    await page.getByRole('heading', { name: w.signIn.title }).waitFor()
    await signIn(page, language, who)
    await page.getByRole('alert').getByText(w.errors.signInRefused).waitFor()
    await app.platform.host.settled()
    const found = await app.admin.page.request.get(`/api/v1/users?search=${who.username}`)
    expect((await found.json()).items).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})
