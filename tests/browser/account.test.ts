/** What people do with an account once they are in, by the words on the screen. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { useApp } from './app.ts'
import type { Language } from './browser.ts'
import { assignRoles, enter, isHome, person, registered, signIn } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp()

describe.each<Language>(['en', 'ru'])('a person who reads %s', (language) => {
  const w = words[language]

  it('edits the profile, and is asked when another window was quicker', async () => {
    const { page, context, complaints } = await app.visit({ language })
    await enter(page, app.admin.page, language, person(`pro-${language}`))
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
    const { page, context } = await app.visit({ language })
    await enter(page, app.admin.page, language, person(`fast-${language}`))
    await page.goto('/profile')
    await page.getByLabel(w.field.bio, { exact: true }).fill('Waits.')
    const { promise: shown, resolve: answer } = Promise.withResolvers<void>()
    await page.route('**/api/v1/users/*', async (route) => {
      await shown
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
    answer()
    await page.getByText(w.profile.saved).waitFor()
    await context.close()
  })

  it('is asked before unsaved changes are lost', async () => {
    const { page, context } = await app.visit({ language })
    await enter(page, app.admin.page, language, person(`dirty-${language}`))
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

  it('creates an access token, sees it once, and a program uses it until it is revoked', async () => {
    const { page, context, complaints } = await app.visit({ language })
    const who = person(`pat-${language}`)
    await enter(page, app.admin.page, language, who)
    await page.goto('/tokens')
    await page.getByRole('button', { name: w.token.create, exact: true }).click()
    const dialog = page.getByRole('dialog', { name: w.token.create })
    await dialog.getByLabel(w.field.name, { exact: true }).fill('Backup')
    await dialog.getByRole('button', { name: w.token.create, exact: true }).click()
    await dialog.getByText(w.token.onceTitle).waitFor()
    const secret = (await dialog.getByTestId('token-secret').textContent())!
    const ask = (path: string) =>
      fetch(`${app.platform.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${secret}` } })
    const me = await ask('users/me')
    expect(me.status).toBe(200)
    expect(await me.json()).toMatchObject({ username: who.username })
    expect((await ask('operations/map')).status).toBe(403)
    await dialog.getByRole('button', { name: w.action.done, exact: true }).click()
    await page.reload()
    await page.getByText('Backup').waitFor()
    expect(await page.content()).not.toContain(secret)
    await page.getByRole('button', { name: say(w.token.revokeNamed, { name: 'Backup' }) }).click()
    await page
      .getByRole('dialog', { name: w.token.revoke })
      .getByRole('button', { name: w.token.revoke, exact: true })
      .click()
    await page.getByText(w.token.none).waitFor()
    await expect.poll(async () => (await ask('users/me')).status).toBe(401)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('ends a session, and the other browser is shown the door without a click', async () => {
    const who = person(`two-${language}`)
    const here = await app.visit({ language })
    const there = await app.visit({ language })
    await enter(here.page, app.admin.page, language, who)
    await signIn(there.page, language, who)
    await isHome(there.page)
    await here.page.goto('/sessions')
    await here.page.getByText(w.session.this, { exact: true }).waitFor()
    const other = say(w.session.endNamed, { name: 'Chrome · Linux' })
    await here.page.getByRole('button', { name: other }).click()
    await here.page.getByText(w.session.ended).waitFor()
    await here.page.getByRole('button', { name: other }).waitFor({ state: 'detached' })
    await there.page.getByRole('heading', { name: w.signIn.title }).waitFor()
    await here.page.reload()
    await here.page.getByText(w.session.this, { exact: true }).waitFor()
    expect([...here.complaints, ...there.complaints]).toEqual([])
    await here.context.close()
    await there.context.close()
  })

  it('takes the data along: one file with what every service keeps', async () => {
    const { page, context, complaints } = await app.visit({ language })
    const who = person(`take-${language}`)
    await enter(page, app.admin.page, language, who)
    await page.goto('/data')
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: w.data.export, exact: true }).click(),
    ])
    await page.getByText(w.data.exported).waitFor()
    expect(file.suggestedFilename()).toBe(`pleiad-${who.username}.json`)
    const text = readFileSync(await file.path(), 'utf8')
    const services = Object.keys(JSON.parse(text).services ?? {})
    expect(services).toEqual(expect.arrayContaining(['auth', 'notifications', 'users']))
    expect(text).toContain(who.email)
    expect(text).toContain(who.name)
    expect(text).not.toContain('$argon2')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('hears the bell without loading the page again', async () => {
    const { page, context, complaints } = await app.visit({ language })
    const who = person(`bell-${language}`)
    const userId = await registered(app.admin.page, language, who)
    await signIn(page, language, who)
    await isHome(page)
    await app.platform.host.settled()
    const bell = page.getByTestId('bell')
    const unread = async () => Number((await bell.getAttribute('aria-label'))!.match(/\d+/)?.[0])
    await expect.poll(unread).toBeGreaterThan(0)
    const before = await unread()
    await page.evaluate(() => Object.assign(window, { same: true }))
    await assignRoles(app.admin.page, userId, ['admin'])
    await expect.poll(unread).toBe(before + 1)
    expect(await page.evaluate(() => 'same' in window)).toBe(true)
    await bell.click()
    const list = page.getByRole('dialog', { name: w.place.notifications })
    await list
      .getByText(language === 'en' ? 'Your roles have changed' : /роли/i)
      .first()
      .waitFor()
    await list.getByRole('button', { name: w.notifications.readAll }).click()
    await expect.poll(unread).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('goes and does by the keyboard alone, in the command palette', async () => {
    const { page, context, complaints } = await app.visit({ language })
    await enter(page, app.admin.page, language, person(`keys-${language}`))
    const palette = page
      .getByPlaceholder(w.palette.placeholder)
      .or(page.getByPlaceholder(words[language === 'en' ? 'ru' : 'en'].palette.placeholder))
    const type = async (text: string) => {
      await page.keyboard.press('Control+k')
      await palette.waitFor()
      await expect.poll(() => palette.evaluate((input) => input === document.activeElement)).toBe(true)
      await page.keyboard.type(text)
    }
    await type(w.place.sessions.slice(0, 4).toLowerCase())
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: w.place.sessions }).waitFor()
    await type('qqqq')
    await page.getByText(w.palette.nothing).waitFor()
    await page.keyboard.press('Escape')
    await palette.waitFor({ state: 'detached' })
    await type(w.scheme.dark)
    await page.keyboard.press('Enter')
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor()
    // With the arrows: the other of the two languages found.
    await type(w.shell.language)
    await page.keyboard.press('ArrowDown')
    if (language === 'ru') await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    const other = language === 'en' ? 'ru' : 'en'
    await page.getByRole('heading', { level: 1, name: words[other].place.sessions }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe(other)
    await type(words[other].shell.signOut)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: words[other].signIn.title }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})
