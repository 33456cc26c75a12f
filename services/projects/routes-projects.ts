import { emit } from '@pleiad/platform/service'
import { projects } from './contract.ts'
import type { projectOperations } from './contract-projects.ts'
import { NO_SETTINGS } from './environments.ts'
import {
  brandOf,
  cleanLine,
  createProject,
  FIRST_ENVIRONMENTS,
  isSlugAllowed,
  listedOf,
  nameTrouble,
  updateProject,
  viewOf,
} from './projects.ts'
import { isFull } from './quotas.ts'
import { type Part, pageFrom } from './routes-part.ts'
import { note, openActive } from './service-change.ts'
import { learnPerson } from './service-people.ts'
import { saveEnvironment } from './store-environments.ts'
import { countPending } from './store-invitations.ts'
import { countKeys } from './store-keys.ts'
import { addMember, countMembers, countOwned, lockOwner } from './store-members.ts'
import * as store from './store-projects.ts'

export const projectRoutes: Part<
  Pick<
    typeof projectOperations,
    | 'createProject'
    | 'listProjects'
    | 'getQuota'
    | 'listScopes'
    | 'getProjectBySlug'
    | 'getProject'
    | 'updateProject'
    | 'getUsage'
  >
> = ({ settings, scopes }) => ({
  async createProject(call) {
    const { caller, body, fail } = call
    const name = cleanLine(body.name)
    const trouble = nameTrouble(name, '/body/name')
    if (trouble) return fail('projectNotRight', undefined, { errors: [trouble] })
    if (!isSlugAllowed(body.slug)) return fail('slugNotAllowed')
    await learnPerson(call, caller.id)
    return call.transact(async (tx) => {
      const now = call.now()
      await lockOwner(tx, caller.id)
      const limit = settings.PROJECTS_PER_ACCOUNT
      if (limit > 0 && isFull(limit, await countOwned(tx, caller.id)))
        return fail('quotaReached', undefined, { quota: 'projects', limit })
      if (!(await store.takeSlug(tx, body.slug))) return fail('slugTaken')
      const project = createProject({ projectId: call.newId(), slug: body.slug, name }, now)
      const { projectId } = project
      await store.saveProject(tx, project)
      for (const environment of FIRST_ENVIRONMENTS)
        await saveEnvironment(tx, {
          projectId,
          environment,
          settings: NO_SETTINGS,
          version: 1,
          createdAt: now,
          updatedAt: now,
        })
      await addMember(tx, projectId, { userId: caller.id, role: 'owner', joinedAt: now })
      emit(tx, projects, 'project.created', {
        projectId,
        slug: project.slug,
        name,
        accent: project.accent,
        environments: FIRST_ENVIRONMENTS,
        createdBy: caller.id,
      })
      const by = caller.id
      emit(tx, projects, 'project.member.added', {
        projectId,
        by,
        projectName: name,
        userId: by,
        role: 'owner',
      })
      await note(tx, call, projectId, 'project.created')
      call.count('projects_created_total')
      return viewOf(project, 'owner')
    })
  },

  async listProjects({ sql, caller, query }) {
    const limit = query.limit ?? 25
    const rows = await store.listProjects(sql, caller.id, { ...query, limit })
    return pageFrom(
      rows,
      limit,
      ({ project, role }) => listedOf(project, role),
      ({ project }) => project.projectId,
    )
  },

  async getQuota({ sql, caller }) {
    const used = await countOwned(sql, caller.id)
    return { projects: { used, limit: settings.PROJECTS_PER_ACCOUNT } }
  },

  async listScopes() {
    return { items: [...scopes] }
  },

  async getProjectBySlug({ sql, caller, params, fail }) {
    const found = await store.findBySlug(sql, params.slug, caller.id)
    return found ? viewOf(found.project, found.role) : fail('notFound')
  },

  async getProject({ sql, caller, params, fail }) {
    const project = await store.findProject(sql, params.projectId)
    return project ? viewOf(project, caller.project.role) : fail('notFound')
  },

  updateProject: (call) =>
    call.transact(async (tx) => {
      const { project, role } = await openActive(tx, call, 'admin')
      if (call.ifMatch !== String(project.version)) return call.fail('preconditionFailed')
      const changed = updateProject(project, call.body, call.now())
      if (changed.troubles) return call.fail('projectNotRight', undefined, { errors: changed.troubles })
      const { projectId, name, logoHash } = changed.project
      const by = call.caller.id
      if (changed.renamed || changed.branded) await store.saveProject(tx, changed.project)
      if (changed.renamed) {
        emit(tx, projects, 'project.renamed', { projectId, by, name })
        await note(tx, call, projectId, 'project.renamed', { before: project.name, name })
      }
      if (changed.branded) {
        const look = brandOf(changed.project)
        emit(tx, projects, 'project.branded', { projectId, by, hasLogo: logoHash !== null, ...look })
        await note(tx, call, projectId, 'project.branded')
      }
      return viewOf(changed.project, role)
    }),

  async getUsage({ sql, params, now }) {
    const { projectId } = params
    const [members, pending, keys, project] = await Promise.all([
      countMembers(sql, projectId),
      countPending(sql, projectId, now()),
      countKeys(sql, projectId),
      store.findProject(sql, projectId),
    ])
    return {
      members: { used: members + pending, limit: settings.PROJECTS_MEMBERS },
      environments: { used: project?.environments.length ?? 0, limit: settings.PROJECTS_ENVIRONMENTS },
      keys: { used: keys, limit: settings.PROJECTS_KEYS },
    }
  },
})
