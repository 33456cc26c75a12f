/** What neighbours and the web may know of oidc: every project environment is an OpenID Connect issuer. */
import { defineContract } from '@pleiad/platform/contract'
import { accountOperations } from './contract-account.ts'
import { appOperations } from './contract-apps.ts'
import { deviceOperations } from './contract-devices.ts'
import { endUserOperations } from './contract-endusers.ts'
import { oidcErrors } from './contract-errors.ts'
import { oidcEvents } from './contract-events.ts'
import { settingsOperations } from './contract-settings.ts'
import { signInOperations } from './contract-signin.ts'

export const oidc = defineContract({
  name: 'oidc',
  version: '2.0.0',
  summary:
    'An OpenID Connect issuer per project environment: apps, end users, the sign-in page, tokens and their keys.',
  operations: {
    ...appOperations,
    ...endUserOperations,
    ...settingsOperations,
    ...signInOperations,
    ...deviceOperations,
    ...accountOperations,
  },
  scopes: {
    'apps:read': 'See the apps, sign-in settings and signing keys of the environment',
    'apps:write': 'Create, change and delete apps of the environment',
    'settings:write': 'Change how people sign in to the environment',
    'keys:rotate': 'Rotate the keys that sign the environment’s tokens',
    'endusers:read': 'See the end users of the environment, their sessions and the sign-in statistics',
    'endusers:write': 'Create, block and delete end users and end their sessions',
  },
  events: oidcEvents,
  errors: oidcErrors,
})
