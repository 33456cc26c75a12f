import { defineRoutes } from '@pleiad/platform/service'
import { mesWorker } from './contract.ts'
import type { WorkerLoop } from './service-loop.ts'

export const routes = defineRoutes<typeof mesWorker, WorkerLoop>(mesWorker, () => ({}))
