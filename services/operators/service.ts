import { Files } from '@pleiad/files/rpc'
import { defineService } from '@pleiad/platform/service'
import { operators } from './contract.ts'
import { handlers } from './handlers.ts'
import { routes } from './routes.ts'
import { findOperator } from './store-floor.ts'
import { heldBy, viewWork } from './store-work.ts'

export default defineService({
  contract: operators,
  url: import.meta.url,
  constraints: { machines_name: 'machineNameTaken', works_machine_busy: 'machineBusy' },
  metrics: {
    finished: { description: 'Pieces that were finished', labels: ['technique'] },
    scrapped: { description: 'Pieces that were spoilt' },
    checks: { description: 'Quality checks', labels: ['result'] },
  },
  routes,
  handlers,
  calls: [Files],
  personalData: async ({ sql }, _own, userId) => {
    const operator = await findOperator(sql, userId)
    return operator && { operator, work: (await heldBy(sql, userId)).map(viewWork) }
  },
})
