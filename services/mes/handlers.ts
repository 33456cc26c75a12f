import { editor } from '@pleiad/editor/contract'
import { on } from '@pleiad/platform/service'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { mes } from './contract.ts'
import { callOffAll } from './service-cancel.ts'
import { enqueue } from './service-enqueue.ts'
import type { Own } from './service-own.ts'
import { announce, announceAgain } from './service-publish.ts'
import { removeJobsOf } from './store-jobs.ts'
import { removeModel, removeModelsOf, saveModel } from './store-models.ts'

export const handlers = {
  queuePrice: on<typeof shop, 'order.price.requested', Own>(
    shop,
    'order.price.requested',
    (call, own) => enqueue(call, own, call.tx, call.event.data),
    { concurrency: 4 },
  ),

  knowModel: on<typeof editor, 'model.ready', Own>(
    editor,
    'model.ready',
    async (call, own) => {
      const { modelId, version, ownerId, name, fileId, sha256, volumeMm3, areaMm2, sizeMm, options } =
        call.event.data
      const model = { modelId, version, ownerId, name, fileId, sha256, volumeMm3, areaMm2, sizeMm }
      await saveModel(call.tx, model)
      if (!options) return
      // The event's own id: whatever is delivered again is the same request.
      const request = { requestId: call.event.id, lane: 'regular', source: 'model', options } as const
      await enqueue(call, own, call.tx, { ...request, ownerId, modelId, version, fileId })
    },
    { ordered: true },
  ),

  forgetModel: on<typeof editor, 'model.deleted', Own>(editor, 'model.deleted', async (call) => {
    await callOffAll(call, call.tx, { modelId: call.event.data.modelId })
    await removeModel(call.tx, call.event.data.modelId)
  }),

  beginPeriod: on<typeof mes, 'pricebook.due', Own>(mes, 'pricebook.due', async ({ tx, event }) => {
    await announce(tx, new Date(event.data.validFrom), event.data.version)
  }),

  sayBookAgain: on<typeof shop, 'catalogue.wanted', Own>(shop, 'catalogue.wanted', ({ tx, now }) =>
    announceAgain(tx, now()),
  ),

  forgetPerson: on<typeof users, 'user.deleted', Own>(users, 'user.deleted', async (call) => {
    const { userId } = call.event.data
    await callOffAll(call, call.tx, { ownerId: userId })
    await removeJobsOf(call.tx, userId)
    await removeModelsOf(call.tx, userId)
  }),
}
