/** What people do in the app, by the words they see. */
import { createHmac } from 'node:crypto'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Language } from './browser.ts'
import { words } from './words.ts'

/** A picture of one point, for whoever is asked for one. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Marks a request as the app's own. */
export const csrf = { 'x-pleiad-csrf': '1' }

export interface Person {
  readonly name: string
  readonly username: string
  readonly email: string
  readonly password: string
}

/** Somebody new; `seed` keeps them apart. */
export function person(seed: string): Person {
  return {
    name: `Ada ${seed}`,
    username: `ada-${seed}`,
    email: `${seed}@example.org`,
    password: `a calm ${seed} evening sky`,
  }
}

export async function fillSignUp(page: Page, language: Language, who: Person): Promise<void> {
  const w = words[language]
  await page.getByLabel(w.field.displayName, { exact: true }).fill(who.name)
  await page.getByLabel(w.field.username, { exact: true }).fill(who.username)
  await page.getByText(w.username.free).waitFor()
  await page.getByLabel(w.field.email, { exact: true }).fill(who.email)
  await page.getByLabel(w.field.password, { exact: true }).fill(who.password)
  await page.getByRole('button', { name: w.signUp.submit }).click()
}

/** Registers by the one-time link and lands on the home page as administrator. */
export async function becomeAdministrator(page: Page, setupUrl: string, who: Person): Promise<void> {
  await page.goto(setupUrl)
  await fillSignUp(page, 'en', who)
  await page.getByRole('heading', { level: 1, name: new RegExp(who.name.split(' ')[0]!) }).waitFor()
}

export async function signIn(page: Page, language: Language, who: Person): Promise<void> {
  const w = words[language]
  await page.goto('/sign-in')
  await page.getByLabel(w.field.email, { exact: true }).fill(who.email)
  await page.getByLabel(w.field.password, { exact: true }).fill(who.password)
  await page.getByRole('button', { name: w.signIn.submit, exact: true }).click()
}

export async function isHome(page: Page): Promise<void> {
  await page.waitForURL((url) => url.pathname === '/')
  // The heading alone may still be that of the door.
  await page.getByTestId('bell').waitFor()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

export async function signOut(page: Page, language: Language): Promise<void> {
  const w = words[language]
  await page.getByRole('button', { name: w.shell.account, exact: true }).click()
  await page.getByRole('menuitem', { name: w.shell.signOut }).click()
  await page.getByRole('heading', { name: w.signIn.title }).waitFor()
}

/** The link of the newest mail to `email`, read by an administrator's page from the outbox. */
export async function mailedLink(admin: Page, email: string, path: string): Promise<string> {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    const list = await (
      await admin.request.get(`/api/v1/notifications/mails?to=${encodeURIComponent(email)}`)
    ).json()
    for (const { mailId } of list.items ?? []) {
      const mail = await (await admin.request.get(`/api/v1/notifications/mails/${mailId}`)).json()
      const link = String(mail.text).match(new RegExp(`https?://\\S+/${path}#token=[\\w-]+`))?.[0]
      if (link) return link
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`No mail with a link to /${path} reached ${email}`)
}

/** Registers and confirms the address without a page, for tests that are about something else, then signs in. */
export async function enter(page: Page, admin: Page, language: Language, who: Person): Promise<void> {
  await registered(admin, language, who)
  await signIn(page, language, who)
  await isHome(page)
}

/** An account with a confirmed address, made without a page. Returns its id. */
export async function registered(admin: Page, language: Language, who: Person): Promise<string> {
  const post = async (operation: string, data: object) => {
    const answer = await admin.request.post(`/api/v1/auth/${operation}`, { data, headers: csrf })
    expect(answer.status(), await answer.text()).toBeLessThan(300)
  }
  const { name: displayName, username, email, password } = who
  await post('register', { displayName, username, email, password, locale: language })
  await post('verify-email', { token: (await mailedLink(admin, email, 'verify-email')).split('token=')[1] })
  const accounts = await admin.request.get(`/api/v1/auth/accounts?email=${encodeURIComponent(email)}`)
  return (await accounts.json()).items[0].userId
}

/** Gives an account exactly these roles. */
export async function assignRoles(admin: Page, userId: string, roles: readonly string[]): Promise<void> {
  const path = `/api/v1/auth/accounts/${userId}/roles`
  const answer = await admin.request.put(path, { data: { roles }, headers: csrf })
  expect(answer.status(), await answer.text()).toBe(200)
}

/** Registers, confirms the address by the mailed link and signs in. */
export async function join(page: Page, admin: Page, language: Language, who: Person): Promise<void> {
  const w = words[language]
  await page.goto('/sign-up')
  await fillSignUp(page, language, who)
  await page.getByRole('heading', { name: w.signUp.checkTitle }).waitFor()
  await page.goto(await mailedLink(admin, who.email, 'verify-email'))
  await page.getByText(w.link.verifyAbout).waitFor()
  await signIn(page, language, who)
  await isHome(page)
}

/**
 * Presses a key at a control once it is enabled and keeps the focus. Playwright's `press` alone sends the key elsewhere
 * while the control is still disabled, or when a dialog that just opened takes the focus to its first field.
 */
export async function pressOn(control: Locator, key: string): Promise<void> {
  const enabled = control.and(control.page().locator(':not(:disabled)'))
  const keepsFocus = () =>
    enabled.evaluate(async (element: HTMLElement) => {
      element.focus()
      await new Promise((resolve) => setTimeout(resolve, 50))
      return document.activeElement === element
    })
  await expect.poll(keepsFocus).toBe(true)
  await control.page().keyboard.press(key)
}

/** The code of RFC 6238 (SHA-1, 30 s, six digits) for a base32 secret; `ahead` moves on by steps. */
export function totp(secret: string, ahead = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/[=\s]/g, '')]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead))
  const hash = createHmac('sha1', key).update(counter).digest()
  const offset = hash[19]! & 15
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Sets up an authenticator on the security page. Returns its secret and the recovery codes. */
export async function turnOnSecondFactor(
  page: Page,
  language: Language,
): Promise<{ secret: string; codes: string[] }> {
  const w = words[language]
  await page.goto('/security')
  await page.getByRole('button', { name: w.totp.setUp, exact: true }).click()
  await page.getByRole('img', { name: w.totp.qr }).waitFor()
  const secret = (await page.getByTestId('totp-secret').textContent()) ?? ''
  await page.getByLabel(w.factor.code, { exact: true }).fill(totp(secret))
  await page.getByRole('button', { name: w.totp.turnOn, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: w.codes.title })
  await dialog.waitFor()
  const codes = await dialog.getByRole('listitem').allTextContents()
  await dialog.getByLabel(w.codes.kept).check()
  await dialog.getByRole('button', { name: w.action.done, exact: true }).click()
  expect(codes.length).toBeGreaterThanOrEqual(8)
  return { secret, codes }
}

/** A security key that says yes to everything. */
export async function addSecurityKey(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
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
}
