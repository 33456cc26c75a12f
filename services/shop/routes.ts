/** All operations of the shop; each file holds those of one noun. */
import { defineRoutes } from '@pleiad/platform/service'
import { shop } from './contract.ts'
import { cartRoutes } from './routes-carts.ts'
import { catalogueRoutes } from './routes-catalogue.ts'
import { orderRoutes } from './routes-orders.ts'
import { retentionRoutes } from './routes-retention.ts'
import type { Own } from './service-own.ts'

export const routes = defineRoutes<typeof shop, Own>(shop, (own) => ({
  ...catalogueRoutes(own),
  ...cartRoutes(own),
  ...orderRoutes(own),
  ...retentionRoutes(own),
}))
