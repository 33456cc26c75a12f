import { defineRoutes } from '@pleiad/platform/service'
import { oauth } from './contract.ts'
import { connectionRoutes } from './routes-connections.ts'
import { providerRoutes } from './routes-providers.ts'
import type { Own } from './service-own.ts'

export const routes = defineRoutes<typeof oauth, Own>(oauth, (own) => ({
  ...providerRoutes(own),
  ...connectionRoutes(own),
}))
