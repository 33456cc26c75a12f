import { defineService } from '@pleiad/platform/service'
import { operations } from './contract.ts'
import { routes } from './routes.ts'

export default defineService({
  contract: operations,
  url: import.meta.url,
  routes,
})
