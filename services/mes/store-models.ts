/** SQL of what editor says of models, and of what making them takes. */

import type { Sql, Tx } from '@pleiad/platform/store'
import type { Work } from '@pleiad/workshop/print/work'

export interface StoredModel {
  readonly modelId: string
  readonly version: number
  readonly ownerId: string
  readonly name: string
  readonly fileId: string
  readonly sha256: string
  readonly volumeMm3: number
  readonly areaMm2: number
  readonly sizeMm: { readonly x: number; readonly y: number; readonly z: number }
}

interface ModelRow {
  model_id: string
  version: number
  owner_id: string
  name: string
  file_id: string
  sha256: string
  volume_mm3: number
  area_mm2: number
  size_x: number
  size_y: number
  size_z: number
}

function modelOf(row: ModelRow): StoredModel {
  return {
    modelId: row.model_id,
    version: row.version,
    ownerId: row.owner_id,
    name: row.name,
    fileId: row.file_id,
    sha256: row.sha256,
    volumeMm3: row.volume_mm3,
    areaMm2: row.area_mm2,
    sizeMm: { x: row.size_x, y: row.size_y, z: row.size_z },
  }
}

export async function saveModel(tx: Tx, model: StoredModel): Promise<void> {
  await tx`
    insert into models (model_id, version, owner_id, name, file_id, sha256, volume_mm3, area_mm2, size_x, size_y, size_z)
    values (${model.modelId}, ${model.version}, ${model.ownerId}, ${model.name}, ${model.fileId}, ${model.sha256},
      ${model.volumeMm3}, ${model.areaMm2}, ${model.sizeMm.x}, ${model.sizeMm.y}, ${model.sizeMm.z})
    on conflict do nothing`
}

/** One version of a model; the newest when none is named. */
export async function findModel(
  sql: Sql,
  modelId: string,
  version?: number,
): Promise<StoredModel | undefined> {
  const rows = await sql<ModelRow[]>`
    select * from models where model_id = ${modelId} ${version === undefined ? sql`` : sql`and version = ${version}`}
    order by version desc limit 1`
  return rows[0] && modelOf(rows[0])
}

/** Those of the named versions that are known. */
export async function findModels(
  sql: Sql,
  wanted: readonly { readonly modelId: string; readonly version: number }[],
): Promise<StoredModel[]> {
  const rows = await sql<ModelRow[]>`
    select models.* from unnest(${wanted.map(({ modelId }) => modelId)}::uuid[],
      ${wanted.map(({ version }) => version)}::int[]) as given(model_id, version)
    join models using (model_id, version)`
  return rows.map(modelOf)
}

export async function removeModel(tx: Tx, modelId: string): Promise<void> {
  await tx`delete from models where model_id = ${modelId}`
}

export async function removeModelsOf(tx: Tx, ownerId: string): Promise<void> {
  await tx`delete from models where owner_id = ${ownerId}`
}

/** What making a mesh takes on this basis, if it was worked out before. */
export async function findWork(sql: Sql, sha256: string, basis: string): Promise<Work | undefined> {
  const rows = await sql<{ work: Work }[]>`
    select work from works where sha256 = ${sha256} and basis = ${basis}`
  return rows[0]?.work
}

/** The works of several meshes, each on its own basis, by `<sha256> <basis>`. */
export async function findWorks(
  sql: Sql,
  wanted: readonly { readonly sha256: string; readonly basis: string }[],
): Promise<Map<string, Work>> {
  const rows = await sql<{ sha256: string; basis: string; work: Work }[]>`
    select works.* from unnest(${wanted.map(({ sha256 }) => sha256)}::text[],
      ${wanted.map(({ basis }) => basis)}::text[]) as given(sha256, basis)
    join works using (sha256, basis)`
  return new Map(rows.map(({ sha256, basis, work }) => [`${sha256} ${basis}`, work]))
}

export async function saveWork(tx: Tx, sha256: string, basis: string, work: Work, now: Date): Promise<void> {
  await tx`
    insert into works (sha256, basis, work, created_at)
    values (${sha256}, ${basis}, ${tx.json(work as never)}, ${now}) on conflict do nothing`
}

/** Forgets old works, some at a time: true when there may be more. */
export async function purgeWorks(tx: Tx, before: Date, atMost: number): Promise<boolean> {
  const rows = await tx`
    delete from works where (sha256, basis) in (
      select sha256, basis from works where created_at < ${before} order by created_at limit ${atMost})
    returning 1`
  return rows.length === atMost
}
