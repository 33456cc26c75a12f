/** A project from its first day to its last, as those who work on it see it. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useApp } from './app.ts'
import { atlasWords, choose, member, project, typeAt, windowOf } from './atlas-steps.ts'
import type { Language } from './browser.ts'
import { call } from './call.ts'
import { settled } from './scan.ts'
import { fillSignUp, isHome, mailedLink, person, png, pressOn, signIn } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp(async () => ({ OUTBOUND_ALLOW: '127.0.0.1' }))
const w = words.en
const a = atlasWords.en

describe('a project', () => {
  it('is created with an address that follows its name, renamed, and gets its colour and logo', async () => {
    const { page, context, complaints } = await windowOf(app)
    await page.goto('/atlas')
    await pressOn(page.getByRole('button', { name: a.projects.create }).first(), 'Enter')
    await typeAt(page, w.field.name, 'Вишнёвый сад')
    const slug = page.getByLabel(a.projects.slug, { exact: true })
    expect(await slug.inputValue()).toBe('vishnevyy-sad')
    await slug.fill('no')
    await page.keyboard.press('Enter')
    await page.getByText(a.projects.slugBad).waitFor()
    await slug.fill('cherry-orchard')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: /Вишнёвый сад/ }).click()
    await page.getByRole('heading', { level: 1, name: a.tab.overview }).waitFor()
    expect(await page.title()).toBe(`${a.tab.overview} · Вишнёвый сад`)
    await page.getByRole('link', { name: a.tab.settings, exact: true }).last().click()
    await page.getByLabel(w.field.name, { exact: true }).fill('Cherry Orchard')
    const accent = page.getByLabel(a.settings.accent, { exact: true })
    // Left at once, several times: a colour that is put back on blur is lost about every second time.
    for (const colour of ['#E8590C', '#0C8599', '#D6336C', '#7048E8', '#343A40', '#2F9E44']) {
      await accent.fill(colour)
      // The swatches stand above the button while the field has the focus.
      await page.keyboard.press('Tab')
      expect(await accent.inputValue()).toBe(colour)
    }
    await page.getByRole('button', { name: w.action.save, exact: true }).click()
    const logo = page.getByRole('main').locator('.mantine-Avatar-placeholder')
    await expect
      .poll(() => logo.first().evaluate((letters) => getComputedStyle(letters).backgroundColor))
      .toBe('rgb(47, 158, 68)')
    expect(await page.title()).toBe(`${a.tab.settings} · Cherry Orchard`)
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: a.settings.logoChoose }).click()
    await (await chooser).setFiles({ name: 'logo.png', mimeType: 'image/png', buffer: png })
    const image = page.getByRole('img', { name: say(a.settings.logoOf, { name: 'Cherry Orchard' }) })
    await image.waitFor()
    await expect.poll(() => image.evaluate((found: HTMLImageElement) => found.naturalWidth)).toBe(1)
    await page.getByRole('button', { name: a.settings.logoRemove }).click()
    await image.waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
    await context.close()
  })

  it('rests and comes back; it is deleted by its address only, and kept after all', async () => {
    const { slug, name } = await project(app, 'restful')
    const { page, context, complaints } = await windowOf(app)
    await page.goto(`/atlas/${slug}/settings`)
    await page.getByRole('button', { name: a.settings.archive }).click()
    await page.getByRole('dialog').getByRole('button', { name: a.settings.archive }).click()
    await page.getByText(a.settings.resting).waitFor()
    await page.goto(`/atlas/${slug}/keys`)
    await page.getByText(a.keys.none).waitFor()
    expect(await page.getByRole('button', { name: a.keys.create }).count()).toBe(0)
    await page.getByRole('button', { name: a.settings.restore }).click()
    await page.getByRole('button', { name: a.keys.create }).waitFor()
    await page.goto(`/atlas/${slug}/settings`)
    await page.getByRole('button', { name: a.settings.delete }).click()
    const dialog = page.getByRole('dialog', { name: a.settings.delete })
    const end = dialog.getByRole('button', { name: a.settings.delete })
    await dialog.getByText(say(a.settings.deleteSure, { name })).waitFor()
    await dialog.getByRole('textbox').fill('another')
    expect(await end.isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill(slug)
    await end.click()
    await page.getByText(a.settings.deleting).waitFor()
    await page.getByRole('button', { name: a.settings.undelete }).click()
    await page.getByText(a.settings.deleting).waitFor({ state: 'hidden' })
    expect((await call(page, 'GET', `/projects/by-slug/${slug}`))['state']).toBe('active')
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('members', () => {
  it('are invited by mail, sign up, accept, and get another role; the project changes hands', async () => {
    const { projectId, slug, name } = await project(app, 'crew')
    const owner = await windowOf(app)
    await owner.page.goto(`/atlas/${slug}/members`)
    await owner.page.getByRole('button', { name: a.members.invite }).click()
    const who = person('guest')
    await owner.page.getByLabel(w.field.email, { exact: true }).fill('not an address')
    await owner.page.getByRole('dialog').getByRole('button', { name: a.members.invite }).click()
    await owner.page.getByLabel(w.field.email, { exact: true }).fill(who.email)
    await owner.page.keyboard.press('Enter')
    await owner.page.getByText(a.members.invitations).waitFor()

    const guest = await app.visit()
    const link = await mailedLink(app.admin.page, who.email, 'invitation')
    await guest.page.goto(link)
    await guest.page.getByText(name, { exact: true }).waitFor()
    await guest.page.getByRole('button', { name: w.signIn.register }).click()
    await fillSignUp(guest.page, 'en', who)
    await guest.page.getByRole('heading', { name: w.signUp.checkTitle }).waitFor()
    await guest.page.goto(await mailedLink(app.admin.page, who.email, 'verify-email'))
    await guest.page.getByText(w.link.verifyAbout).waitFor()
    await signIn(guest.page, 'en', who)
    await isHome(guest.page)
    await guest.page.goto(link)
    await guest.page.getByText(say(a.invitation.as, { email: who.email })).waitFor()
    await guest.page.getByRole('button', { name: a.invitation.accept }).click()
    await guest.page.waitForURL((url) => url.pathname === `/atlas/${slug}`)
    await guest.page.getByText(a.role.developer, { exact: true }).waitFor()
    // A link works once.
    await guest.page.goto(link)
    await guest.page.getByText(w.errors.invitationUsed).waitFor()

    await app.platform.host.settled()
    await owner.page.reload()
    const row = owner.page.getByRole('row', { name: new RegExp(`@${who.username}`) })
    await row.getByText(a.role.developer).waitFor()
    expect(await owner.page.getByText(a.members.invitations).count()).toBe(0)
    const menu = say(a.members.menu, { name: who.name })
    await choose(owner.page, menu, a.members.changeRole)
    const dialog = owner.page.getByRole('dialog', { name: a.members.changeRole })
    await dialog.getByLabel(a.members.role, { exact: true }).click()
    await owner.page.getByRole('option', { name: a.role.viewer }).click()
    await dialog.getByRole('button', { name: w.action.save }).click()
    await row.getByText(a.role.viewer).waitFor()
    await dialog.waitFor({ state: 'hidden' })
    // The focus is back where it came from.
    await expect
      .poll(() => owner.page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe(menu)
    await choose(owner.page, menu, a.members.transfer)
    await pressOn(owner.page.getByRole('dialog').getByRole('button', { name: a.members.transfer }), 'Enter')
    await row.getByText(a.role.owner).waitFor()
    expect((await call(owner.page, 'GET', `/projects/${projectId}`))['role']).toBe('admin')
    await guest.page.goto(`/atlas/${slug}/members`)
    await choose(guest.page, say(a.members.menu, { name: 'Ada maia' }), a.members.remove)
    await guest.page.getByRole('dialog').getByRole('button', { name: a.members.remove }).click()
    await guest.page.getByRole('row', { name: /@ada-maia/ }).waitFor({ state: 'detached' })
    await owner.page.goto(`/atlas/${slug}`)
    await owner.page.getByText(a.projects.gone).waitFor()
    for (const { complaints, context } of [owner, guest]) {
      expect(complaints).toEqual([])
      await context.close()
    }
  })

  it('leave; the last owner is told that they cannot', async () => {
    const made = await project(app, 'leavers')
    const who = person('leaver')
    await member(app, made, who, 'admin')
    const { page, context } = await windowOf(app, {}, who)
    await page.goto(`/atlas/${made.slug}/members`)
    await choose(page, say(a.members.menu, { name: who.name }), a.members.leave)
    await page.getByRole('dialog').getByRole('button', { name: a.members.leave }).click()
    await page.waitForURL((url) => url.pathname === '/atlas')
    await page.getByText(a.projects.none).waitFor()
    await context.close()
    const owner = await windowOf(app)
    await owner.page.goto(`/atlas/${made.slug}/members`)
    await choose(owner.page, say(a.members.menu, { name: 'Ada maia' }), a.members.leave)
    await owner.page.getByRole('dialog').getByRole('button', { name: a.members.leave }).click()
    await owner.page.getByText(w.errors.lastOwner).waitFor()
    await owner.context.close()
  })
})

describe('what a project is made of', () => {
  /** What the endpoint of the webhooks answers, and what it got. */
  const receiver = {
    status: 500,
    got: [] as { headers: IncomingMessage['headers']; body: string }[],
    url: '',
  }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    receiver.got.push({ headers: request.headers, body })
    response.statusCode = receiver.status
    response.end('Thank you')
  })
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  })
  afterAll(() => void server.close())

  it('environments: one is added, changed while somebody else changes it, and removed', async () => {
    const { projectId, slug } = await project(app, 'places')
    const { page, context, complaints } = await windowOf(app)
    const e = a.environments
    await page.goto(`/atlas/${slug}/environments`)
    await page.getByRole('button', { name: e.add }).click()
    const adding = page.getByRole('dialog', { name: e.add })
    await adding.getByLabel(w.field.name, { exact: true }).fill('development')
    await page.keyboard.press('Enter')
    await adding.getByText(w.errors.environmentExists).waitFor()
    await adding.getByLabel(w.field.name, { exact: true }).fill('staging')
    await page.keyboard.press('Enter')
    await page.getByText(`/oidc/${slug}.staging`).waitFor()
    await page.getByRole('button', { name: say(e.changeNamed, { name: 'staging' }) }).click()
    const path = `/projects/${projectId}/environments/staging`
    const { version } = await call(page, 'GET', path)
    const mine = { allowedOrigins: ['https://first.example'] }
    await call(page, 'PUT', `${path}/settings`, mine, version)
    const origins = page.getByLabel(e.origins, { exact: true })
    await origins.fill('https://second.example')
    await page.getByRole('button', { name: w.action.save, exact: true }).click()
    await page.getByText(w.errors.preconditionFailed).waitFor()
    await expect.poll(() => origins.inputValue()).toBe('https://first.example')
    await origins.fill('https://first.example\nhttps://second.example')
    await page.getByRole('button', { name: w.action.save, exact: true }).click()
    await page.getByText('https://first.example, https://second.example').waitFor()
    await page.goto(`/atlas/${slug}/keys?env=staging`)
    await page.getByText(a.keys.none).waitFor()
    await page.getByRole('link', { name: a.tab.environments, exact: true }).click()
    await page.getByRole('button', { name: say(e.removeNamed, { name: 'staging' }) }).click()
    await page.getByRole('dialog').getByRole('button', { name: e.remove, exact: true }).click()
    await page.getByText(`/oidc/${slug}.staging`).waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
    await context.close()
  })

  it('keys: one is made, works, is rotated and revoked, and then is refused at once', async () => {
    const { projectId, slug } = await project(app, 'locks')
    const { page, context, complaints } = await windowOf(app)
    const ask = async (secret: string) =>
      (
        await fetch(`${app.platform.url}/api/v1/oidc/projects/${projectId}/environments/production/apps`, {
          headers: { authorization: `Bearer ${secret}` },
        })
      ).status
    const shown = async () => (await page.getByTestId('token-secret').textContent())!
    const menu = say(a.keys.menu, { name: 'Backend' })
    await page.goto(`/atlas/${slug}/keys`)
    await pressOn(page.getByRole('button', { name: a.keys.create }), 'Enter')
    await typeAt(page, w.field.name, 'Backend')
    await page.keyboard.press('Enter')
    await page.getByText(a.keys.scopesNeeded).waitFor()
    await page.getByLabel('apps:read', { exact: true }).check()
    await page.getByRole('dialog').getByRole('button', { name: a.keys.create }).click()
    const first = await shown()
    expect(first).toMatch(/^plk_/)
    expect(await ask(first)).toBe(200)
    await page.getByRole('button', { name: w.action.done }).click()
    await choose(page, menu, a.keys.rotate)
    await pressOn(page.getByRole('dialog').getByRole('button', { name: a.keys.rotate }), 'Enter')
    const second = await shown()
    await page.getByRole('button', { name: w.action.done }).click()
    expect([second === first, await ask(first), await ask(second)]).toEqual([false, 200, 200])
    // Shown once: nothing of it is on the page any more.
    expect(await page.content()).not.toContain(second)
    await choose(page, menu, w.token.revoke)
    await page.getByRole('dialog').getByRole('button', { name: w.token.revoke }).click()
    await page.getByText(a.keys.none).waitFor()
    await expect.poll(() => ask(second)).toBe(401)
    expect(await ask(first)).toBe(401)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('apps: one is registered, its secret shown once; a bad address is refused at its field', async () => {
    const { slug } = await project(app, 'shelf')
    const { page, context, complaints } = await windowOf(app)
    await page.goto(`/atlas/${slug}/apps`)
    await pressOn(page.getByRole('button', { name: a.apps.add }), 'Enter')
    await typeAt(page, w.field.name, 'Shop')
    const redirects = page.getByLabel(a.apps.redirects, { exact: true })
    await redirects.fill('http://shop.example/callback')
    const dialog = page.getByRole('dialog', { name: a.apps.add })
    await dialog.getByRole('button', { name: a.apps.add }).click()
    await dialog.getByText(/http:\/\/shop\.example\/callback: /).waitFor()
    await redirects.fill('https://shop.example/callback')
    await dialog.getByRole('button', { name: a.apps.add }).click()
    const secret = (await page.getByTestId('token-secret').textContent())!
    await page.getByRole('button', { name: w.action.done }).click()
    await pressOn(page.getByRole('button', { name: /^Shop/ }), 'Enter')
    const panel = page.getByRole('dialog', { name: /^Shop/ })
    await panel.getByText('https://shop.example/callback').waitFor()
    await panel.getByText(`…${secret.slice(-4)}`).waitFor()
    expect(await page.content()).not.toContain(secret)
    await panel.getByRole('button', { name: a.change, exact: true }).click()
    const form = page.getByRole('dialog', { name: 'Shop', exact: true })
    await form.getByLabel(w.field.name, { exact: true }).fill('Shop and more')
    await page.keyboard.press('Enter')
    await page
      .getByRole('dialog', { name: /^Shop and more/ })
      .getByText('https://shop.example/callback')
      .waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('webhooks: a test arrives signed, and what failed is sent again from the log', async () => {
    const { slug } = await project(app, 'bells')
    const { page, context, complaints } = await windowOf(app)
    await page.goto(`/atlas/${slug}/webhooks`)
    await pressOn(page.getByRole('button', { name: a.webhooks.add }), 'Enter')
    await typeAt(page, a.webhooks.url, receiver.url)
    await page.keyboard.press('Enter')
    expect(await page.getByTestId('token-secret').textContent()).toMatch(/^whsec_/)
    await page.getByRole('button', { name: w.action.done }).click()
    await page.getByRole('button', { name: a.webhooks.test }).click()
    await expect.poll(() => receiver.got.length).toBe(1)
    expect(receiver.got[0]!.headers['webhook-signature']).toMatch(/^v1,/)
    const row = page.getByRole('row').filter({ hasText: new URL(receiver.url).host })
    await row.getByText('500').waitFor()
    await row.getByRole('button').click()
    const panel = page.getByRole('dialog')
    await panel.getByText('Thank you').waitFor()
    receiver.status = 200
    await panel.getByRole('button', { name: a.webhooks.again }).click()
    await panel.getByText(a.webhooks.state.delivered).waitFor()
    const [one, other] = receiver.got
    expect([receiver.got.length, other?.headers['webhook-id']]).toEqual([2, one!.headers['webhook-id']])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('ways to sign in: a change on top of another one is refused, shown, and made again', async () => {
    const { projectId, slug } = await project(app, 'doors')
    const { page, context, complaints } = await windowOf(app)
    await page.goto(`/atlas/${slug}/sign-in`)
    const passkey = page.getByRole('switch', { name: a.signIn.passkey })
    const password = page.getByRole('switch', { name: a.signIn.password })
    expect([await passkey.isChecked(), await password.isChecked()]).toEqual([true, true])
    const path = `/oidc/projects/${projectId}/environments/production/settings`
    const { version } = await call(page, 'GET', path)
    await call(page, 'PATCH', path, { passkey: false }, version)
    await pressOn(page.getByRole('switch', { name: a.signIn.verifyEmail }), 'Space')
    await page.getByRole('button', { name: w.action.save, exact: true }).click()
    await page.getByText(w.errors.preconditionFailed).waitFor()
    await expect.poll(() => passkey.isChecked()).toBe(false)
    const before = await call(page, 'GET', path)
    await pressOn(page.getByRole('switch', { name: a.signIn.verifyEmail }), 'Space')
    await page.getByRole('button', { name: w.action.save, exact: true }).click()
    await page.getByText(a.saved).waitFor()
    expect(await call(page, 'GET', path)).toMatchObject({
      passkey: false,
      verifyEmail: !before['verifyEmail'],
    })
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe.each<Language>(['en', 'ru'])('the activity log, for somebody who reads %s,', (language) => {
  it('tells what was done and by whom, and narrows to a kind', async () => {
    const { projectId, slug } = await project(app, `log-${language}`)
    const body = { environment: 'production', name: 'Backend', scopes: ['apps:read'] }
    await call(app.admin.page, 'POST', `/projects/${projectId}/keys`, body)
    await call(app.admin.page, 'POST', `/oidc/projects/${projectId}/environments/production/apps`, {
      name: 'Shop',
      kind: 'machine',
    })
    await app.platform.host.settled()
    const { page, context, complaints } = await windowOf(app, { language })
    const said =
      language === 'en'
        ? ['Key “Backend” created in production', 'App “Shop” created in production', 'Project created']
        : ['Создан ключ «Backend» (production)', 'Создано приложение «Shop» (production)', 'Проект создан']
    await page.goto(`/atlas/${slug}/activity`)
    for (const line of said)
      await page.getByRole('row', { name: new RegExp(line.replace(/[()]/g, '\\$&')) }).waitFor()
    await page
      .getByRole('row', { name: new RegExp(said[0]!.replace(/[()]/g, '\\$&')) })
      .getByRole('cell', { name: 'Ada maia' })
      .waitFor()
    const words = atlasWords[language].activity
    await page.getByRole('combobox', { name: words.kind }).click()
    await page.getByRole('option', { name: words.key, exact: true }).click()
    await page.getByText(said[1]!).waitFor({ state: 'detached' })
    await settled(page)
    expect(await page.getByRole('row').count()).toBe(2)
    expect(complaints).toEqual([])
    await context.close()
  })
})
