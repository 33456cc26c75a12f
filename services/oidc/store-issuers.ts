/** SQL of issuers and apps. */
import type { Sql, Tx } from '@pleiad/platform/store'
import { type App, type AppKind, type AppSettings, defaultAppSettings } from './apps.ts'
import { defaultSettings, handleOf, type Issuer, type Places, type Settings } from './issuers.ts'

interface IssuerRow {
  issuer_id: string
  project_id: string
  environment: string
  slug: string
  handle: string
  name: string
  accent: string | null
  logo_url: string | null
  home_url: string | null
  support_email: string | null
  archived: boolean
  settings: Partial<Settings>
  places: Partial<Places>
  version: number
}

function issuerOf(row: IssuerRow): Issuer {
  return {
    issuerId: row.issuer_id,
    projectId: row.project_id,
    environment: row.environment,
    slug: row.slug,
    handle: row.handle,
    name: row.name,
    accent: row.accent,
    logoUrl: row.logo_url,
    homeUrl: row.home_url,
    supportEmail: row.support_email,
    archived: row.archived,
    settings: { ...defaultSettings, ...row.settings },
    places: { allowedOrigins: [], ...row.places },
    version: row.version,
  }
}

export async function findIssuerByHandle(sql: Sql, handle: string): Promise<Issuer | undefined> {
  const [row] = await sql<IssuerRow[]>`select * from issuers where handle = ${handle}`
  return row && issuerOf(row)
}

export async function findIssuerById(sql: Sql, issuerId: string): Promise<Issuer | undefined> {
  const [row] = await sql<IssuerRow[]>`select * from issuers where issuer_id = ${issuerId}`
  return row && issuerOf(row)
}

export async function findIssuer(
  sql: Sql,
  projectId: string,
  environment: string,
): Promise<Issuer | undefined> {
  const [row] = await sql<IssuerRow[]>`
    select * from issuers where project_id = ${projectId} and environment = ${environment}`
  return row && issuerOf(row)
}

export async function lockIssuer(
  tx: Tx,
  projectId: string,
  environment: string,
): Promise<Issuer | undefined> {
  const [row] = await tx<IssuerRow[]>`
    select * from issuers where project_id = ${projectId} and environment = ${environment} for update`
  return row && issuerOf(row)
}

export async function insertIssuer(
  tx: Tx,
  issuer: {
    issuerId: string
    projectId: string
    environment: string
    slug: string
    name: string
    accent: string | null
  },
): Promise<void> {
  await tx`
    insert into issuers (issuer_id, project_id, environment, slug, handle, name, accent)
    select ${issuer.issuerId}, ${issuer.projectId}, ${issuer.environment}, ${issuer.slug},
      ${handleOf(issuer.slug, issuer.environment)}, ${issuer.name}, ${issuer.accent}
    where not exists (select from erased_projects where project_id = ${issuer.projectId})
    on conflict do nothing`
}

/** Another environment of a project that is known. */
export async function insertEnvironment(
  tx: Tx,
  issuerId: string,
  projectId: string,
  environment: string,
): Promise<void> {
  await tx`
    insert into issuers (issuer_id, project_id, environment, slug, handle, name, accent, logo_url, home_url,
      support_email, archived)
    select ${issuerId}, project_id, ${environment}, slug, slug || '.' || ${environment}, name, accent, logo_url, home_url,
      support_email, archived
    from issuers where project_id = ${projectId} order by issuer_id limit 1
    on conflict do nothing`
}

export async function renameProject(tx: Tx, projectId: string, name: string): Promise<void> {
  await tx`update issuers set name = ${name} where project_id = ${projectId}`
}

export async function brandProject(
  tx: Tx,
  projectId: string,
  look: { accent: string; logoUrl?: string; homeUrl?: string; supportEmail?: string },
): Promise<void> {
  await tx`
    update issuers set accent = ${look.accent}, logo_url = ${look.logoUrl ?? null}, home_url = ${look.homeUrl ?? null},
      support_email = ${look.supportEmail ?? null}
    where project_id = ${projectId}`
}

export async function placeIssuer(
  tx: Tx,
  projectId: string,
  environment: string,
  places: Places,
): Promise<void> {
  await tx`
    update issuers set places = ${tx.json(places as never)}
    where project_id = ${projectId} and environment = ${environment}`
}

export async function archiveProject(tx: Tx, projectId: string, archived: boolean): Promise<void> {
  await tx`update issuers set archived = ${archived} where project_id = ${projectId}`
}

