/** What administrators of the platform do with all projects. */
import { emit } from '@pleiad/platform/service'
import { projects } from './contract.ts'
import type { administrationOperations } from './contract-administration.ts'
import { anyOf, next } from './projects.ts'
import { changeRole } from './routes-members.ts'
import { type Part, pageFrom } from './routes-part.ts'
import { forgetRoles, note } from './service-change.ts'
import { learnPerson } from './service-people.ts'
import { addMember, countMembers, findMember } from './store-members.ts'
import { listAllProjects, lockProject, saveProject } from './store-projects.ts'

export const administrationRoutes: Part<typeof administrationOperations> = () => ({
  async listAllProjects({ sql, query }) {
    const limit = query.limit ?? 25
    const rows = await listAllProjects(sql, { ...query, limit })
    return pageFrom(
      rows,
      limit,
      ({ project, members }) => anyOf(project, members),
      ({ project }) => project.projectId,
    )
  },

  async appointOwner(call) {
    const { params, body, caller, fail } = call
    if (!(await learnPerson(call, body.userId))) return fail('notFound', 'There is no such person.')
    return call.transact(async (tx) => {
      const found = await lockProject(tx, params.projectId)
      if (!found) return fail('notFound')
      if (found.deleteAt) return fail('projectBeingDeleted')
      const { projectId, name } = found
      const member = await findMember(tx, projectId, body.userId)
      if (member && member.role !== 'owner') await changeRole(tx, call, found, member, 'owner', caller.id)
      if (!member) {
        const { userId } = body
        await addMember(tx, projectId, { userId, role: 'owner', joinedAt: call.now() })
        forgetRoles(tx, call, projectId, userId)
        const about = { projectId, by: caller.id, projectName: name, userId, role: 'owner' as const }
        emit(tx, projects, 'project.member.added', about)
      }
      const project = found.ownerless ? next(found, { ownerless: false }, call.now()) : found
      if (project !== found) await saveProject(tx, project)
      if (member?.role !== 'owner')
        await note(tx, call, projectId, 'member.appointed', { userId: body.userId })
      return anyOf(project, await countMembers(tx, projectId))
    })
  },
})
