/** SQL of environments. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Environment } from './environments.ts'

const columns = (sql: Sql) => sql`
  project_id as "projectId", environment, settings, version, created_at as "createdAt", updated_at as "updatedAt"`

export async function findEnvironment(
  sql: Sql,
  projectId: string,
  environment: string,
): Promise<Environment | undefined> {
  const [row] = await sql<Environment[]>`
    select ${columns(sql)} from environments where project_id = ${projectId} and environment = ${environment}`
  return row
}

/** Environments, production first. There are few. */
export async function listEnvironments(sql: Sql, projectId: string): Promise<Environment[]> {
  return sql<Environment[]>`
    select ${columns(sql)} from environments where project_id = ${projectId}
    order by environment <> 'production', environment`
}

export async function saveEnvironment(tx: Tx, environment: Environment): Promise<void> {
  await tx`
    insert into environments (project_id, environment, settings, version, created_at, updated_at)
    values (${environment.projectId}, ${environment.environment}, ${tx.json(environment.settings as never)},
      ${environment.version}, ${environment.createdAt}, ${environment.updatedAt})
    on conflict (project_id, environment) do update set settings = excluded.settings, version = excluded.version,
      updated_at = excluded.updated_at`
}

export async function deleteEnvironment(tx: Tx, projectId: string, environment: string): Promise<void> {
  await tx`delete from environments where project_id = ${projectId} and environment = ${environment}`
}
