/** What a team does in the console of Atlas, by the words on the screen. */
import type { Page } from 'playwright-core'
import { words } from '../../browser/words.ts'
import { words as atlasWords } from './words.ts'

const { atlas } = atlasWords.en
const w = words.en

export interface ConsoleProject {
  readonly projectId: string
  readonly slug: string
}

/** Creates a project and opens it. */
export async function createProject(page: Page, name: string, slug: string): Promise<ConsoleProject> {
  await page.goto('/atlas')
  await page.getByRole('button', { name: atlas.projects.create, exact: true }).first().click()
  const dialog = page.getByRole('dialog', { name: atlas.projects.create })
  await dialog.getByLabel(w.field.name, { exact: true }).fill(name)
  await dialog.getByLabel(atlas.projects.slug, { exact: true }).fill(slug)
  await dialog.getByRole('button', { name: atlas.projects.create, exact: true }).click()
  await page.getByRole('row').getByRole('link', { name }).click()
  await page.waitForURL(`**/atlas/${slug}`)
  const found = await page.request.get(`/api/v1/projects/by-slug/${slug}`)
  return { projectId: (await found.json()).projectId, slug }
}

export interface ConsoleApp {
  readonly kind: 'web' | 'browser' | 'device'
  readonly name: string
  readonly redirectUri?: string
  readonly signedOutUri?: string
  readonly scopes?: readonly string[]
  readonly ask?: boolean
}

/** Registers an app; its id stands in the list, its secret is shown once. */
export async function addApp(
  page: Page,
  slug: string,
  app: ConsoleApp,
): Promise<{ appId: string; secret: string }> {
  await page.goto(`/atlas/${slug}/apps`)
  await page.getByRole('button', { name: atlas.apps.add, exact: true }).first().click()
  const dialog = page.getByRole('dialog', { name: atlas.apps.add })
  await dialog.getByLabel(w.field.name, { exact: true }).fill(app.name)
  await dialog.getByRole('radio', { name: atlas.apps.kinds[app.kind], exact: true }).check()
  if (app.redirectUri) await dialog.getByLabel(atlas.apps.redirects, { exact: true }).fill(app.redirectUri)
  if (app.signedOutUri || app.scopes || app.ask) {
    await dialog.getByRole('button', { name: atlas.apps.more, exact: true }).click()
    if (app.signedOutUri) await dialog.getByLabel(atlas.apps.logouts, { exact: true }).fill(app.signedOutUri)
    if (app.scopes) {
      const scopes = dialog.getByRole('combobox', { name: atlas.apps.scopes, exact: true })
      for (const scope of app.scopes) {
        await scopes.fill(scope)
        await page.getByRole('option', { name: scope, exact: true }).click()
      }
      await scopes.press('Escape')
    }
    if (app.ask) await dialog.getByLabel(atlas.apps.ask, { exact: true }).check()
  }
  await dialog.getByRole('button', { name: atlas.apps.add, exact: true }).click()
  let secret = ''
  if (app.kind === 'web') {
    secret = (await dialog.getByTestId('token-secret').textContent()) ?? ''
    await dialog.getByRole('button', { name: w.action.done, exact: true }).click()
  }
  const row = page.getByRole('row').filter({ hasText: app.name })
  const appId = (await row.locator('.mono').first().textContent()) ?? ''
  return { appId, secret }
}

export interface ConsoleProvider {
  /** What the catalogue calls it. */
  readonly entry: string
  readonly key: string
  readonly name: string
  /** Labels of further fields and what to put there. */
  readonly fields: Readonly<Record<string, string>>
  /** Registers the redirect URI at the provider, as its own console would. */
  readonly register: (redirectUri: string) => Promise<{ clientId: string; clientSecret: string }>
}

/** Configures a provider: copies the redirect URI to its console, and pastes what that gives. */
export async function addProvider(page: Page, slug: string, provider: ConsoleProvider): Promise<void> {
  await page.goto(`/atlas/${slug}/providers`)
  await page.getByRole('button', { name: atlas.providers.add, exact: true }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: provider.entry }).click()
  await dialog.getByLabel(atlas.providers.key, { exact: true }).fill(provider.key)
  const shown = dialog.getByTestId('redirect-uri').filter({ hasText: `/oauth/callback/${provider.key}-` })
  const { clientId, clientSecret } = await provider.register((await shown.textContent()) ?? '')
  await dialog.getByLabel('Client ID', { exact: true }).fill(clientId)
  await dialog.getByLabel('Client secret', { exact: true }).fill(clientSecret)
  for (const [label, value] of Object.entries(provider.fields))
    await dialog.getByLabel(label, { exact: true }).fill(value)
  await dialog.getByLabel(atlas.providers.name, { exact: true }).fill(provider.name)
  await dialog.getByRole('button', { name: atlas.providers.add, exact: true }).click()
  await page.getByText(atlas.providers.added).waitFor()
}
