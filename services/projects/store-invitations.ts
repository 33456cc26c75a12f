/** SQL of invitations. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Invitation } from './invitations.ts'

const columns = (sql: Sql) => sql`
  invitation_id as "invitationId", project_id as "projectId", email, role, state, invited_by as "invitedBy",
  created_at as "createdAt", sent_at as "sentAt", expires_at as "expiresAt"`

export async function findByToken(sql: Sql, hash: Buffer): Promise<Invitation | undefined> {
  const [row] = await sql<Invitation[]>`select ${columns(sql)} from invitations where token_hash = ${hash}`
  return row
}

/** An open invitation of a project. */
export async function findOpen(
  sql: Sql,
  projectId: string,
  invitationId: string,
): Promise<Invitation | undefined> {
  const [row] = await sql<Invitation[]>`
    select ${columns(sql)} from invitations
    where invitation_id = ${invitationId} and project_id = ${projectId} and state = 'open'`
  return row
}

/** The open invitation of an address. */
export async function findOpenFor(
  sql: Sql,
  projectId: string,
  email: string,
): Promise<Invitation | undefined> {
  const [row] = await sql<Invitation[]>`
    select ${columns(sql)} from invitations
    where project_id = ${projectId} and lower(email) = lower(${email}) and state = 'open'`
  return row
}

/** Inserts an invitation, or gives a known one another token and time. */
export async function saveInvitation(tx: Tx, invitation: Invitation, tokenHash: Buffer): Promise<void> {
  await tx`
    insert into invitations (invitation_id, project_id, email, role, token_hash, state, invited_by, created_at, sent_at,
      expires_at)
    values (${invitation.invitationId}, ${invitation.projectId}, ${invitation.email}, ${invitation.role}, ${tokenHash},
      ${invitation.state}, ${invitation.invitedBy}, ${invitation.createdAt}, ${invitation.sentAt},
      ${invitation.expiresAt})
    on conflict (invitation_id) do update set token_hash = excluded.token_hash, invited_by = excluded.invited_by,
      sent_at = excluded.sent_at, expires_at = excluded.expires_at`
}

/** Marks an invitation as answered and forgets the address. */
export async function answerInvitation(
  tx: Tx,
  invitationId: string,
  answer: 'accepted' | 'declined',
): Promise<void> {
  await tx`update invitations set state = ${answer}, email = null where invitation_id = ${invitationId}`
}

export async function deleteInvitation(tx: Tx, invitationId: string): Promise<void> {
  await tx`delete from invitations where invitation_id = ${invitationId}`
}

/** Open invitations, newest first; one more than `limit` when there is a next page. */
export async function listOpen(
  sql: Sql,
  projectId: string,
  limit: number,
  cursor?: string,
): Promise<Invitation[]> {
  return sql<Invitation[]>`
    select ${columns(sql)} from invitations
    where project_id = ${projectId} and state = 'open' ${cursor ? sql`and invitation_id < ${cursor}` : sql``}
    order by invitation_id desc
    limit ${limit + 1}`
}

/** How many invitations could still be accepted. */
export async function countPending(sql: Sql, projectId: string, now: Date): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from invitations
    where project_id = ${projectId} and state = 'open' and expires_at > ${now}`
  return row!.count
}

/** Takes back the open invitations that somebody sent to one of `roles`; how many. */
export async function withdrawInvitations(
  tx: Tx,
  projectId: string,
  invitedBy: string,
  roles: readonly string[],
): Promise<number> {
  const gone = await tx`
    delete from invitations
    where project_id = ${projectId} and state = 'open' and invited_by = ${invitedBy} and role in ${tx(roles as string[])}
    returning 1`
  return gone.length
}

export async function purgeInvitations(tx: Tx, expiredBefore: Date): Promise<void> {
  await tx`delete from invitations where expires_at < ${expiredBefore}`
}
