import { emit, on, type Received, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { users } from '@pleiad/users/contract'
import { projects } from './contract.ts'
import { activityHandlers } from './handlers-activity.ts'
import { leaveTrouble, type Member, successorOf } from './members.ts'
import { next, type Project } from './projects.ts'
import { changeRole, removeMember } from './routes-members.ts'
import { forgetPrograms, note } from './service-change.ts'
import type { Own } from './service-own.ts'
import * as store from './store-members.ts'
import { lockProject, saveProject } from './store-projects.ts'

type Call = Tools & { readonly tx: Tx }

/** Gives a project that loses its last owner another one, or lets it rest until an administrator appoints one. */
async function replaceOwner(call: Call, project: Project): Promise<void> {
  const { tx } = call
  const { projectId, name } = project
  const heir = successorOf(await store.membersWith(tx, projectId, 'admin'))
  if (heir) {
    await changeRole(tx, call, project, heir, 'owner', undefined)
    return note(tx, call, projectId, 'member.succeeded', { userId: heir.userId })
  }
  const archivedAt = project.archivedAt ?? call.now()
  await saveProject(tx, next(project, { archivedAt, ownerless: true }, call.now()))
  forgetPrograms(tx, call, { projectId })
  if (!project.archivedAt && !project.deleteAt) emit(tx, projects, 'project.archived', { projectId })
  emit(tx, projects, 'project.orphaned', { projectId, projectName: name })
  call.count('projects_orphaned_total')
  await note(tx, call, projectId, 'project.orphaned')
}

async function eraseMember(call: Call, project: Project, member: Member): Promise<void> {
  const { tx } = call
  const owners = await store.membersWith(tx, project.projectId, 'owner')
  await removeMember(tx, call, project, member, undefined)
  await note(tx, call, project.projectId, 'member.erased', { role: member.role })
  if (leaveTrouble(member, undefined, owners.length)) await replaceOwner(call, project)
}

async function follow(
  { tx, event }: { tx: Tx; event: Received<Parameters<typeof store.savePerson>[1]> },
  _own: Own,
): Promise<void> {
  const { userId, username, displayName, locale, version } = event.data
  await store.savePerson(tx, { userId, username: username ?? '', displayName, locale, version })
}

export const handlers = {
  ...activityHandlers,
  learnName: on(users, 'user.created', follow, { ordered: true }),
  followName: on(users, 'user.updated', follow, { ordered: true }),

  eraseMemberships: on(
    users,
    'user.deleted',
    async (call, _own: Own) => {
      const { tx, event } = call
      const { userId } = event.data
      await store.erasePerson(tx, userId)
      // Ordered by project: two handlers that lock several do not wait for each other in a circle.
      for (const { projectId } of await store.membershipsOf(tx, userId)) {
        const project = await lockProject(tx, projectId)
        const member = project && (await store.findMember(tx, projectId, userId))
        if (member) await eraseMember(call, project, member)
      }
    },
    { ordered: true },
  ),
}
