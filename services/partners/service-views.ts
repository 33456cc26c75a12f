/** What the services behind this one know, as partners see it. */
import type { Model as EditorModel } from '@pleiad/editor/rpc'
import type { Order as ShopOrder } from '@pleiad/shop/rpc'
import type { Model, Order } from './contract-schemas.ts'

const time = (seconds: bigint) => new Date(Number(seconds) * 1000).toISOString()

export function viewOrder(order: ShopOrder): Order {
  return {
    orderId: order.orderId,
    number: order.number,
    state: order.state,
    test: order.test,
    lines: order.lines.map((line) => ({
      lineId: line.lineId,
      ...(line.part ? { modelId: line.part.modelId } : {}),
      name: line.name,
      quantity: line.part?.quantity ?? 1,
      priceState: line.priceState as Order['lines'][number]['priceState'],
      ...(line.priceState === 'calculated'
        ? { unitPrice: Number(line.unitPrice), total: Number(line.total) }
        : {}),
      ...(line.problemCode === '' ? {} : { problem: { code: line.problemCode, detail: line.problemDetail } }),
    })),
    currency: order.currency,
    ...(order.priced ? { total: Number(order.total), deliveryPrice: Number(order.deliveryPrice) } : {}),
    payment: { method: order.paymentMethod, state: order.paymentState },
    ...(order.validUntil > 0n ? { validUntil: time(order.validUntil) } : {}),
    ...(order.dueAt > 0n ? { dueAt: time(order.dueAt) } : {}),
    ...(order.reason === '' ? {} : { reason: order.reason }),
    ...(order.carrier === '' ? {} : { tracking: { carrier: order.carrier, number: order.tracking } }),
    createdAt: time(order.createdAt),
    updatedAt: time(order.updatedAt),
  }
}

/** A model as the editor knows it; absent while it is being uploaded, or when it is gone. */
export function viewModel(
  stored: {
    readonly modelId: string
    readonly name: string
    readonly state: string
    readonly createdAt: Date
  },
  model: EditorModel | undefined,
): Model {
  const { modelId, name, createdAt } = stored
  const known = { modelId, name, createdAt: createdAt.toISOString() }
  if (!model)
    return { ...known, state: stored.state === 'uploading' ? 'uploading' : 'gone', reasons: [], warnings: [] }
  return {
    ...known,
    state: model.state as Model['state'],
    version: model.version,
    reasons: model.reasons.map(({ code, detail }) => ({ code, detail })),
    warnings: [...model.warnings],
    ...(model.volumeMm3 > 0
      ? {
          volumeMm3: model.volumeMm3,
          areaMm2: model.areaMm2,
          sizeMm: { x: model.sizeXMm, y: model.sizeYMm, z: model.sizeZMm },
        }
      : {}),
  }
}
