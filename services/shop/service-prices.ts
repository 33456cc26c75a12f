/** Asks for prices of parts, and gives the ones that hold. */
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from './contract.ts'
import type { PrintOptions } from './contract-schemas.ts'
import { keyOf } from './options.ts'
import type { Model } from './store-catalogue.ts'
import type { StoredLine } from './store-orders.ts'
import { insertPrice, lastPrice, type StoredPrice } from './store-prices.ts'

const HOUR_MS = 3_600_000

/** Whether a price can be ordered at now. A book that took the place of its own ends it, unless a person made it. */
export function holds(price: StoredPrice, bookVersion: number | undefined, now: Date): boolean {
  return (
    price.state === 'calculated' &&
    (price.validUntil === undefined || price.validUntil > now) &&
    (price.byHand || bookVersion === undefined || price.bookVersion === bookVersion)
  )
}

/**
 * The price of a part: the one that holds, the one that is on its way, or a new request. Whoever writes a line with it
 * in the same transaction will be told of the answer, since the answer waits for the lock of the row.
 */
export async function priceFor(
  { newId, now }: Tools,
  tx: Tx,
  model: Model,
  options: PrintOptions,
  bookVersion: number | undefined,
  source: 'shop' | 'partner',
): Promise<StoredPrice> {
  const { ownerId, modelId, version, fileId } = model
  const optionsKey = keyOf(options)
  const last = await lastPrice(tx, { ownerId, modelId, version, optionsKey })
  if (last) {
    if (holds(last, bookVersion, now())) return last
    // A partner does not wait in the lane of the shop.
    if ((last.state === 'asked' || last.state === 'delayed') && source === 'shop') return last
    const answered = last.answeredAt?.getTime() ?? 0
    if (last.state === 'refused' && now().getTime() - answered < HOUR_MS) return last
  }
  const requestId = newId()
  const price: StoredPrice = {
    requestId,
    ownerId,
    modelId,
    version,
    optionsKey,
    options,
    state: 'asked',
    byHand: false,
    askedAt: now(),
  }
  await insertPrice(tx, price)
  const partner = source === 'partner'
  emit(
    tx,
    shop,
    'order.price.requested',
    { requestId, lane: partner ? 'priority' : 'regular', source, modelId, version, ownerId, fileId, options },
    partner ? { lane: 'high' } : {},
  )
  return price
}

type Priced = Pick<
  StoredLine,
  | 'priceState'
  | 'problem'
  | 'breakdown'
  | 'currency'
  | 'validUntil'
  | 'unitPrice'
  | 'total'
  | 'machineSeconds'
  | 'materialG'
>

/** A price as a line has it: work is of the whole line there, of one piece in the price. */
export function pricedBy(price: StoredPrice, quantity: number): Priced {
  const { state, problem, breakdown, currency, validUntil, unitPrice, total, work } = price
  return {
    priceState: state,
    ...(problem ? { problem } : {}),
    ...(breakdown ? { breakdown } : {}),
    ...(currency ? { currency } : {}),
    ...(validUntil ? { validUntil } : {}),
    ...(unitPrice === undefined ? {} : { unitPrice }),
    ...(total === undefined ? {} : { total }),
    ...(work
      ? {
          machineSeconds: work.machineSeconds * quantity,
          materialG: (work.materialG + work.supportG) * quantity,
        }
      : {}),
  }
}
