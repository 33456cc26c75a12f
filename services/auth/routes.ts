/** All operations of auth; each file holds those of one noun. */
import { defineRoutes } from '@pleiad/platform/service'
import { auth } from './contract.ts'
import { accountRoutes } from './routes-accounts.ts'
import { administrationRoutes } from './routes-administration.ts'
import { factorRoutes } from './routes-factors.ts'
import { sessionRoutes } from './routes-sessions.ts'
import { tokenRoutes } from './routes-tokens.ts'
import type { Own } from './service-own.ts'

export const routes = defineRoutes<typeof auth, Own>(auth, (own) => ({
  ...accountRoutes(own),
  ...sessionRoutes(own),
  ...factorRoutes(own),
  ...tokenRoutes(own),
  ...administrationRoutes(own),
}))
