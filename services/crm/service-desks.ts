/** Those of the office who look at the inbox right now, and word to them of what changes there. */
import { push, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { crm } from './contract.ts'
import { desksSince, saveDesk, seenAt } from './store-desks.ts'

/** Whoever has the inbox open asks for its counts again and again; after this long without, they have left. */
const LEFT_MS = 300_000
/** A desk is written anew at most this often. */
const NOTED_MS = 60_000
/** An office of more people looks again by itself. */
const MOST_DESKS = 200

/** Notes that somebody looks at the inbox. */
export async function sitDown(
  { sql, transact, now }: Pick<Tools, 'sql' | 'transact' | 'now'>,
  userId: string,
): Promise<void> {
  const at = now()
  const known = await seenAt(sql, userId)
  if (known && at.getTime() - known.getTime() < NOTED_MS) return
  await transact((tx) => saveDesk(tx, userId, at, new Date(at.getTime() - LEFT_MS)))
}

/** Tells every desk that an order has changed, after the commit. */
export async function tellDesks(tx: Tx, { now }: Pick<Tools, 'now'>, orderId: string): Promise<void> {
  const at = now()
  for (const userId of await desksSince(tx, new Date(at.getTime() - LEFT_MS), MOST_DESKS))
    push(tx, crm, 'office', userId, { orderId, at: at.toISOString() })
}
