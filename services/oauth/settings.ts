/** Settings of oauth, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  OAUTH_PROVIDER_TIMEOUT_SECONDS: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 60,
    description: 'Longest time a request to an OAuth provider may take',
  }),
  OAUTH_REFRESH_AHEAD_SECONDS: Type.Integer({
    default: 300,
    minimum: 0,
    maximum: 3600,
    description: 'Provider tokens that were used in the last day are refreshed this long before they end',
  }),
  OAUTH_VAULT_CACHE: Type.Integer({
    default: 20_000,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Provider tokens that a process keeps in memory, so that reading one asks no database',
  }),
})
export type OauthConfig = Static<typeof settings>
