/** The pages on which a project's people sign in, by the words on the screen; scanned in light, dark and on a phone. */
import { describe, expect, it } from 'vitest'
import { desktop, phone } from './browser.ts'
import {
  ACCENT,
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
  VERIFIER,
} from './hosted.ts'
import { say } from './words.ts'

const app = useHosted('hosted-shop')
const looks = [
  { scheme: 'light', language: 'en', viewport: desktop },
  { scheme: 'dark', language: 'ru', viewport: desktop },
  { scheme: 'light', language: 'ru', viewport: phone },
] as const

describe.each(looks)('in $language, $scheme, $viewport.width px wide,', (look) => {
  const { language } = look
  const w = saying(language)
  const emailOf = (name: string) => `${name}-${language}-${look.viewport.width}@example.org`

  it('a person signs up with the code from a mail, and signs in with the password', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    const email = emailOf('sign-up')
    await page.goto(address(app, app.apps.own))
    await page.getByRole('heading', { name: w.hosted.signIn.title, exact: true }).waitFor()
    await page.getByText(say(w.hosted.signIn.toApp, { app: 'Shop' })).waitFor()
    expect(await page.title()).toContain('Corner Shop')
    await scan('sign-in')
    await page.getByRole('button', { name: w.signIn.register, exact: true }).click()
    await scan('sign-up')
    await page.getByLabel(w.field.displayName, { exact: true }).fill('Ada')
    await page.getByLabel(w.field.email, { exact: true }).fill(email)
    await page.getByLabel(w.field.password, { exact: true }).fill('password12')
    await page.getByRole('button', { name: w.signUp.submit, exact: true }).click()
    await page.getByText(w.errors.passwordTooWeak).waitFor()
    await page.getByLabel(w.field.password, { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: w.signUp.submit, exact: true }).click()
    await page.getByText(say(w.hosted.code.about, { email })).waitFor()
    await scan('code')
    const code = await mailedCode(app, email)
    await enterCode(page, language, code === '00000000' ? '11111111' : '00000000')
    await page.getByRole('alert').getByText(w.errors.codeRefused).waitFor()
    await scan('code refused')
    await enterCode(page, language, code)
    expect((await backAtShop(page)).get('code')).toBeTruthy()

    await context.clearCookies()
    await page.goto(address(app, app.apps.own))
    await signInHere(page, language, email, 'another calm evening sky')
    await page.getByRole('alert').getByText(w.errors.signInRefused).waitFor()
    await scan('refused')
    await signInHere(page, language, email)
    expect((await backAtShop(page)).get('code')).toBeTruthy()
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('a forgotten password is set anew with the code from a mail', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    const email = emailOf('forgot')
    await signUp(app, page, language, email)
    await context.clearCookies()
    await page.goto(address(app, app.apps.own))
    await page.getByRole('button', { name: w.signIn.forgot, exact: true }).click()
    await scan('forgot')
    await page.getByLabel(w.field.email, { exact: true }).fill(email)
    await page.getByRole('button', { name: w.hosted.code.mail, exact: true }).click()
    await page.getByText(say(w.hosted.code.resetAbout, { email })).waitFor()
    await scan('reset')
    await enterCode(page, language, await mailedCode(app, email))
    await page.getByLabel(w.field.newPassword, { exact: true }).fill('another calm evening sky')
    await page.getByRole('button', { name: w.reset.submit, exact: true }).click()
    await backAtShop(page)
    await context.clearCookies()
    await page.goto(address(app, app.apps.own))
    await signInHere(page, language, email)
    await page.getByRole('alert').getByText(w.errors.signInRefused).waitFor()
    await signInHere(page, language, email, 'another calm evening sky')
    await backAtShop(page)
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('consent is refused, given, remembered and taken back', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    await signUp(app, page, language, emailOf('consent'))
    const title = say(w.hosted.consent.title, { app: 'Partner' })
    await page.goto(address(app, app.apps.partner))
    await page.getByRole('heading', { name: title }).waitFor()
    await page.getByText(w.hosted.scope.email, { exact: true }).waitFor()
    await scan('consent')
    await page.getByRole('button', { name: w.hosted.consent.deny, exact: true }).click()
    expect((await backAtShop(page)).get('error')).toBe('access_denied')
    await page.goto(address(app, app.apps.partner))
    await page.getByRole('button', { name: w.hosted.consent.allow, exact: true }).click()
    expect((await backAtShop(page)).get('code')).toBeTruthy()
    await page.goto(address(app, app.apps.partner, { state: 's2' }))
    expect((await backAtShop(page)).get('state')).toBe('s2')
    await page.goto(`/oidc/${app.slug}/account`)
    await page.getByRole('button', { name: say(w.hosted.account.appEndNamed, { name: 'Partner' }) }).click()
    await page.getByText(w.hosted.account.appEnded).waitFor()
    await page.goto(address(app, app.apps.partner))
    await page.getByRole('heading', { name: title }).waitFor()
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('a sign-in that is over says so, and so does the page of a flow that has nowhere to go', async () => {
    const { page, context, complaints } = await app.visit(look)
    const { found, scan } = scanning(page)
    await page.goto(`/oidc/${app.slug}/sign-in/V1StGXR8_Z5jdHi6B-myT`)
    await page.getByRole('heading', { name: w.hosted.gone.title }).waitFor()
    await page.getByText(w.errors.signInGone).waitFor()
    await scan('gone')
    // What a stranger made up, as it comes back from a provider.
    await page.goto('/oauth/callback/upstream-00000000000000000000?state=made-up&code=made-up')
    await page.getByRole('heading', { name: w.hosted.problem.title }).waitFor()
    await page.getByText(w.hosted.trouble.flowUnknown).waitFor()
    // What helps those who help: the code, and the request that the log knows.
    const codes = await page.locator('code').allTextContents()
    expect(codes).toEqual(['flowUnknown', expect.stringMatching(/^[\w-]{8,}$/)])
    await scan('problem')
    await page.goto('/oidc/no-such-project/account')
    await page.getByText(w.errors.issuerUnknown).waitFor()
    await scan('unknown')
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})

it('a page of the app’s own origin redeems the code itself; a page of another origin reads nothing', async () => {
  const { page, context, complaints } = await app.visit()
  await signUp(app, page, 'en', 'page@example.org')
  const code = (await backAtShop(page)).get('code')!
  const issuer = `${app.platform.url}/oidc/${app.slug}`
  const redeem = (at: typeof page, form: Record<string, string>) =>
    at.evaluate(
      async ([url, fields]) => {
        const body = new URLSearchParams(fields as Record<string, string>)
        const tokens = await (await fetch(`${url}/token`, { method: 'POST', body })).json()
        const headers = { authorization: `Bearer ${tokens.access_token}` }
        return (await fetch(`${url}/userinfo`, { headers })).json()
      },
      [issuer, form] as const,
    )
  const form = {
    grant_type: 'authorization_code',
    client_id: app.apps.own,
    code,
    redirect_uri: app.shop,
    code_verifier: VERIFIER,
  }
  const stranger = await context.newPage()
  await stranger.goto(app.upstream.url)
  await expect(redeem(stranger, { ...form, code: 'made-up' })).rejects.toThrow('Failed to fetch')
  expect(await redeem(page, form)).toMatchObject({ email: 'page@example.org' })
  expect(complaints).toEqual([])
  await context.close()
})

it('the page carries the project’s name, logo and colour', async () => {
  const { page, context, complaints } = await app.visit({ language: 'en' })
  await page.goto(address(app, app.apps.own))
  const submit = page.getByRole('button', { name: saying('en').signIn.submit, exact: true })
  await submit.waitFor()
  const colour = await submit.evaluate((button) => getComputedStyle(button).backgroundColor)
  const hex = `#${colour
    .match(/\d+/g)!
    .slice(0, 3)
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')}`
  expect(hex).toBe(ACCENT)
  const logo = page.locator(`img[src*="/logo"]`)
  await expect.poll(() => logo.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1)
  const { hosted } = saying('en')
  const help = page.getByRole('link', { name: hosted.support })
  expect(await help.getAttribute('href')).toBe('mailto:help@example.com')
  const home = page.getByRole('link', { name: say(hosted.home, { name: 'Corner Shop' }) })
  expect(await home.getAttribute('href')).toBe('https://shop.example.com/')
  // Another environment says that it is one.
  await page.goto(`/oidc/${app.slug}.development/device`)
  await page.getByText('development', { exact: true }).waitFor()
  expect(complaints).toEqual([])
  await context.close()
})
