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
  '/atlas',
  '/admin/users',
  '/admin/projects',
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

/** Violations of WCAG 2.0 to 2.2, A and AA, and of good practice, as lines to read. `popup`: a menu or list is open. `within`: only there. */
export async function violations(page: Page, popup = false, within?: string): Promise<string[]> {
  const scan = new AxeBuilder({ page })
    // Without a page of its own for each scan; the only frame there is shows a mail and runs no script anyway.
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
  if (within) scan.include(within)
  // A menu or list of choices stands outside of the landmarks, and its field scrolls it with the arrow keys.
  if (popup) scan.disableRules(['region', 'scrollable-region-focusable'])
  const { violations: found } = await scan.analyze()
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
