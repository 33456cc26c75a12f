/** Providers, connections and end users in the console, as a member of a project sees them. */
import { describe, expect, it } from 'vitest'
import {
  configureCorporate,
  connect,
  createProject,
  enterConsole,
  focused,
  mailTo,
  program,
  renderLate,
  saying,
  signedInUser,
  useConsole,
} from './atlas-providers.ts'
import { desktop, type Language, phone, type Scheme } from './browser.ts'
import { overflow, settled, violations } from './scan.ts'
import { pressOn } from './steps.ts'
import { say } from './words.ts'

const app = useConsole()
const SCAN_MS = 240_000

describe.each<Language>(['en', 'ru'])('a member who reads %s', (language) => {
  const w = saying[language]
  const p = w.providers
  // Labels of a generic provider are translated; Google and others keep their own.
  const own = (en: string, ru: string) => (language === 'en' ? en : ru)
  const clientId = own('Client ID', 'Идентификатор клиента')
  const clientSecret = own('Client secret', 'Секрет клиента')
  const issuer = own('Issuer', 'Издатель')

  it('configures a provider with the keyboard, from the redirect URI to a test that passes', async () => {
    const project = await createProject(app, `keys-${language}`)
    const { page, context, complaints } = await enterConsole(app, { language })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(`/atlas/${project.slug}/providers`)
    await page.getByText(p.none).waitFor()
    await pressOn(page.getByRole('button', { name: p.add }), 'Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Google' }).waitFor()
    await expect.poll(() => focused(page)).toBe(p.search)
    await page.keyboard.type('openid')
    await expect
      .poll(() => dialog.getByRole('listitem').allTextContents())
      .toEqual([`OpenID Connect${p.generic}`])
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page)).toBe(p.back)
    await dialog.getByLabel(p.key, { exact: true }).fill('corporate')
    const { redirectUri } = await app.call('GET', `/oauth${project.place}/redirect-uris/corporate`)
    await dialog.getByTestId('redirect-uri').getByText(redirectUri, { exact: true }).waitFor()
    await pressOn(dialog.getByRole('button', { name: p.redirectCopy }), 'Enter')
    await dialog.getByText(w.action.copied).waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(redirectUri)
    expect((await app.call('GET', `/oauth${project.place}/providers`))['items']).toEqual([])
    // Nothing is filled in: the first empty field gets the focus.
    await pressOn(dialog.getByRole('button', { name: p.add }), 'Enter')
    await dialog.getByText(w.field.needed).first().waitFor()
    await expect.poll(() => focused(page)).toBe(clientId)
    await page.keyboard.type(app.provider.clientId)
    await dialog.getByLabel(clientSecret, { exact: true }).fill(app.provider.clientSecret)
    await dialog.getByLabel(issuer, { exact: true }).fill(app.provider.url)
    await dialog.getByLabel(p.name, { exact: true }).fill('Corporate')
    await pressOn(dialog.getByLabel(p.name, { exact: true }), 'Enter')
    const panel = page.getByRole('dialog', { name: 'Corporate' })
    await panel.getByText(p.onPage).waitFor()
    await pressOn(panel.getByRole('button', { name: p.test }), 'Enter')
    await panel.getByText(p.testOk).waitFor()
    const states = await panel
      .getByTestId('checks')
      .getByRole('listitem')
      .evaluateAll((items) => items.map((item) => item.getAttribute('data-state')))
    expect(states).toEqual(['passed', 'passed', 'passed', 'passed', 'passed'])
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: /Corporate/ }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('is told at the fields what the server refuses, and what a provider’s own words are', async () => {
    const project = await createProject(app, `fields-${language}`)
    const { page, context, complaints } = await enterConsole(app, { language })
    await page.goto(`/atlas/${project.slug}/providers`)
    await page.getByRole('button', { name: p.add }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Microsoft' }).click()
    await dialog.getByText(own('The issuer names the tenant', 'Издатель называет каталог')).waitFor()
    await dialog.getByLabel('Application (client) ID', { exact: true }).fill('with space')
    await dialog.getByLabel('Client secret value', { exact: true }).fill('its-secret')
    await dialog.getByRole('button', { name: p.more }).click()
    for (const [number, name] of [
      [1, 'prompt'],
      [2, 'state'],
    ] as const) {
      await dialog.getByRole('button', { name: p.addParameter }).click()
      await dialog.getByLabel(say(p.parameter, { number }), { exact: true }).fill(name)
      await dialog.getByLabel(say(p.value, { number }), { exact: true }).fill('select_account')
    }
    const urls = dialog.getByLabel(p.returnUrls, { exact: true })
    await urls.fill('https://app.example.org/connected\n\nhttps://app.example.org/*')
    await renderLate(page)
    await dialog.getByRole('button', { name: p.add }).click()
    const line = say(p.line, {
      number: 3,
      trouble: own('must not have a wildcard; list each address', 'без звёздочки; перечислите каждый адрес'),
    })
    await dialog.getByText(line).waitFor()
    await dialog.getByText(own('is set by the platform', 'задаёт сама платформа')).waitFor()
    await dialog.getByText(own('must not have spaces', 'без пробелов')).waitFor()
    await expect.poll(() => focused(page)).toBe('Application (client) ID')
    await dialog.getByLabel('Application (client) ID', { exact: true }).fill('4b1c')
    await dialog.getByRole('button', { name: say(p.removeParameter, { number: 2 }) }).click()
    await urls.fill('https://app.example.org/connected')
    await dialog.getByRole('button', { name: p.add }).click()
    // The form speaks of this parameter too, as an example.
    const panel = page.getByRole('dialog', { name: 'Microsoft' })
    await panel.getByText('prompt=select_account', { exact: true }).waitFor()
    const saved = await app.call('GET', `/oauth${project.place}/providers/microsoft`)
    expect(saved).toMatchObject({
      clientId: '4b1c',
      secretSet: true,
      parameters: { prompt: 'select_account' },
      returnUrls: ['https://app.example.org/connected'],
      signIn: true,
      enabled: true,
    })
    expect(complaints).toEqual([])
    await context.close()
  })

  it('mends what two people changed at once, and replaces a secret that is never shown', async () => {
    const project = await createProject(app, `both-${language}`)
    await configureCorporate(app, project, { secret: 'not-the-secret' })
    const { page, context, complaints } = await enterConsole(app, { language })
    await page.goto(`/atlas/${project.slug}/providers`)
    await page.getByRole('button', { name: /Corporate/ }).click()
    const panel = page.getByRole('dialog', { name: 'Corporate' })
    await panel.getByRole('button', { name: p.test }).click()
    await panel.getByText(p.testBad).waitFor()
    const failed = panel.locator('li[data-state="failed"]')
    expect(await failed.textContent()).toContain(w.trouble.secretWrong)
    expect(await failed.textContent()).toContain(p.check.token)
    await panel.getByRole('button', { name: p.change, exact: true }).click()
    // Above the panel; its title follows the name, which somebody else changes below.
    const form = page.getByRole('dialog').last()
    await form.getByLabel(clientId, { exact: true }).waitFor()
    expect(await form.getByLabel(clientSecret, { exact: true }).count()).toBe(0)
    await form.getByRole('button', { name: say(p.replaceSecret, { label: clientSecret }) }).click()
    await form.getByLabel(clientSecret, { exact: true }).fill(app.provider.clientSecret)
    await form.getByLabel(p.name, { exact: true }).fill('Mine')
    // Meanwhile, somebody else.
    const { version } = await app.call('GET', `/oauth${project.place}/providers/corporate`)
    const theirs = { name: 'Theirs', scopes: ['openid', 'email'], signIn: false }
    await app.call('PATCH', `/oauth${project.place}/providers/corporate`, theirs, version)
    await form.getByRole('button', { name: w.action.save }).click()
    const alert = form.getByRole('alert')
    await alert.getByText(p.conflict).waitFor()
    const told = await alert.textContent()
    expect(told).toContain(say(p.conflictBoth, { fields: p.field.name }))
    expect(told).toContain(say(p.conflictTheirs, { fields: `${p.field.scopes}, ${p.field.signIn}` }))
    expect(await form.getByLabel(p.name, { exact: true }).inputValue()).toBe('Mine')
    expect(await form.getByRole('switch', { name: p.signIn }).isChecked()).toBe(false)
    await form.getByRole('button', { name: w.action.save }).click()
    await page.getByRole('dialog', { name: 'Mine' }).getByText(p.connectOnly).waitFor()
    const saved = await app.call('GET', `/oauth${project.place}/providers/corporate`)
    expect(saved).toMatchObject({ name: 'Mine', scopes: ['openid', 'email'], signIn: false })
    const mended = page.getByRole('dialog', { name: 'Mine' })
    await mended.getByRole('button', { name: p.test }).click()
    await mended.getByText(p.testOk).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('sees connections, why one is broken and how the provider does; ends one, removes the provider', async () => {
    const project = await createProject(app, `vault-${language}`)
    const { behaviour } = app.provider
    await configureCorporate(app, project)
    const ask = await program(app, project)
    Object.assign(behaviour, { subject: 'works', expiresIn: 3600 })
    expect((await connect(app, ask, 'user-1')).get('error')).toBeNull()
    // Over at once, and no refresh token: whoever asks for the token finds it broken.
    Object.assign(behaviour, { subject: 'over', expiresIn: 1, withRefreshToken: false })
    const over = (await connect(app, ask, 'user-2')).get('connection')
    Object.assign(behaviour, { subject: 'down', expiresIn: 3600, withRefreshToken: true })
    await expect
      .poll(async () => (await ask('GET', `/connections/${over}/token?minValidity=0`)).body['code'])
      .toBe('reconnectRequired')
    behaviour.instead = (path, _request, response) =>
      path === '/token' && Boolean(response.writeHead(503).end())
    expect((await connect(app, ask, 'user-3')).get('error')).toBe('providerFailed')
    behaviour.instead = undefined

    const { page, context, complaints } = await enterConsole(app, { language })
    await page.goto(`/atlas/${project.slug}/connections`)
    const health = page.locator('[data-provider="corporate"]')
    await health.getByText(w.health.failing).waitFor()
    await health.getByText(w.trouble.providerFailed).waitFor()
    await health.getByText(say(w.health.failed, { count: 1 })).waitFor()
    await health.getByText(say(w.health.broken, { count: 1 })).waitFor()
    const rows = page.getByRole('main').getByRole('row')
    await expect.poll(() => rows.count()).toBe(3)
    await page.getByLabel(w.connections.anyState, { exact: true }).first().click()
    await page.getByRole('option', { name: w.connections.states.broken }).click()
    await expect.poll(() => rows.count()).toBe(2)
    expect(new URL(page.url()).searchParams.get('state')).toBe('broken')
    await rows.nth(1).getByRole('button').click()
    const panel = page.getByRole('dialog', { name: 'Anna' })
    await panel.getByText(w.connections.broken.expired).waitFor()
    await panel.getByText(w.connections.mend).waitFor()
    await panel.getByText('user-2', { exact: true }).waitFor()
    await page.keyboard.press('Escape')

    await page.goto(`/atlas/${project.slug}/connections?user=user-1`)
    await expect.poll(() => rows.count()).toBe(2)
    await rows.nth(1).getByRole('button').click()
    await panel.getByRole('button', { name: w.connections.revoke }).click()
    const sure = page.getByRole('dialog', { name: w.connections.revoke })
    await sure.getByRole('button', { name: w.connections.revoke }).click()
    await panel.getByText(w.connections.revokedAbout).waitFor()
    await page.keyboard.press('Escape')

    await page.goto(`/atlas/${project.slug}/providers`)
    await page.getByRole('button', { name: /Corporate/ }).click()
    const provider = page.getByRole('dialog', { name: 'Corporate' })
    await provider.getByRole('button', { name: p.remove, exact: true }).click()
    const removing = page.getByRole('dialog', { name: p.remove })
    await removing.getByText(say(p.removeConnections_one, { count: 1 })).waitFor()
    await removing.getByRole('button', { name: p.remove, exact: true }).click()
    await page.getByText(p.none).waitFor()
    expect((await app.call('GET', `/oauth${project.place}/connections`))['items']).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('invites, finds, blocks and erases end users, and ends what they are signed in to', async () => {
    const u = w.users
    const project = await createProject(app, `people-${language}`)
    const lovelace = await signedInUser(app, project, `lovelace-${language}@example.com`, 'Ada Lovelace')
    const { page, context, complaints } = await enterConsole(app, { language })
    const hopper = `hopper-${language}@example.com`
    await page.goto(`/atlas/${project.slug}/users`)
    await page.getByRole('button', { name: u.create }).click()
    const creating = page.getByRole('dialog', { name: u.create })
    await creating.getByLabel(w.field.email, { exact: true }).fill(`lovelace-${language}@example.com`)
    await creating.getByLabel(w.field.name, { exact: true }).fill('Grace Hopper')
    await creating.getByRole('button', { name: u.create }).click()
    await creating.getByText(w.errors.endUserExists).waitFor()
    await creating.getByLabel(w.field.email, { exact: true }).fill(hopper)
    await creating.getByRole('button', { name: u.create }).click()
    await page.getByText(say(u.invited, { email: hopper })).waitFor()
    expect(await mailTo(app, hopper)).toContain(`/oidc/${project.slug}/set-password#token=`)

    await page.getByLabel(u.search).fill('lovel')
    const rows = page.getByRole('main').getByRole('row')
    await expect.poll(() => rows.count()).toBe(2)
    await page.getByRole('button', { name: /Ada Lovelace/ }).click()
    const panel = page.getByRole('dialog', { name: 'Ada Lovelace' })
    await panel.getByText(`· ${u.method.pwd} ·`).waitFor()
    await panel.getByRole('button', { name: say(u.takeBackNamed, { name: 'Partner' }) }).click()
    await panel.getByText(u.noConsents).waitFor()
    await panel.getByRole('button', { name: new RegExp(`^${w.session.endNamed.split('{{')[0]}`) }).click()
    await panel.getByText(u.noSessions).waitFor()
    const inOidc = `/oidc${project.place}/end-users/${lovelace.endUserId}`
    expect((await app.call('GET', `${inOidc}/sessions`))['items']).toEqual([])
    expect((await app.call('GET', `${inOidc}/consents`))['items']).toEqual([])

    await panel.getByRole('button', { name: u.block, exact: true }).click()
    const blocking = page.getByRole('dialog', { name: u.block, exact: true })
    await blocking.getByLabel(u.reason, { exact: true }).fill('Lost her telephone')
    // Escape leaves the dialog, not the panel below it.
    await page.keyboard.press('Escape')
    await blocking.waitFor({ state: 'hidden' })
    await panel.getByRole('button', { name: u.block, exact: true }).click()
    await blocking.getByLabel(u.reason, { exact: true }).fill('Lost her telephone')
    await blocking.getByRole('button', { name: u.block, exact: true }).click()
    await panel.getByText('Lost her telephone').waitFor()
    expect(await app.call('GET', inOidc)).toMatchObject({ state: 'blocked' })
    await panel.getByRole('button', { name: u.unblock }).click()
    await panel.getByRole('button', { name: u.block, exact: true }).waitFor()
    await panel.getByRole('button', { name: u.passwordMail }).click()
    await page.getByText(u.passwordMailed).waitFor()
    expect(await mailTo(app, `lovelace-${language}@example.com`)).toContain('set-password#token=')

    await panel.getByRole('link', { name: u.connectionsShow }).click()
    await page.getByText(w.connections.nothing).waitFor()
    expect(new URL(page.url()).searchParams.get('user')).toBe(lovelace.endUserId)
    await page.goto(`/atlas/${project.slug}/users?user=${lovelace.endUserId}`)
    await panel.getByRole('button', { name: u.delete, exact: true }).click()
    const erasing = page.getByRole('dialog', { name: u.delete, exact: true })
    await erasing.getByText(say(u.deleteAbout, { name: 'Ada Lovelace' })).waitFor()
    await erasing.getByRole('button', { name: u.delete, exact: true }).click()
    await page.getByText(u.deleted).waitFor()
    await expect.poll(() => rows.allTextContents()).toHaveLength(2)
    await page.getByRole('button', { name: /Grace Hopper/ }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe.each<{ scheme: Scheme; language: Language; viewport: typeof desktop }>([
  { scheme: 'light', language: 'en', viewport: phone },
  { scheme: 'dark', language: 'ru', viewport: desktop },
  { scheme: 'dark', language: 'ru', viewport: phone },
])('the pages, $scheme, in $language, $viewport.width px wide,', ({ scheme, language, viewport }) => {
  const w = saying[language]
  it(
    'are accessible with all that opens above them, and no wider than the screen',
    async () => {
      const project = await createProject(app, `scan-${language}-${scheme}-${viewport.width}`)
      await configureCorporate(app, project)
      Object.assign(app.provider.behaviour, { subject: 'scanned', expiresIn: 3600 })
      const user = await signedInUser(app, project, 'lovelace@example.com', 'Ada Lovelace')
      await connect(app, await program(app, project), user.endUserId)
      const { page, context, complaints } = await enterConsole(app, { language, scheme, viewport })
      const found: string[] = []
      const scan = async (name: string, popup = false) => {
        await settled(page)
        const wider = await overflow(page)
        if (wider > 0) found.push(`${name}: ${wider} px wider than the screen`)
        found.push(...(await violations(page, popup)).map((line) => `${name}: ${line}`))
      }
      const dialog = page.getByRole('dialog').last()
      const go = async (path: string) => {
        await page.goto(`/atlas/${project.slug}/${path}`)
        await settled(page)
      }
      const p = w.providers
      await go('providers')
      await page.getByRole('button', { name: /Corporate/ }).waitFor()
      await scan('providers')
      await page.getByRole('button', { name: p.add }).click()
      await dialog.getByRole('button', { name: 'Apple' }).waitFor()
      await scan('catalogue')
      await dialog.getByRole('button', { name: 'Apple' }).click()
      await dialog.getByTestId('redirect-uri').waitFor()
      await dialog.getByRole('button', { name: p.more }).click()
      await dialog.getByRole('button', { name: p.addParameter }).click()
      await dialog.getByRole('button', { name: p.add }).click()
      await dialog.getByText(w.field.needed).first().waitFor()
      await scan('form with errors')
      await go('providers')
      await page.getByRole('button', { name: /Corporate/ }).click()
      await dialog.getByRole('button', { name: p.test }).click()
      await dialog.getByText(p.testOk).waitFor()
      await scan('provider, tested')
      await dialog.getByRole('button', { name: p.remove, exact: true }).click()
      await page.getByRole('dialog', { name: p.remove }).waitFor()
      await scan('removing')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog', { name: p.remove }).waitFor({ state: 'hidden' })
      await page.getByRole('button', { name: p.change, exact: true }).click()
      await dialog.getByText(p.secretKept).waitFor()
      await scan('changing')
      await go('connections')
      await page.locator('[data-provider="corporate"]').waitFor()
      await page.getByRole('button', { name: /Anna/ }).waitFor()
      await scan('connections')
      await page.getByRole('button', { name: /Anna/ }).click()
      await dialog.getByText('scanned').waitFor()
      await scan('connection')
      await dialog.getByRole('button', { name: w.connections.revoke }).click()
      await page.getByRole('dialog', { name: w.connections.revoke }).waitFor()
      await scan('ending')
      await go('users')
      await page.getByRole('button', { name: /Ada Lovelace/ }).waitFor()
      await scan('users')
      await page.getByRole('button', { name: w.users.create }).click()
      await page.getByRole('dialog', { name: w.users.create }).waitFor()
      await scan('new user')
      await go(`users?user=${user.endUserId}`)
      await dialog.getByText('Partner').waitFor()
      await dialog.getByText(`· ${w.users.method.pwd} ·`).waitFor()
      await scan('user')
      await dialog.getByRole('button', { name: w.users.block, exact: true }).click()
      await page.getByRole('dialog', { name: w.users.block, exact: true }).waitFor()
      await scan('blocking')
      expect(found).toEqual([])
      expect(complaints).toEqual([])
      await context.close()
    },
    SCAN_MS,
  )
})
