/** All operations of oidc; each file holds those of one noun. */
import { defineRoutes } from '@pleiad/platform/service'
import { oidc } from './contract.ts'
import { accountRoutes } from './routes-account.ts'
import { appRoutes } from './routes-apps.ts'
import { codeRoutes } from './routes-codes.ts'
import { deviceRoutes } from './routes-devices.ts'
import { endUserRoutes } from './routes-endusers.ts'
import { providerRoutes } from './routes-providers.ts'
import { settingsRoutes } from './routes-settings.ts'
import { signInRoutes } from './routes-signin.ts'
import type { Own } from './service-own.ts'

export const routes = defineRoutes<typeof oidc, Own>(oidc, (own) => ({
  ...appRoutes(own),
  ...endUserRoutes(own),
  ...settingsRoutes(own),
  ...signInRoutes(own),
  ...codeRoutes(own),
  ...providerRoutes(own),
  ...deviceRoutes(own),
  ...accountRoutes(own),
}))
