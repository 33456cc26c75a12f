/** The typed clients of the services of Atlas. Apart from `../api.ts`, so that the first load does not carry them. */
import { oauth } from '@pleiad/oauth/contract'
import { oidc } from '@pleiad/oidc/contract'
import { createClient } from '@pleiad/platform/client'
import { projects } from '@pleiad/projects/contract'
import { webhooks } from '@pleiad/webhooks/contract'
import { sessionFetch } from '../session.ts'

const options = { fetch: sessionFetch }

export const atlas = {
  oauth: createClient(oauth, options),
  oidc: createClient(oidc, options),
  projects: createClient(projects, options),
  webhooks: createClient(webhooks, options),
}

/** How people sign in to an environment. */
export type SignInSettings = Awaited<ReturnType<typeof atlas.oidc.getSettings>>