/** Erases issuers with apps, keys, people and grants; tokens that stand on no grant end with their apps. */
export async function eraseIssuers(
  tx: Tx,
  projectId: string,
  environment: string | undefined,
  now: Date,
): Promise<void> {
  if (environment === undefined)
    await tx`insert into erased_projects (project_id, erased_at) values (${projectId}, ${now}) on conflict do nothing`
  const gone = await tx<{ issuer_id: string }[]>`
    select issuer_id from issuers where project_id = ${projectId}
      ${environment === undefined ? tx`` : tx`and environment = ${environment}`} for update`
  for (const { issuer_id } of gone) {
    await tx`delete from grants where app_id in (select app_id from apps where issuer_id = ${issuer_id})`
    await tx`
      delete from sessions where end_user_id in (select end_user_id from end_users where issuer_id = ${issuer_id})`
    await tx`delete from end_user_words where issuer_id = ${issuer_id}`
    await tx`delete from issuers where issuer_id = ${issuer_id}`
  }
}

export async function saveSettings(tx: Tx, issuerId: string, settings: Settings): Promise<Issuer> {
  const [row] = await tx<IssuerRow[]>`
    update issuers set settings = ${tx.json(settings as never)}, version = version + 1
    where issuer_id = ${issuerId} returning *`
  return issuerOf(row!)
}

interface AppRow {
  app_id: string
  issuer_id: string
  name: string
  kind: AppKind
  settings: Partial<AppSettings>
  secret_hash: Buffer | null
  secret_hint: string | null
  previous_hash: Buffer | null
  previous_until: Date | null
  version: number
  created_at: Date
  changed_at: Date
}

function appOf(row: AppRow): App {
  return {
    appId: row.app_id,
    issuerId: row.issuer_id,
    name: row.name,
    kind: row.kind,
    settings: { ...defaultAppSettings, ...row.settings },
    secretHash: row.secret_hash,
    secretHint: row.secret_hint,
    previousHash: row.previous_hash,
    previousUntil: row.previous_until,
    version: row.version,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  }
}

export async function findApp(sql: Sql, issuerId: string, appId: string): Promise<App | undefined> {
  const [row] = await sql<AppRow[]>`select * from apps where app_id = ${appId} and issuer_id = ${issuerId}`
  return row && appOf(row)
}

export async function lockApp(tx: Tx, issuerId: string, appId: string): Promise<App | undefined> {
  const [row] = await tx<AppRow[]>`
    select * from apps where app_id = ${appId} and issuer_id = ${issuerId} for update`
  return row && appOf(row)
}

export async function listApps(
  sql: Sql,
  issuerId: string,
  limit: number,
  after: { createdAt: Date; appId: string } | undefined,
): Promise<App[]> {
  const rows = await sql<AppRow[]>`
    select * from apps where issuer_id = ${issuerId}
      ${after ? sql`and (created_at, app_id) < (${after.createdAt}, ${after.appId})` : sql``}
    order by created_at desc, app_id desc limit ${limit + 1}`
  return rows.map(appOf)
}

export async function countApps(sql: Sql, issuerId: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*) from apps where issuer_id = ${issuerId}`
  return row!.count
}

/** Names of apps by id, of one issuer. */
export async function namesOfApps(
  sql: Sql,
  issuerId: string,
  appIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await sql<{ app_id: string; name: string }[]>`
    select app_id, name from apps where app_id = any(${appIds as string[]}) and issuer_id = ${issuerId}`
  return new Map(rows.map((row) => [row.app_id, row.name]))
}

/** Inserts an app or replaces it whole. */
export async function saveApp(tx: Tx, app: App): Promise<void> {
  await tx`
    insert into apps (app_id, issuer_id, name, kind, settings, secret_hash, secret_hint, previous_hash, previous_until,
      version, created_at, changed_at)
    values (${app.appId}, ${app.issuerId}, ${app.name}, ${app.kind}, ${tx.json(app.settings as never)},
      ${app.secretHash}, ${app.secretHint}, ${app.previousHash}, ${app.previousUntil}, ${app.version},
      ${app.createdAt}, ${app.changedAt})
    on conflict (app_id) do update set name = excluded.name, settings = excluded.settings,
      secret_hash = excluded.secret_hash, secret_hint = excluded.secret_hint, previous_hash = excluded.previous_hash,
      previous_until = excluded.previous_until, version = excluded.version, changed_at = excluded.changed_at`
}

/** Deletes an app and what people let it do. */
export async function deleteApp(tx: Tx, appId: string): Promise<void> {
  await tx`delete from grants where app_id = ${appId}`
  await tx`delete from apps where app_id = ${appId}`
}
