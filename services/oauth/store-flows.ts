/** SQL of flows. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Flow } from './flows.ts'
import type { Identity, Purpose } from './provider.ts'

interface Row {
  id: string
  configuration_id: string
  project_id: string
  environment: string
  purpose: Purpose
  stage: Flow['stage']
  return_to: string
  app_state: string | null
  end_user_id: string | null
  scopes: string[]
  login_hint: string | null
  posted_user: string | null
  identity: Identity | null
  connection_id: string | null
  expires_at: Date
}

const first = (rows: readonly Row[]): Flow | undefined =>
  rows[0] && {
    id: rows[0].id,
    configurationId: rows[0].configuration_id,
    projectId: rows[0].project_id,
    environment: rows[0].environment,
    purpose: rows[0].purpose,
    stage: rows[0].stage,
    returnTo: rows[0].return_to,
    appState: rows[0].app_state ?? undefined,
    endUserId: rows[0].end_user_id ?? undefined,
    scopes: rows[0].scopes,
    loginHint: rows[0].login_hint ?? undefined,
    postedUser: rows[0].posted_user ?? undefined,
    identity: rows[0].identity ?? undefined,
    connectionId: rows[0].connection_id ?? undefined,
    expiresAt: rows[0].expires_at,
  }

export async function insertFlow(sql: Sql, flow: Flow): Promise<void> {
  await sql`
    insert into flows (id, configuration_id, project_id, environment, purpose, stage, return_to, app_state, end_user_id,
      scopes, login_hint, expires_at)
    values (${flow.id}, ${flow.configurationId}, ${flow.projectId}, ${flow.environment}, ${flow.purpose}, ${flow.stage},
      ${flow.returnTo}, ${flow.appState ?? null}, ${flow.endUserId ?? null}, ${flow.scopes as string[]},
      ${flow.loginHint ?? null}, ${flow.expiresAt})`
}

export async function findFlow(sql: Sql, id: string): Promise<Flow | undefined> {
  return first(await sql<Row[]>`select * from flows where id = ${id}`)
}

/** Takes a flow from one stage to the next; of several who try at once, one succeeds. */
export async function advanceFlow(
  sql: Sql,
  id: string,
  from: Flow['stage'],
  to: Flow['stage'],
  now: Date,
): Promise<Flow | undefined> {
  return first(
    await sql<Row[]>`
    update flows set stage = ${to} where id = ${id} and stage = ${from} and expires_at > ${now} returning *`,
  )
}

export async function notePostedUser(sql: Sql, id: string, user: string): Promise<void> {
  await sql`update flows set posted_user = ${user} where id = ${id} and stage = 'sent' and posted_user is null`
}

/** Keeps what the provider said until the ticket is redeemed. */
export async function noteAnswer(
  tx: Tx,
  id: string,
  identity: Identity,
  connectionId: string,
  expiresAt: Date,
): Promise<void> {
  await tx`
    update flows set identity = ${tx.json(identity as never)}, connection_id = ${connectionId}, expires_at = ${expiresAt}
    where id = ${id}`
}

/** Deletes flows that ended long enough ago that nobody can still come back. */
export async function purgeFlows(tx: Tx, before: Date): Promise<void> {
  await tx`delete from flows where expires_at < ${before}`
}
