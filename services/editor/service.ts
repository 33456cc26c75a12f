import { Files } from '@pleiad/files/rpc'
import { defineService, emit } from '@pleiad/platform/service'
import { editor } from './contract.ts'
import { handlers } from './handlers.ts'
import { routes } from './routes.ts'
import { addRpc } from './rpc.ts'
import { createOwn, type Own } from './service-work.ts'
import { settings } from './settings.ts'
import { listModels } from './store.ts'
import { forgetOrders } from './store-orders.ts'
import { deleteModel, listRejected } from './store-removal.ts'
import { viewModel } from './versions.ts'

const EXPORTED = 10_000
const REMOVED_AT_ONCE = 500
const ORDERS_KEPT_MS = 30 * 86_400_000

export default defineService<typeof editor, typeof settings, Own>({
  contract: editor,
  url: import.meta.url,
  settings,
  metrics: {
    models_worked_on: { description: 'Versions that were worked on to the end', labels: ['result'] },
    threads_ended: {
      description: 'Threads that were ended because of a model: time, memory, died',
      labels: ['trouble'],
    },
  },
  calls: [Files],
  start: createOwn,
  stop: (own) => own.close(),
  rpc: addRpc,
  routes,
  handlers,
  jobs: {
    forgetRejected: {
      description: 'Deletes rejected models that are older than unordered ones may become',
      schedule: '25 4 * * *',
      run: async ({ tx, now }, own) => {
        const before = new Date(now().getTime() - own.retentionMs)
        for (const model of await listRejected(tx, before, REMOVED_AT_ONCE)) {
          await deleteModel(tx, model.modelId)
          emit(tx, editor, 'model.deleted', model)
        }
      },
    },
    forgetOrders: {
      description: 'Forgets orders a month after they have needed their models',
      schedule: '35 4 * * *',
      run: ({ tx, now }) => forgetOrders(tx, new Date(now().getTime() - ORDERS_KEPT_MS)),
    },
  },
  personalData: async ({ sql }, _own, userId) => {
    const found = await listModels(sql, userId, { limit: EXPORTED })
    return found.length > 0
      ? { models: found.map(({ model, version }) => viewModel(model, version)) }
      : undefined
  },
})
