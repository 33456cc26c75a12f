import type { Routes } from '@pleiad/platform/service'
import type { mes } from './contract.ts'
import { estimateOf } from './estimates.ts'
import type { Own } from './service-own.ts'
import { findModel } from './store-models.ts'

type EstimateRoutes = Pick<ReturnType<Routes<typeof mes, Own>>, 'estimate'>

export const estimateRoutes = (own: Own): EstimateRoutes => ({
  estimate: async ({ sql, body, caller, now, fail }) => {
    const { version, book } = await own.shelf.inForce(sql, now())
    const { modelId, options } = body
    const model = modelId === undefined ? undefined : await findModel(sql, modelId)
    // Whose model it is decides: others learn nothing of it.
    if (modelId !== undefined && (!model || model.ownerId !== caller?.id)) return fail('notFound')
    const measures = model ?? body.measures
    if (!measures) return fail('priceNotPossible', 'Send `measures`, or the `modelId` of a model of yours.')
    const result = estimateOf(measures, options, book, version)
    if (!result.ok) return fail('priceNotPossible', result.reason.detail, { reason: result.reason })
    return result.estimate
  },
})
