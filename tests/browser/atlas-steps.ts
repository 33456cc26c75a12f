/** What people do in the console of a project, by the words they see. */
import type { Page } from 'playwright-core'
import atlasEn from '../../web/src/atlas/i18n/en.ts'
import atlasRu from '../../web/src/atlas/i18n/ru.ts'
import { type App, administrator } from './app.ts'
import type { Language, Visit } from './browser.ts'
import { call } from './call.ts'
import { isHome, type Person, pressOn, registered, signIn } from './steps.ts'

/** Atlas's own words in both languages. */
export const atlasWords = {
  en: atlasEn.atlas,
  ru: atlasRu.atlas as unknown as typeof atlasEn.atlas,
} satisfies Record<Language, object>

export interface TestProject {
  readonly projectId: string
  readonly slug: string
  readonly name: string
}

/** A project of the administrator's, made without a page. */
export async function project(app: App, slug: string): Promise<TestProject> {
  const name = `Project ${slug}`
  const { projectId } = await call(app.admin.page, 'POST', '/projects', { name, slug })
  await app.platform.host.settled()
  return { projectId, slug, name }
}

/** Somebody with an account who is a member of the project, without an invitation. */
export async function member(
  app: App,
  { projectId }: TestProject,
  who: Person,
  role: string,
): Promise<string> {
  const admin = app.admin.page
  const userId = await registered(admin, 'en', who)
  await app.platform.host.settled()
  await call(admin, 'POST', `/projects/all/${projectId}/owners`, { userId })
  if (role !== 'owner') await call(admin, 'PUT', `/projects/${projectId}/members/${userId}`, { role })
  await app.platform.host.settled()
  return userId
}

/** A window of somebody signed in; the administrator unless told otherwise. */
export async function windowOf(
  app: App,
  options: Parameters<App['visit']>[0] = {},
  who: Person = administrator,
): Promise<Visit> {
  const visited = await app.visit(options)
  await signIn(visited.page, options.language ?? 'en', who)
  await isHome(visited.page)
  return visited
}

/** Opens the menu of an item and chooses from it, with the keyboard alone. */
export async function choose(page: Page, menu: string, item: string): Promise<void> {
  await pressOn(page.getByRole('button', { name: menu, exact: true }), 'Enter')
  await pressOn(page.getByRole('menuitem', { name: item, exact: true }), 'Enter')
}

/** Types where a dialog has put the focus by itself: into its field `label`. */
export async function typeAt(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).and(page.locator(':focus')).waitFor()
  await page.keyboard.type(text)
}
