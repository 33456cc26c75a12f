/** One platform, one Chromium and an administrator, shared by the tests of a file. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, vi } from 'vitest'
import { launch, type Visit, visit } from './browser.ts'
import { type Platform, startPlatform } from './platform.ts'
import { becomeAdministrator, person } from './steps.ts'

export const administrator = person('maia')

export interface App {
  readonly platform: Platform
  readonly browser: Browser
  /** The administrator's own window, signed in; tests read mails with it. */
  readonly admin: Visit
  /** A fresh visitor's window. */
  readonly visit: (options?: Parameters<typeof visit>[2]) => Promise<Visit>
}

/** Starts before the first test of the file and stops after the last. Read the fields inside of tests. */
export function useApp(env?: () => Promise<Readonly<Record<string, string>>>): App {
  // Chromium needs its time where others work, too; a failure shows sooner, by the time a page is given.
  vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })
  const app = {} as { -readonly [K in keyof App]: App[K] }
  beforeAll(async () => {
    ;[app.platform, app.browser] = await Promise.all([startPlatform(await env?.()), launch()])
    app.visit = (options) => visit(app.browser, app.platform.url, options)
    app.admin = await app.visit()
    await becomeAdministrator(app.admin.page, app.platform.setupUrl, administrator)
  })
  afterAll(async () => {
    await app.browser?.close()
    await app.platform?.stop()
  })
  return app
}
