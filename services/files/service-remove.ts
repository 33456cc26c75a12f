/** Deleting: rows, room, record and event in one transaction; the objects follow. */
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { files } from './contract.ts'
import type { Reason } from './contract-schemas.ts'
import type { Own } from './service-own.ts'
import { removeFiles } from './store-files.ts'

/** Deletes files; returns the bytes that become free. */
export async function remove(
  tools: Pick<Tools, 'now' | 'count'>,
  own: Own,
  tx: Tx,
  ids: readonly string[],
  reason: Reason,
): Promise<number> {
  const gone = await removeFiles(tx, ids, reason, tools.now())
  for (const { id, owner_id, purpose, size, state } of gone)
    emit(tx, files, 'file.deleted', { fileId: id, ownerId: owner_id, purpose, state, size, reason })
  tx.afterCommit(() => {
    for (const { id } of gone) own.stopWriter(id)
    if (gone.length > 0) tools.count('files_removed', { reason }, gone.length)
    void own.sweep()
  })
  return gone.reduce((sum, { size }) => sum + size, 0)
}
