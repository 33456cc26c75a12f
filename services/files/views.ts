/** How a row is told to people. */
import type { File } from './contract-schemas.ts'
import { isAsDeclared } from './types.ts'

/** A file as the database keeps it. */
export interface FileRow {
  readonly id: string
  readonly owner_id: string
  readonly purpose: string
  readonly name: string
  readonly size: number
  readonly declared_type: string
  readonly state: 'uploading' | 'ready'
  readonly created_at: Date
  readonly store_ref: string | null
  readonly received: number
  readonly expires_at: Date | null
  readonly epoch: number
  readonly type: string | null
  readonly sha256: Buffer | null
  readonly ready_at: Date | null
  readonly delete_after: Date | null
  readonly missing_since: Date | null
}

export function viewFile(row: FileRow): File {
  const ready =
    row.state === 'ready'
      ? {
          type: row.type!,
          typeMatches: isAsDeclared(row.declared_type, row.type!),
          sha256: row.sha256!.toString('hex'),
          readyAt: row.ready_at!.toISOString(),
        }
      : { upload: { received: row.received, expiresAt: row.expires_at!.toISOString() } }
  return {
    fileId: row.id,
    ownerId: row.owner_id,
    purpose: row.purpose,
    name: row.name,
    size: row.size,
    declaredType: row.declared_type,
    state: row.state,
    createdAt: row.created_at.toISOString(),
    ...ready,
    ...(row.delete_after ? { deleteAfter: row.delete_after.toISOString() } : {}),
    ...(row.missing_since ? { lost: true } : {}),
  }
}
