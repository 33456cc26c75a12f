/** The console as others see it: those who may less, those who administer the platform, those who use no mouse or no eyes. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useApp } from './app.ts'
import { atlasWords, choose, member, project, type TestProject, windowOf } from './atlas-steps.ts'
import { desktop, type Language, phone, type Scheme } from './browser.ts'
import { call } from './call.ts'
import { overflow, settled, violations } from './scan.ts'
import { person, pressOn, registered } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp(async () => ({ OUTBOUND_ALLOW: '127.0.0.1' }))
const SCAN_MS = 240_000
const pages = [
  '',
  '/quick-start',
  '/apps',
  '/webhooks',
  '/sign-in',
  '/keys',
  '/members',
  '/environments',
  '/activity',
  '/settings',
] as const

let full: TestProject
/** A project that has one of everything. */
beforeAll(async () => {
  full = await project(app, 'orchard')
  const admin = app.admin.page
  const place = `/projects/${full.projectId}/environments/production`
  const key = { environment: 'production', name: 'Backend', scopes: ['apps:read', 'vault:read'] }
  await call(admin, 'POST', `/projects/${full.projectId}/keys`, key)
  const redirectUris = ['https://shop.example/callback']
  await call(admin, 'POST', `/oidc${place}/apps`, { name: 'Shop', kind: 'web', redirectUris })
  const invited = { email: 'somebody.with.a.long.address@a-company.example.org', role: 'developer' }
  await call(admin, 'POST', `/projects/${full.projectId}/invitations`, invited)
  const endpoint = { url: 'http://127.0.0.1:9/hooks', description: '', events: [], enabled: true }
  const { endpointId } = await call(admin, 'POST', `/webhooks${place}/endpoints`, endpoint)
  await call(admin, 'POST', `/webhooks${place}/endpoints/${endpointId}/test`)
  await app.platform.host.settled()
})

describe.each<{ scheme: Scheme; language: Language; viewport: typeof phone }>([
  { scheme: 'light', language: 'en', viewport: desktop },
  { scheme: 'dark', language: 'ru', viewport: phone },
])('the console, $scheme, in $language, $viewport.width px wide,', (look) => {
  const w = words[look.language]
  const a = atlasWords[look.language]

  it(
    'is accessible and fits, and so is what opens above its pages',
    async () => {
      const { page, context, complaints } = await windowOf(app, look)
      const found: string[] = []
      const scan = async (name: string, within?: string) => {
        for (const line of await violations(page, false, within)) found.push(`${name}: ${line}`)
      }
      const dialog = page.getByRole('dialog')
      const button = (name: string | RegExp) => page.getByRole('main').getByRole('button', { name })
      const opened: readonly [string, () => Promise<unknown>][] = [
        ['/apps', () => button(a.apps.add).click()],
        ['/apps', () => button(/^Shop/).click()],
        ['/webhooks', () => button(a.webhooks.add).click()],
        ['/webhooks', () => page.getByRole('row').nth(1).getByRole('button').click()],
        [
          '/webhooks',
          () => choose(page, say(a.members.menu, { name: 'http://127.0.0.1:9/hooks' }), a.webhooks.rotate),
        ],
        ['/keys', () => button(a.keys.create).click()],
        ['/keys', () => choose(page, say(a.keys.menu, { name: 'Backend' }), w.token.revoke)],
        ['/members', () => button(a.members.invite).click()],
        ['/environments', () => button(a.environments.add).click()],
        ['/environments', () => button(say(a.environments.changeNamed, { name: 'development' })).click()],
        ['/sign-in', () => button(a.apis.add).click()],
        ['/sign-in', () => button(a.signIn.rotate).click()],
        ['/settings', () => button(a.settings.delete).click()],
      ]
      for (const path of pages) {
        await page.goto(`/atlas/${full.slug}${path}`)
        await settled(page)
        const wider = await overflow(page)
        if (wider > 0) found.push(`${path}: ${wider} px wider than the screen`)
        await scan(path)
        // On a phone too the strip of tabs shows which page this is.
        await page.locator('[aria-current="page"]').last().waitFor()
        expect(await inSight(page), `the tab of ${path}`).toBe(true)
        for (const [, open] of opened.filter(([where]) => where === path)) {
          await open()
          await dialog.waitFor()
          await settled(page)
          await scan(`above ${path}`, '[role="dialog"]')
          await page.keyboard.press('Escape')
          await dialog.waitFor({ state: 'hidden' })
        }
      }
      expect(found).toEqual([])
      expect(complaints).toEqual([])
      await context.close()
    },
    SCAN_MS,
  )
})

