/** How a project rests, comes back and ends. */
import { emit } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { projects } from './contract.ts'
import type { projectOperations } from './contract-projects.ts'
import type { Role } from './members.ts'
import { deleteProject, next, stateOf, viewOf } from './projects.ts'
import { isFull } from './quotas.ts'
import type { Part } from './routes-part.ts'
import { forgetPrograms, type MemberCall, note, open } from './service-change.ts'
import type { Own } from './service-own.ts'
import { countOwned, lockOwner, membersWith } from './store-members.ts'
import { saveProject } from './store-projects.ts'

type QuotaCall = MemberCall & {
  readonly fail: (code: 'quotaReached', detail?: string, extensions?: Record<string, unknown>) => never
}

/** A project that comes back counts again, for the owner who brings it back. */
async function checkQuota(tx: Tx, call: QuotaCall, { settings }: Own, role: Role): Promise<void> {
  const limit = settings.PROJECTS_PER_ACCOUNT
  if (limit === 0 || role !== 'owner') return
  await lockOwner(tx, call.caller.id)
  if (isFull(limit, await countOwned(tx, call.caller.id)))
    call.fail('quotaReached', undefined, { quota: 'projects', limit })
}

export const lifecycleRoutes: Part<
  Pick<typeof projectOperations, 'archiveProject' | 'restoreProject' | 'deleteProject' | 'undeleteProject'>
> = (own) => ({
  archiveProject: (call) =>
    call.transact(async (tx) => {
      const { project, role } = await open(tx, call, 'admin')
      if (project.deleteAt) return call.fail('projectBeingDeleted')
      if (project.archivedAt) return viewOf(project, role)
      const archived = next(project, { archivedAt: call.now() }, call.now())
      await saveProject(tx, archived)
      forgetPrograms(tx, call, { projectId: project.projectId })
      emit(tx, projects, 'project.archived', { projectId: project.projectId, by: call.caller.id })
      await note(tx, call, project.projectId, 'project.archived')
      return viewOf(archived, role)
    }),

  restoreProject: (call) =>
    call.transact(async (tx) => {
      const { project, role } = await open(tx, call, 'admin')
      if (project.deleteAt) return call.fail('projectBeingDeleted')
      if (!project.archivedAt) return viewOf(project, role)
      await checkQuota(tx, call, own, role)
      const restored = next(project, { archivedAt: null }, call.now())
      await saveProject(tx, restored)
      emit(tx, projects, 'project.restored', { projectId: project.projectId, by: call.caller.id })
      await note(tx, call, project.projectId, 'project.restored')
      return viewOf(restored, role)
    }),

  deleteProject: (call) =>
    call.transact(async (tx) => {
      const { project, role } = await open(tx, call, 'owner')
      if (call.body.slug !== project.slug) return call.fail('slugMismatch')
      const deleted = deleteProject(project, own.settings.PROJECTS_DELETE_DAYS, call.now())
      if (deleted === project) return viewOf(project, role)
      await saveProject(tx, deleted)
      const { projectId, name } = project
      const by = call.caller.id
      const deleteAt = deleted.deleteAt!.toISOString()
      if (stateOf(project) === 'active') {
        forgetPrograms(tx, call, { projectId })
        emit(tx, projects, 'project.archived', { projectId, by })
      }
      const owners = (await membersWith(tx, projectId, 'owner')).map(({ userId }) => userId)
      emit(tx, projects, 'project.deletion.scheduled', { projectId, by, projectName: name, deleteAt, owners })
      await note(tx, call, projectId, 'project.deletion.scheduled', { deleteAt })
      return viewOf(deleted, role)
    }),

  undeleteProject: (call) =>
    call.transact(async (tx) => {
      const { project, role } = await open(tx, call, 'owner')
      if (!project.deleteAt) return viewOf(project, role)
      if (!project.archivedAt) await checkQuota(tx, call, own, role)
      const kept = next(project, { deleteAt: null }, call.now())
      await saveProject(tx, kept)
      const about = { projectId: project.projectId, by: call.caller.id }
      emit(tx, projects, 'project.deletion.undone', about)
      if (stateOf(kept) === 'active') emit(tx, projects, 'project.restored', about)
      await note(tx, call, project.projectId, 'project.deletion.undone')
      return viewOf(kept, role)
    }),
})
