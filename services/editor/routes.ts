import { type Caller, defineRoutes, emit, push, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { editor, type Placement, type PrintOptions, type Unit } from './contract.ts'
import { announce } from './service-announce.ts'
import { findFiles } from './service-files.ts'
import type { Own } from './service-work.ts'
import * as store from './store.ts'
import { deleteModel, doom, isErased } from './store-removal.ts'
import { lockVersion, restart } from './store-work.ts'
import {
  filesOf,
  MAX_VERSIONS,
  MAX_WORKING,
  type NewVersion,
  placementIsRight,
  type StoredModel,
  type StoredVersion,
  viewModel,
  viewOpened,
  viewVersion,
} from './versions.ts'

const GAP_MM = 5
const STAFF = 'models:read'

/** What every call that changes something has. */
type Changing<Codes extends string> = Tools & {
  readonly caller: Caller
  readonly fail: (code: Codes | 'notFound', detail?: string, extensions?: Record<string, unknown>) => never
}

interface Source {
  readonly fileId: string
  readonly unit?: Unit | undefined
  readonly options?: PrintOptions | undefined
  readonly acceptRepair?: boolean | undefined
}

/** The model of the caller, locked; somebody else's is as good as absent. */
async function ownModel(tx: Tx, call: Changing<never>, modelId: string): Promise<StoredModel> {
  const model = await store.lockModel(tx, modelId)
  return model?.ownerId === call.caller.id ? model : call.fail('notFound')
}

/** A version of the caller's, with its model locked. */
async function ownVersion(
  tx: Tx,
  call: Changing<never>,
  params: { modelId: string; version: number },
): Promise<[StoredModel, StoredVersion]> {
  const model = await ownModel(tx, call, params.modelId)
  return [model, (await lockVersion(tx, params)) ?? call.fail('notFound')]
}

async function checkWorking(tx: Tx, call: Changing<'tooManyModelsWaiting'>): Promise<void> {
  if ((await store.countWorking(tx, call.caller.id, MAX_WORKING)) >= MAX_WORKING)
    call.fail('tooManyModelsWaiting', undefined, { limit: MAX_WORKING })
}

/** The number of the next version of a model. */
async function number(tx: Tx, call: Changing<'tooManyVersions'>, modelId: string): Promise<number> {
  const version = await store.nextVersion(tx, modelId)
  return version > MAX_VERSIONS ? call.fail('tooManyVersions', undefined, { limit: MAX_VERSIONS }) : version
}

/** Adds a version that is to be worked on, and sees to it that it is. */
async function begin(tx: Tx, call: Changing<'modelExists'>, version: NewVersion): Promise<StoredVersion> {
  const { modelId } = version
  if (!(await store.insertVersion(tx, version, call.now()))) {
    const other = await store.findBySource(tx, version.sourceFileId!)
    return call.fail('modelExists', undefined, other ? { modelId: other.modelId } : {})
  }
  emit(tx, editor, 'model.work.due', { modelId, version: version.version })
  push(tx, editor, 'models', version.ownerId, {
    modelId,
    version: version.version,
    state: 'processing',
    stage: 'waiting',
  })
  return (await store.findVersion(tx, modelId, version.version))!
}

/** The uploaded file, if it is one of the caller's that can become a model. */
async function checkSource(call: Changing<'fileNotAModel'>, fileId: string): Promise<{ name: string }> {
  const file = (await findFiles(call, [fileId])).get(fileId)
  if (file?.ownerId !== call.caller.id || file.purpose !== 'model') return call.fail('fileNotAModel')
  return file
}

const original = (ownerId: string, modelId: string, version: number, source: Source): NewVersion => ({
  modelId,
  version,
  ownerId,
  kind: 'original',
  fromVersion: null,
  sourceFileId: source.fileId,
  unit: source.unit ?? null,
  acceptRepair: source.acceptRepair ?? false,
  plan: null,
  options: source.options ?? null,
  repaired: false,
})

/** One's own model; anybody's for those who may see them. */
const mayRead = (caller: Caller, model: StoredModel): boolean =>
  model.ownerId === caller.id || caller.permissions.includes(STAFF)

function newModel(call: Tools & { caller: Caller }, name: string): StoredModel {
  return {
    modelId: call.newId(),
    ownerId: call.caller.id,
    name,
    createdAt: call.now(),
    revision: 1,
    latest: 1,
  }
}

export const routes = defineRoutes<typeof editor, Own>(editor, ({ intake }) => ({
  getIntake: async () => intake,
  createModel: async (call) => {
    const { body, caller, transact } = call
    const file = await checkSource(call, body.fileId)
    return transact(async (tx) => {
      if (await isErased(tx, caller.id)) return call.fail('forbidden')
      await checkWorking(tx, call)
      const model = newModel(call, body.name ?? file.name.slice(0, 200))
      await store.insertModel(tx, model)
      return viewModel(model, await begin(tx, call, original(caller.id, model.modelId, 1, body)))
    })
  },

  listModels: async ({ sql, caller, query }) => {
    const limit = query.limit ?? 25
    const found = await store.listModels(sql, caller.id, { ...query, limit })
    const page = found.slice(0, limit)
    return {
      items: page.map(({ model, version }) => viewModel(model, version)),
      ...(found.length > limit ? { next: page.at(-1)!.model.modelId } : {}),
    }
  },

  getModel: async (call) => {
    const opened = await store.openModel(call.sql, call.params.modelId)
    return opened && mayRead(call.caller, opened.model)
      ? viewOpened(opened.model, opened.versions)
      : call.fail('notFound')
  },

  renameModel: (call) =>
    call.transact(async (tx) => {
      const model = await ownModel(tx, call, call.params.modelId)
      if (call.ifMatch !== String(model.revision)) return call.fail('preconditionFailed')
      const renamed = await store.renameModel(tx, model.modelId, call.body.name)
      return viewModel(renamed, (await store.findVersion(tx, model.modelId, model.latest))!)
    }),

  deleteModel: async (call) => {
    const model = await store.findModel(call.sql, call.params.modelId)
    if (model?.ownerId !== call.caller.id) return call.fail('notFound')
    const versions = await store.listVersions(call.sql, model.modelId)
    const files = await findFiles(call, versions.flatMap(filesOf))
    if ([...files.values()].some(({ kept }) => kept)) return call.fail('modelKept')
    await call.transact(async (tx) => {
      const { modelId, ownerId } = await ownModel(tx, call, model.modelId)
      await deleteModel(tx, modelId)
      emit(tx, editor, 'model.deleted', { modelId, ownerId })
    })
  },

  addVersion: async (call) => {
    const { body, caller, params, transact } = call
    if ((await store.findModel(call.sql, params.modelId))?.ownerId !== caller.id) return call.fail('notFound')
    await checkSource(call, body.fileId)
    return transact(async (tx) => {
      const { modelId } = await ownModel(tx, call, params.modelId)
      await checkWorking(tx, call)
      const version = await begin(
        tx,
        call,
        original(caller.id, modelId, await number(tx, call, modelId), body),
      )
      return viewModel(await store.touchModel(tx, modelId), version)
    })
  },

  getVersion: async (call) => {
    const model = await store.findModel(call.sql, call.params.modelId)
    const version =
      model && mayRead(call.caller, model)
        ? await store.findVersion(call.sql, model.modelId, call.params.version)
        : undefined
    return version ? viewVersion(version) : call.fail('notFound')
  },

  setUnit: (call) =>
    call.transact(async (tx) => {
      const { params, body } = call
      const [model, version] = await ownVersion(tx, call, params)
      if (version.state !== 'needsUnits')
        return call.fail('versionNotWaiting', undefined, { state: version.state })
      // What was made in the likely unit is nobody's from here on; it goes with the model at the latest.
      await doom(
        tx,
        model.modelId,
        [version.meshFileId, version.thumbnailFileId].filter((fileId) => fileId !== null),
      )
      await restart(tx, params, body.unit)
      emit(tx, editor, 'model.work.due', params)
      const touched = await store.touchModel(tx, model.modelId)
      return viewModel(touched, (await store.findVersion(tx, model.modelId, touched.latest))!)
    }),

  acceptRepair: (call) =>
    call.transact(async (tx) => {
      const [model, version] = await ownVersion(tx, call, call.params)
      if (version.state !== 'needsRepair')
        return call.fail('versionNotWaiting', undefined, { state: version.state })
      const next = await number(tx, call, model.modelId)
      const repaired = await store.insertRepaired(tx, version, next, call.now())
      const touched = await store.touchModel(tx, model.modelId)
      announce(tx, touched, repaired)
      return viewModel(touched, repaired)
    }),

  placeModel: (call) =>
    call.transact(async (tx) => {
      const { body, params, caller } = call
      const [{ modelId }, from] = await ownVersion(tx, call, params)
      if (from.state !== 'ready') return call.fail('versionNotReady', undefined, { state: from.state })
      if (!placementIsRight(body.placement)) return call.fail('rotationNotRight')
      await checkWorking(tx, call)
      const version = await begin(tx, call as never, {
        modelId,
        version: await number(tx, call, modelId),
        ownerId: caller.id,
        kind: 'placed',
        fromVersion: from.version,
        sourceFileId: null,
        unit: 'mm',
        acceptRepair: false,
        plan: { kind: 'placed', fileId: from.meshFileId!, placement: body.placement },
        options: body.options ?? null,
        repaired: from.repaired,
      })
      return viewModel(await store.touchModel(tx, modelId), version)
    }),

  createPlate: (call) =>
    call.transact(async (tx) => {
      const { body, caller } = call
      const found = await store.findVersions(tx, body.parts)
      const placements: Placement[] = []
      const parts = body.parts.map(({ modelId, version, quantity, placement = {} }) => {
        const part = found.find((each) => each.modelId === modelId && each.version === version)
        if (part?.ownerId !== caller.id) return call.fail('notFound')
        if (part.state !== 'ready')
          return call.fail('versionNotReady', undefined, { modelId, state: part.state })
        placements.push(placement)
        return { fileId: part.meshFileId!, quantity, placement }
      })
      if (!placements.every(placementIsRight)) return call.fail('rotationNotRight')
      await checkWorking(tx, call)
      const model = newModel(call, body.name)
      await store.insertModel(tx, model)
      const { plateMm, gapMm = GAP_MM } = body
      const version = await begin(tx, call as never, {
        modelId: model.modelId,
        version: 1,
        ownerId: caller.id,
        kind: 'plate',
        fromVersion: null,
        sourceFileId: null,
        unit: 'mm',
        acceptRepair: false,
        plan: { kind: 'plate', plateMm, gapMm, parts },
        options: body.options ?? null,
        repaired: found.some(({ repaired }) => repaired),
      })
      return viewModel(model, version)
    }),
}))
