/** SQL of environments and endpoints. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { EndpointDraft } from './contract.ts'
import type { StoredEndpoint } from './endpoints.ts'

interface Row {
  endpoint_id: string
  project_id: string
  environment: string
  url: string
  description: string
  events: string[]
  enabled: boolean
  disabled_reason: 'gone' | null
  secret_hint: string
  secret: Buffer
  previous_secret: Buffer | null
  previous_until: Date | null
  last_success_at: Date | null
  last_failure_at: Date | null
  version: number
  created_at: Date
}

function endpointOf(row: Row): StoredEndpoint {
  return {
    endpointId: row.endpoint_id,
    projectId: row.project_id,
    environment: row.environment,
    url: row.url,
    description: row.description,
    events: row.events,
    enabled: row.enabled,
    disabledReason: row.disabled_reason,
    secretHint: row.secret_hint,
    secret: row.secret,
    previousSecret: row.previous_secret,
    previousUntil: row.previous_until,
    lastSuccessAt: row.last_success_at,
    lastFailureAt: row.last_failure_at,
    version: row.version,
    createdAt: row.created_at,
  }
}

/** Environments of a project exist, unless they were erased before this was heard. */
export async function addEnvironments(tx: Tx, projectId: string, names: readonly string[]): Promise<void> {
  await tx`
    insert into environments (project_id, environment)
    select ${projectId}, name from unnest(${names as string[]}::text[]) name
    where not exists (
      select from erased where project_id = ${projectId} and environment in ('', name))
    on conflict do nothing`
}

export async function setArchived(tx: Tx, projectId: string, archived: boolean): Promise<void> {
  await tx`update environments set archived = ${archived} where project_id = ${projectId}`
}

/** Deletes all of an environment, or of the project when `environment` is empty, and remembers that it is gone. */
export async function erase(tx: Tx, projectId: string, environment = ''): Promise<void> {
  await tx`insert into erased (project_id, environment) values (${projectId}, ${environment}) on conflict do nothing`
  const here = environment ? tx`and environment = ${environment}` : tx``
  await tx`delete from endpoints where project_id = ${projectId} ${here}`
  await tx`delete from messages where project_id = ${projectId} ${here}`
  await tx`delete from environments where project_id = ${projectId} ${here}`
}

/** Holds the environment, so that two who add to it at once see each other. */
export async function lockEnvironment(
  tx: Tx,
  projectId: string,
  environment: string,
): Promise<{ archived: boolean } | undefined> {
  const rows = await tx<{ archived: boolean }[]>`
    select archived from environments where project_id = ${projectId} and environment = ${environment} for update`
  return rows[0]
}

export async function findEnvironment(
  sql: Sql,
  projectId: string,
  environment: string,
): Promise<{ archived: boolean } | undefined> {
  const rows = await sql<{ archived: boolean }[]>`
    select archived from environments where project_id = ${projectId} and environment = ${environment}`
  return rows[0]
}

export async function listEndpoints(
  sql: Sql,
  projectId: string,
  environment: string,
): Promise<StoredEndpoint[]> {
  const rows = await sql<Row[]>`
    select * from endpoints where project_id = ${projectId} and environment = ${environment} order by endpoint_id`
  return rows.map(endpointOf)
}

export async function insertEndpoint(tx: Tx, endpoint: StoredEndpoint): Promise<void> {
  await tx`
    insert into endpoints (endpoint_id, project_id, environment, url, description, events, enabled, secret_hint, secret,
      created_at)
    values (${endpoint.endpointId}, ${endpoint.projectId}, ${endpoint.environment}, ${endpoint.url},
      ${endpoint.description}, ${endpoint.events as string[]}, ${endpoint.enabled}, ${endpoint.secretHint},
      ${endpoint.secret}, ${endpoint.createdAt})`
}

export async function lockEndpoint(
  tx: Tx,
  place: { projectId: string; environment: string; endpointId: string },
): Promise<StoredEndpoint | undefined> {
  const rows = await tx<Row[]>`
    select * from endpoints where endpoint_id = ${place.endpointId} and project_id = ${place.projectId}
      and environment = ${place.environment} for update`
  return rows[0] && endpointOf(rows[0])
}

export async function findEndpoint(sql: Sql, endpointId: string): Promise<StoredEndpoint | undefined> {
  const rows = await sql<Row[]>`select * from endpoints where endpoint_id = ${endpointId}`
  return rows[0] && endpointOf(rows[0])
}

/** Saves what a member sets; switching it on forgets why it was off. */
export async function saveEndpoint(
  tx: Tx,
  endpointId: string,
  { url, description, events, enabled }: EndpointDraft,
): Promise<StoredEndpoint> {
  const rows = await tx<Row[]>`
    update endpoints set url = ${url}, description = ${description}, events = ${events}, enabled = ${enabled},
      disabled_reason = case when ${enabled} then null else disabled_reason end, version = version + 1
    where endpoint_id = ${endpointId} returning *`
  return endpointOf(rows[0]!)
}

export async function saveSecret(
  tx: Tx,
  endpointId: string,
  next: { secret: Buffer; hint: string; previous: Buffer | null; previousUntil: Date | null },
): Promise<StoredEndpoint> {
  const rows = await tx<Row[]>`
    update endpoints set secret = ${next.secret}, secret_hint = ${next.hint}, previous_secret = ${next.previous},
      previous_until = ${next.previousUntil}, version = version + 1
    where endpoint_id = ${endpointId} returning *`
  return endpointOf(rows[0]!)
}

export async function removeEndpoint(tx: Tx, endpointId: string): Promise<void> {
  await tx`delete from endpoints where endpoint_id = ${endpointId}`
}

/** It said that it is gone: nothing is sent to it until a member switches it on again. */
export async function switchOff(tx: Tx, endpointId: string): Promise<void> {
  await tx`
    update endpoints set enabled = false, disabled_reason = 'gone', version = version + 1
    where endpoint_id = ${endpointId} and enabled`
}

/** Notes the outcome of an attempt, at most once in ten seconds: many deliveries would fight over the row. */
export async function noteOutcome(tx: Tx, endpointId: string, delivered: boolean, now: Date): Promise<void> {
  const recent = new Date(now.getTime() - 10_000)
  if (delivered)
    await tx`
      update endpoints set last_success_at = ${now}
      where endpoint_id = ${endpointId} and (last_success_at is null or last_success_at < ${recent})`
  else
    await tx`
      update endpoints set last_failure_at = ${now}
      where endpoint_id = ${endpointId} and (last_failure_at is null or last_failure_at < ${recent})`
}
