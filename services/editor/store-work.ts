/** SQL of the work on versions: leases, progress and what came of it. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Reason, Report, WarningCode } from './contract.ts'
import type { Stage, State, Unit } from './contract-schemas.ts'
import { versionOf } from './store.ts'
import type { Format, Repair, StoredVersion } from './versions.ts'

export interface Place {
  readonly modelId: string
  readonly version: number
}

export async function lockVersion(tx: Tx, { modelId, version }: Place): Promise<StoredVersion | undefined> {
  const rows = await tx<Record<string, unknown>[]>`
    select * from versions where model_id = ${modelId} and version = ${version} for update`
  return rows[0] && versionOf(rows[0])
}

/** Gives a version to a worker: until `until` nobody else works on it. */
export async function claimVersion(
  tx: Tx,
  { modelId, version }: Place,
  lease: string,
  until: Date,
): Promise<void> {
  await tx`
    update versions set lease = ${lease}, lease_until = ${until}
    where model_id = ${modelId} and version = ${version}`
}

/** Counts an attempt that begins. Undefined when the lease is lost. */
export async function beginWork(
  sql: Sql,
  { modelId, version }: Place,
  lease: string,
): Promise<StoredVersion | undefined> {
  const rows = await sql<Record<string, unknown>[]>`
    update versions set attempts = attempts + 1
    where model_id = ${modelId} and version = ${version} and lease = ${lease} returning *`
  return rows[0] && versionOf(rows[0])
}

/** False when the lease is lost. */
export async function renewLease(
  sql: Sql,
  { modelId, version }: Place,
  lease: string,
  until: Date,
): Promise<boolean> {
  const rows = await sql`
    update versions set lease_until = ${until}
    where model_id = ${modelId} and version = ${version} and lease = ${lease} returning 1`
  return rows.length === 1
}

/** Gives a version back before its lease ends; `counted`: the attempt that began was one. */
export async function giveBack(
  tx: Tx,
  { modelId, version }: Place,
  lease: string,
  counted: boolean,
): Promise<boolean> {
  const rows = await tx`
    update versions set lease = null, lease_until = null, stage = 'waiting',
      attempts = greatest(attempts - ${counted ? 0 : 1}, 0)
    where model_id = ${modelId} and version = ${version} and lease = ${lease} returning 1`
  return rows.length === 1
}

export async function setStage(
  tx: Tx,
  { modelId, version }: Place,
  lease: string,
  stage: Stage,
): Promise<boolean> {
  const rows = await tx`
    update versions set stage = ${stage}
    where model_id = ${modelId} and version = ${version} and lease = ${lease} returning 1`
  return rows.length === 1
}

/** What came of the work on a version. */
export interface Outcome {
  readonly state: Exclude<State, 'processing' | 'repaired'>
  readonly format?: Format | undefined
  readonly unit?: Unit | undefined
  readonly mesh?: { readonly fileId: string; readonly sha256: string } | undefined
  readonly thumbnailFileId?: string | undefined
  readonly repairedMesh?: { readonly fileId: string; readonly sha256: string } | undefined
  readonly report?: Report | undefined
  readonly repair?: Repair | undefined
  readonly repaired?: boolean
  readonly warnings?: readonly WarningCode[] | undefined
  readonly reasons?: readonly Reason[] | undefined
}

/** Records the outcome. Undefined when the lease is lost: then nothing is recorded. */
export async function finishWork(
  tx: Tx,
  { modelId, version }: Place,
  lease: string,
  outcome: Outcome,
): Promise<StoredVersion | undefined> {
  const json = (value: unknown) => (value === undefined ? null : tx.json(value as never))
  const rows = await tx<Record<string, unknown>[]>`
    update versions set state = ${outcome.state}, stage = null, lease = null, lease_until = null,
      format = ${outcome.format ?? null}, unit = coalesce(${outcome.unit ?? null}, unit),
      mesh_file_id = ${outcome.mesh?.fileId ?? null}, sha256 = ${outcome.mesh?.sha256 ?? null},
      thumbnail_file_id = ${outcome.thumbnailFileId ?? null},
      repair_file_id = ${outcome.repairedMesh?.fileId ?? null}, repair_sha256 = ${outcome.repairedMesh?.sha256 ?? null},
      report = ${json(outcome.report)}, repair = ${json(outcome.repair)}, warnings = ${json(outcome.warnings)},
      reasons = ${json(outcome.reasons)}, repaired = repaired or ${outcome.repaired ?? false}
    where model_id = ${modelId} and version = ${version} and lease = ${lease} returning *`
  return rows[0] && versionOf(rows[0])
}

/** Ends what nobody works on: it was tried as often as it may be. */
export async function giveUp(
  tx: Tx,
  { modelId, version }: Place,
  reasons: readonly Reason[],
): Promise<StoredVersion> {
  const rows = await tx<Record<string, unknown>[]>`
    update versions set state = 'rejected', stage = null, lease = null, lease_until = null,
      reasons = ${tx.json(reasons as never)}
    where model_id = ${modelId} and version = ${version} returning *`
  return versionOf(rows[0]!)
}

/** Begins anew with another unit. */
export async function restart(tx: Tx, { modelId, version }: Place, unit: Unit): Promise<void> {
  await tx`
    update versions set state = 'processing', stage = 'waiting', unit = ${unit}, attempts = 0
    where model_id = ${modelId} and version = ${version}`
}
