/** SQL of configurations, of what is known of projects, and of the health of providers. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Configuration } from './configurations.ts'

interface Row {
  id: string
  project_id: string
  environment: string
  provider: string
  catalogue: string
  name: string
  client_id: string
  secret: Buffer | null
  secret_changed_at: Date | null
  settings: Record<string, string>
  scopes: string[]
  parameters: Record<string, string>
  return_urls: string[]
  sign_in: boolean
  enabled: boolean
  handle: string
  epoch: number
  version: number
  created_at: Date
  updated_at: Date
}

export interface Place {
  readonly projectId: string
  readonly environment: string
}

/** A configuration with its secret as it is sealed. */
export interface Sealed {
  readonly configuration: Configuration
  readonly secret: Buffer | undefined
}

function sealedOf(row: Row): Sealed {
  return {
    secret: row.secret ?? undefined,
    configuration: {
      id: row.id,
      projectId: row.project_id,
      environment: row.environment,
      provider: row.provider,
      catalogue: row.catalogue,
      name: row.name,
      clientId: row.client_id,
      secretSet: row.secret !== null,
      secretChangedAt: row.secret_changed_at ?? undefined,
      settings: row.settings,
      scopes: row.scopes,
      parameters: row.parameters,
      returnUrls: row.return_urls,
      signIn: row.sign_in,
      enabled: row.enabled,
      handle: row.handle,
      epoch: row.epoch,
      version: row.version,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    },
  }
}

const first = (rows: readonly Row[]): Sealed | undefined => rows[0] && sealedOf(rows[0])

/** Configurations of an environment, the oldest first. */
export async function listConfigurations(
  sql: Sql,
  { projectId, environment }: Place,
): Promise<Configuration[]> {
  const rows = await sql<Row[]>`
    select * from configurations
    where project_id = ${projectId} and environment = ${environment} and removed_at is null order by id limit 200`
  return rows.map((row) => sealedOf(row).configuration)
}

export async function findConfiguration(
  sql: Sql,
  place: Place,
  provider: string,
): Promise<Sealed | undefined> {
  return first(
    await sql<Row[]>`
    select * from configurations
    where project_id = ${place.projectId} and environment = ${place.environment} and provider = ${provider}
      and removed_at is null`,
  )
}

export async function lockConfiguration(tx: Tx, place: Place, provider: string): Promise<Sealed | undefined> {
  return first(
    await tx<Row[]>`
    select * from configurations
    where project_id = ${place.projectId} and environment = ${place.environment} and provider = ${provider}
      and removed_at is null for update`,
  )
}

/** A configuration by its id, removed ones too: their tokens are still to be revoked. */
export async function findConfigurationById(sql: Sql, id: string): Promise<Sealed | undefined> {
  return first(await sql<Row[]>`select * from configurations where id = ${id}`)
}

/** Inserts a configuration or replaces it whole. */
export async function saveConfiguration(
  tx: Tx,
  configuration: Configuration,
  secret: Buffer | undefined,
): Promise<void> {
  const c = configuration
  await tx`
    insert into configurations (id, project_id, environment, provider, catalogue, name, client_id, secret,
      secret_changed_at, settings, scopes, parameters, return_urls, sign_in, enabled, handle, version, created_at, updated_at)
    values (${c.id}, ${c.projectId}, ${c.environment}, ${c.provider}, ${c.catalogue}, ${c.name}, ${c.clientId},
      ${secret ?? null}, ${c.secretChangedAt ?? null}, ${tx.json(c.settings as never)}, ${c.scopes as string[]},
      ${tx.json(c.parameters as never)}, ${c.returnUrls as string[]}, ${c.signIn}, ${c.enabled}, ${c.handle}, ${c.version},
      ${c.createdAt}, ${c.updatedAt})
    on conflict (id) do update set name = excluded.name, client_id = excluded.client_id, secret = excluded.secret,
      secret_changed_at = excluded.secret_changed_at, settings = excluded.settings, scopes = excluded.scopes,
      parameters = excluded.parameters, return_urls = excluded.return_urls, sign_in = excluded.sign_in,
      enabled = excluded.enabled, version = excluded.version, updated_at = excluded.updated_at`
}

/**
 * Notes that a configuration has got another address. Who is on the way through the old one begins anew, and what nobody
 * has claimed of it is forgotten.
 */
export async function moveConfiguration(tx: Tx, id: string, now: Date): Promise<void> {
  await tx`update configurations set epoch = epoch + 1, moved_at = ${now} where id = ${id}`
  await tx`update flows set expires_at = least(expires_at, ${now}) where configuration_id = ${id}`
  await tx`delete from connections where configuration_id = ${id} and state = 'pending'`
}

/** Configurations that have moved, of which connections may be left behind. */
export async function listMoved(sql: Sql, limit: number): Promise<{ id: string; moved_at: Date }[]> {
  return sql<{ id: string; moved_at: Date }[]>`
    select id, moved_at from configurations where moved_at is not null order by moved_at limit ${limit}`
}

export async function settleMoved(tx: Tx, id: string): Promise<void> {
  await tx`update configurations set moved_at = null where id = ${id}`
}

/** Takes a configuration out of use; the row stays until its connections are gone. */
export async function removeConfiguration(tx: Tx, id: string, now: Date): Promise<void> {
  await tx`update configurations set removed_at = ${now}, enabled = false where id = ${id} and removed_at is null`
}

