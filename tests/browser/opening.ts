/** How things that open above a page are opened, in words of the app. */
import type { Locator, Page } from 'playwright-core'
import type { words } from './words.ts'

export type Words = (typeof words)['en'] | (typeof words)['ru']

export interface Stop {
  readonly name: string
  readonly path: string
  /** A menu or a list of choices, not a dialog. */
  readonly popup?: true
  /** Opens it and returns what is to be seen. */
  readonly open: (page: Page, w: Words) => Promise<Locator>
  /** Leaves it when Escape does not. */
  readonly close?: (page: Page, w: Words) => Promise<void>
}

export const button = (page: Page | Locator, name: string | RegExp) =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
export const dialog = (page: Page, name: string) => page.getByRole('dialog', { name })

/** Opens a dialog by the button of a page. */
export const byButton =
  (name: (w: Words) => string, title: (w: Words) => string): Stop['open'] =>
  async (page, w) => {
    await button(page, name(w)).first().click()
    return dialog(page, title(w))
  }

/** Opens a list of choices by its field. */
export const byField =
  (label: (w: Words) => string): Stop['open'] =>
  async (page, w) => {
    await page.getByRole('main').getByLabel(label(w), { exact: true }).first().click()
    return page.getByRole('listbox').first()
  }
