/** Puts what came of a version into files. */
import type { Tools } from '@pleiad/platform/service'
import { deleteFile, putFile } from './service-files.ts'
import type { Outcome } from './store-work.ts'
import type { Answer } from './tasks.ts'
import type { StoredVersion } from './versions.ts'

/** What is put has a date from the beginning: whatever becomes of this process, nothing stays for ever. */
export async function keepAnswer(
  tools: Pick<Tools, 'rpc'>,
  version: StoredVersion,
  answer: Answer,
  deleteAfter: Date,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; made: string[] }> {
  const made: string[] = []
  const put = async (purpose: string, name: string, type: string, bytes: Uint8Array<ArrayBuffer>) => {
    const about = { ownerId: version.ownerId, purpose, name, type, deleteAfter }
    const file = await putFile(tools, about, bytes, signal)
    made.push(file.fileId)
    return file
  }
  const stem = `${version.modelId}-${version.version}`
  try {
    const mesh = await put('model-mesh', `${stem}.stl`, 'model/stl', answer.mesh)
    const thumbnail = await put('model-thumbnail', `${stem}.png`, 'image/png', answer.thumbnail)
    const outcome: Outcome = {
      state: answer.state,
      format: answer.format,
      unit: answer.unit,
      mesh,
      thumbnailFileId: thumbnail.fileId,
      report: answer.report,
    }
    if (answer.state === 'needsUnits') return { outcome, made }
    const { warnings } = answer
    if (answer.state === 'ready')
      return { outcome: { ...outcome, warnings, repaired: answer.repaired }, made }
    const repairedMesh = await put('model-mesh', `${stem}-repaired.stl`, 'model/stl', answer.repairedMesh)
    return { outcome: { ...outcome, warnings, repairedMesh, repair: answer.repair }, made }
  } catch (error) {
    for (const fileId of made) await deleteFile(tools, fileId).catch(() => {})
    throw error
  }
}
