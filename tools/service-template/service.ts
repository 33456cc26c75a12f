import { defineService } from '@pleiad/platform/service'
import { workshop } from './contract.ts'
import { viewGadget } from './gadgets.ts'
import { handlers } from './handlers.ts'
import { routes } from './routes.ts'
import * as store from './store.ts'

/** More gadgets than anybody has; an export is one answer. */
const EXPORTED = 10_000

export default defineService({
  contract: workshop,
  url: import.meta.url,
  constraints: { gadgets_name: 'gadgetNameTaken' },
  metrics: { gadgetsCreated: { description: 'Gadgets that were made' } },
  routes,
  handlers,
  personalData: async ({ sql }, _own, userId) => {
    const gadgets = await store.listGadgets(sql, userId, undefined, EXPORTED)
    return gadgets.length > 0 ? { gadgets: gadgets.map(viewGadget) } : undefined
  },
})
