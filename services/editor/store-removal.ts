/** SQL of models that go, and of files that went. */
import type { Sql, Tx } from '@pleiad/platform/store'
import { versionOf } from './store.ts'
import type { StoredVersion } from './versions.ts'

/** Files of a model that are to be deleted when the transaction has committed: the handler of `model.deleted` does. */
export async function doom(tx: Tx, modelId: string, fileIds: readonly string[]): Promise<void> {
  await tx`
    insert into doomed (model_id, file_id) select ${modelId}, unnest(${fileIds as string[]}::uuid[])
    on conflict do nothing`
}

/** Deletes a model with all its versions; all their files are doomed. */
export async function deleteModel(tx: Tx, modelId: string): Promise<void> {
  await tx`
    insert into doomed (model_id, file_id)
    select ${modelId}, file_id from versions
      cross join lateral unnest(array[source_file_id, mesh_file_id, thumbnail_file_id, repair_file_id]) file_id
    where model_id = ${modelId} and file_id is not null
    on conflict do nothing`
  await tx`delete from models where model_id = ${modelId}`
}

/** Rejected models that are older than that, some at a time: nobody looks at them any more. */
export async function listRejected(
  tx: Tx,
  before: Date,
  atMost: number,
): Promise<{ modelId: string; ownerId: string }[]> {
  return tx<{ modelId: string; ownerId: string }[]>`
    select model_id as "modelId", owner_id as "ownerId" from models
    where state = 'rejected' and created_at < ${before} order by created_at limit ${atMost} for update`
}

/** The files of models, each with whether it is a picture. */
export async function listFilesOf(
  sql: Sql,
  modelIds: readonly string[],
): Promise<{ modelId: string; fileId: string; picture: boolean }[]> {
  return sql<{ modelId: string; fileId: string; picture: boolean }[]>`
    select distinct model_id as "modelId", file_id as "fileId", file_id = thumbnail_file_id as picture from versions
      cross join lateral unnest(array[source_file_id, mesh_file_id, thumbnail_file_id, repair_file_id]) file_id
    where model_id = any(${modelIds as string[]}::uuid[]) and file_id is not null
    limit 10000`
}

/** At most a thousand; a model has fewer files than that. */
export async function listDoomed(sql: Sql, modelId: string): Promise<string[]> {
  const rows = await sql<{ file_id: string }[]>`
    select file_id from doomed where model_id = ${modelId} limit 1000`
  return rows.map(({ file_id }) => file_id)
}

export async function forgetDoomed(tx: Tx, modelId: string): Promise<void> {
  await tx`delete from doomed where model_id = ${modelId}`
}

/** Versions that have this file, in whatever role. A source is of one, a mesh and a picture of two at most. */
export async function listByFile(sql: Sql, fileId: string): Promise<StoredVersion[]> {
  const rows = await sql<Record<string, unknown>[]>`
    select * from versions where source_file_id = ${fileId}
    union select * from versions where mesh_file_id = ${fileId}
    union select * from versions where thumbnail_file_id = ${fileId}
    union select * from versions where repair_file_id = ${fileId}`
  return rows.map(versionOf)
}

export async function removeVersion(tx: Tx, modelId: string, version: number): Promise<void> {
  await tx`delete from versions where model_id = ${modelId} and version = ${version}`
}

/** Forgets a file that a version can do without. */
export async function forgetFile(tx: Tx, { modelId, version }: StoredVersion, fileId: string): Promise<void> {
  await tx`
    update versions set source_file_id = nullif(source_file_id, ${fileId}),
      thumbnail_file_id = nullif(thumbnail_file_id, ${fileId}), repair_file_id = nullif(repair_file_id, ${fileId})
    where model_id = ${modelId} and version = ${version}`
}

export async function countVersions(tx: Tx, modelId: string): Promise<number> {
  const [row] = await tx<{ n: number }[]>`
    select count(*)::int as n from versions where model_id = ${modelId}`
  return row!.n
}

/** Deletes models of a person, a thousand at once: files erases their files itself. Their ids. */
export async function eraseModels(tx: Tx, ownerId: string): Promise<string[]> {
  const rows = await tx<{ model_id: string }[]>`
    delete from models where model_id = any(array(
      select model_id from models where owner_id = ${ownerId} order by model_id desc limit 1000))
    returning model_id`
  return rows.map(({ model_id }) => model_id)
}

export async function noteErased(tx: Tx, ownerId: string, at: Date): Promise<void> {
  await tx`insert into erased (owner_id, at) values (${ownerId}, ${at}) on conflict do nothing`
}

export async function isErased(sql: Sql, ownerId: string): Promise<boolean> {
  return (await sql`select 1 from erased where owner_id = ${ownerId}`).length > 0
}
