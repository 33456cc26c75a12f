/** Settings of oidc, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'
import { hashingSettings } from '@pleiad/platform/passwords'

export const settings = Type.Object({
  ...hashingSettings,
  OIDC_LIVE_ISSUERS: Type.Integer({
    default: 50,
    minimum: 1,
    maximum: 10_000,
    description:
      'Issuers of project environments held ready in this process; others are made when they are asked',
  }),
  OIDC_REFRESH_GRACE_SECONDS: Type.Integer({
    default: 10,
    minimum: 0,
    maximum: 120,
    description:
      'For so long after its use a refresh token is answered with the same successor again, if that was not used yet: for answers that got lost. 0: every second use ends the family of tokens',
  }),
  OIDC_APPS_PER_ENVIRONMENT: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 10_000,
    description: 'Apps that one environment of a project may have',
  }),
})
export type OidcConfig = Static<typeof settings>