/** Removes every configuration of a project, or of one environment. Returns their ids. */
export async function removeConfigurations(
  tx: Tx,
  projectId: string,
  environment: string | undefined,
  now: Date,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update configurations set removed_at = coalesce(removed_at, ${now}), enabled = false
    where project_id = ${projectId} ${environment === undefined ? tx`` : tx`and environment = ${environment}`}
    returning id`
  return rows.map(({ id }) => id)
}

/** Deletes removed configurations that no connection needs any more. */
export async function purgeConfigurations(tx: Tx): Promise<void> {
  await tx`
    delete from configurations c where removed_at is not null
      and not exists (select 1 from connections where configuration_id = c.id)`
}

export type ProjectState = 'active' | 'archived' | 'deleted'

/** The state of a project: active when nothing is known yet, because events may be on their way. */
export async function projectState(sql: Sql, projectId: string): Promise<ProjectState> {
  const [row] = await sql<
    { state: ProjectState }[]
  >`select state from projects where project_id = ${projectId}`
  return row?.state ?? 'active'
}

/** Notes what an event says of a project; the latest event counts, and deleted is for good. */
export async function noteProject(tx: Tx, projectId: string, state: ProjectState, at: Date): Promise<void> {
  await tx`
    insert into projects (project_id, state, state_at) values (${projectId}, ${state}, ${at})
    on conflict (project_id) do update set state = excluded.state, state_at = excluded.state_at
      where projects.state <> 'deleted' and (excluded.state = 'deleted' or projects.state_at <= excluded.state_at)`
}

export async function noteEnvironment(tx: Tx, place: Place, present: boolean, at: Date): Promise<void> {
  await tx`
    insert into environments (project_id, environment, present, changed_at)
    values (${place.projectId}, ${place.environment}, ${present}, ${at})
    on conflict (project_id, environment) do update set present = excluded.present, changed_at = excluded.changed_at
      where environments.changed_at <= excluded.changed_at`
}

export async function hasEnvironment(sql: Sql, place: Place): Promise<boolean> {
  const rows = await sql`
    select 1 from environments
    where project_id = ${place.projectId} and environment = ${place.environment} and present`
  return rows.length > 0
}

export interface CallResult {
  readonly configurationId: string
  readonly ms: number
  readonly trouble?: { readonly code: string; readonly words: string } | undefined
}

/** Counts one request to a provider and remembers how it went. */
export async function noteCall(
  sql: Sql,
  { configurationId, ms, trouble }: CallResult,
  now: Date,
): Promise<void> {
  const hour = new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000)
  const took = Math.round(ms)
  await sql`
    with counted as (
      insert into provider_calls as c (configuration_id, hour, succeeded, failed, total_ms, slowest_ms)
      values (${configurationId}, ${hour}, ${trouble ? 0 : 1}, ${trouble ? 1 : 0}, ${took}, ${took})
      on conflict (configuration_id, hour) do update set succeeded = c.succeeded + excluded.succeeded,
        failed = c.failed + excluded.failed, total_ms = c.total_ms + excluded.total_ms,
        slowest_ms = greatest(c.slowest_ms, excluded.slowest_ms)
    )
    insert into provider_health as h (configuration_id, last_success_at, last_failure_at, last_failure_code, last_failure_words)
    values (${configurationId}, ${trouble ? null : now}, ${trouble ? now : null}, ${trouble?.code ?? null},
      ${trouble?.words ?? null})
    on conflict (configuration_id) do update set
      last_success_at = coalesce(excluded.last_success_at, h.last_success_at),
      last_failure_at = coalesce(excluded.last_failure_at, h.last_failure_at),
      last_failure_code = coalesce(excluded.last_failure_code, h.last_failure_code),
      last_failure_words = coalesce(excluded.last_failure_words, h.last_failure_words)`
}

export interface HealthRow {
  readonly configuration_id: string
  readonly succeeded: number
  readonly failed: number
  readonly total_ms: number
  readonly slowest_ms: number
  readonly last_success_at: Date | null
  readonly last_failure_at: Date | null
  readonly last_failure_code: string | null
  readonly last_failure_words: string | null
  readonly active: number
  readonly broken: number
}

/** What happened at each of the configurations since `since`. */
export async function healthOf(sql: Sql, ids: readonly string[], since: Date): Promise<HealthRow[]> {
  return sql<HealthRow[]>`
    select i.id as configuration_id, coalesce(c.succeeded, 0)::int as succeeded, coalesce(c.failed, 0)::int as failed,
      coalesce(c.total_ms, 0)::bigint as total_ms, coalesce(c.slowest_ms, 0)::int as slowest_ms,
      h.last_success_at, h.last_failure_at, h.last_failure_code, h.last_failure_words,
      coalesce(n.active, 0)::int as active, coalesce(n.broken, 0)::int as broken
    from unnest(${ids as string[]}::uuid[]) as i(id)
    left join lateral (
      select sum(succeeded) as succeeded, sum(failed) as failed, sum(total_ms) as total_ms, max(slowest_ms) as slowest_ms
      from provider_calls where configuration_id = i.id and hour >= ${since}) c on true
    left join provider_health h on h.configuration_id = i.id
    left join lateral (
      select count(*) filter (where state = 'active') as active, count(*) filter (where state = 'broken') as broken
      from connections where configuration_id = i.id and state in ('active', 'broken')) n on true`
}

export async function purgeCalls(tx: Tx, before: Date): Promise<void> {
  await tx`delete from provider_calls where hour < ${before}`
}
