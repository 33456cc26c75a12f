/** Ends connections, with the events and the background work that follow from it. */
import { emit } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { oauth } from './contract.ts'
import type { Own } from './service-own.ts'
import { eventOf } from './service-tokens.ts'
import { breakLeftBehind } from './store-refresh.ts'
import { revokeConnections } from './store-revocations.ts'

/** Ends what `which` names; the tokens are revoked at the provider after the commit. Returns how many were in use. */
export async function endConnections(
  tx: Tx,
  own: Own,
  which: Parameters<typeof revokeConnections>[1],
  cause: 'program' | 'member' | 'endUser' | 'providerRemoved',
  { erase, now }: { readonly erase: boolean; readonly now: Date },
): Promise<number> {
  const ended = await revokeConnections(tx, which, erase, now)
  for (const row of ended) emit(tx, oauth, 'oauth.connection.revoked', { ...eventOf(row), cause })
  tx.afterCommit(() => {
    for (const { id } of ended) own.changed(id)
    own.revoker.wake()
  })
  return ended.length
}

const AT_ONCE = 500

/**
 * Breaks connections whose tokens are of an address that their provider has left: to the new one they are not sent, so
 * their people connect again. Returns how many; the rest waits for the job.
 */
export async function breakBehind(
  tx: Tx,
  own: Pick<Own, 'changed'>,
  configurationId: string,
): Promise<number> {
  const rows = await breakLeftBehind(tx, configurationId, AT_ONCE)
  for (const row of rows) emit(tx, oauth, 'oauth.connection.broken', { ...eventOf(row), reason: 'moved' })
  tx.afterCommit(() => {
    for (const { id } of rows) own.changed(id)
  })
  return rows.length
}
