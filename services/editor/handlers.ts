/** Events in: work that is due, files that came and went, people who are erased, orders that are closed. */
import { files } from '@pleiad/files/contract'
import { emit, on, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { editor } from './contract.ts'
import { tooComplex } from './reasons.ts'
import { announce } from './service-announce.ts'
import { deleteFile, findFiles, setDeleteAfter } from './service-files.ts'
import type { Own } from './service-work.ts'
import { lockModel, touchModel } from './store.ts'
import * as orders from './store-orders.ts'
import * as removal from './store-removal.ts'
import { claimVersion, giveUp, lockVersion } from './store-work.ts'
import { filesOf, type StoredVersion } from './versions.ts'

const FULL_WAIT_MS = 2_000

/** Whether a version is anything without this file. */
function standsWithout(version: StoredVersion, fileId: string): boolean {
  if (version.thumbnailFileId === fileId) return true
  if (version.meshFileId === fileId) return false
  if (version.repairFileId === fileId) return version.state !== 'needsRepair'
  // The source: what was made of it stands by itself; what waits for a word of the owner needs it no more than that.
  return version.meshFileId !== null && version.state !== 'needsUnits'
}

/** Removes a version whose file is gone, and the model with its last version. */
async function loseFile(tx: Tx, fileId: string): Promise<void> {
  for (const { modelId, version } of await removal.listByFile(tx, fileId)) {
    const model = await lockModel(tx, modelId)
    const found = await lockVersion(tx, { modelId, version })
    if (!model || !found || !filesOf(found).includes(fileId)) continue
    if (standsWithout(found, fileId)) {
      await removal.forgetFile(tx, found, fileId)
      continue
    }
    // What is left of its files has a date of its own, or is another version's.
    await removal.removeVersion(tx, modelId, version)
    if ((await removal.countVersions(tx, modelId)) > 0) await touchModel(tx, modelId)
    else {
      await removal.doom(tx, modelId, filesOf(found))
      await removal.deleteModel(tx, modelId)
      emit(tx, editor, 'model.deleted', { modelId, ownerId: model.ownerId })
    }
  }
}

/** Deletes what is doomed of a model, or lets it go by its date where something keeps it. */
async function deleteDoomed(tools: Tools & { tx: Tx }, own: Own, modelId: string): Promise<void> {
  const { tx, now } = tools
  for (const fileId of await removal.listDoomed(tx, modelId))
    if (!(await deleteFile(tools, fileId)))
      await setDeleteAfter(tools, fileId, new Date(now().getTime() + own.retentionMs))
  await removal.forgetDoomed(tx, modelId)
}

/** Gives the pictures of an order's models the day until which any order needs them. */
async function datePictures(call: Tools & { readonly tx: Tx }, orderId: string): Promise<void> {
  const until = await orders.neededUntil(call.tx, orderId)
  for (const { modelId, fileId, picture } of await removal.listFilesOf(call.tx, [...until.keys()]))
    if (picture) await setDeleteAfter(call, fileId, until.get(modelId))
}

export const handlers = {
  /** Gives a version to a thread once this transaction has committed, and looks after it when its lease ends. */
  workOnVersion: on<typeof editor, 'model.work.due', Own>(editor, 'model.work.due', async (call, own) => {
    const { tx, event, now, newId } = call
    const { modelId } = event.data
    const model = await lockModel(tx, modelId)
    const version = await lockVersion(tx, event.data)
    if (!model || version?.state !== 'processing') return
    const again = (at: Date) => emit(tx, editor, 'model.work.due', event.data, { at })
    if (version.leaseUntil && version.leaseUntil > now()) return again(version.leaseUntil)
    if (version.attempts >= own.maxAttempts) {
      const rejected = await giveUp(tx, event.data, [tooComplex('died')])
      return announce(tx, await touchModel(tx, modelId), rejected)
    }
    if (!own.hasRoom()) return again(new Date(now().getTime() + FULL_WAIT_MS))
    const lease = newId()
    const until = new Date(now().getTime() + own.leaseMs)
    await claimVersion(tx, event.data, lease, until)
    again(until)
    tx.afterCommit(() => own.hand({ ...event.data, lease }))
  }),

  /** What is uploaded and never becomes a model must go as well, unless its owner chose an earlier date. */
  dateUpload: on<typeof files, 'file.uploaded', Own>(files, 'file.uploaded', async (call, own) => {
    const { fileId, purpose } = call.event.data
    if (purpose !== 'model') return
    const at = new Date(call.now().getTime() + own.retentionMs)
    const chosen = (await findFiles(call, [fileId])).get(fileId)?.deleteAfter
    if (!chosen || chosen > at) await setDeleteAfter(call, fileId, at)
  }),

  loseFile: on<typeof files, 'file.deleted', Own>(files, 'file.deleted', async ({ tx, event }) => {
    const { fileId, purpose } = event.data
    if (purpose.startsWith('model')) await loseFile(tx, fileId)
  }),

  removeFiles: on<typeof editor, 'model.deleted', Own>(editor, 'model.deleted', (call, own) =>
    deleteDoomed(call, own, call.event.data.modelId),
  ),

  /** While something is ordered its picture stays, as long as that may take. */
  keepPictures: on<typeof shop, 'order.created', Own>(shop, 'order.created', async (call) => {
    const { orderId, lines } = call.event.data
    const modelIds = lines.flatMap(({ modelId }) => modelId ?? [])
    if (modelIds.length === 0) return
    await orders.noteOrder(call.tx, orderId, { modelIds })
    await datePictures(call, orderId)
  }),

  /** Meshes are let go by the shop; what belongs to them goes with them, and pictures with the last of their orders. */
  dateFiles: on<typeof shop, 'order.closed', Own>(shop, 'order.closed', async (call) => {
    const { orderId, files: closed, deleteAfter: day } = call.event.data
    const deleteAfter = new Date(day)
    await orders.noteOrder(call.tx, orderId, { deleteAfter })
    for (const { fileId } of await removal.listFilesOf(
      call.tx,
      closed.map(({ modelId }) => modelId),
    ))
      await setDeleteAfter(call, fileId, deleteAfter)
    await datePictures(call, orderId)
  }),

  // Their files are erased by files itself.
  eraseModels: on<typeof users, 'user.deleted', Own>(users, 'user.deleted', async ({ tx, event, now }) => {
    const ownerId = event.data.userId
    await removal.noteErased(tx, ownerId, now())
    for (;;) {
      const gone = await removal.eraseModels(tx, ownerId)
      for (const modelId of gone) emit(tx, editor, 'model.deleted', { modelId, ownerId })
      if (gone.length === 0) return
    }
  }),
}
