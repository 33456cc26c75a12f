/** The internal RPC of `models.proto`. */
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import { emit, type Tools } from '@pleiad/platform/service'
import { editor, type Unit } from './contract.ts'
import { Models } from './models_pb.ts'
import { findFiles } from './service-files.ts'
import * as store from './store.ts'
import { isErased } from './store-removal.ts'
import type { StoredModel, StoredVersion } from './versions.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const UNITS: readonly string[] = ['micron', 'mm', 'cm', 'm', 'in', 'ft'] satisfies Unit[]
const MAX_NAME = 200

const notThere = () => new ConnectError('there is no such model', Code.NotFound)
const notNow = (message: string) => new ConnectError(message, Code.FailedPrecondition)

function checked(value: string, field: string): string {
  if (UUID.test(value)) return value
  throw new ConnectError(`${field} is not a UUID`, Code.InvalidArgument)
}

function unitOf(unit: string): Unit | null {
  if (unit === '') return null
  if (UNITS.includes(unit)) return unit as Unit
  throw new ConnectError(`unit is one of ${UNITS.join(', ')}`, Code.InvalidArgument)
}

function messageOf(model: StoredModel, latest: StoredVersion) {
  const { report, state, reasons, warnings, version } = latest
  const size = report?.sizeMm
  return {
    modelId: model.modelId,
    name: model.name,
    version,
    state,
    reasons: (reasons ?? []).map(({ code, detail }) => ({ code, detail })),
    warnings: [...(warnings ?? [])],
    volumeMm3: report?.volumeMm3 ?? 0,
    areaMm2: report?.areaMm2 ?? 0,
    sizeXMm: size?.x ?? 0,
    sizeYMm: size?.y ?? 0,
    sizeZMm: size?.z ?? 0,
  }
}

export function addRpc(router: ConnectRouter, tools: Tools): void {
  const { sql, transact, now } = tools

  async function find(modelId: string, ownerId: string) {
    const model = await store.findModel(sql, checked(modelId, 'model_id'))
    if (model?.ownerId !== checked(ownerId, 'owner_id')) return undefined
    const latest = await store.findVersion(sql, modelId, model.latest)
    return latest && { model: messageOf(model, latest) }
  }

  router.service(Models, {
    getModel: async ({ modelId, ownerId }) => {
      const found = await find(modelId, ownerId)
      if (found) return found
      throw notThere()
    },

    createModel: async ({ modelId, ownerId, fileId, name, unit, acceptRepair }) => {
      const known = await find(modelId, ownerId)
      if (known) return known
      const file = (await findFiles(tools, [checked(fileId, 'file_id')])).get(fileId)
      if (file?.ownerId !== ownerId || file.purpose !== 'model')
        throw notNow('the file is no model of this owner')
      await transact(async (tx) => {
        if (await isErased(tx, ownerId)) throw notThere()
        const model = { modelId, ownerId, name: (name || file.name).slice(0, MAX_NAME) }
        await store.insertModel(tx, { ...model, createdAt: now(), revision: 1, latest: 1 })
        const version = {
          modelId,
          version: 1,
          ownerId,
          kind: 'original',
          fromVersion: null,
          sourceFileId: fileId,
          unit: unitOf(unit),
          acceptRepair,
          plan: null,
          options: null,
          repaired: false,
        } as const
        if (!(await store.insertVersion(tx, version, now()))) throw notNow('the file is a model already')
        emit(tx, editor, 'model.work.due', { modelId, version: 1 })
      })
      return (await find(modelId, ownerId))!
    },
  })
}
