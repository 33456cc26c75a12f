/** What people do with their accounts at a project: passkeys, providers, sessions, devices, the end; and the try-it page. */
import { describe, expect, it } from 'vitest'
import { desktop, phone } from './browser.ts'
import {
  address,
  backAtShop,
  enterCode,
  mailedCode,
  PASSWORD,
  saying,
  scanning,
  signInHere,
  signUp,
  useHosted,
} from './hosted.ts'
import { addSecurityKey } from './steps.ts'
import { say } from './words.ts'

const app = useHosted('hosted-people')
const looks = [
  { scheme: 'dark', language: 'en', viewport: desktop },
  { scheme: 'light', language: 'ru', viewport: phone },
] as const

describe.each(looks)('in $language, $scheme, $viewport.width px wide,', (look) => {
  const { language } = look
  const w = saying(language)
  const { account } = w.hosted
  /** Also a login at the provider, which knows the same address. */
  const loginOf = (name: string) => `${name}-${language}`
  const emailOf = (name: string) => `${loginOf(name)}@example.org`
  const accountPage = () => `/oidc/${app.slug}/account`

  it('a passkey is added to the account, and is enough to sign in', async () => {
    const visited = await app.visit(look)
    const { page, context, complaints } = visited
    const { found, scan } = scanning(page)
    await addSecurityKey(visited.page)
    await signUp(app, page, language, emailOf('key'))
    await page.goto(accountPage())
    await page.getByRole('button', { name: w.passkey.add, exact: true }).click()
    await page.getByText(w.passkey.added).waitFor()
    await scan('account')
    await context.clearCookies()
    await page.goto(address(app, app.apps.own))
    await page.getByRole('button', { name: w.signIn.passkey, exact: true }).click()
    await backAtShop(page)
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('a provider is linked from the account, and unlinked again', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    const email = emailOf('link')
    await signUp(app, page, language, email)
    const { hosted } = w
    await page.goto(accountPage())
    await page.getByRole('button', { name: account.link, exact: true }).click()
    await page.getByRole('menuitem', { name: 'Upstream' }).click()
    await page.getByLabel('Login').fill(`other-${language}`)
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.getByText(account.linked).waitFor()
    await page.getByText(`other-${language}@example.org`).waitFor()
    // The answer of the provider is handed in once, and leaves the address.
    expect(new URL(page.url()).search).toBe('')
    await scan('linked')
    // It leads to the same account now, though the address there is another one.
    await context.clearCookies()
    await page.goto(address(app, app.apps.own))
    await page.getByRole('button', { name: say(hosted.provider.with, { name: 'Upstream' }) }).click()
    await page.getByLabel('Login').fill(`other-${language}`)
    await page.getByRole('button', { name: 'Enter' }).click()
    await backAtShop(page)
    await page.goto(accountPage())
    await page.getByText(email).first().waitFor()
    await page.getByRole('button', { name: say(account.unlinkNamed, { name: 'Upstream' }) }).click()
    await page.getByText(account.unlinked).waitFor()
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('a provider that knows an address with an account is linked only after a proof of the account', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    const email = emailOf('proof')
    await signUp(app, page, language, email)
    await context.clearCookies()
    const through = async () => {
      await page.goto(address(app, app.apps.own))
      await page.getByRole('button', { name: say(w.hosted.provider.with, { name: 'Upstream' }) }).click()
      await page.getByLabel('Login').fill(loginOf('proof'))
      await page.getByRole('button', { name: 'Enter' }).click()
    }
    await through()
    await page.getByText(w.hosted.linking.title).waitFor()
    await scan('linking')
    const known = page.getByLabel(w.field.email, { exact: true })
    expect(await known.inputValue()).toBe(email)
    await page.getByLabel(w.field.password, { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: w.signIn.submit, exact: true }).click()
    await backAtShop(page)
    await context.clearCookies()
    await through()
    await backAtShop(page)
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('sessions elsewhere are seen and ended; the account is deleted', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    const email = emailOf('gone')
    await signUp(app, page, language, email)
    const elsewhere = await app.visit(look)
    await elsewhere.page.goto(accountPage())
    await signInHere(elsewhere.page, language, email)
    await elsewhere.page.getByRole('heading', { name: account.title }).waitFor()
    await page.goto(accountPage())
    const others = page.getByRole('button', { name: new RegExp(say(w.session.endNamed, { name: '.*' })) })
    await others.click()
    await page.getByText(w.session.ended).waitFor()
    await elsewhere.page.reload()
    await elsewhere.page.getByRole('heading', { name: w.hosted.signIn.title, exact: true }).waitFor()
    await elsewhere.context.close()

    await page.getByRole('button', { name: account.end, exact: true }).click()
    const dialog = page.getByRole('dialog', { name: account.end })
    await dialog.getByText(say(account.endSure, { name: 'Corner Shop' })).waitFor()
    await scan('deleting')
    await dialog.getByRole('button', { name: account.end, exact: true }).click()
    await page.getByRole('heading', { name: w.hosted.signIn.title, exact: true }).waitFor()
    await signInHere(page, language, email)
    await page.getByRole('alert').getByText(w.errors.signInRefused).waitFor()
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('a device is let in by its code, after comparing it and giving consent', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    const email = emailOf('device')
    const issuer = `${app.platform.url}/oidc/${app.slug}`
    const form = { client_id: app.apps.device, scope: 'openid email' }
    const begun = await (await page.request.post(`${issuer}/device/auth`, { form })).json()
    await page.goto(`/oidc/${app.slug}/device`)
    await page.getByLabel(w.hosted.device.code, { exact: true }).fill('bcdf-ghjk')
    await scan('device')
    await page.getByRole('button', { name: w.hosted.device.next }).click()
    await page.getByRole('alert').getByText(w.errors.deviceCodeRefused).waitFor()
    await page.getByLabel(w.hosted.device.code, { exact: true }).fill(begun.user_code.toLowerCase())
    await page.getByRole('button', { name: w.hosted.device.next }).click()
    await page.getByText(begun.user_code, { exact: true }).waitFor()
    await scan('comparing')
    await page.getByRole('button', { name: w.hosted.device.go }).click()
    await page.getByRole('button', { name: w.signIn.register, exact: true }).click()
    await page.getByLabel(w.field.email, { exact: true }).fill(email)
    await page.getByLabel(w.field.password, { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: w.signUp.submit, exact: true }).click()
    await page.getByRole('heading', { name: w.hosted.code.title }).waitFor()
    await enterCode(page, language, await mailedCode(app, email))
    await page.getByRole('heading', { name: say(w.hosted.consent.title, { app: 'Television' }) }).waitFor()
    await scan('consent for a device')
    await page.getByRole('button', { name: w.hosted.consent.allow, exact: true }).click()
    await page.getByText(w.hosted.device.doneTitle).waitFor()
    await scan('done')
    const tokens = await page.request.post(`${issuer}/token`, {
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: app.apps.device,
        device_code: begun.device_code,
      },
    })
    expect((await tokens.json()).access_token).toBeTruthy()
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('the try-it page signs in with the real flow, shows what an app gets, and signs out', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    const email = emailOf('try')
    await signUp(app, page, language, email)
    await context.clearCookies()
    await page.goto(`/try/${app.slug}?app=${app.apps.try}`)
    await signInHere(page, language, email)
    await page.getByRole('heading', { name: w.hosted.try.done }).waitFor()
    await page.getByText(email).first().waitFor()
    // What it shows is no secret: the tokens themselves stay out.
    expect(await page.locator('body').textContent()).not.toMatch(/eyJ|access_token|refresh_token/)
    await scan('try')
    await page.getByRole('link', { name: w.shell.signOut }).click()
    await page.getByRole('button').first().click()
    await page.getByRole('heading', { name: w.hosted.try.signedOut }).waitFor()
    await scan('signed out')
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})
