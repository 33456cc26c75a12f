/** Word to those of the office who look at the inbox of what changes there. */
import { pushToHolders, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { crm } from './contract.ts'

/** Tells every desk that an order has changed, after the commit. */
export function tellDesks(tx: Tx, { now }: Pick<Tools, 'now'>, orderId: string): void {
  pushToHolders(tx, crm, 'office', { orderId, at: now().toISOString() })
}
