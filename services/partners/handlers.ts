import { editor } from '@pleiad/editor/contract'
import { Models } from '@pleiad/editor/rpc'
import { files } from '@pleiad/files/contract'
import { emit, on } from '@pleiad/platform/service'
import { projects } from '@pleiad/projects/contract'
import { shop } from '@pleiad/shop/contract'
import { partners } from './contract.ts'
import * as store from './store.ts'

export const handlers = {
  /** The bytes are there: the editor makes a model of them. Asked twice, it answers the same. */
  readModel: on(files, 'file.uploaded', async ({ tx, event, rpc }) => {
    const model = await store.findByFile(tx, event.data.fileId)
    if (model?.state !== 'uploading') return
    const { modelId, projectId, fileId, name, unit, acceptRepair } = model
    await rpc(Models).createModel({
      modelId,
      ownerId: projectId,
      fileId,
      name,
      unit: unit ?? '',
      acceptRepair,
    })
    await store.saveState(tx, modelId, 'known')
  }),

  modelReady: on(editor, 'model.ready', async ({ tx, event }) => {
    const model = await store.findModel(tx, event.data.modelId)
    if (!model) return
    const { projectId, environment, modelId } = model
    emit(tx, partners, 'partner.model.changed', {
      projectId,
      environment,
      modelId,
      state: 'ready',
      reasons: [],
    })
  }),
  modelRejected: on(editor, 'model.rejected', async ({ tx, event }) => {
    const model = await store.findModel(tx, event.data.modelId)
    if (!model) return
    const { projectId, environment, modelId } = model
    const reasons = event.data.reasons.map(({ code, detail }) => ({ code, detail }))
    emit(tx, partners, 'partner.model.changed', {
      projectId,
      environment,
      modelId,
      state: 'rejected',
      reasons,
    })
  }),
  modelAsks: on(editor, 'model.decision.needed', async ({ tx, event }) => {
    const model = await store.findModel(tx, event.data.modelId)
    if (!model) return
    const { projectId, environment, modelId } = model
    const state = event.data.needs === 'units' ? 'needsUnits' : 'needsRepair'
    emit(tx, partners, 'partner.model.changed', { projectId, environment, modelId, state, reasons: [] })
  }),
  modelDeleted: on(editor, 'model.deleted', ({ tx, event }) =>
    store.saveState(tx, event.data.modelId, 'gone'),
  ),

  /** Webhooks carry what is of a project: the shop's own event also speaks of orders that are not. */
  orderChanged: on(
    shop,
    'order.changed',
    async ({ tx, event }) => {
      const { projectId, environment, orderId, number, state, previous, reason, test = false } = event.data
      if (projectId === undefined || environment === undefined) return
      const what = { orderId, number, state, previous, test, ...(reason === undefined ? {} : { reason }) }
      emit(tx, partners, 'partner.order.changed', { projectId, environment, ...what })
    },
    { ordered: true },
  ),

  environmentRemoved: on(projects, 'project.environment.removed', ({ tx, event }) =>
    store.erase(tx, event.data.projectId, event.data.environment),
  ),
  projectDeleted: on(projects, 'project.deleted', ({ tx, event }) => store.erase(tx, event.data.projectId)),
}
