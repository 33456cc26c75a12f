/** What other services and the owner's pages are told of a version. */
import { emit, push } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { editor } from './contract.ts'
import type { StoredModel, StoredVersion } from './versions.ts'

/** Tells what became of a version, in the transaction of the change. */
export function announce(tx: Tx, model: StoredModel, version: StoredVersion): void {
  const { modelId, ownerId, name } = model
  const of = { modelId, version: version.version, ownerId, name }
  const { state, report } = version
  if (state === 'ready' && report)
    emit(tx, editor, 'model.ready', {
      ...of,
      fileId: version.meshFileId!,
      sha256: version.sha256!,
      ...(version.thumbnailFileId ? { thumbnailFileId: version.thumbnailFileId } : {}),
      triangles: report.triangles,
      volumeMm3: report.volumeMm3,
      areaMm2: report.areaMm2,
      sizeMm: report.sizeMm,
      shells: report.shells,
      repaired: version.repaired,
      warnings: [...(version.warnings ?? [])],
      ...(version.options ? { options: version.options } : {}),
    })
  if (state === 'rejected') emit(tx, editor, 'model.rejected', { ...of, reasons: [...version.reasons!] })
  if (state === 'needsUnits' || state === 'needsRepair')
    emit(tx, editor, 'model.decision.needed', { ...of, needs: state === 'needsUnits' ? 'units' : 'repair' })
  push(tx, editor, 'models', ownerId, {
    modelId,
    version: version.version,
    state,
    ...(version.stage ? { stage: version.stage } : {}),
  })
}
