/** SQL of models and versions. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { State } from './contract-schemas.ts'
import type { NewVersion, StoredModel, StoredVersion } from './versions.ts'

type ModelRow = Record<string, never> & {
  model_id: string
  owner_id: string
  name: string
  created_at: Date
  revision: number
  latest: number
}

function modelOf(row: ModelRow): StoredModel {
  return {
    modelId: row.model_id,
    ownerId: row.owner_id,
    name: row.name,
    createdAt: row.created_at,
    revision: row.revision,
    latest: row.latest,
  }
}

type VersionRow = Record<string, unknown>
const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
/** Columns have the names of the fields, in lower case. */
export function versionOf(row: VersionRow): StoredVersion {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [camel(name), value]),
  ) as unknown as StoredVersion
}

export async function insertModel(tx: Tx, model: StoredModel): Promise<void> {
  await tx`
    insert into models (model_id, owner_id, name, created_at, revision, latest, state)
    values (${model.modelId}, ${model.ownerId}, ${model.name}, ${model.createdAt}, 1, 1, 'processing')`
}

/** A version that is to be worked on. False when its file is a model's already. */
export async function insertVersion(tx: Tx, version: NewVersion, now: Date): Promise<boolean> {
  const rows = await tx`
    insert into versions (model_id, version, owner_id, kind, from_version, state, stage, created_at, source_file_id,
      unit, accept_repair, plan, options, repaired)
    values (${version.modelId}, ${version.version}, ${version.ownerId}, ${version.kind}, ${version.fromVersion},
      'processing', 'waiting', ${now}, ${version.sourceFileId}, ${version.unit}, ${version.acceptRepair},
      ${version.plan && tx.json(version.plan as never)}, ${version.options && tx.json(version.options as never)},
      ${version.repaired})
    on conflict (source_file_id) where source_file_id is not null do nothing
    returning 1`
  return rows.length === 1
}

/** A version that is ready at once: the repair of another, which has its files from then on. */
export async function insertRepaired(
  tx: Tx,
  from: StoredVersion,
  version: number,
  now: Date,
): Promise<StoredVersion> {
  const rows = await tx<VersionRow[]>`
    insert into versions (model_id, version, owner_id, kind, from_version, state, created_at, options, mesh_file_id,
      sha256, thumbnail_file_id, report, repaired, warnings)
    values (${from.modelId}, ${version}, ${from.ownerId}, 'repaired', ${from.version}, 'ready', ${now},
      ${from.options && tx.json(from.options as never)}, ${from.repairFileId}, ${from.repairSha256},
      ${from.thumbnailFileId}, ${tx.json(from.repair!.report as never)}, true, ${tx.json((from.warnings ?? []) as never)})
    returning *`
  await tx`
    update versions set state = 'repaired', warnings = null
    where model_id = ${from.modelId} and version = ${from.version}`
  return versionOf(rows[0]!)
}

/** Notes that a model changed: its newest version, and the state of that. */
export async function touchModel(tx: Tx, modelId: string): Promise<StoredModel> {
  const rows = await tx<ModelRow[]>`
    update models set revision = revision + 1, latest = newest.version, state = newest.state
    from (select version, state from versions where model_id = ${modelId} order by version desc limit 1) newest
    where model_id = ${modelId} returning models.*`
  return modelOf(rows[0]!)
}

/** The number of the next version. */
export async function nextVersion(tx: Tx, modelId: string): Promise<number> {
  const rows = await tx<{ made: number }[]>`
    update models set made = made + 1 where model_id = ${modelId} returning made`
  return rows[0]!.made
}

export async function renameModel(tx: Tx, modelId: string, name: string): Promise<StoredModel> {
  const rows = await tx<ModelRow[]>`
    update models set name = ${name}, revision = revision + 1 where model_id = ${modelId} returning *`
  return modelOf(rows[0]!)
}

export async function findModel(sql: Sql, modelId: string): Promise<StoredModel | undefined> {
  const rows = await sql<ModelRow[]>`select * from models where model_id = ${modelId}`
  return rows[0] && modelOf(rows[0])
}

