import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { projects, type Member as View } from './contract.ts'
import type { memberOperations } from './contract-members.ts'
import { changeTrouble, leaveTrouble, type Member, notGivenBy, type Role } from './members.ts'
import type { Project } from './projects.ts'
import { type Part, pageFrom } from './routes-part.ts'
import { forgetRoles, note, open, openActive } from './service-change.ts'
import { peopleOf, personOf } from './service-people.ts'
import { withdrawInvitations } from './store-invitations.ts'
import * as store from './store-members.ts'

async function viewOf({ sql }: Tools, member: Member): Promise<View> {
  const { userId, role, joinedAt } = member
  const people = await peopleOf(sql, [userId])
  return { ...personOf(userId, people.get(userId)), role, since: joinedAt.toISOString() }
}

async function ownersOf(tx: Tx, projectId: string): Promise<number> {
  return (await store.membersWith(tx, projectId, 'owner')).length
}

/** Writes another role and announces it; whether it may be is decided before. */
export async function changeRole(
  tx: Tx,
  tools: Tools,
  project: Project,
  member: Member,
  role: Role,
  by: string | undefined,
): Promise<void> {
  const { projectId, name } = project
  const { userId, role: before } = member
  await store.setRole(tx, projectId, userId, role)
  // A link that was mailed before must not give back what was taken away.
  await withdrawInvitations(tx, projectId, userId, notGivenBy(role))
  forgetRoles(tx, tools, projectId, userId)
  const about = { projectId, projectName: name, userId, role, before }
  emit(tx, projects, 'project.member.changed', by ? { ...about, by } : about)
}

/** Takes a member out and announces it; whether they may go is decided before. */
export async function removeMember(
  tx: Tx,
  tools: Tools,
  project: Project,
  member: Member,
  by: string | undefined,
): Promise<void> {
  const { projectId, name } = project
  const { userId, role } = member
  await store.removeMember(tx, projectId, userId)
  await withdrawInvitations(tx, projectId, userId, notGivenBy(undefined))
  forgetRoles(tx, tools, projectId, userId)
  const about = { projectId, projectName: name, userId, role }
  emit(tx, projects, 'project.member.removed', by ? { ...about, by } : about)
}

export const memberRoutes: Part<
  Pick<
    typeof memberOperations,
    'listMembers' | 'changeRole' | 'removeMember' | 'leaveProject' | 'transferOwnership'
  >
> = () => ({
  async listMembers({ sql, params, query }) {
    const limit = query.limit ?? 25
    const [joinedAt, userId] = query.cursor ? decodeCursor(query.cursor, 2).map(String) : []
    const after = joinedAt && userId ? { joinedAt, userId } : undefined
    const rows = await store.listMembers(sql, params.projectId, limit, after)
    return pageFrom(
      rows,
      limit,
      (row) => ({ ...personOf(row.userId, row), role: row.role, since: row.joinedAt.toISOString() }),
      (row) => encodeCursor([row.joinedAt.toISOString(), row.userId]),
    )
  },

  async changeRole(call) {
    const { params, body, caller, fail } = call
    const changed = await call.transact(async (tx) => {
      const { project, role } = await openActive(tx, call, 'admin')
      const member = await store.findMember(tx, params.projectId, params.userId)
      if (!member) return fail('notFound')
      if (member.role === body.role) return member
      const trouble = changeTrouble(role, member, body.role, await ownersOf(tx, params.projectId))
      if (trouble) return fail(trouble)
      await changeRole(tx, call, project, member, body.role, caller.id)
      const { userId, role: before } = member
      await note(tx, call, params.projectId, 'member.changed', { userId, before, role: body.role })
      return { ...member, role: body.role }
    })
    return viewOf(call, changed)
  },

  removeMember: (call) =>
    call.transact(async (tx) => {
      const { params, caller, fail } = call
      const { project, role } = await openActive(tx, call, 'admin')
      const member = await store.findMember(tx, params.projectId, params.userId)
      if (!member) return fail('notFound')
      const trouble = changeTrouble(role, member, undefined, await ownersOf(tx, params.projectId))
      if (trouble) return fail(trouble)
      await removeMember(tx, call, project, member, caller.id)
      await note(tx, call, params.projectId, 'member.removed', { userId: member.userId, role: member.role })
    }),

  leaveProject: (call) =>
    call.transact(async (tx) => {
      const { params, caller, fail } = call
      const { project } = await open(tx, call, 'viewer')
      const member = (await store.findMember(tx, params.projectId, caller.id))!
      const trouble = leaveTrouble(member, undefined, await ownersOf(tx, params.projectId))
      if (trouble) return fail(trouble)
      await removeMember(tx, call, project, member, caller.id)
      await note(tx, call, params.projectId, 'member.left', { userId: caller.id, role: member.role })
    }),

  async transferOwnership(call) {
    const { params, body, caller, fail } = call
    const heir = await call.transact(async (tx) => {
      const { project } = await openActive(tx, call, 'owner')
      const self = (await store.findMember(tx, params.projectId, caller.id))!
      const member = await store.findMember(tx, params.projectId, body.userId)
      if (!member || member.userId === caller.id) return fail('notAMember')
      if (member.role !== 'owner') await changeRole(tx, call, project, member, 'owner', caller.id)
      await changeRole(tx, call, project, self, 'admin', caller.id)
      await note(tx, call, params.projectId, 'member.transferred', { userId: member.userId })
      return { ...member, role: 'owner' as const }
    })
    return viewOf(call, heir)
  },
})
