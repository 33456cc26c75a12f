/** All operations of crm; each file holds those of one noun. */
import { defineRoutes } from '@pleiad/platform/service'
import { crm } from './contract.ts'
import { customerRoutes } from './routes-customers.ts'
import { orderRoutes } from './routes-orders.ts'
import { taskRoutes } from './routes-tasks.ts'

export const routes = defineRoutes(crm, () => ({ ...orderRoutes, ...customerRoutes, ...taskRoutes }))
