/** Chromium for the tests, and pages that complain. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { ensureChromium } from '../../tools/chromium.mjs'

export async function launch(): Promise<Browser> {
  const executablePath = await ensureChromium()
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export type Language = 'en' | 'ru'
export type Scheme = 'light' | 'dark'
export const desktop = { width: 1280, height: 860 }
export const phone = { width: 390, height: 844 }

export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  /** What the page complained about: console errors, uncaught errors, violations of the content security policy. */
  readonly complaints: string[]
}

/**
 * A fresh visitor. Browsers write every answer of 400 or more to the console as an error, although a refused password
 * is none, and a live connection that a new role ended is made again; those lines are left out, everything else counts.
 */
export async function visit(
  browser: Browser,
  url: string,
  options: { language?: Language; scheme?: Scheme; viewport?: typeof desktop } = {},
): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: url,
    locale: options.language === 'ru' ? 'ru-RU' : 'en-GB',
    colorScheme: options.scheme ?? 'light',
    viewport: options.viewport ?? desktop,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(25_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      !/Failed to load resource: the server responded with a status of 4\d\d|WebSocket .* HTTP Authentication failed/.test(
        message.text(),
      )
    )
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { context, page, complaints }
}
