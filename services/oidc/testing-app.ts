/** An app that asks to sign in, as little as one needs for tests of what happens on the pages. */
import { createHash } from 'node:crypto'
import type { Bed, Project } from './testing-bed.ts'
import { type Browser, signInPage } from './testing-browser.ts'

export const CALLBACK = 'https://shop.example.com/callback'
const VERIFIER = 'v'.repeat(43)

export interface TestApp {
  readonly appId: string
  /** The address that begins a sign-in. */
  readonly address: (more?: Record<string, string>) => string
  /** Redeems the code in the address that the browser came back to. */
  readonly redeem: (back: string) => Promise<{ status: number; body: Record<string, string> }>
}

export async function testApp(project: Project, body: Record<string, unknown> = {}): Promise<TestApp> {
  const { app } = await project.my.createApp({
    params: project.params,
    body: { name: 'Shop', kind: 'browser', redirectUris: [CALLBACK], ...body } as never,
  })
  return {
    appId: app.appId,
    address: (more = {}) => {
      const url = new URL(`${project.issuer}/auth`)
      url.search = new URLSearchParams({
        client_id: app.appId,
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: 'openid email profile',
        code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
        code_challenge_method: 'S256',
        ...more,
      }).toString()
      return url.href
    },
    redeem: async (back) => {
      const response = await fetch(`${project.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: app.appId,
          code: new URL(back).searchParams.get('code') ?? '',
          redirect_uri: CALLBACK,
          code_verifier: VERIFIER,
        }),
      })
      return { status: response.status, body: (await response.json()) as Record<string, string> }
    },
  }
}

/** A browser on the sign-in page. */
export async function onPage(
  bed: Bed,
  app: TestApp,
  more?: Record<string, string>,
  browser: Browser = bed.browser(),
) {
  const landed = await browser.go(app.address(more))
  return { browser, page: browser.page, params: signInPage(landed) }
}

/** Goes where a step leads. */
export async function follow(browser: Browser, step: { step: string; url?: string }): Promise<string> {
  if (step.step !== 'continue') throw new Error(`The step is ${step.step}`)
  return (await browser.go(step.url!)).url
}
