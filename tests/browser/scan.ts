/** What every page must hold: no accessibility violation, nothing wider than the screen. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** Pages before the door; no account needed. */
export const publicPages = [
  '/sign-in',
  '/sign-up',
  '/setup?code=none-of-ours-1',
  '/setup',
  '/forgot-password',
  '/reset-password#token=aaaaaaaaaaaaaaaaaaaaaaaa',
  '/verify-email',
  '/confirm-email-change',
  '/no-such-page',
] as const

/** Pages of somebody signed in, with every permission. */
export const innerPages = [
  '/',
  '/notifications',
  '/profile',
  '/security',
  '/sessions',
  '/tokens',
  '/settings',
  '/data',
  '/admin/users',
  '/admin/roles',
  '/admin/audit',
  '/admin/mail',
  '/admin/map',
  '/admin/dead-letters',
  '/admin/health',
] as const

/** Waits until the page shows its content instead of what stands in for it. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.waitForFunction(
    () => document.querySelector('[role="status"][aria-label] .mantine-Skeleton-root') === null,
  )
  await page.evaluate(() => document.fonts.ready)
}

/** Violations of WCAG 2.0 to 2.2, A and AA, and of good practice, as lines to read. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return found.flatMap(({ id, nodes }) =>
    nodes.map(
      (node) => `${id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`,
    ),
  )
}

/** How many pixels the page is wider than the window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth))
}
