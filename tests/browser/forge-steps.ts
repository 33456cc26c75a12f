/** What people do on the pages of the workshop, by the words they see. */
import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import editorEn from '../../web/src/forge/i18n/en/editor.ts'
import ordersEn from '../../web/src/forge/i18n/en/orders.ts'
import productionEn from '../../web/src/forge/i18n/en/production.ts'
import shopEn from '../../web/src/forge/i18n/en/shop.ts'
import editorRu from '../../web/src/forge/i18n/ru/editor.ts'
import ordersRu from '../../web/src/forge/i18n/ru/orders.ts'
import shopRu from '../../web/src/forge/i18n/ru/shop.ts'
import type { App } from './app.ts'
import type { Language } from './browser.ts'
import { call } from './call.ts'
import { assignRoles, type Person, registered } from './steps.ts'

type CustomerWords = typeof shopEn & typeof editorEn & typeof ordersEn

/** The words of a customer's pages in both languages. */
export const customerWords = {
  en: { ...shopEn, ...editorEn, ...ordersEn },
  ru: { ...shopRu, ...editorRu, ...ordersRu } as unknown as CustomerWords,
} satisfies Record<Language, CustomerWords>

/** A file of the npm package stl-models. */
export const stlModel = (path: string): Buffer =>
  readFileSync(new URL(`../../node_modules/stl-models/${path}`, import.meta.url))

/** Somebody with an account and a role of just these permissions, made without a page. Returns their id. */
export async function hired(
  app: App,
  who: Person,
  permissions: readonly string[],
  language: Language = 'en',
): Promise<string> {
  const admin = app.admin.page
  const userId = await registered(admin, language, who)
  const name = who.username
  await call(admin, 'POST', '/auth/roles', { name, description: who.name, permissions })
  await assignRoles(admin, userId, [name])
  return userId
}

/** Lets go of a file above the shop's zone, as from the desktop. */
export async function dropFile(page: Page, onto: Locator, name: string, bytes: Buffer): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ({ name, base64 }) => {
      const transfer = new DataTransfer()
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      transfer.items.add(new File([bytes], name))
      return transfer
    },
    { name, base64: bytes.toString('base64') },
  )
  await onto.dispatchEvent('dragover', { dataTransfer })
  await onto.dispatchEvent('drop', { dataTransfer })
}

/** The row of a file in the list of uploads. */
export const uploadRow = (page: Page, language: Language, name: string): Locator =>
  page
    .getByRole('list', { name: customerWords[language].shop.upload.list })
    .getByRole('listitem')
    .filter({ hasText: name })

/** Holds back every request of a page with this method, until `release` is called. */
export async function holdBack(page: Page, method: string): Promise<{ release: () => Promise<void> }> {
  let go = () => {}
  const gone = new Promise<void>((resolve) => {
    go = resolve
  })
  await page.route('**/*', async (route) => {
    if (route.request().method() === method) await gone
    await route.fallback()
  })
  return {
    release: async () => {
      go()
      await page.unrouteAll({ behavior: 'wait' })
    },
  }
}

/** Runs a job as its clock would. */
export async function runJob(app: App, service: string, name: string): Promise<void> {
  const found = app.platform.host.running.find(({ service: { contract } }) => contract.name === service)!
  const { tools, own } = found
  await tools.transact((tx) =>
    found.service.jobs![name]!.run(Object.assign(Object.create(tools), { tx }), own),
  )
  await app.platform.host.settled()
}

/** Starts the work on a card, at the machine that the dialog proposes by itself. */
export async function startAt(card: Locator, machine: string): Promise<void> {
  const start = { name: productionEn.production.start, exact: true }
  await card.getByRole('button', start).click()
  const dialog = card.page().getByRole('dialog')
  await dialog.getByRole('radio', { name: machine }).and(card.page().locator('[data-checked]')).waitFor()
  await dialog.getByRole('button', start).click()
}

/** Puts fifty storage boxes on the shop's shelf. */
export async function shelved(admin: Page): Promise<void> {
  await call(admin, 'POST', '/shop/manage/items', {
    sku: 'BOX-10',
    names: { en: 'Storage box', ru: 'Коробка' },
    about: { en: 'Stackable, with a lid.', ru: 'Ставится одна на другую, с крышкой.' },
    price: 1200,
    currency: 'EUR',
    stock: 50,
    pictures: [],
    active: true,
  })
}
