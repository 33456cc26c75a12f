/** The typed client of the pages that a project's own people see. Their cookies are the issuer's, not the platform's. */
import { oidc } from '@pleiad/oidc/contract'
import { createClient } from '@pleiad/platform/client'

export const hosted = createClient(oidc, {
  fetch: (url, init) =>
    fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), 'x-pleiad-csrf': '1' } }),
})

export type SignInDetails = Awaited<ReturnType<typeof hosted.getSignIn>>
export type Brand = SignInDetails['brand']
export type Provider = SignInDetails['methods']['providers'][number]
export type Step = Awaited<ReturnType<typeof hosted.signInWithPassword>>
