/** Calls of the platform, without a page. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { csrf } from './steps.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers of many operations.
export type Answer = Record<string, any>

/** Calls the platform as the person of a window. */
export async function call(
  page: Page,
  method: string,
  path: string,
  data?: object,
  version?: number,
): Promise<Answer> {
  const headers = { ...csrf, ...(version === undefined ? {} : { 'if-match': `"${version}"` }) }
  const answer = await page.request.fetch(`/api/v1${path}`, { method, headers, data })
  expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true)
  return answer.status() === 204 ? {} : answer.json()
}