/** The same, locked until the transaction ends: whoever changes a version of it holds this. */
export async function lockModel(tx: Tx, modelId: string): Promise<StoredModel | undefined> {
  const rows = await tx<ModelRow[]>`select * from models where model_id = ${modelId} for update`
  return rows[0] && modelOf(rows[0])
}

/** A version with its model in one row, so that a revision never comes with another one's state. */
function pairOf(row: VersionRow): Pair {
  const { model_name, model_created_at, revision, latest, ...version } = row
  const found = versionOf(version)
  const model = {
    modelId: found.modelId,
    ownerId: found.ownerId,
    name: model_name as string,
    createdAt: model_created_at as Date,
    revision: revision as number,
    latest: latest as number,
  }
  return { model, version: found }
}

interface Pair {
  readonly model: StoredModel
  readonly version: StoredVersion
}

const pair = (sql: Sql) =>
  sql`versions.*, models.name as model_name, models.created_at as model_created_at, revision, latest`

/** Newest first; one more than `limit` when there is a next page. Each with its newest version. */
export async function listModels(
  sql: Sql,
  ownerId: string,
  page: { readonly cursor?: string; readonly limit: number; readonly state?: State },
): Promise<Pair[]> {
  // The page first: joined with all versions, the planner may walk through everybody's models in the order of their ids.
  const rows = await sql<VersionRow[]>`
    with models as materialized (
      select * from models where owner_id = ${ownerId}
        ${page.state ? sql`and state = ${page.state}` : sql``}
        ${page.cursor ? sql`and model_id < ${page.cursor}` : sql``}
      order by model_id desc limit ${page.limit + 1})
    select ${pair(sql)} from models
    join versions on versions.model_id = models.model_id and versions.version = models.latest
    order by models.model_id desc`
  return rows.map(pairOf)
}

/** A model with its versions, newest first. */
export async function openModel(
  sql: Sql,
  modelId: string,
): Promise<{ model: StoredModel; versions: StoredVersion[] } | undefined> {
  const rows = await sql<VersionRow[]>`
    select ${pair(sql)} from models join versions on versions.model_id = models.model_id
    where models.model_id = ${modelId} order by versions.version desc limit 100`
  const pairs = rows.map(pairOf)
  return pairs[0] && { model: pairs[0].model, versions: pairs.map(({ version }) => version) }
}

export async function findVersion(
  sql: Sql,
  modelId: string,
  version: number,
): Promise<StoredVersion | undefined> {
  const rows = await sql<VersionRow[]>`
    select * from versions where model_id = ${modelId} and version = ${version}`
  return rows[0] && versionOf(rows[0])
}

/** Newest first. */
export async function listVersions(sql: Sql, modelId: string): Promise<StoredVersion[]> {
  const rows = await sql<VersionRow[]>`
    select * from versions where model_id = ${modelId} order by version desc limit 100`
  return rows.map(versionOf)
}

/** These versions, those that exist. */
export async function findVersions(
  sql: Sql,
  places: readonly { readonly modelId: string; readonly version: number }[],
): Promise<StoredVersion[]> {
  const rows = await sql<VersionRow[]>`
    select versions.* from versions join unnest(
      ${places.map(({ modelId }) => modelId)}::uuid[], ${places.map(({ version }) => version)}::int[]
    ) wanted(model_id, version) using (model_id, version)`
  return rows.map(versionOf)
}

export async function findBySource(sql: Sql, fileId: string): Promise<StoredVersion | undefined> {
  const rows = await sql<VersionRow[]>`select * from versions where source_file_id = ${fileId}`
  return rows[0] && versionOf(rows[0])
}

/** Versions of a person that are worked on, no further than `limit`. */
export async function countWorking(sql: Sql, ownerId: string, limit: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from (
      select 1 from versions where owner_id = ${ownerId} and state = 'processing' limit ${limit}
    ) some_of_them`
  return row!.n
}