/** Whether the current tab is within the strip. */
function inSight(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const tab = [...document.querySelectorAll('[aria-current="page"]')].at(-1)!.getBoundingClientRect()
    return tab.left >= 0 && tab.right <= window.innerWidth
  })
}

describe.each(['viewer', 'developer'] as const)('a %s', (role) => {
  it('sees nothing that would be refused', async () => {
    const who = person(role)
    await member(app, full, who, role)
    const { page, context, complaints } = await windowOf(app, {}, who)
    const refused: string[] = []
    page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(`${answer.status()} ${new URL(answer.url()).pathname}`)
    })
    const seen: string[] = []
    for (const path of pages) {
      // Who may see no keys has no tab that leads there.
      if (role === 'viewer' && path === '/keys') continue
      await page.goto(`/atlas/${full.slug}${path}`)
      await settled(page)
      const buttons = page.getByRole('main').locator('button:not(:disabled):visible')
      for (const text of await buttons.allTextContents()) if (text.trim()) seen.push(text.trim())
    }
    const { apps, keys, environments, members, settings, signIn, apis, webhooks } = atlasWords.en
    for (const change of [
      apps.add,
      keys.create,
      environments.add,
      environments.remove,
      members.invite,
      settings.archive,
      settings.delete,
      settings.logoChoose,
      signIn.rotate,
      apis.add,
      webhooks.add,
      words.en.action.save,
    ])
      expect(seen, change).not.toContain(change)
    expect(await page.getByRole('link', { name: atlasWords.en.tab.keys, exact: true }).count()).toBe(
      role === 'viewer' ? 0 : 1,
    )
    expect(refused).toEqual([])
    // A developer configures what is not production.
    await page.goto(`/atlas/${full.slug}/apps?env=development`)
    await page.getByText(apps.none).waitFor()
    expect(await page.getByRole('button', { name: apps.add }).count()).toBe(role === 'viewer' ? 0 : 1)
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('the palette', () => {
  it('finds a project by its name, and then its pages, with the keyboard', async () => {
    const { page, context, complaints } = await windowOf(app)
    const search = page.getByPlaceholder(words.en.palette.placeholder)
    await page.keyboard.press('Control+k')
    await search.and(page.locator(':focus')).waitFor()
    await page.keyboard.type('project orch')
    await page
      .getByRole('option')
      .or(page.locator('[data-action]'))
      .filter({ hasText: full.name })
      .first()
      .waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: atlasWords.en.tab.overview }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/atlas/${full.slug}`)
    await page.keyboard.press('Control+k')
    await search.and(page.locator(':focus')).waitFor()
    await page.keyboard.type('webh')
    await page.getByText(atlasWords.en.tab.webhooks).last().waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname === `/atlas/${full.slug}/webhooks`)
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('administrators of the platform', () => {
  it('are told of a project that has lost its owner, find it and appoint another', async () => {
    const a = atlasWords.en
    const gone = person('gone')
    const heir = person('heir')
    const made = await project(app, 'orphan')
    const admin = app.admin.page
    const userId = await member(app, made, gone, 'owner')
    await call(admin, 'POST', `/projects/${made.projectId}/leave`)
    await registered(admin, 'en', heir)
    await call(admin, 'POST', `/users/${userId}/erase`, { username: gone.username })
    await app.platform.host.settled()
    const { page, context, complaints } = await windowOf(app)
    await page.getByTestId('bell').click()
    await page.getByText(`${made.name} has no owner any more`).first().click()
    await page.waitForURL((url) => url.pathname === '/admin/projects')
    await pressOn(page.getByRole('switch', { name: a.admin.onlyOwnerless }), 'Space')
    await page.getByRole('row', { name: new RegExp(full.name) }).waitFor({ state: 'detached' })
    const row = page.getByRole('row', { name: new RegExp(made.name) })
    await row.getByRole('cell').getByText(a.admin.ownerless).last().waitFor()
    await choose(page, say(a.members.menu, { name: made.name }), a.admin.appoint)
    const dialog = page.getByRole('dialog', { name: a.admin.appoint })
    await dialog.getByRole('combobox').fill(heir.username)
    await page.getByRole('option', { name: new RegExp(`@${heir.username}`) }).click()
    await dialog.getByRole('button', { name: a.admin.appoint }).click()
    await row.waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
    await context.close()
    const other = await windowOf(app, {}, heir)
    await other.page.goto(`/atlas/${made.slug}`)
    await other.page.getByText(a.settings.resting).waitFor()
    await other.page.getByRole('button', { name: a.settings.restore }).click()
    await other.page.getByText(a.settings.resting).waitFor({ state: 'hidden' })
    await other.context.close()
  })
})
