import { type Answer, type Caller, emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { projects, type Invitation as View } from './contract.ts'
import type { memberOperations } from './contract-members.ts'
import * as invitations from './invitations.ts'
import { mayGive } from './members.ts'
import { listedOf, logoUrlOf, type Project, restingOf } from './projects.ts'
import { isFull } from './quotas.ts'
import { type Part, pageFrom } from './routes-part.ts'
import { forgetRoles, note, open, openActive } from './service-change.ts'
import type { Own } from './service-own.ts'
import { learnPerson, peopleOf, personOf } from './service-people.ts'
import { nthInvitationAt } from './store-activity.ts'
import * as store from './store-invitations.ts'
import { addMember, countMembers, findMember, type PersonName } from './store-members.ts'
import { findProject, lockProject } from './store-projects.ts'

type Invitation = invitations.Invitation

function viewOf(invitation: Invitation, people: ReadonlyMap<string, PersonName>, now: Date): View {
  const { invitationId, email, role, invitedBy, createdAt, sentAt, expiresAt } = invitation
  return {
    invitationId,
    email: email ?? '',
    role,
    state: expiresAt > now ? 'pending' : 'expired',
    ...(invitedBy ? { invitedBy: personOf(invitedBy, people.get(invitedBy)) } : {}),
    createdAt: createdAt.toISOString(),
    sentAt: sentAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }
}

/** Gives an invitation a new token and asks for the mail that carries it. The token is nowhere else. */
async function send(
  tx: Tx,
  call: Tools & { readonly caller: Caller },
  { settings }: Own,
  project: Project,
  draft: Omit<Invitation, 'sentAt' | 'expiresAt' | 'invitedBy'> & { readonly email: string },
): Promise<View> {
  const sentAt = call.now()
  const by = call.caller.id
  const expiresAt = invitations.expiryOf(sentAt, settings.PROJECTS_INVITATION_DAYS)
  const invitation = { ...draft, invitedBy: by, sentAt, expiresAt }
  const { token, hash } = invitations.newToken()
  await store.saveInvitation(tx, invitation, hash)
  const people = await peopleOf(tx, [by])
  const inviter = people.get(by)
  const { email, role, invitationId } = invitation
  emit(tx, projects, 'project.invitation.sent', {
    projectId: project.projectId,
    by,
    projectName: project.name,
    invitationId,
    email,
    role,
    ...(inviter?.displayName ? { inviterName: inviter.displayName } : {}),
    locale: inviter?.locale ?? 'en',
    expiresAt: expiresAt.toISOString(),
    sealedUrl: call.sealFor('notifications', invitations.invitationUrl(call.publicUrl, token)),
  })
  await note(tx, call, project.projectId, 'member.invited', { email: invitations.maskEmail(email), role })
  return viewOf(invitation, people, sentAt)
}

/** Tells when it may be tried again: programs read the header, people the field. */
function retryAfter(call: Tools & { readonly answer: Answer }, at: Date): { retryAt: string } {
  const seconds = Math.ceil((at.getTime() - call.now().getTime()) / 1000)
  call.answer.header('retry-after', String(seconds))
  return { retryAt: at.toISOString() }
}

/** Refuses when the project has sent enough for today. */
async function checkMails(
  tx: Tx,
  call: Tools & {
    readonly answer: Answer
    readonly fail: (code: 'tooManyInvitations', detail?: string, more?: Record<string, unknown>) => never
  },
  { settings }: Own,
  projectId: string,
): Promise<void> {
  const limit = settings.PROJECTS_INVITATIONS_PER_DAY
  if (limit === 0) return
  const at = invitations.nextMailAt(await nthInvitationAt(tx, projectId, limit), call.now())
  if (at) call.fail('tooManyInvitations', undefined, { limit, ...retryAfter(call, at) })
}

type AnswerCall = Tools & {
  readonly body: { readonly token: string }
  readonly fail: (
    code:
      | 'invitationUnknown'
      | 'invitationUsed'
      | 'invitationExpired'
      | 'projectArchived'
      | 'projectBeingDeleted',
  ) => never
}

/** The invitation behind a token and its project, both as they are under the project's lock. */
async function openByToken(tx: Tx, call: AnswerCall): Promise<{ invitation: Invitation; project: Project }> {
  const hash = invitations.hashToken(call.body.token)
  const found = await store.findByToken(tx, hash)
  const project = found && (await lockProject(tx, found.projectId))
  if (!project) return call.fail('invitationUnknown')
  // Read again: until the lock was ours, somebody else may have answered.
  const invitation = await store.findByToken(tx, hash)
  const trouble = invitations.answerTrouble(invitation, call.now()) ?? restingOf(project)
  return trouble ? call.fail(trouble) : { invitation: invitation!, project }
}

export const invitationRoutes: Part<
  Pick<
    typeof memberOperations,
    | 'listInvitations'
    | 'inviteMember'
    | 'resendInvitation'
    | 'revokeInvitation'
    | 'previewInvitation'
    | 'acceptInvitation'
    | 'declineInvitation'
  >
> = (own) => ({
  async listInvitations({ sql, params, query, now }) {
    const limit = query.limit ?? 25
    const rows = await store.listOpen(sql, params.projectId, limit, query.cursor)
    const people = await peopleOf(
      sql,
      rows.map(({ invitedBy }) => invitedBy),
    )
    return pageFrom(
      rows,
      limit,
      (row) => viewOf(row, people, now()),
      (row) => row.invitationId,
    )
  },

  inviteMember: (call) =>
    call.transact(async (tx) => {
      const { params, body, fail } = call
      const { project, role } = await openActive(tx, call, 'admin')
      if (!mayGive(role, body.role)) return fail('roleAboveOwn')
      const known = await store.findOpenFor(tx, params.projectId, body.email)
      if (known) return fail('alreadyInvited', undefined, { invitationId: known.invitationId })
      const limit = own.settings.PROJECTS_MEMBERS
      const used =
        (await countMembers(tx, params.projectId)) +
        (await store.countPending(tx, params.projectId, call.now()))
      if (isFull(limit, used)) return fail('quotaReached', undefined, { quota: 'members', limit })
      await checkMails(tx, call, own, params.projectId)
      call.count('invitations_total', { what: 'sent' })
      return send(tx, call, own, project, {
        invitationId: call.newId(),
        projectId: params.projectId,
        email: body.email,
        role: body.role,
        state: 'open',
        createdAt: call.now(),
      })
    }),

  resendInvitation: (call) =>
    call.transact(async (tx) => {
      const { params, fail } = call
      const { project, role } = await openActive(tx, call, 'admin')
      const invitation = await store.findOpen(tx, params.projectId, params.invitationId)
      if (!invitation?.email) return fail('notFound')
      if (!mayGive(role, invitation.role)) return fail('roleAboveOwn')
      const retryAt = invitations.resendableAt(invitation, call.now())
      if (retryAt) return fail('invitationTooSoon', undefined, retryAfter(call, retryAt))
      await checkMails(tx, call, own, params.projectId)
      call.count('invitations_total', { what: 'resent' })
      return send(tx, call, own, project, { ...invitation, email: invitation.email })
    }),

  revokeInvitation: (call) =>
    call.transact(async (tx) => {
      const { params, fail } = call
      await open(tx, call, 'admin')
      const invitation = await store.findOpen(tx, params.projectId, params.invitationId)
      if (!invitation?.email) return fail('notFound')
      await store.deleteInvitation(tx, params.invitationId)
      const email = invitations.maskEmail(invitation.email)
      await note(tx, call, params.projectId, 'member.uninvited', { email })
    }),

  async previewInvitation(call) {
    const { sql, now, fail } = call
    const invitation = await store.findByToken(sql, invitations.hashToken(call.body.token))
    const trouble = invitations.answerTrouble(invitation, now())
    if (trouble || !invitation) return fail(trouble ?? 'invitationUnknown')
    const project = await findProject(sql, invitation.projectId)
    if (!project) return fail('invitationUnknown')
    const resting = restingOf(project)
    if (resting) return fail(resting)
    const people = await peopleOf(sql, [invitation.invitedBy])
    const inviterName = people.get(invitation.invitedBy ?? '')?.displayName
    const logoUrl = logoUrlOf(project)
    return {
      projectName: project.name,
      accent: project.accent,
      ...(logoUrl ? { logoUrl } : {}),
      role: invitation.role,
      ...(inviterName ? { inviterName } : {}),
      email: invitations.maskEmail(invitation.email ?? ''),
      expiresAt: invitation.expiresAt.toISOString(),
    }
  },

  async acceptInvitation(call) {
    const { caller, fail } = call
    await learnPerson(call, caller.id)
    return call.transact(async (tx) => {
      const { invitation, project } = await openByToken(tx, call)
      const { projectId, name } = project
      if (await findMember(tx, projectId, caller.id)) return fail('alreadyMember')
      const limit = own.settings.PROJECTS_MEMBERS
      if (isFull(limit, await countMembers(tx, projectId)))
        return fail('quotaReached', undefined, { quota: 'members', limit })
      const { role, invitedBy } = invitation
      await addMember(tx, projectId, { userId: caller.id, role, joinedAt: call.now() })
      await store.answerInvitation(tx, invitation.invitationId, 'accepted')
      forgetRoles(tx, call, projectId, caller.id)
      emit(tx, projects, 'project.member.added', {
        projectId,
        by: caller.id,
        projectName: name,
        userId: caller.id,
        role,
        ...(invitedBy ? { inviter: invitedBy } : {}),
      })
      await note(tx, call, projectId, 'member.added', { userId: caller.id, role })
      call.count('invitations_total', { what: 'accepted' })
      return listedOf(project, role)
    })
  },

  declineInvitation: (call) =>
    call.transact(async (tx) => {
      const { invitation, project } = await openByToken(tx, call)
      await store.answerInvitation(tx, invitation.invitationId, 'declined')
      const email = invitations.maskEmail(invitation.email ?? '')
      const nobody = { byKind: 'system', byId: null } as const
      await note(tx, call, project.projectId, 'member.declined', { email }, nobody)
      call.count('invitations_total', { what: 'declined' })
    }),
})
