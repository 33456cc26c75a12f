/** All operations of operators; each file holds those of one noun. */
import { defineRoutes } from '@pleiad/platform/service'
import { operators } from './contract.ts'
import { boardRoutes } from './routes-board.ts'
import { floorRoutes } from './routes-floor.ts'
import { orderRoutes } from './routes-orders.ts'
import { workRoutes } from './routes-work.ts'

export const routes = defineRoutes(operators, () => ({
  ...workRoutes,
  ...orderRoutes,
  ...floorRoutes,
  ...boardRoutes,
}))
